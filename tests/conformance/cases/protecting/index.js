// What must not be deleted: by the program, by a replacement of something else, by a destroy.
const { Group, Item, stage } = require("./conf.js");

const isProtected = stage === "1" || stage === "2";
const base = new Item("base", { force: stage === "2" ? "2" : "1", deleteFirst: true });
const group = new Group("group", {}, { protect: isProtected });
if (stage !== "3") {
  new Item("child", { value: 1 }, { parent: group });
}
new Item("free", { value: stage }, { parent: group, protect: false });
new Item("tied", { forceValue: base.out, forceUnknown: true }, { protect: isProtected });
