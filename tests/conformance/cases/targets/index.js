// Resources with dependents, children and a provider of their own, of which only some are worked on.
const { Group, Item, Provider, pulumi, stage } = require("./conf.js");

const base = new Item("base", { value: stage });
const middle = new Item("middle", { value: base.out });
new Item("top", { value: middle.out });
const group = new Group("group", { note: stage });
new Item("inGroup", { value: stage }, { parent: group });
const far = new Provider("far", { region: "north", note: stage });
new Item("onFar", { value: stage }, { provider: far });
if (stage === "1") {
  const gone = new Item("gone", { value: 1 });
  new Item("needsGone", { value: gone.out });
}
if (stage !== "1") {
  const fresh = new Item("fresh", { value: stage });
  new Item("onFresh", { value: fresh.out });
  new Group("freshGroup").registerOutputs({ note: stage });
  new Item("needsGone", { value: 2 });
}
exports.out = pulumi.all([base.out, middle.out]);
