// The resources that program.json describes, so that a test can say in data what its program is.
const { readFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");
const siterecovery = require("pulumi-siterecovery");

module.exports = async () => {
  const program = JSON.parse(readFileSync("program.json", "utf8"));
  const machines = program.fabricName
    ? await siterecovery.getProtectableMachines({ fabricName: program.fabricName })
    : [];
  const made = {};

  const value = (described) => {
    if (Array.isArray(described)) return described.map(value);
    if (typeof described !== "object" || described === null) return described;
    if ("$ref" in described) {
      const [name, property] = described.$ref.split(".");
      return made[name][property];
    }
    if ("$machine" in described) {
      const machine = machines.find(({ name }) => name === described.$machine);
      if (!machine) throw new Error(`the appliance knows no machine ${described.$machine}`);
      return machine.id;
    }
    if ("$secret" in described) return new pulumi.Config().requireSecret(described.$secret);
    return Object.fromEntries(Object.entries(described).map(([key, child]) => [key, value(child)]));
  };

  for (const { key, kind, name, args, parent, dependsOn } of program.resources) {
    const options = {
      ...(parent ? { parent: made[parent] } : {}),
      ...(dependsOn ? { dependsOn: dependsOn.map((other) => made[other]) } : {}),
    };
    made[key ?? name] =
      kind === "Component"
        ? new pulumi.ComponentResource("test:index:Component", name, {}, options)
        : new siterecovery[kind](name, value(args ?? {}), options);
  }
  return value(program.outputs ?? {});
};
