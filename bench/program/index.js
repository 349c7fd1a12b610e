// A policy, a mapping and many replicated items; or as many resources with the same inputs that do nothing.
const pulumi = require("@pulumi/pulumi");
const siterecovery = require("pulumi-siterecovery");

const { count, isNoop, shell, groupId } = JSON.parse(process.env.BENCH_PROGRAM);
const outputs = ["replicatedItemId", "friendlyName", "osType", "protectionState", "replicationHealth"];

class Noop extends pulumi.CustomResource {
  constructor(name, args, options) {
    const unset = Object.fromEntries(outputs.map((output) => [output, undefined]));
    const line = 'exports.handler = () => require("./noop.js").handler();';
    if (shell === "plugin") super("bench:index:Noop", name, { ...unset, ...args }, options);
    else super("pulumi-nodejs:dynamic/bench:Noop", name, { ...unset, ...args, __provider: line }, options);
  }
}

module.exports = async () => {
  const fabric = { fabricName: "bench-fabric", protectionContainerName: "bench-container" };
  const policyId = `${groupId}/providers/Microsoft.RecoveryServices/vaults/bench-vault/replicationPolicies/daily`;
  let dependsOn = [];
  let machines = [];
  if (!isNoop) {
    const policy = new siterecovery.ReplicationPolicy("policy", { name: "daily", instanceType: "InMageRcm" });
    dependsOn = [
      new siterecovery.ProtectionContainerMapping("mapping", {
        name: "daily",
        ...fabric,
        policyId: policy.policyId,
      }),
    ];
    machines = await siterecovery.getProtectableMachines({ fabricName: "bench-fabric" });
  }
  const ids = new Map(machines.map((machine) => [machine.name, machine.id]));
  const Item = isNoop ? Noop : siterecovery.ReplicatedItem;
  for (let index = 0; index < count; index += 1) {
    const name = `m${index}`;
    new Item(
      name,
      {
        name,
        ...fabric,
        policyId,
        fabricDiscoveryMachineId:
          ids.get(name) ?? `${groupId}/providers/Microsoft.OffAzure/VMwareSites/x/machines/${name}`,
        processServerId: "5b0c7a1e-3f64-4d27-8a55-9e1f60c2d784",
        targetResourceGroupId: groupId,
        targetNetworkId: `${groupId}/providers/Microsoft.Network/virtualNetworks/recovery`,
        targetSubnetName: "all",
        disksDefault: {
          logStorageAccountId: `${groupId}/providers/Microsoft.Storage/storageAccounts/benchlogs`,
          diskType: "StandardSSD_LRS",
        },
        waitUntil: "started",
      },
      { dependsOn },
    );
  }
};
