// What must not be deleted: by the program, by a replacement of something else, by a destroy.
const { Group, Item, stage } = require("./conf.js");

const isProtected = stage === "1" || stage === "2";
const group = new Group("group", {}, { protect: isProtected });
const child = stage === "3" ? [] : [new Item("child", { value: 1 }, { parent: group })];
const free = new Item("free", { value: stage }, { parent: group, protect: false });
// Its replacement ends a run: what else may happen in that run happens before.
const base = new Item(
  "base",
  { force: stage === "2" ? "2" : "1", deleteFirst: true },
  { dependsOn: [free, ...child] },
);
new Item("tied", { forceValue: base.out, forceUnknown: true }, { protect: isProtected });
