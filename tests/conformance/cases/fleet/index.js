// 500 resources: sites of machines that depend on networks, plans over machines, in the order in which programs come.
const { Group, Item, pulumi, stage } = require("./conf.js");

const networks = Array.from({ length: 10 }, (_, i) => new Item(`network${i}`, { value: i }));
const plans = [];
for (let s = 0; s < 20; s++) {
  const group = new Group(`site${s}`);
  const policy = new Item(`policy${s}`, { value: stage === "2" && s < 5 ? "weekly" : "daily" }, { parent: group });
  const machines = [];
  for (let m = 0; m < (stage === "2" && s === 19 ? 10 : 21); m++) {
    const network = networks[(s + m) % networks.length];
    const force = stage === "2" && s === 3 && m < 4 ? "moved" : "there";
    machines.push(
      new Item(
        `machine${s}x${m}`,
        { value: network.out, policy: policy.id, force, after: machines[m - 7]?.out ?? "first" },
        { parent: group, dependsOn: m % 5 === 0 ? [policy, ...machines.slice(-1)] : [] },
      ),
    );
  }
  plans.push(new Item(`plan${s}`, { value: machines.map(({ id }) => id) }, { parent: group }));
}
new Item(
  "all",
  { value: pulumi.all(plans.map(({ out }) => out)).apply((outs) => outs.length) },
  { dependsOn: plans },
);
