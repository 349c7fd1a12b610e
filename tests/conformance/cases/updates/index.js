const { Item, stage } = require("./conf.js");

const changed = stage === "2";
const a = new Item("a", {
  value: changed ? "two" : "one",
  list: changed ? ["x", "z", "new"] : ["x", "y"],
  deep: { kept: 1, "dotted.key": changed ? "b" : "a", ...(changed ? { added: true } : { gone: null }) },
  text: changed ? "first\nsecond changed\nthird\n" : "first\nsecond\nthird\n",
});
new Item("b", { value: a.out, nested: { list: [a.out, "fixed"] } });
new Item("keys", { value: stage, other: "same", diffMode: "keys" });
new Item("none", { value: stage, diffMode: "none" });
new Item("unknown", { value: stage, list: [1, changed ? 3 : 2], diffMode: "unknown" });
new Item("same", { value: "same", withDefault: true, say: "a line\nand another" });
if (changed) {
  new Item("late", { value: 1 });
} else {
  new Item("gone", { value: a.out });
}
exports.out = a.out;
exports[changed ? "added" : "removed"] = { list: ["x"] };
exports.fixed = "fixed";
