/** What the fake vault holds: names, machines, valid inputs of every resource, and a context round it. */

import {
  type Context,
  type Handler,
  newRunMemory,
  type Properties,
} from "../../../../provider/resources/handler.js";
import type {
  Fabric,
  RecoveryPoint,
  ReplicatedItem,
  ReplicationPolicySettings,
  SiteRecovery,
} from "../../../../provider/siterecovery/siteRecovery.js";

export const vault = {
  subscriptionId: "11111111-2222-3333-4444-555555555555",
  resourceGroupName: "dr-rg",
  vaultName: "drvault",
};
const subscription = `/subscriptions/${vault.subscriptionId}`;
export const group = `${subscription}/resourceGroups/dr-rg`;
export const vaultPath = `${group}/providers/Microsoft.RecoveryServices/vaults/drvault`;
const container = `${vaultPath}/replicationFabrics/site1/replicationProtectionContainers/cont1`;
export const itemIdOf = (name: string) => `${container}/replicationProtectedItems/${name}`;
export const planIdOf = (name: string) => `${vaultPath}/replicationRecoveryPlans/${name}`;
export const policyIdOf = (name: string) => `${vaultPath}/replicationPolicies/${name}`;
export const networkIdOf = (name: string) => `${group}/providers/Microsoft.Network/virtualNetworks/${name}`;
export const storageId = `${group}/providers/Microsoft.Storage/storageAccounts/drlogs`;
export const machineIdOf = (name: string) =>
  `${group}/providers/Microsoft.OffAzure/VMwareSites/site1/machines/${name}`;

export type FakeStage =
  | "replicating"
  | "protected"
  | "drill"
  | "failedOver"
  | "committed"
  | "reprotected"
  | "failedBack"
  | "failbackCommitted";

/** The fields by which a stage is told, as recorded for InMageRcm. */
const operationsAt: Record<
  FakeStage,
  Pick<ReplicatedItem, "instanceType" | "activeLocation" | "allowedOperations" | "protectionState">
> = {
  replicating: facts("InMageRcm", "Primary", "InitialReplicationInProgress", ["DisableProtection"]),
  protected: facts("InMageRcm", "Primary", "Protected", [
    "UnplannedFailover",
    "DisableProtection",
    "TestFailover",
  ]),
  drill: facts("InMageRcm", "Primary", "Protected", ["TestFailoverCleanup"]),
  failedOver: facts("InMageRcm", "Recovery", "UnplannedFailoverCommitPendingStatesBegin", [
    "CompleteMigration",
    "Commit",
    "DisableProtection",
    "ChangePit",
    "SwitchProtection",
  ]),
  committed: facts("InMageRcm", "Recovery", "UnplannedFailoverCommitted", [
    "CompleteMigration",
    "DisableProtection",
    "SwitchProtection",
  ]),
  reprotected: facts("InMageRcmFailback", "Primary", "Protected", ["PlannedFailover", "DisableProtection"]),
  failedBack: facts("InMageRcmFailback", "Recovery", "CommitPendingStatesBegin", [
    "CompleteMigration",
    "Commit",
    "DisableProtection",
    "SwitchProtection",
    "CancelFailover",
  ]),
  failbackCommitted: facts("InMageRcmFailback", "Recovery", "PlannedFailoverCommitted", [
    "DisableProtection",
    "SwitchProtection",
  ]),
};

const classicForward = "InMageAzureV2";
const classicBack = "InMage";

/** The same for classic machines: forward as recorded, the way back by analogy. */
const classicAt: Partial<Record<FakeStage, (typeof operationsAt)["protected"]>> = {
  reprotected: facts(classicBack, "Primary", "Protected", ["UnplannedFailover", "DisableProtection"]),
  failedBack: facts(classicBack, "Recovery", "UnplannedFailoverCommitPendingStatesBegin", [
    "Commit",
    "DisableProtection",
  ]),
  failbackCommitted: facts(classicBack, "Recovery", "UnplannedFailoverStatesBegin", [
    "DisableProtection",
    "SwitchProtection",
  ]),
};

