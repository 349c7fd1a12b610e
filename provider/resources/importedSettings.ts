/** The settings that a program would declare for a machine that replicates already, read from Azure's answer. */

import type { ReplicatedDisk, ReplicatedItem } from "../siterecovery/siteRecovery.js";
import { defined } from "./compare.js";
import type { Properties } from "./handler.js";

/** @returns undefined for a kind that no program can declare */
export function declaredSettings(item: ReplicatedItem): Properties | undefined {
  switch (item.instanceType) {
    case "InMageRcm":
      return { ...shared(item), ...ofAppliance(item) };
    case "HyperVReplicaAzure":
      return { ...shared(item), ...ofHyperV(item) };
    default:
      return undefined;
  }
}

function shared(item: ReplicatedItem): Properties {
  return defined({
    instanceType: item.instanceType,
    policyId: item.policyId,
    targetResourceGroupId: item.targetResourceGroupId,
    targetNetworkId: item.targetNetworkId,
    testNetworkId: item.testNetworkId,
    targetVmName: item.targetVmName,
    targetVmSize: item.targetVmSize,
    licenseType: item.licenseType,
    targetAvailabilitySetId: item.targetAvailabilitySetId,
    targetAvailabilityZone: item.targetAvailabilityZone,
    targetProximityPlacementGroupId: item.targetProximityPlacementGroupId,
    nics: item.nics.map((nic) =>
      defined({
        nicId: nic.nicId,
        isPrimary: nic.isPrimary,
        isSelectedForFailover: nic.isSelectedForFailover,
        targetSubnetName: nic.targetSubnetName,
        targetStaticIpAddress: nic.targetIpAddress,
        testSubnetName: nic.testSubnetName,
        testStaticIpAddress: nic.testIpAddress,
      }),
    ),
  });
}

function ofAppliance(item: ReplicatedItem): Properties {
  return defined({
    fabricDiscoveryMachineId: item.fabricDiscoveryMachineId,
    processServerId: item.processServerId,
    runAsAccountId: item.runAsAccountId,
    targetBootDiagnosticsStorageAccountId: item.targetBootDiagnosticsStorageAccountId,
    multiVmGroupName: item.multiVmGroupName,
    disks: item.disks.map(managedDisk),
  });
}

function ofHyperV(item: ReplicatedItem): Properties {
  return defined({
    protectableItemId: item.protectableItemId,
    guestOsType: item.osType,
    osDiskId: item.disks.find(({ isOsDisk }) => isOsDisk)?.diskId,
    enableRdpOnTarget: item.enableRdpOnTarget,
    targetStorageAccountId: item.targetStorageAccountId,
    logStorageAccountId: item.logStorageAccountId,
    ...(item.usesManagedDisks
      ? { disks: item.disks.map(managedDisk) }
      : { diskIds: item.disks.map(({ diskId }) => diskId) }),
  });
}

function managedDisk({ diskId, logStorageAccountId, diskType, diskEncryptionSetId }: ReplicatedDisk): Properties {
  return defined({ diskId, logStorageAccountId, diskType, diskEncryptionSetId });
}
