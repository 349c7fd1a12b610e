const { Item, pulumi, stage } = require("./conf.js");

const a = new Item("a", {
  value: pulumi.secret("hidden"),
  plain: "seen",
  nested: { list: ["x", pulumi.secret(stage)], deep: { key: pulumi.secret("deep") } },
  secretOut: true,
});
const b = new Item("b", { value: a.out, copy: a.token, from: a.value.apply((v) => `${v}!`) });
new Item("named", { value: "v" }, { additionalSecretOutputs: ["out", "absent"] });
exports.a = a.value;
exports.b = pulumi.all([b.copy, "plain"]).apply(([x, y]) => ({ x, y }));
exports.plain = a.plain;
exports.nested = { secret: pulumi.secret({ a: 1 }), clear: "c" };
