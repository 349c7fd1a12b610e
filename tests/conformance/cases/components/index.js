// Components: children that come, change, are replaced and go, options that children take over, outputs of all kinds.
const { Group, Item, Provider, pulumi, echoOutput, stage } = require("./conf.js");

class Site extends pulumi.ComponentResource {
  constructor(name, args, options) {
    super("conf:index:Site", name, args, options);
    this.network = new Item(`${name}-network`, { force: args.range }, { parent: this });
    this.machines = args.machines.map(
      (machine) =>
        new Item(
          `${name}-${machine}`,
          { value: this.network.out, force: machine },
          { parent: this, aliases: [{ name: `${name}-old-${machine}` }] },
        ),
    );
    this.registerOutputs({
      network: this.network,
      ids: this.machines.map(({ id }) => id),
      secret: pulumi.secret({ key: this.network.out }),
      nothing: undefined,
      empty: null,
    });
  }
}

const provider = new Provider("far", { region: "far" });
const site = new Site(
  "site",
  { range: stage, machines: stage === "1" ? ["one", "two"] : ["two", "three"] },
  { provider },
);
const kept = new Group("kept", {}, { protect: stage === "1", retainOnDelete: true, providers: [provider] });
new Item("keptChild", { value: stage }, { parent: kept });
if (stage === "1") {
  new Group("empty");
  new Item("goes", { value: "g" }, { parent: new Group("goesToo"), dependsOn: [site, kept] });
}
const named = new Item(
  "named",
  { site: site.network, list: site.machines, known: { "a.b": site.urn } },
  { dependsOn: site },
);
exports.region = echoOutput({ x: site.network.out }, { provider }).region;
exports.named = named;
exports.ids = pulumi.secret(site.machines.map(({ id }) => id));
