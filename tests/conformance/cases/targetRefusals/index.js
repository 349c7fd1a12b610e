const { Group, Item, stage } = require("./conf.js");

if (stage !== "3") {
  const base = new Item("base", { value: stage });
  new Item("onBase", { value: base.out });
}
if (stage !== "1") {
  const fresh = new Item("fresh", { value: stage });
  new Item("onFresh", { value: fresh.out });
  const group = new Group("freshGroup");
  new Item("inFresh", { value: 1 }, { parent: group, dependsOn: [fresh] });
}
