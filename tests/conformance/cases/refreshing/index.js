const { Group, Item, stage } = require("./conf.js");

const a = new Item("a", { value: "one", list: ["x"] });
const group = new Group("group");
new Item("child", { value: a.out }, { parent: group });
new Item("gone", { value: "x" });
new Item("untouched", { value: stage });
new Item("failing", { value: "x" });
new Item("read", {}, { id: "id-9" });
exports.out = a.out;
