// Disaster recovery from nothing in one program: what Azure needs is made with azure-native, what Site Recovery needs with
// pulumi-siterecovery, and what people need to connect on the day after is prepared from a plan.
//
// A person registers the replication appliance with the vault between two runs: Azure has no API for that. So the program
// grows with its configuration: first the Azure side, with `fabricName` the replication, with `prepare` the connectivity.
import * as azure from "@pulumi/azure-native";
import * as pulumi from "@pulumi/pulumi";
import * as siterecovery from "pulumi-siterecovery";

const vaultConfig = new pulumi.Config("siterecovery");
const config = new pulumi.Config();
const resourceGroupName = vaultConfig.require("resourceGroupName");
const vaultName = vaultConfig.require("vaultName");
const subscriptionId = vaultConfig.require("subscriptionId");
const location = config.get("location") ?? "westeurope";

const groupId = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}`;
const networkGroup = config.get("networkResourceGroupName") ?? resourceGroupName;

export = async () => {
  // --- the Azure side -----------------------------------------------------------------------------------------------
  // A vault that an appliance is registered with already stays as it is.
  if (config.getBoolean("vaultIsThere") !== true) {
    const group = new azure.resources.ResourceGroup("dr", { resourceGroupName, location });
    new azure.recoveryservices.Vault(
      "dr",
      { resourceGroupName: group.name, vaultName, location, sku: { name: "Standard" }, properties: {} },
      { protect: config.getBoolean("protect") ?? false },
    );
  }
  const networks = new azure.resources.ResourceGroup("networks", { resourceGroupName: networkGroup, location });
  const shared = { resourceGroupName: networks.name, location };
  const nsg = new azure.network.NetworkSecurityGroup(
    "app",
    {
      ...shared,
      networkSecurityGroupName: "app-nsg",
      securityRules: [
        {
          name: "deny-rdp-from-everywhere",
          priority: 300,
          direction: "Inbound",
          access: "Deny",
          protocol: "Tcp",
          sourceAddressPrefix: "*",
          sourcePortRange: "*",
          destinationAddressPrefix: "*",
          destinationPortRange: "3389",
        },
      ],
    },
    { ignoreChanges: ["securityRules"] },
  );
  // The same subnets twice: where the machines run after a failover, and where drills run, with no way out.
  const makeNetwork = (name: string) => {
    const network = new azure.network.VirtualNetwork(name, {
      ...shared,
      virtualNetworkName: name,
      addressSpace: { addressPrefixes: ["10.40.0.0/16"] },
    });
    const subnet = new azure.network.Subnet(name, {
      resourceGroupName: networks.name,
      virtualNetworkName: network.name.apply((actual) => actual ?? name),
      subnetName: "app",
      addressPrefix: "10.40.1.0/24",
      networkSecurityGroup: { id: nsg.id },
    });
    return { network, subnet };
  };
  const recovery = makeNetwork("recovery");
  const drill = makeNetwork("drill");
  const logs = new azure.storage.StorageAccount("logs", {
    ...shared,
    accountName: config.get("logStorageAccountName") ?? "shopdrlogstore",
    sku: { name: "Standard_LRS" },
    kind: "StorageV2",
  });

  // --- replication --------------------------------------------------------------------------------------------------
  const fabricName = config.get("fabricName");
  if (fabricName === undefined) return { next: "register an appliance with the vault, then set fabricName" };
  const protectionContainerName = config.require("protectionContainerName");
  const policy = new siterecovery.ReplicationPolicy("daily", {
    name: "azure-setup-24h",
    instanceType: "InMageRcm",
    recoveryPointRetentionMinutes: 24 * 60,
    appConsistentFrequencyMinutes: 60,
  });
  const mapping = new siterecovery.ProtectionContainerMapping("daily", {
    name: "azure-setup-24h",
    fabricName,
    protectionContainerName,
    policyId: policy.policyId,
  });
  const discovered = await siterecovery.getProtectableMachines({ fabricName });
  const names = config.requireObject<string[]>("machines");
  const items = names.map((name) => {
    const machine = discovered.find((candidate) => candidate.name === name);
    if (!machine) throw new pulumi.RunError(`the appliance of ${fabricName} knows no machine "${name}"`);
    return new siterecovery.ReplicatedItem(
      name,
      {
        name,
        fabricName,
        protectionContainerName,
        policyId: policy.policyId,
        fabricDiscoveryMachineId: machine.id,
        processServerId: config.require("processServerId"),
        targetResourceGroupId: groupId,
        targetNetworkId: recovery.network.id,
        testNetworkId: drill.network.id,
        targetSubnetName: "app",
        testSubnetName: "app",
        disksDefault: { logStorageAccountId: logs.id, diskType: "StandardSSD_LRS" },
      },
      { dependsOn: [mapping, recovery.subnet, drill.subnet] },
    );
  });
  const plan = new siterecovery.RecoveryPlan("shop", {
    name: "azure-setup",
    fabricName,
    bootGroups: [{ replicatedItemIds: items.map((item) => item.replicatedItemId) }],
  });

  // --- the day after ------------------------------------------------------------------------------------------------
  // Rules and reserved addresses that a failover finds ready; they show in `pulumi preview` like everything else.
  const administrators = config.getObject<string[]>("administrators");
  if (config.getBoolean("prepare") !== true || administrators === undefined)
    return {
      recoveryPlanId: plan.recoveryPlanId,
      next: "set prepare: true and administrators once the machines replicate",
    };
  const connectivity = await siterecovery.planConnectivity({
    access: [{ path: "internet", sources: administrators }],
    ignorePrepared: true,
  });
  const prepared = new siterecovery.PreparedConnectivity("shop", {
    plan: connectivity,
    resourceGroupName: networkGroup,
    location,
  });
  return {
    recoveryPlanId: plan.recoveryPlanId,
    addresses: prepared.publicIpAddresses,
    remaining: prepared.remaining,
    findings: connectivity.findings.map(({ severity, text }) => `${severity}: ${text}`),
  };
};
