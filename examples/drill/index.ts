// A three-tier shop: its machines replicate to Azure, a recovery plan boots them tier by tier, and a drill fails them
// over into an isolated network. `pulumi up` runs the drill, the outputs are its evidence, `pulumi destroy` cleans up.
import * as pulumi from "@pulumi/pulumi";
import * as siterecovery from "pulumi-siterecovery";

const config = new pulumi.Config("siterecovery");
const resourceGroupId = `/subscriptions/${config.require("subscriptionId")}/resourceGroups/${config.require("resourceGroupName")}`;
const networkId = (name: string) => `${resourceGroupId}/providers/Microsoft.Network/virtualNetworks/${name}`;

/** The appliance's site, and the process server that the appliance runs. */
const fabricName = "shop-vmware";
const protectionContainerName = "shop-container";
const processServerId = "5b0c7a1e-3f64-4d27-8a55-9e1f60c2d784";

/** Boot order: databases first, the web tier and the old server last. */
const tiers = [
  { subnet: "db", machines: ["shop-db01", "shop-db02"], retainAddress: true },
  { subnet: "app", machines: ["shop-app01", "shop-app02", "shop-app03"], retainAddress: false },
  { subnet: "web", machines: ["shop-web01", "shop-web02"], retainAddress: false },
  { subnet: "app", machines: ["shop-legacy01"], retainAddress: false },
];

export = async () => {
  const policy = new siterecovery.ReplicationPolicy("shop", {
    name: "shop-24h",
    instanceType: "InMageRcm",
    recoveryPointRetentionMinutes: 24 * 60,
    appConsistentFrequencyMinutes: 60,
  });
  const mapping = new siterecovery.ProtectionContainerMapping("shop", {
    name: "shop-24h",
    fabricName,
    protectionContainerName,
    policyId: policy.policyId,
  });

  const discovered = await siterecovery.getProtectableMachines({ fabricName });
  const replicate = (name: string, subnet: string, retainAddress: boolean) => {
    const machine = discovered.find((candidate) => candidate.name === name);
    const nic = machine?.nics[0];
    if (!machine || !nic)
      throw new Error(`the appliance of ${fabricName} knows no machine "${name}" with a network adapter`);
    return new siterecovery.ReplicatedItem(
      name,
      {
        name,
        fabricName,
        protectionContainerName,
        policyId: policy.policyId,
        fabricDiscoveryMachineId: machine.id,
        processServerId,
        targetResourceGroupId: resourceGroupId,
        targetNetworkId: networkId("shop-recovery"),
        testNetworkId: networkId("shop-drill"),
        targetSubnetName: subnet,
        testSubnetName: subnet,
        disksDefault: {
          logStorageAccountId: `${resourceGroupId}/providers/Microsoft.Storage/storageAccounts/shopdrlogs`,
          diskType: "StandardSSD_LRS",
        },
        // The databases keep their addresses; everything else finds them by name.
        nics: retainAddress
          ? [
              {
                nicId: nic.macAddress,
                targetStaticIpAddress: nic.ipAddresses[0],
                testStaticIpAddress: nic.ipAddresses[0],
              },
            ]
          : [],
      },
      { dependsOn: mapping },
    );
  };

  const plan = new siterecovery.RecoveryPlan("shop", {
    name: "shop",
    fabricName,
    bootGroups: tiers.map((tier) => ({
      replicatedItemIds: tier.machines.map(
        (name) => replicate(name, tier.subnet, tier.retainAddress).replicatedItemId,
      ),
    })),
  });

  const drill = new siterecovery.TestFailover("shop", {
    targetId: plan.recoveryPlanId,
    testNetworkId: networkId("shop-drill"),
    recoveryPoint: "latestProcessed",
    comments: "Monthly drill",
    // A new value runs the drill again.
    triggers: ["first drill"],
  });

  return { machines: drill.machines, findings: drill.findings, jobName: drill.jobName };
};
