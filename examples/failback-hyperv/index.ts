// A branch office with two machines on a Hyper-V site. A planned failover takes them to Azure without loss; on the way
// back their data is copied while they still run in Azure, and a person says when they may go down for the rest.
import * as pulumi from "@pulumi/pulumi";
import type { FailoverArgs } from "pulumi-siterecovery";
import * as siterecovery from "pulumi-siterecovery";

const vault = new pulumi.Config("siterecovery");
const resourceGroupId = `/subscriptions/${vault.require("subscriptionId")}/resourceGroups/${vault.require("resourceGroupName")}`;
const config = new pulumi.Config();
const stage = config.require("stage") as FailoverArgs["stage"];
const completed = config.getObject<string[]>("completed") ?? [];

const fabricName = "branch";

export = async () => {
  const discovered = await siterecovery.getProtectableMachines({ fabricName });
  const find = (name: string) => {
    const machine = discovered.find((candidate) => candidate.name === name);
    if (!machine?.protectionContainerName)
      throw new Error(`no host of site ${fabricName} has a machine "${name}"`);
    return { ...machine, protectionContainerName: machine.protectionContainerName };
  };
  const machines = [find("branch-db01"), find("branch-app01")];

  const policy = new siterecovery.ReplicationPolicy("branch", {
    name: "branch-5min",
    instanceType: "HyperVReplicaAzure",
    recoveryPointRetentionHours: 4,
    appConsistentFrequencyHours: 1,
    replicationIntervalSeconds: 300,
  });
  const protectionContainerName = machines[0]?.protectionContainerName ?? "";
  const mapping = new siterecovery.ProtectionContainerMapping("branch", {
    name: "branch-5min",
    fabricName,
    protectionContainerName,
    policyId: policy.policyId,
    instanceType: "HyperVReplicaAzure",
  });

  const items = machines.map(
    (machine) =>
      new siterecovery.ReplicatedItem(
        machine.name,
        {
          name: machine.name,
          fabricName,
          protectionContainerName: machine.protectionContainerName,
          instanceType: "HyperVReplicaAzure",
          policyId: policy.policyId,
          protectableItemId: machine.id,
          // Written down: Hyper-V tells it only while the machine runs there.
          guestOsType: "Windows",
          osDiskId: machine.disks[0]?.id,
          diskIds: machine.disks.map((disk) => disk.id),
          // A storage account, not managed disks: only from there is a way back to Hyper-V.
          targetStorageAccountId: `${resourceGroupId}/providers/Microsoft.Storage/storageAccounts/branchdr`,
          targetResourceGroupId: resourceGroupId,
          targetNetworkId: `${resourceGroupId}/providers/Microsoft.Network/virtualNetworks/branch-recovery`,
          targetSubnetName: "servers",
        },
        { dependsOn: mapping },
      ),
  );

  const plan = new siterecovery.RecoveryPlan("branch", {
    name: "branch",
    fabricName,
    bootGroups: items.map((item) => ({ replicatedItemIds: [item.replicatedItemId] })),
  });

  const failover = new siterecovery.Failover("branch", {
    targetId: plan.recoveryPlanId,
    stage,
    kind: "planned",
    failback: { dataSyncOption: "ForSynchronization" },
    completed,
  });

  return {
    observedStages: failover.observedStages,
    waitingFor: failover.waitingFor.apply((waiting) => waiting?.instructions ?? "nobody"),
  };
};
