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
  if (settings.instanceType === "HyperVReplicaAzure") return enableHyperVBody(settings);
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

function enableHyperVBody(
  settings: Extract<EnableReplicationSettings, { instanceType: "HyperVReplicaAzure" }>,
): EnableProtectionInput {
  const { policyId, protectableItemId, disks, targetNetworkId, targetSubnetName } = settings;
  return {
    properties: {
      policyId,
      protectableItemId,
      providerSpecificDetails: {
        instanceType: "HyperVReplicaAzure",
        osType: settings.osType,
        vhdId: settings.osDiskId,
        disksToInclude: settings.diskIds,
        disksToIncludeForManagedDisks: disks,
        useManagedDisks: flag(disks !== undefined),
        useManagedDisksForReplication: disks === undefined ? undefined : "true",
        targetStorageAccountId: settings.targetStorageAccountId,
        logStorageAccountId: settings.logStorageAccountId,
        enableRdpOnTargetOption: settings.enableRdpOnTarget,
        targetAzureV2ResourceGroupId: settings.targetResourceGroupId,
        targetAzureNetworkId: targetNetworkId,
        targetAzureSubnetId:
          targetNetworkId === undefined || targetSubnetName === undefined
            ? undefined
            : `${targetNetworkId}/subnets/${targetSubnetName}`,
        targetAzureVmName: settings.targetVmName,
        targetVmSize: settings.targetVmSize,
        licenseType: settings.licenseType,
        targetAvailabilitySetId: settings.targetAvailabilitySetId,
        targetAvailabilityZone: settings.targetAvailabilityZone,
        targetProximityPlacementGroupId: settings.targetProximityPlacementGroupId,
      },
    },
  };
}

export function updateItemBody(
  instanceType: string,
  update: ReplicatedItemUpdate,
): UpdateReplicationProtectedItemInput {
  if (instanceType === "InMageRcm") return updateRcmBody(update);
  if (instanceType === "HyperVReplicaAzure") return updateHyperVBody(update);
  throw new InvalidInput(
    `updating replicated item: instanceType "${instanceType}" cannot be updated. Allowed: InMageRcm, HyperVReplicaAzure.`,
  );
}

/** Everything stands inside the provider's part here. */
function updateRcmBody({
  nics,
  enableRdpOnTarget: _,
  ...details
}: ReplicatedItemUpdate): UpdateReplicationProtectedItemInput {
  return {
    properties: {
      providerSpecificDetails: {
        instanceType: "InMageRcm",
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

/** Most stands in the common part here, under names of its own. */
function updateHyperVBody(update: ReplicatedItemUpdate): UpdateReplicationProtectedItemInput {
  const { nics } = update;
  return {
    properties: {
      recoveryAzureVMName: update.targetVmName,
      recoveryAzureVMSize: update.targetVmSize,
      selectedRecoveryAzureNetworkId: update.targetNetworkId,
      selectedTfoAzureNetworkId: update.testNetworkId,
      selectedSourceNicId: nics?.find((nic) => nic.isPrimaryNic)?.nicId,
      enableRdpOnTargetOption: update.enableRdpOnTarget,
      licenseType: update.licenseType,
      recoveryAvailabilitySetId: update.targetAvailabilitySetId,
      vmNics: nics?.map((nic) => ({
        nicId: nic.nicId,
        selectionType: nic.isSelectedForFailover ? "SelectedByUser" : "NotSelected",
        ipConfigs: [
          {
            isPrimary: true,
            // Azure's own spelling.
            isSeletedForFailover: nic.isSelectedForFailover,
            recoverySubnetName: nic.targetSubnetName,
            recoveryStaticIPAddress: nic.targetStaticIpAddress,
            tfoSubnetName: nic.testSubnetName,
            tfoStaticIPAddress: nic.testStaticIpAddress,
          },
        ],
      })),
      providerSpecificDetails: {
        instanceType: "HyperVReplicaAzure",
        recoveryAzureV2ResourceGroupId: update.targetResourceGroupId,
        targetAvailabilityZone: update.targetAvailabilityZone,
        targetProximityPlacementGroupId: update.targetProximityPlacementGroupId,
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
