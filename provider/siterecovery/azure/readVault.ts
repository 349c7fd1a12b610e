import { z } from "zod";
import type {
  ApplianceServer,
  Fabric,
  NetworkMapping,
  ProtectionContainerMapping,
  RecoveryPlan,
  RecoveryPlanAction,
  RecoveryPlanGroup,
  RecoveryPoint,
  ReplicationPolicy,
  ReplicationPolicySettings,
} from "../siteRecovery.js";
import { flag, list, moment, number, object, readResource, text, words } from "./answers.js";
import { parseContainerId } from "./ids.js";
import { currentScenario, readScenario } from "./readItem.js";

const policy = object({
  friendlyName: text,
  providerSpecificDetails: object({
    instanceType: text,
    recoveryPointHistoryInMinutes: number,
    crashConsistentFrequencyInMinutes: number,
    appConsistentFrequencyInMinutes: number,
    enableMultiVmSync: flag,
    // Classic machines.
    recoveryPointThresholdInMinutes: number,
    recoveryPointHistory: number,
    multiVmSyncStatus: text,
    // Hyper-V.
    recoveryPointHistoryDurationInHours: number,
    applicationConsistentSnapshotFrequencyInHours: number,
    replicationInterval: number,
    onlineReplicationStartTime: text,
    activeStorageAccountId: text,
  }),
});

type PolicyDetails = z.output<typeof policy>["providerSpecificDetails"];

/** A replication policy; `settings` only for kinds that this version describes. */
export function readPolicy(answer: unknown): ReplicationPolicy {
  const { id, name, properties } = readResource(answer, policy);
  const wire = properties.providerSpecificDetails;
  return { id, name, instanceType: wire.instanceType ?? "", settings: policySettings(wire) };
}

function policySettings(wire: PolicyDetails): ReplicationPolicySettings | undefined {
  switch (wire.instanceType) {
    case "InMageRcm":
      if (wire.recoveryPointHistoryInMinutes === undefined || wire.crashConsistentFrequencyInMinutes === undefined)
        return undefined;
      return {
        instanceType: "InMageRcm",
        recoveryPointRetentionMinutes: wire.recoveryPointHistoryInMinutes,
        crashConsistentFrequencyMinutes: wire.crashConsistentFrequencyInMinutes,
        appConsistentFrequencyMinutes: wire.appConsistentFrequencyInMinutes ?? 0,
        multiVmSync: wire.enableMultiVmSync,
      };
    case "InMageRcmFailback":
      return {
        instanceType: "InMageRcmFailback",
        crashConsistentFrequencyMinutes: wire.crashConsistentFrequencyInMinutes ?? 0,
        appConsistentFrequencyMinutes: wire.appConsistentFrequencyInMinutes ?? 0,
      };
    case "InMageAzureV2":
    case "InMage":
      return {
        instanceType: wire.instanceType,
        recoveryPointThresholdMinutes: wire.recoveryPointThresholdInMinutes ?? 0,
        recoveryPointRetentionMinutes: wire.recoveryPointHistory ?? 0,
        ...(wire.instanceType === "InMageAzureV2"
          ? { crashConsistentFrequencyMinutes: wire.crashConsistentFrequencyInMinutes ?? 0 }
          : {}),
        appConsistentFrequencyMinutes: wire.appConsistentFrequencyInMinutes ?? 0,
        multiVmSync: /^enable/i.test(wire.multiVmSyncStatus ?? ""),
      };
    case "HyperVReplicaAzure":
      if (wire.recoveryPointHistoryDurationInHours === undefined || wire.replicationInterval === undefined)
        return undefined;
      return {
        instanceType: "HyperVReplicaAzure",
        recoveryPointRetentionHours: wire.recoveryPointHistoryDurationInHours,
        appConsistentFrequencyHours: wire.applicationConsistentSnapshotFrequencyInHours ?? 0,
        replicationIntervalSeconds: wire.replicationInterval,
        ...(wire.onlineReplicationStartTime === undefined
          ? {}
          : { initialReplicationStartTime: wire.onlineReplicationStartTime }),
        ...(wire.activeStorageAccountId === undefined ? {} : { storageAccountId: wire.activeStorageAccountId }),
      };
    default:
      return undefined;
  }
}

const mapping = object({ policyId: text, targetProtectionContainerId: text, state: text, health: text });

export function readMapping(answer: unknown): ProtectionContainerMapping {
  const { id, name, properties } = readResource(answer, mapping);
  const place = parseContainerId(id);
  return {
    id,
    name,
    fabricName: place?.fabricName ?? "",
    protectionContainerName: place?.protectionContainerName ?? "",
    policyId: properties.policyId ?? "",
    targetProtectionContainerId: properties.targetProtectionContainerId ?? "",
    state: properties.state ?? "",
    health: properties.health ?? "",
  };
}

const networkMapping = object({ primaryNetworkId: text, recoveryNetworkId: text, state: text });

export function readNetworkMapping(answer: unknown): NetworkMapping {
  const { id, name, properties } = readResource(answer, networkMapping);
  return {
    id,
    name,
    primaryNetworkId: properties.primaryNetworkId ?? "",
    recoveryNetworkId: properties.recoveryNetworkId ?? "",
    state: properties.state ?? "",
  };
}

const server = object({
  id: text,
  name: text,
  friendlyName: text,
  health: text,
  version: text,
  agentVersion: text,
  marsAgentVersion: text,
  lastHeartbeat: moment,
  lastHeartbeatUtc: moment,
  accessibleDatastores: words,
  vcenterId: text,
  dataStores: list(object({ symbolicName: text })),
  retentionVolumes: list(object({ volumeName: text })),
});