const hyperV = "HyperVReplicaAzure";
const hyperVAt: Partial<Record<FakeStage, (typeof operationsAt)["protected"]>> = {
  protected: facts(hyperV, "Primary", "Protected", [
    "PlannedFailover",
    "UnplannedFailover",
    "DisableProtection",
    "TestFailover",
  ]),
  failedOver: facts(hyperV, "Recovery", "UnplannedFailoverCommitPendingStatesBegin", [
    "CompleteMigration",
    "Commit",
    "DisableProtection",
    "ChangePit",
  ]),
  committed: facts(hyperV, "Recovery", "PlannedFailoverStatesBegin", [
    "CompleteMigration",
    "DisableProtection",
    "Failback",
  ]),
  failedBack: facts(hyperV, "Primary", "PlannedFailoverCommitRequired", ["Commit", "DisableProtection"]),
  failbackCommitted: facts(hyperV, "Primary", "PlannedFailoverStatesBegin", [
    "DisableProtection",
    "ReverseReplicate",
  ]),
};

const secondSite = "HyperVReplica2012R2";
const offered = ["PlannedFailover", "UnplannedFailover", "DisableProtection", "TestFailover"];
const pending = ["CompleteMigration", "ReverseReplicate", "Commit", "DisableProtection", "ChangePit"];
const ended = ["CompleteMigration", "ReverseReplicate", "DisableProtection"];
/** Recorded, but for `committed`: between two VMM sites the kind stays and the active location changes. */
const vmmToVmmAt: Partial<Record<FakeStage, (typeof operationsAt)["protected"]>> = {
  protected: facts(secondSite, "Primary", "Protected", offered),
  failedOver: facts(secondSite, "Recovery", "UnplannedFailoverCommitPendingStatesBegin", pending),
  committed: facts(secondSite, "Recovery", "PlannedFailoverStatesBegin", ended),
  reprotected: facts(secondSite, "Recovery", "Protected", offered),
  failedBack: facts(secondSite, "Primary", "PlannedFailoverCommitRequired", pending),
  failbackCommitted: facts(secondSite, "Primary", "PlannedFailoverStatesBegin", ended),
};

/** The fields by which a stage of a machine of this kind is told. */
export function factsAt(stage: FakeStage, instanceType: string): (typeof operationsAt)["protected"] {
  const plain = operationsAt[stage];
  if (instanceType === hyperV) return hyperVAt[stage] ?? { ...plain, instanceType: hyperV };
  if (instanceType === secondSite) return vmmToVmmAt[stage] ?? { ...plain, instanceType: secondSite };
  if (instanceType === classicForward || instanceType === classicBack)
    return classicAt[stage] ?? { ...plain, instanceType: classicForward };
  return plain;
}

function facts(
  instanceType: string,
  activeLocation: string,
  protectionState: string,
  allowedOperations: string[],
) {
  return { instanceType, activeLocation, protectionState, allowedOperations };
}

/** Settings of the policies that the vault holds already. */
export const policySettings: ReplicationPolicySettings = {
  instanceType: "InMageRcm",
  recoveryPointRetentionMinutes: 1440,
  crashConsistentFrequencyMinutes: 5,
  appConsistentFrequencyMinutes: 60,
  multiVmSync: true,
};

/** A network on-premises of VMM server `vmm1`. */
export const vmNetworkName = "68a19c46-18a9-47ec-9829-e814038ff99d";

/** A fabric that names no servers. */
export function makeFabric(name: string, instanceType: string): Fabric {
  return {
    id: `${vaultPath}/replicationFabrics/${name}`,
    name,
    friendlyName: name,
    instanceType,
    health: "Normal",
    processServers: [],
    masterTargets: [],
    reprotectAgents: [],
    runAsAccounts: [],
    hyperVHosts: [],
  };
}

export function makeItem(name: string): ReplicatedItem {
  return {
    id: itemIdOf(name),
    name,
    friendlyName: name,
    fabricName: "site1",
    protectionContainerName: "cont1",
    ...operationsAt.protected,
    protectionStateDescription: "",
    testFailoverState: "None",
    replicationHealth: "Normal",
    healthErrors: [],
    policyId: policyIdOf("daily").replace("/subscriptions/", "/Subscriptions/"),
    internalId: `internal-${name}`,
    osType: "Windows",
    targetVmName: name,
    targetVmSize: "Standard_D2s_v5",
    targetResourceGroupId: group,
    targetNetworkId: networkIdOf("prod"),
    testNetworkId: networkIdOf("test"),
    licenseType: "NotSpecified",
    fabricDiscoveryMachineId: machineIdOf(name),
    processServerId: "83629832-8201-4d31-b9cd-a644185d035a",
    nics: [
      {
        nicId: `nic-${name}`,
        isPrimary: true,
        isSelectedForFailover: true,
        sourceIpAddress: "10.1.0.4",
        targetSubnetName: "web",
        testSubnetName: "web",
      },
    ],
    disks: [
      {
        diskId: "disk0",
        isOsDisk: true,
        capacityInBytes: 1,
        logStorageAccountId: storageId,
        diskType: "Standard_LRS",
      },
    ],
  };
}

