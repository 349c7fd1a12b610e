const { Group, Item, stage } = require("./conf.js");

const base = new Item("base", { value: 1 });
const early = new Item("early", { force: stage, deleteFirst: true });
const kept = new Item("kept", { force: stage, value: base.out }, { protect: true });
new Item("onKept", { value: kept.out });
new Item("tied", { forceOut: early.out, forceUnknown: true }, { protect: true, dependsOn: [kept] });
const group = new Group("group");
new Item("inGroup", { value: 1 }, { parent: group, protect: true });
new Item("loose", { value: 1 });
if (stage === "1") {
  new Item("goes", { value: 1 }, { protect: true, dependsOn: [kept] });
}
