const { Item, stage } = require("./conf.js");

const first = new Item("first", { value: stage });
new Item(
  "ignoring",
  { value: stage, deep: { list: [stage, "kept"], other: stage }, map: { [`k${stage}`]: 1 } },
  {
    ignoreChanges: ["value", "deep.list[0]", 'map["k1"]', "absent.path"],
  },
);
new Item("ignoringAll", { value: stage, list: [stage] }, { ignoreChanges: ["*"] });
new Item("replacing", { value: stage, deep: { key: stage } }, { replaceOnChanges: ["deep.key"] });
new Item("replacingAny", { value: stage, diffMode: "keys" }, { replaceOnChanges: ["*"] });
new Item("replacingUnknown", { value: stage, diffMode: "unknown" }, { replaceOnChanges: ["value"] });
new Item("timed", { value: stage }, { customTimeouts: { create: "90s", update: "5m", delete: "1h30m" } });
new Item("depending", { value: "x" }, { dependsOn: [first] });
if (stage === "1") {
  new Item("kept", { value: 1 }, { retainOnDelete: true });
  new Item("goesAlong", { value: 1 }, { deletedWith: first });
}