const fabric = object({
  friendlyName: text,
  health: text,
  customDetails: object({
    instanceType: text,
    processServers: list(server),
    masterTargetServers: list(server),
    reprotectAgents: list(server),
    hyperVHosts: list(server),
    runAsAccounts: list(object({ accountId: text, accountName: text })),
    vmwareSiteId: text,
    physicalSiteId: text,
  }),
});

export function readFabric(answer: unknown): Fabric {
  const { id, name, properties } = readResource(answer, fabric);
  const details = properties.customDetails;
  return {
    id,
    name,
    friendlyName: properties.friendlyName ?? name,
    instanceType: details.instanceType ?? "",
    health: properties.health ?? "",
    processServers: details.processServers.map(readServer),
    masterTargets: details.masterTargetServers.map((wire) => ({
      ...readServer(wire),
      datastores: wire.dataStores.flatMap(({ symbolicName }) => symbolicName ?? []),
      retentionVolumes: wire.retentionVolumes.flatMap(({ volumeName }) => volumeName ?? []),
    })),
    reprotectAgents: details.reprotectAgents.map((wire) => ({
      ...readServer(wire),
      accessibleDatastores: wire.accessibleDatastores,
      vcenterId: wire.vcenterId,
    })),
    hyperVHosts: details.hyperVHosts.map(readServer),
    vmwareSiteId: details.vmwareSiteId,
    physicalSiteId: details.physicalSiteId,
    runAsAccounts: details.runAsAccounts.flatMap(({ accountId, accountName }) =>
      accountId === undefined ? [] : [{ id: accountId, name: accountName ?? accountId }],
    ),
  };
}

function readServer(wire: z.output<typeof server>): ApplianceServer {
  return {
    id: wire.id ?? "",
    name: wire.friendlyName ?? wire.name ?? wire.id ?? "",
    health: wire.health,
    version: wire.version ?? wire.agentVersion ?? wire.marsAgentVersion,
    lastHeartbeat: wire.lastHeartbeatUtc ?? wire.lastHeartbeat,
  };
}

const action = object({
  actionName: z.string(),
  failoverTypes: words,
  failoverDirections: words,
  customDetails: object({
    instanceType: text,
    description: text,
    path: text,
    timeout: text,
    fabricLocation: text,
    runbookId: text,
  }),
});

const group = object({
  groupType: z.enum(["Shutdown", "Failover", "Boot"]),
  replicationProtectedItems: list(object({ id: text })),
  startGroupActions: list(action),
  endGroupActions: list(action),
});

const plan = object({
  primaryFabricId: text,
  recoveryFabricId: text,
  failoverDeploymentModel: text,
  replicationProviders: words,
  allowedOperations: words,
  currentScenario: currentScenario.optional(),
  currentScenarioStatus: text,
  groups: list(group),
});

/** A recovery plan. The list call leaves the groups out, so an answer of its own GET is the only full one. */
export function readPlan(answer: unknown, isSummary: boolean): RecoveryPlan {
  const { id, name, properties: wire } = readResource(answer, plan);
  return {
    id,
    name,
    primaryFabricId: wire.primaryFabricId ?? "",
    recoveryFabricId: wire.recoveryFabricId ?? "",
    failoverDeploymentModel: wire.failoverDeploymentModel ?? "NotApplicable",
    replicationProviders: wire.replicationProviders,
    allowedOperations: wire.allowedOperations,
    currentScenario: readScenario(wire.currentScenario),
    currentScenarioStatus: wire.currentScenarioStatus,
    groups: isSummary ? [] : wire.groups.map(readGroup),
    isSummary,
  };
}

function readGroup(wire: z.output<typeof group>): RecoveryPlanGroup {
  return {
    groupType: wire.groupType,
    replicatedItemIds: wire.replicationProtectedItems.flatMap(({ id }) => (id === undefined ? [] : [id])),
    startGroupActions: wire.startGroupActions.map(readAction),
    endGroupActions: wire.endGroupActions.map(readAction),
  };
}

function readAction(wire: z.output<typeof action>): RecoveryPlanAction {
  const { instanceType, description, path, timeout, runbookId } = wire.customDetails;
  const fabricLocation = wire.customDetails.fabricLocation === "Primary" ? "Primary" : "Recovery";
  const details: RecoveryPlanAction["details"] =
    instanceType === "ScriptActionDetails"
      ? { kind: "script", path: path ?? "", timeout, fabricLocation }
      : instanceType === "AutomationRunbookActionDetails"
        ? { kind: "runbook", runbookId, timeout, fabricLocation }
        : { kind: "manual", description };
  return {
    name: wire.actionName,
    failoverTypes: wire.failoverTypes,
    failoverDirections: wire.failoverDirections,
    details,
  };
}

const recoveryPoint = object({
  recoveryPointTime: moment,
  recoveryPointType: text,
  providerSpecificDetails: object({ isMultiVmSyncPoint: flag }).optional(),
});

/** A recovery point; undefined where Azure gives it no time. */
export function readRecoveryPoint(answer: unknown): RecoveryPoint | undefined {
  const { id, name, properties: wire } = readResource(answer, recoveryPoint);
  if (wire.recoveryPointTime === undefined) return undefined;
  return {
    id,
    name,
    time: wire.recoveryPointTime,
    type: wire.recoveryPointType ?? "CrashConsistent",
    isMultiVmSyncPoint: wire.providerSpecificDetails?.isMultiVmSyncPoint ?? false,
  };
}
