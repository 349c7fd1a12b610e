const { Group, Item, stage } = require("./conf.js");

const first = new Item("first", { value: stage, withDefault: true }, { ignoreChanges: ["value"] });
const onFirst = new Item("onFirst", { value: first.id });
const early = new Item("early", { value: 1 }, { deleteBeforeReplace: true });
const onEarly = new Item("onEarly", { forceValue: early.out, forceUnknown: true });
const group = new Group("group");
const inGroup = new Item("inGroup", { value: 1 }, { parent: group });
new Item("kept", { value: 1 }, { protect: true, dependsOn: [onFirst, onEarly, inGroup] });
