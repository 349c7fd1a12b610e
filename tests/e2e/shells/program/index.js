// The resources that program.json describes, on the shell that it names, with any of Pulumi's options.
const { readFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");

module.exports = async () => {
  const program = JSON.parse(readFileSync("program.json", "utf8"));
  const siterecovery = require(program.package ?? "pulumi-siterecovery");
  const made = {};

  const value = (described) => {
    if (Array.isArray(described)) return described.map(value);
    if (typeof described !== "object" || described === null) return described;
    if ("$ref" in described) {
      const [name, property] = described.$ref.split(".");
      return made[name][property];
    }
    if ("$resource" in described) return made[described.$resource];
    if ("$machine" in described) return made.$machines.find(({ name }) => name === described.$machine).id;
    if ("$secret" in described) return pulumi.secret(value(described.$secret));
    return Object.fromEntries(Object.entries(described).map(([key, child]) => [key, value(child)]));
  };

  for (const { key, kind, name, args, options } of program.resources) {
    const given = value(options ?? {});
    if (program.fabricName && !made.$machines && kind === "ReplicatedItem")
      made.$machines = await siterecovery.getProtectableMachines({ fabricName: program.fabricName });
    made[key ?? name] =
      kind === "Component"
        ? new pulumi.ComponentResource("test:index:Component", name, {}, given)
        : new siterecovery[kind](name, value(args ?? {}), given);
  }
  return value(program.outputs ?? {});
};
