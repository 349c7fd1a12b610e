// Targets among resources that were renamed, moved, dropped or are deleted ahead of others.
const { Group, Item, Provider, pulumi, stage } = require("./conf.js");

const isFirst = stage === "1";
const a = new Item("a", { value: stage });
const b = new Item("b", { value: a.out });
const early = new Item("early", { force: stage, deleteFirst: true });
new Item("tied", { forceOut: early.out, forceUnknown: true, value: stage });
const far = isFirst
  ? new Provider("far", { region: "north" })
  : new Provider("far2", { region: "north" }, { aliases: [{ name: "far" }] });
new Item("onFar", { value: stage }, { provider: far });
if (isFirst) {
  const group = new Group("group", { note: stage });
  new Item("moved", { value: 1 }, { parent: group });
  const dropped = new Item("dropped", { value: b.out });
  new Item("onDropped", { value: dropped.out }, { deletedWith: dropped });
  new Item("read", {}, { id: "id-9" });
} else {
  new Item("moved", { value: stage }, { aliases: ["urn:pulumi:dev::p::conf:index:Group$conf:index:Item::moved"] });
  new Item("onDropped", { value: stage }, { dependsOn: [b] });
  new Item("read", {}, { id: stage === "3" ? "id-10" : "id-9" });
  new Item("imported", { value: "as it is" }, { import: "id-1" });
}
exports.out = pulumi.all([a.out, b.out]);
