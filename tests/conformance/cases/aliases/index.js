const { Group, Item, pulumi, stage } = require("./conf.js");

if (stage === "1") {
  new Item("old", { value: 1 });
  new Item("typed", { value: 1 });
  new Item("loose", { value: 1 });
  new Item("byUrn", { value: 1 });
  const group = new Group("group");
  const child = new Item("group-child", { value: 1 }, { parent: group });
  new Item("late", { value: child.out });
  new Item("leaving", { value: 1 }, { parent: group });
} else {
  const renamed = new Item("renamed", { value: 1 }, { aliases: [{ name: "old" }] });
  class Thing extends pulumi.CustomResource {}
  new Thing("conf:index:Thing", "typed", { value: 1 }, { aliases: [{ type: "conf:index:Item" }] });
  const group = new Group("group2", {}, { aliases: [{ name: "group" }] });
  const child = new Item("group2-child", { value: 1 }, { parent: group });
  new Item("late", { value: child.out }, { dependsOn: [renamed] });
  new Item("loose", { value: 1 }, { parent: group, aliases: [{ parent: pulumi.rootStackResource }] });
  new Item("byUrn2", { value: 1 }, { aliases: ["urn:pulumi:dev::p::conf:index:Item::byUrn"] });
  new Item("leaving", { value: 1 }, { aliases: [{ parent: group }] });
}