/** Three points, the oldest application-consistent. */
export function pointsOf(itemId: string): RecoveryPoint[] {
  return ["10:20", "10:10", "10:00"].map((time, index) => ({
    id: `${itemId}/recoveryPoints/point-${index}`,
    name: `point-${index}`,
    time: `2024-05-01T${time}:00Z`,
    type: index === 2 ? "ApplicationConsistent" : "CrashConsistent",
    isMultiVmSyncPoint: false,
  }));
}

export interface TestContext extends Context {
  logged: string[];
}

/** A context as one run of a provider process has it. */
export function makeContext(siteRecovery: SiteRecovery): TestContext {
  const logged: string[] = [];
  return {
    connect: () => siteRecovery,
    defaults: {},
    ...newRunMemory(),
    logged,
    log: (severity, message) => {
      logged.push(`${severity}: ${message}`);
    },
  };
}

/** Valid inputs of each resource, by token. */
export const validInputs: Record<string, () => Properties> = {
  ReplicationPolicy: () => ({
    ...vault,
    name: "gold",
    instanceType: "InMageRcm",
    recoveryPointRetentionMinutes: 1440,
    appConsistentFrequencyMinutes: 60,
  }),
  Fabric: () => ({ ...vault, name: "hyperv-site" }),
  NetworkMapping: () => ({
    ...vault,
    name: "corp-to-prod",
    fabricName: "vmm1",
    networkName: vmNetworkName,
    recoveryNetworkId: networkIdOf("prod"),
  }),
  ProtectionContainerMapping: () => ({
    ...vault,
    name: "daily-mapping",
    fabricName: "site1",
    protectionContainerName: "cont1",
    policyId: policyIdOf("daily"),
  }),
  ReplicatedItem: () => ({
    ...vault,
    name: "app01",
    fabricName: "site1",
    protectionContainerName: "cont1",
    policyId: policyIdOf("daily"),
    fabricDiscoveryMachineId: machineIdOf("app01"),
    processServerId: "83629832-8201-4d31-b9cd-a644185d035a",
    targetResourceGroupId: group,
    targetNetworkId: networkIdOf("prod"),
    testNetworkId: networkIdOf("test"),
    targetVmName: "app01",
    targetVmSize: "Standard_D2s_v5",
    disksDefault: { logStorageAccountId: storageId, diskType: "Standard_LRS" },
    nics: [{ nicId: "nic-app01", targetSubnetName: "web", testSubnetName: "web" }],
  }),
  RecoveryPlan: () => ({
    ...vault,
    name: "shop-plan",
    fabricName: "site1",
    failoverGroup: {
      startGroupActions: [
        {
          name: "tell the help desk",
          failoverTypes: ["UnplannedFailover"],
          failoverDirections: ["PrimaryToRecovery"],
          details: { kind: "manual", description: "call 4711" },
        },
      ],
    },
    bootGroups: [{ replicatedItemIds: [itemIdOf("db01")] }, { replicatedItemIds: [itemIdOf("app01")] }],
  }),
  TestFailover: () => ({ targetId: itemIdOf("app01"), testNetworkId: networkIdOf("test"), triggers: ["spring"] }),
  Failover: () => ({
    targetId: itemIdOf("app01"),
    stage: "protected",
    connectivity: { access: [{ path: "vpn", port: 3389, sources: ["10.0.0.0/8"] }] },
  }),
};

/** What one `pulumi up` does with one resource: check, diff, and create or update where that is due. */
export interface Resource {
  id: string;
  inputs: Properties;
  outputs: Properties;
}

export async function up(
  handler: Handler,
  context: Context,
  program: Properties,
  prior?: Resource,
): Promise<Resource & { hasChanged: boolean }> {
  const { inputs, failures } = await handler.check(context, prior?.inputs ?? {}, program);
  if (failures.length > 0)
    throw new Error(failures.map(({ property, reason }) => `${property} ${reason}`).join("\n"));
  if (prior) {
    const { hasChanges } = handler.diff(prior.id, prior.outputs, inputs);
    if (!hasChanges) return { ...prior, inputs, hasChanged: false };
  }
  const { id, outputs } = await handler.reconcile(
    context,
    inputs,
    prior && { id: prior.id, outputs: prior.outputs },
  );
  return { id, inputs, outputs, hasChanged: true };
}
