// Deletes ahead of a replacement that reach through dependencies, components and options.
const { Group, Item, stage } = require("./conf.js");

const root = new Item("root", { force: stage, deleteFirst: true });
const group = new Group("group");
const inGroup = new Item("inGroup", { forceValue: root.out, forceUnknown: true }, { parent: group });
const grandchild = new Item("grandchild", { forceId: inGroup.id, forceUnknown: true }, { parent: inGroup });
new Item("retained", { forceOut: grandchild.out, forceUnknown: true }, { retainOnDelete: true });
new Item("updated", { value: [root.out, inGroup.out] });
new Item("after", { value: "x" }, { dependsOn: [group] });
new Item("with", { value: "y" }, { deletedWith: root });
new Item("optedOut", { forceValue: root.out, forceUnknown: true }, { deleteBeforeReplace: false });
if (stage === "1") {
  new Item("leaves", { forceValue: root.out, forceUnknown: true });
}
exports.grandchild = grandchild.out;
