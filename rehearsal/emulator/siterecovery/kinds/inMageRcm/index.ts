/** Modernised VMware and physical machines to Azure. */

import { inMageRcmFabric } from "../../fabricState.js";
import { detailsOf } from "../../itemDetails.js";
import type { VaultState } from "../../state.js";
import type { FailoverTarget, ProviderKind } from "../kind.js";
import { readAction } from "./actions.js";
import { enable, update } from "./enable.js";
import { healthErrors } from "./health.js";
import { hydrationReasons } from "./hydration.js";
import { mappingDetails, pointPolicy, policyDetails } from "./policy.js";
import { initialCopyMinutes, protectedMinutes } from "./progress.js";
import { renderDetails } from "./render.js";
import { allowedOperations } from "./states.js";

const machineOf = (vault: VaultState, key: string) => vault.machines[key];

export const inMageRcm: ProviderKind = {
  instanceType: "InMageRcm",
  providerId: (_vault, fabric) => inMageRcmFabric(fabric).appliance.id,
  fabricProvider: () => "InMageRcmFabric",
  takenName: {
    code: "310024",
    message: (vmName) => `The name provided for the virtual machine '${vmName}' is unavailable.`,
  },
  protectedItemType: "",
  protectableItemId: () => null,
  noPoint: null,
  initialReplication: { copiedMinutes: initialCopyMinutes, protectedMinutes, firstPointLagMinutes: 10 },
  committedState: () => "UnplannedFailoverCommitted",
  direction: (_item, action) => (action === "reProtect" ? "RecoveryToPrimary" : "PrimaryToRecovery"),
  policyDetails,
  pointPolicy,
  mappingDetails,
  enable,
  update,
  readAction,
  renderDetails,
  allowedOperations,
  target(vault, item): FailoverTarget {
    const details = detailsOf(item, "InMageRcm");
    const gigabytes = (bytes: number) => Math.ceil(bytes / 1024 ** 3);
    const disk = ({ capacityInBytes, diskType: sku }: (typeof details.disks)[number]) => ({
      sizeGB: gigabytes(capacityInBytes),
      sku,
    });
    const osDisk = details.disks.find((each) => each.isOsDisk);
    return {
      vmName: details.targetVmName,
      vmSize: details.targetVmSize,
      resourceGroupId: details.targetResourceGroupId,
      networkId: details.targetNetworkId,
      testNetworkId: details.testNetworkId,
      osType: machineOf(vault, details.machine)?.osType ?? "Windows",
      availabilitySetId: details.targetAvailabilitySetId,
      availabilityZone: details.targetAvailabilityZone,
      osDisk: osDisk ? disk(osDisk) : { sizeGB: 0 },
      dataDisks: details.disks.filter((each) => !each.isOsDisk).map(disk),
      nics: details.nics
        .filter((nic) => nic.isSelectedForFailover)
        .sort((a, b) => Number(b.isPrimary) - Number(a.isPrimary))
        .map((nic) => ({
          subnetName: nic.targetSubnetName,
          address: nic.targetIpAddress,
          testSubnetName: nic.testSubnetName,
          testAddress: nic.testIpAddress,
        })),
    };
  },
  hydrationReasons(vault, item) {
    const machine = machineOf(vault, item.details.machine);
    return machine === undefined ? [] : hydrationReasons(machine);
  },
  healthErrors: (vault, item, now) => healthErrors(item, machineOf(vault, item.details.machine), now),
};
