const { Group, Item, pulumi, stage } = require("./conf.js");

class Deep extends pulumi.ComponentResource {
  constructor(name, depth, options) {
    super("conf:index:Deep", name, {}, options);
    this.item = new Item(`${name}-item`, { value: depth }, { parent: this });
    if (depth > 0) {
      this.inner = new Deep(`${name}-${depth}`, depth - 1, { parent: this, dependsOn: [this.item] });
    }
    this.registerOutputs({ depth, item: this.item, out: this.item.out });
  }
}

const deep = new Deep("deep", 2);
const group = new Group("Gruppe ä/§ €", { note: "Grüße 🙂" });
new Item(
  "größe::zwei",
  { value: '😀 \u0000 \\ "quoted" \u0024{x} {y}', ключ: "значение", empty: "", none: null },
  {
    parent: group,
  },
);
new Item("after", { value: stage }, { dependsOn: [deep, group] });
new Item("big", {
  value: stage === "1" ? 1e21 : -0.5,
  number: 1234567.25,
  flag: false,
  many: Array(40).fill("x".repeat(99)),
});
exports.deep = deep;
exports.item = deep.item;
exports.nested = { "a.b": [{ c: deep.item.id }], text: "line\nline" };
