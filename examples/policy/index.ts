// A stack that works, and that a platform team would rather not see like this: its policy pack says why, in the preview.
import * as pulumi from "@pulumi/pulumi";
import * as siterecovery from "pulumi-siterecovery";

const vault = new pulumi.Config("siterecovery");
/** Whether the stack is as the policies want it. */
const isMended = new pulumi.Config().requireBoolean("mended");
const resourceGroupId = `/subscriptions/${vault.require("subscriptionId")}/resourceGroups/${vault.require("resourceGroupName")}`;
const networkId = (name: string) => `${resourceGroupId}/providers/Microsoft.Network/virtualNetworks/${name}`;

const fabricName = "shop-vmware";
const protectionContainerName = "shop-container";
const processServerId = "5b0c7a1e-3f64-4d27-8a55-9e1f60c2d784";

export = async () => {
  const policy = new siterecovery.ReplicationPolicy("shop", {
    name: "shop",
    instanceType: "InMageRcm",
    // Twelve hours: what an attacker encrypted on Friday night is all that is left on Monday.
    recoveryPointRetentionMinutes: isMended ? 3 * 24 * 60 : 12 * 60,
    // None: a database comes up as after a power cut.
    appConsistentFrequencyMinutes: isMended ? 60 : 0,
  });
  const mapping = new siterecovery.ProtectionContainerMapping("shop", {
    name: "shop",
    fabricName,
    protectionContainerName,
    policyId: policy.policyId,
  });

  const discovered = await siterecovery.getProtectableMachines({ fabricName });
  const replicate = (name: string, address: string) => {
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
        testNetworkId: networkId(isMended ? "shop-drill" : "shop-recovery"),
        targetSubnetName: "web",
        testSubnetName: "web",
        disksDefault: {
          logStorageAccountId: `${resourceGroupId}/providers/Microsoft.Storage/storageAccounts/shopdrlogs`,
          diskType: "StandardSSD_LRS",
        },
        nics: [{ nicId: nic.macAddress, targetStaticIpAddress: address }],
      },
      { dependsOn: mapping },
    );
  };

  // .12 is the address of shop-web02: only one of the two can have it.
  const web01 = replicate("shop-web01", isMended ? "10.30.10.11" : "10.30.10.12");
  const web02 = replicate("shop-web02", "10.30.10.12");
  const batch01 = replicate("shop-batch01", "10.30.10.13");

  const plan = new siterecovery.RecoveryPlan("shop", {
    name: "shop",
    fabricName,
    bootGroups: [{ replicatedItemIds: [web01, web02].map((item) => item.replicatedItemId) }],
  });
  // The nightly jobs: nobody has ever tried whether they come up in Azure, and without the second plan nobody would know when.
  if (isMended) {
    const batch = new siterecovery.RecoveryPlan("batch", {
      name: "batch",
      fabricName,
      bootGroups: [{ replicatedItemIds: [batch01.replicatedItemId] }],
    });
    new siterecovery.TestFailover("batch", {
      targetId: batch.recoveryPlanId,
      testNetworkId: networkId("shop-drill"),
    });
    new siterecovery.TestFailover("shop", {
      targetId: plan.recoveryPlanId,
      testNetworkId: networkId("shop-drill"),
    });
  } else {
    new siterecovery.TestFailover("shop", {
      targetId: web02.replicatedItemId,
      testNetworkId: networkId("shop-playground"),
    });
  }
  new siterecovery.Failover("shop", {
    targetId: plan.recoveryPlanId,
    stage: "protected",
    ...(isMended ? wayBack(policy.policyId) : {}),
  });
};

/** What the way back needs, known before the way there: `getAppliances` lists the ids. */
function wayBack(policyId: pulumi.Input<string>) {
  return {
    reprotect: {
      reprotectAgentId: processServerId,
      datastoreName: "datastore1",
      logStorageAccountId: `${resourceGroupId}/providers/Microsoft.Storage/storageAccounts/shopdrlogs`,
    },
    reverse: { processServerId, policyId },
  };
}
