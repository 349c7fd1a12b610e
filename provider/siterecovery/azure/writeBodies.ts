import type {
  CreatePolicyInput,
  CreateRecoveryPlanInput,
  EnableProtectionInput,
  PolicyProviderSpecificInputUnion,
  UpdateReplicationProtectedItemInput,
  RecoveryPlanAction as WireAction,
  RecoveryPlanGroup as WireGroup,
} from "@azure/arm-recoveryservices-siterecovery";
import { InvalidInput } from "../errors.js";
import type {
  EnableReplicationSettings,
  RecoveryPlanAction,
  RecoveryPlanGroup,
  ReplicatedItemUpdate,
  ReplicationPolicySettings,
} from "../siteRecovery.js";

/** Site Recovery's booleans travel as strings. */
function flag(value: boolean): string {
  return value ? "true" : "false";
}

export function policyInput(settings: ReplicationPolicySettings): PolicyProviderSpecificInputUnion {
  switch (settings.instanceType) {
    case "InMageRcm":
      return {
        instanceType: settings.instanceType,
        recoveryPointHistoryInMinutes: settings.recoveryPointRetentionMinutes,
        crashConsistentFrequencyInMinutes: settings.crashConsistentFrequencyMinutes,
        appConsistentFrequencyInMinutes: settings.appConsistentFrequencyMinutes,
        enableMultiVmSync: flag(settings.multiVmSync),
      };
    case "HyperVReplicaAzure":
      return {
        instanceType: settings.instanceType,
        recoveryPointHistoryDuration: settings.recoveryPointRetentionHours,
        applicationConsistentSnapshotFrequencyInHours: settings.appConsistentFrequencyHours,
        replicationInterval: settings.replicationIntervalSeconds,
        onlineReplicationStartTime: settings.initialReplicationStartTime,
        ...(settings.storageAccountId === undefined ? {} : { storageAccounts: [settings.storageAccountId] }),
      };
    default:
      throw new InvalidInput(
        `writing a replication policy: policies of kind ${settings.instanceType} are made by Azure and cannot be written. Allowed: InMageRcm, HyperVReplicaAzure.`,
      );
  }
}

export function createPolicyBody(settings: ReplicationPolicySettings): CreatePolicyInput {
  return { properties: { providerSpecificInput: policyInput(settings) } };
}

export function enableBody(settings: EnableReplicationSettings): EnableProtectionInput {
  const { policyId, disks, disksDefault, ...details } = settings;
  return {
    properties: {
      policyId,
      providerSpecificDetails: {
        ...details,
        ...(disks === undefined ? {} : { disksToInclude: disks }),
        ...(disksDefault === undefined ? {} : { disksDefault }),
      },
    },
  };
}

export function updateItemBody(
  instanceType: string,
  update: ReplicatedItemUpdate,
): UpdateReplicationProtectedItemInput {
  if (instanceType !== "InMageRcm") {
    throw new InvalidInput(
      `updating replicated item: instanceType "${instanceType}" cannot be updated. Allowed: InMageRcm.`,
    );
  }
  const { nics, ...details } = update;
  return {
    properties: {
      providerSpecificDetails: {
        instanceType,
        ...details,
        ...(nics === undefined
          ? {}
          : {
              vmNics: nics.map((nic) => ({
                nicId: nic.nicId,
                isPrimaryNic: flag(nic.isPrimaryNic),
                isSelectedForFailover: flag(nic.isSelectedForFailover),
                targetSubnetName: nic.targetSubnetName,
                targetStaticIPAddress: nic.targetStaticIpAddress,
                testSubnetName: nic.testSubnetName,
                testStaticIPAddress: nic.testStaticIpAddress,
              })),
            }),
      },
    },
  };
}

export function planBody(
  settings: {
    primaryFabricId: string;
    recoveryFabricId: string;
    failoverDeploymentModel: string;
    groups: RecoveryPlanGroup[];
  },
  internalIds: ReadonlyMap<string, string>,
): CreateRecoveryPlanInput {
  return {
    properties: {
      primaryFabricId: settings.primaryFabricId,
      recoveryFabricId: settings.recoveryFabricId,
      failoverDeploymentModel: settings.failoverDeploymentModel,
      groups: planGroups(settings.groups, internalIds),
    },
  };
}

/** `internalIds`: an item's internal id (what the body calls virtualMachineId) by its ARM id in lower case. */
export function planGroups(groups: RecoveryPlanGroup[], internalIds: ReadonlyMap<string, string>): WireGroup[] {
  return groups.map((group) => ({
    groupType: group.groupType,
    replicationProtectedItems: group.replicatedItemIds.map((id) => {
      const virtualMachineId = internalIds.get(id.toLowerCase());
      return virtualMachineId === undefined ? { id } : { id, virtualMachineId };
    }),
    startGroupActions: group.startGroupActions.map(planAction),
    endGroupActions: group.endGroupActions.map(planAction),
  }));
}

function planAction(action: RecoveryPlanAction): WireAction {
  const { details } = action;
  const customDetails =
    details.kind === "manual"
      ? { instanceType: "ManualActionDetails" as const, description: details.description }
      : details.kind === "script"
        ? {
            instanceType: "ScriptActionDetails" as const,
            path: details.path,
            timeout: details.timeout,
            fabricLocation: details.fabricLocation,
          }
        : {
            instanceType: "AutomationRunbookActionDetails" as const,
            runbookId: details.runbookId,
            timeout: details.timeout,
            fabricLocation: details.fabricLocation,
          };
  return {
    actionName: action.name,
    failoverTypes: action.failoverTypes,
    failoverDirections: action.failoverDirections,
    customDetails,
  };
}
