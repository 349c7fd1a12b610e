const { Item, echo, echoOutput, pulumi, stage } = require("./conf.js");

const a = new Item("a", { value: stage });
const b = new Item("b", {
  value: a.out,
  list: [a.out, 1, { deep: a.id }],
  both: pulumi.interpolate`${a.id}/${a.out}`,
});
const fromInvoke = echoOutput({ x: b.out });
new Item("c", { value: fromInvoke.apply((r) => r.x), known: pulumi.output(echo({ y: 2 })).apply((r) => r.y) });
a.out.apply((value) => {
  new Item("inApply", { value });
});
new Item("d", { value: "fixed" }, { dependsOn: [b] });
exports.all = pulumi.all([a.id, b.out, "known"]);
exports.known = { stage, deep: { a: a.value } };
exports.secret = pulumi.secret(a.out);
