const { Group, Item, Provider } = require("./conf.js");

const base = new Item("base", { value: 1 });
const middle = new Item("middle", { forceValue: base.out, forceUnknown: true });
new Item("top", { value: middle.out });
const group = new Group("group");
new Item("inGroup", { value: 1 }, { parent: group });
const far = new Provider("far", { region: "north" });
new Item("onFar", { value: 1 }, { provider: far });
new Item("along", { value: 1 }, { deletedWith: base });
new Item("loose", { value: 1 });
