const { Item, pulumi, stage } = require("./conf.js");

const programs = {
  1: () => {
    const good = new Item("good", {});
    new Item(
      "bad",
      {
        nested: { list: [{ a: 1 }] },
        checkFailures: [
          { property: "nested.list[0].a", reason: "is too small" },
          { property: "nested", reason: "is not right" },
          { property: "absent", reason: "is missing\nand needed" },
          { property: "", reason: "nothing fits" },
        ],
      },
      { dependsOn: [good] },
    );
  },
  2: () => {
    new Item("twice", {}).urn.apply(() => new Item("twice", {}));
  },
  4: () => pulumi.runtime.invoke("conf:index:refuse", { a: 1 }),
  5: () => pulumi.runtime.invoke("conf:index:nothing", { a: 1 }),
  9: () => {
    pulumi.log.error("logged as an error", new Item("noted", {}));
  },
  10: () => {
    new Item("protected", { force: "1" }, { protect: true });
    new Item("other", { force: "1" });
  },
  11: () => {
    const other = new Item("other", { force: "2" });
    new Item("protected", { force: "2" }, { protect: true, dependsOn: [other] });
  },
  12: () => undefined,
};
module.exports = programs[stage]();
