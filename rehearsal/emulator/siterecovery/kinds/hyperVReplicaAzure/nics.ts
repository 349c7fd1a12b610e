/** Network cards as the kinds with `ipConfigs` show and change them. */

import { z } from "zod";
import type { SelectableNic } from "../../itemDetails.js";
import { sameName } from "../../names.js";
import type { Problem } from "../kind.js";

const text = z.string().nullish();
const list = z.array(z.string()).nullish();

export const nicsSchema = z
  .array(
    z.object({
      nicId: z.string(),
      selectionType: z.enum(["NotSelected", "SelectedByDefault", "SelectedByUser"]).nullish(),
      ipConfigs: z
        .array(
          z.object({
            ipConfigName: text,
            isPrimary: z.boolean().nullish(),
            isSeletedForFailover: z.boolean().nullish(),
            recoverySubnetName: text,
            recoveryStaticIPAddress: text,
            recoveryPublicIPAddressId: text,
            recoveryLBBackendAddressPoolIds: list,
            tfoSubnetName: text,
            tfoStaticIPAddress: text,
            tfoPublicIPAddressId: text,
            tfoLBBackendAddressPoolIds: list,
          }),
        )
        .nullish(),
      recoveryNetworkSecurityGroupId: text,
      enableAcceleratedNetworkingOnRecovery: z.boolean().nullish(),
      tfoNetworkSecurityGroupId: text,
      enableAcceleratedNetworkingOnTfo: z.boolean().nullish(),
      recoveryNicName: text,
      recoveryNicResourceGroupName: text,
      reuseExistingNic: z.boolean().nullish(),
      tfoNicName: text,
      tfoNicResourceGroupName: text,
      tfoReuseExistingNic: z.boolean().nullish(),
      targetNicName: text,
    }),
  )
  .nullish();

/** The cards after a change; what is not given stays. */
export function changedNics(
  nics: SelectableNic[],
  changes: z.output<typeof nicsSchema>,
  machine: string,
  problems: Problem[],
): SelectableNic[] {
  const after = nics.map((nic) => ({ ...nic, more: { ...nic.more } }));
  for (const [index, change] of (changes ?? []).entries()) {
    const nic = after.find((each) => sameName(each.nicId, change.nicId));
    if (nic === undefined) {
      const allowed = after.map((each) => each.nicId).join(", ") || "none is known yet";
      const message = `"${change.nicId}" is not a network card of ${machine}; allowed: ${allowed}`;
      problems.push({ path: `properties.vmNics.${index}.nicId`, message });
      continue;
    }
    const { nicId: _, selectionType, ipConfigs, targetNicName, ...settings } = change;
    if (selectionType != null) nic.selectionType = selectionType;
    if (targetNicName != null) nic.targetNicName = targetNicName;
    const address = ipConfigs?.[0];
    if (address?.recoverySubnetName != null) nic.targetSubnetName = address.recoverySubnetName;
    if (address?.recoveryStaticIPAddress != null) nic.targetIpAddress = address.recoveryStaticIPAddress;
    if (address?.tfoSubnetName != null) nic.testSubnetName = address.tfoSubnetName || null;
    if (address?.tfoStaticIPAddress != null) nic.testIpAddress = address.tfoStaticIPAddress || null;
    const more = {
      ...settings,
      recoveryPublicIPAddressId: address?.recoveryPublicIPAddressId,
      tfoPublicIPAddressId: address?.tfoPublicIPAddressId,
      recoveryLBBackendAddressPoolIds: address?.recoveryLBBackendAddressPoolIds,
      tfoLBBackendAddressPoolIds: address?.tfoLBBackendAddressPoolIds,
    };
    for (const [name, value] of Object.entries(more)) if (value != null) nic.more[name] = value;
  }
  return after;
}

/** The recorded fields in the recorded order. */
export function renderNic(nic: SelectableNic, networks: { target: string; test: string }) {
  const { more } = nic;
  const set = (name: string) => more[name] ?? null;
  return {
    nicId: nic.nicId,
    replicaNicId: null,
    sourceNicArmId: null,
    vMNetworkName: nic.vmNetworkName,
    recoveryVMNetworkId: networks.target === "" ? null : networks.target,
    ipConfigs: [
      {
        name: null,
        isPrimary: true,
        subnetName: null,
        staticIPAddress: null,
        ipAddressType: "Dynamic",
        isSeletedForFailover: nic.selectionType !== "NotSelected",
        recoverySubnetName: nic.targetSubnetName,
        recoveryStaticIPAddress: nic.targetIpAddress,
        recoveryIPAddressType: nic.targetIpAddress === "" ? "Dynamic" : "Static",
        recoveryPublicIPAddressId: set("recoveryPublicIPAddressId"),
        recoveryLBBackendAddressPoolIds: set("recoveryLBBackendAddressPoolIds"),
        tfoSubnetName: nic.testSubnetName,
        tfoStaticIPAddress: nic.testIpAddress,
        tfoPublicIPAddressId: set("tfoPublicIPAddressId"),
        tfoLBBackendAddressPoolIds: set("tfoLBBackendAddressPoolIds"),
      },
    ],
    selectionType: nic.selectionType,
    recoveryNetworkSecurityGroupId: set("recoveryNetworkSecurityGroupId"),
    enableAcceleratedNetworkingOnRecovery: set("enableAcceleratedNetworkingOnRecovery"),
    tfoVMNetworkId: networks.test === "" ? null : networks.test,
    tfoNetworkSecurityGroupId: set("tfoNetworkSecurityGroupId"),
    enableAcceleratedNetworkingOnTfo: set("enableAcceleratedNetworkingOnTfo"),
    recoveryNicName: set("recoveryNicName"),
    recoveryNicResourceGroupName: set("recoveryNicResourceGroupName"),
    reuseExistingNic: more.reuseExistingNic ?? false,
    tfoRecoveryNicName: set("tfoNicName"),
    tfoRecoveryNicResourceGroupName: set("tfoNicResourceGroupName"),
    tfoReuseExistingNic: more.tfoReuseExistingNic ?? false,
    targetNicName: nic.targetNicName,
  };
}
