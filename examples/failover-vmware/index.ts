// A store of two machines on VMware. They replicate to Azure; the one word `stage` says where they are to run. Each
// change of it is one step: read what it will do in `pulumi preview`, then `pulumi up`.
import * as pulumi from "@pulumi/pulumi";
import type { FailoverArgs } from "pulumi-siterecovery";
import * as siterecovery from "pulumi-siterecovery";

const vault = new pulumi.Config("siterecovery");
const resourceGroupId = `/subscriptions/${vault.require("subscriptionId")}/resourceGroups/${vault.require("resourceGroupName")}`;
const stage = new pulumi.Config().require("stage") as FailoverArgs["stage"];

const fabricName = "store-vmware";
const protectionContainerName = "store-container";
const logStorageAccountId = `${resourceGroupId}/providers/Microsoft.Storage/storageAccounts/storedrlogs`;

export = async () => {
  const policy = new siterecovery.ReplicationPolicy("store", {
    name: "store-24h",
    instanceType: "InMageRcm",
    recoveryPointRetentionMinutes: 24 * 60,
    appConsistentFrequencyMinutes: 60,
  });
  const mapping = new siterecovery.ProtectionContainerMapping("store", {
    name: "store-24h",
    fabricName,
    protectionContainerName,
    policyId: policy.policyId,
  });

  // The appliance knows its machines, and what takes them back one day.
  const discovered = await siterecovery.getProtectableMachines({ fabricName });
  const [appliance] = await siterecovery.getAppliances({ fabricName });
  const [processServer] = appliance?.processServers ?? [];
  const [reprotectAgent] = appliance?.reprotectAgents ?? [];
  if (!processServer || !reprotectAgent) throw new Error(`fabric ${fabricName} has no appliance`);

  const replicate = (name: string, targetSubnetName: string) => {
    const machine = discovered.find((candidate) => candidate.name === name);
    if (!machine) throw new Error(`the appliance of ${fabricName} knows no machine "${name}"`);
    return new siterecovery.ReplicatedItem(
      name,
      {
        name,
        fabricName,
        protectionContainerName,
        policyId: policy.policyId,
        fabricDiscoveryMachineId: machine.id,
        processServerId: processServer.id,
        targetResourceGroupId: resourceGroupId,
        targetNetworkId: `${resourceGroupId}/providers/Microsoft.Network/virtualNetworks/store-recovery`,
        targetSubnetName,
        disksDefault: { logStorageAccountId, diskType: "StandardSSD_LRS" },
      },
      { dependsOn: mapping },
    );
  };

  const plan = new siterecovery.RecoveryPlan("store", {
    name: "store",
    fabricName,
    bootGroups: [
      { replicatedItemIds: [replicate("store-db01", "db").replicatedItemId] },
      { replicatedItemIds: [replicate("store-web01", "web").replicatedItemId] },
    ],
  });

  const failover = new siterecovery.Failover("store", {
    targetId: plan.recoveryPlanId,
    stage,
    // The way back is declared, and checked, while everything still runs at home.
    reprotect: {
      reprotectAgentId: reprotectAgent.id,
      datastoreName: reprotectAgent.accessibleDatastores[0],
      logStorageAccountId,
    },
    reverse: { processServerId: processServer.id, policyId: policy.policyId },
  });

  return { observedStages: failover.observedStages };
};
