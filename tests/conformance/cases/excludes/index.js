const { Group, Item, Provider, stage } = require("./conf.js");

const base = new Item("base", { value: stage });
const middle = new Item("middle", { value: base.out });
new Item("top", { value: middle.out });
new Item("loose", { value: stage });
const group = new Group("group");
const inGroup = new Item("inGroup", { value: stage }, { parent: group });
new Item("onGroup", { value: stage }, { dependsOn: [group] });
const far = new Provider("far", { region: "north" });
new Item("onFar", { value: inGroup.out }, { provider: far });
if (stage !== "1") {
  new Item("fresh", { value: stage });
}
