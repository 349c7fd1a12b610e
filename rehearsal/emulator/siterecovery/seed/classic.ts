/** Puts an estate's classic VMware side into the state: its configuration server, machines, policies and items. */

import type { World } from "../../core.js";
import { azureTargetOf, guidOf, machineOf, resourceGroupId, storageAccountId } from "../../estate/names.js";
import type { Estate, EstateMachine, EstateReplicatedItem } from "../../estate/schema.js";
import type { VMwareFabric } from "../fabricState.js";
import { selectableNics } from "../kinds/hyperVReplicaAzure/enable.js";
import { failbackDetails } from "../kinds/inMageAzureV2/policy.js";
import { failbackPolicyName } from "../kinds/inMageRcm/reprotect.js";
import { containerId, keyOf, microsoftAzure } from "../names.js";
import type { ItemState, SourceMachine, VaultState } from "../state.js";
import { addItem, addMapping, discoveredMachine, virtualHardDisks, wantedOfCard } from "./parts.js";

export function seedClassicFabric(vault: VaultState, estate: Estate): void {
  const server = estate.classicVMware;
  if (server === undefined) return;
  const fabric = fabricOf(estate);
  vault.fabrics[keyOf(fabric.name)] = fabric;
  for (const machine of estate.machines) {
    if (machine.kind === "classic")
      vault.machines[machineKey(estate, machine)] = sourceMachine(estate, machine, fabric);
  }
  const container = Object.values(fabric.containers)[0]?.name ?? "";
  for (const policy of estate.classicPolicies) {
    const { name, recoveryPointHistoryInMinutes, multiVmSync, reverseMapping, ...minutes } = policy;
    vault.policies[keyOf(name)] = {
      name,
      internalIdentifier: guidOf("policy", estate.seed, name),
      details: {
        instanceType: "InMageAzureV2",
        ...minutes,
        recoveryPointHistory: recoveryPointHistoryInMinutes,
        multiVmSyncStatus: multiVmSync ? "Enabled" : "Disabled",
      },
    };
    const failback = failbackPolicyName(name);
    vault.policies[keyOf(failback)] = {
      name: failback,
      internalIdentifier: guidOf("policy", estate.seed, failback),
      details: { ...failbackDetails },
      isAutomatic: true,
    };
    addMapping(vault, {
      name,
      fabricName: fabric.name,
      containerName: container,
      policyName: name,
      targetContainer: microsoftAzure,
      details: null,
    });
    if (reverseMapping === undefined) continue;
    addMapping(vault, {
      name: reverseMapping,
      fabricName: fabric.name,
      containerName: container,
      policyName: failback,
      targetContainer: containerId(vault, fabric.name, container),
      details: null,
    });
  }
}

function fabricOf(estate: Estate): VMwareFabric {
  const server = estate.classicVMware;
  if (server === undefined) throw new Error("the estate has no classic VMware");
  const hex = (word: string) => guidOf(word, estate.seed, server.name).replaceAll("-", "");
  const internalIdentifier = server.id ?? guidOf("configurationServer", estate.seed, server.name);
  const container = `cloud_${internalIdentifier}`;
  const idOf = (role: string, name: string, id: string | undefined) =>
    id ?? guidOf(role, estate.seed, name).toUpperCase();
  return {
    kind: "VMware",
    name: server.fabricName ?? hex("classicFabric") + hex("classicFabricEnd"),
    friendlyName: server.name,
    internalIdentifier,
    containers: { [keyOf(container)]: { name: container, friendlyName: server.name } },
    version: server.version,
    processServers: server.processServers.map(({ name, id, ipAddress }) => ({
      id: idOf("processServer", name, id),
      name,
      ipAddress,
    })),
    masterTargets: server.masterTargets.map(({ id, ...rest }) => ({
      ...rest,
      id: idOf("masterTarget", rest.name, id),
    })),
    runAsAccounts: server.runAsAccounts,
  };
}

function classicId(estate: Estate, machine: EstateMachine): string {
  return machine.classic?.id ?? guidOf("classicMachine", estate.seed, machine.name);
}

function machineKey(estate: Estate, machine: EstateMachine): string {
  return `classic/${classicId(estate, machine)}`.toLowerCase();
}

function sourceMachine(estate: Estate, machine: EstateMachine, fabric: VMwareFabric): SourceMachine {
  return {
    ...discoveredMachine(machine, {
      isPhysical: machine.classic?.isPhysical ?? false,
      diskId: (index) =>
        machine.disks[index]?.id ??
        `{${Number.parseInt(guidOf("disk", estate.seed, machine.name, index).slice(0, 7), 16)}}`,
      mac: (index) =>
        machine.nics[index]?.mac ??
        machine.nics[index]?.id ??
        guidOf("classicNic", estate.seed, machine.name, index),
    }),
    classic: { fabricName: fabric.name, vmId: classicId(estate, machine) },
  };
}

export function seedClassicItem(
  world: World,
  vault: VaultState,
  estate: Estate,
  wanted: EstateReplicatedItem,
): ItemState {
  const machine = machineOf(estate, wanted);
  const target = azureTargetOf(estate, wanted);
  const fabric = fabricOf(estate);
  const source = sourceMachine(estate, machine, fabric);
  const vmName = wanted.targetVmName ?? machine.name;
  return addItem(world, vault, wanted, {
    fabricName: fabric.name,
    containerName: Object.values(fabric.containers)[0]?.name ?? "",
    internalIdentifier: classicId(estate, machine),
    details: {
      instanceType: "InMageAzureV2",
      machine: machineKey(estate, machine),
      multiVmGroupName: wanted.multiVmGroup ?? null,
      osType: source.osType,
      targetVmName: vmName,
      targetVmSize: wanted.targetVmSize ?? "Standard_A2",
      targetResourceGroupId: resourceGroupId(estate, wanted.resourceGroup),
      targetNetworkId: target.networkId,
      testNetworkId: target.testNetworkId,
      storageAccountId: storageAccountId(estate, wanted.storageAccount),
      usesManagedDisks: wanted.managedDisks,
      licenseType: "NoLicenseType",
      processServerId: fabric.processServers[0]?.id ?? "",
      masterTargetId: fabric.masterTargets[0]?.id ?? "",
      disks: virtualHardDisks(source, (index) => `Disk${index}`),
      nics: selectableNics(source, vmName, target.subnetName).map((nic, index) => ({
        ...nic,
        ...wantedOfCard(wanted, index),
      })),
    },
  });
}
