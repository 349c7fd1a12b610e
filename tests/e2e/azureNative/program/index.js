// What a test wants is in program.json: azure-native resources as data, and the connectivity to prepare.
const { readFileSync } = require("node:fs");
const path = require("node:path");
const azure = require("@pulumi/azure-native");
const siterecovery = require("pulumi-siterecovery");

module.exports = async () => {
  const { resources, prepare } = JSON.parse(readFileSync(path.join(__dirname, "program.json"), "utf8"));
  const made = {};
  for (const { name, type, args, dependsOn = [] } of resources) {
    const [module, kind] = type.split(":");
    made[name] = new azure[module][kind](name, args, { dependsOn: dependsOn.map((other) => made[other]) });
  }
  const outputs = Object.fromEntries(
    Object.entries(made).flatMap(([name, resource]) => [
      [`${name}.id`, resource.id],
      [`${name}.name`, resource.name],
      ...(resource.ipAddress ? [[`${name}.ipAddress`, resource.ipAddress]] : []),
      ...(resource.subnets ? [[`${name}.subnets`, resource.subnets]] : []),
    ]),
  );
  if (!prepare) return outputs;
  const plan = await siterecovery.planConnectivity({ access: prepare.access, ignorePrepared: true });
  const prepared = new siterecovery.PreparedConnectivity("shop", {
    plan,
    resourceGroupName: prepare.resourceGroupName,
    location: "westeurope",
  });
  return { ...outputs, addresses: prepared.publicIpAddresses, remaining: prepared.remaining };
};
