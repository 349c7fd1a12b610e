// Default providers by the version that a program asks for, and what components hand on.
const { Group, Item, Provider, stage } = require("./conf.js");

new Item("any", { value: 1 });
new Item("one", { value: 1 }, { version: "1.0.0" });
new Item("both", { value: 1 }, { version: stage === "1" ? "1.0.0" : "1.0.0-beta+1" });
const near = new Provider("near", { region: "near" });
const far = new Provider("far", { region: "far" });
const group = new Group("group", {}, { providers: { conf: near } });
const inner = new Group("inner", {}, { parent: group, provider: stage === "1" ? near : far });
new Item("inInner", { value: 1 }, { parent: inner });
new Item("versioned", { value: 1 }, { parent: inner, version: "1.0.0" });
new Item("below", { value: 1 }, { parent: new Item("onFar", { value: 1 }, { provider: far }) });
