const { Group, Item, Provider, echo, pulumi, stage } = require("./conf.js");

const maker = new Item("maker", { value: "v" });
const one = new Provider("one", { region: stage === "3" ? "south" : "north", note: stage });
const late = new Provider("late", { region: maker.out });
new Item("onDefault", { value: "d" });
new Item("onOne", { value: "x" }, { provider: one });
new Item("onLate", { value: "x" }, { provider: late });
const group = new Group("group", {}, { providers: { conf: one } });
new Item("inGroup", { value: "x" }, { parent: group });
const inner = new Group("inner", {}, { parent: group });
new Item("inInner", { value: "x" }, { parent: inner });
new Item("moving", { value: "x" }, stage === "1" ? {} : { provider: one });
if (stage !== "1") {
  new Provider("unused", { region: "west" });
}
exports.region = pulumi.output(echo({ a: 1 }, { provider: one })).apply((r) => r.region);
