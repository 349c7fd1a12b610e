// Functions with arguments that are not known yet, that wait for resources, with secrets, of other providers, failing.
const { Group, Item, Provider, echo, echoOutput, pulumi, stage } = require("./conf.js");

const a = new Item("a", { value: stage });
const far = new Provider("far", { region: a.out });
const group = new Group("group", {}, { providers: [new Provider("near", { region: "near" })] });
exports.late = echoOutput({ x: a.out, y: [1, { z: a.id }] }, { dependsOn: [a] });
exports.waits = echoOutput({ x: "known" }, { dependsOn: [a, group] });
exports.secret = echoOutput({ x: pulumi.secret("s") }).x;
exports.onFar = echoOutput({ x: 1 }, { provider: far }).region;
exports.inGroup = echoOutput({ x: 1 }, { parent: group }).region;
exports.plain = pulumi.output(echo({ x: 1, nothing: undefined, none: null })).apply((r) => Object.keys(r).sort());
new Item("fed", { value: echoOutput({ x: a.out }).x, known: echoOutput({ x: 1 }).x });
if (stage === "2") {
  exports.failing = pulumi.runtime.invokeOutput("conf:index:refuse", { a: 1 });
}
if (stage === "3") {
  exports.missing = pulumi.runtime.invokeOutput("conf:index:missing", {});
}
