/** Puts an estate's Hyper-V sites, VMM servers and the machines on them into the state. */

import type { World } from "../../core.js";
import {
  azureTargetOf,
  guidOf,
  hyperVMachineId,
  isOsDisk,
  machineOf,
  resourceGroupId,
  storageAccountId,
  virtualNetworkId,
} from "../../estate/names.js";
import type { Estate, EstateMachine, EstateReplicatedItem } from "../../estate/schema.js";
import type { HyperVFabric, HyperVHost } from "../fabricState.js";
import { siteOf } from "../fabrics/sites.js";
import { fittingSize, selectableNics } from "../kinds/hyperVReplicaAzure/enable.js";
import { days, keyOf, microsoftAzure, sameName } from "../names.js";
import { vmNetworkId } from "../networks.js";
import type { ItemState, SourceMachine, VaultState } from "../state.js";
import { addItem, addMapping, describedMachine, virtualHardDisks, wantedOfCard } from "./parts.js";

export function seedHyperVFabrics(world: World, vault: VaultState, estate: Estate): void {
  for (const server of estate.vmmServers) {
    const fabric = vmmFabric(world, estate, server);
    vault.fabrics[keyOf(fabric.name)] = fabric;
  }
  for (const site of estate.hyperVSites) {
    const id = site.id ?? guidOf("hyperVSite", estate.seed, site.name);
    const fabric = siteOf(site.name, id, hostsOf(estate, site.hosts));
    if (site.registered) vault.fabrics[keyOf(site.name)] = fabric;
    else vault.waitingSites = { ...vault.waitingSites, [keyOf(site.name)]: fabric };
  }
  for (const machine of estate.machines) {
    if (machine.kind === "hyperv")
      vault.machines[machineKey(estate, machine)] = sourceMachine(vault, estate, machine);
  }
  for (const mapping of estate.networkMappings) {
    const fabric = hyperVFabricOf(vault, mapping.vmmServer);
    const network = fabric.networks.find((each) => sameName(each.friendlyName, mapping.network));
    const name = mapping.name ?? mapping.network;
    vault.networkMappings = {
      ...vault.networkMappings,
      [keyOf(fabric.name, network?.id ?? "", name)]: {
        name,
        fabricName: fabric.name,
        networkId: network?.id ?? "",
        recoveryNetworkId: targetOf(vault, estate, mapping),
      },
    };
  }
  seedPolicies(vault, estate);
}

/** A network in Azure, or a VM network of the other VMM server. */
function targetOf(vault: VaultState, estate: Estate, mapping: Estate["networkMappings"][number]): string {
  if (mapping.targetVmmServer === undefined) return virtualNetworkId(estate, mapping.targetNetwork);
  const fabric = hyperVFabricOf(vault, mapping.targetVmmServer);
  const network = fabric.networks.find((each) => sameName(each.friendlyName, mapping.targetNetwork));
  return vmNetworkId(vault, fabric, network?.id ?? "");
}

function hostsOf(
  estate: Estate,
  hosts: { name: string; id?: string | undefined; version: string }[],
): HyperVHost[] {
  return hosts.map(({ name, id, version }) => ({
    name,
    version,
    id: id ?? guidOf("hyperVHost", estate.seed, name),
  }));
}

function vmmFabric(world: World, estate: Estate, server: Estate["vmmServers"][number]): HyperVFabric {
  const hex = (word: string) => guidOf(word, estate.seed, server.name).replaceAll("-", "");
  return {
    kind: "VMM",
    name: server.fabricName ?? hex("vmmFabric") + hex("vmmFabricEnd"),
    friendlyName: server.name,
    internalIdentifier: server.id ?? guidOf("vmmServer", estate.seed, server.name),
    containers: Object.fromEntries(
      server.clouds.map((cloud) => {
        const id = cloud.id ?? guidOf("cloud", estate.seed, server.name, cloud.name);
        return [keyOf(id), { name: id, friendlyName: cloud.name }];
      }),
    ),
    hosts: hostsOf(estate, server.hosts),
    // Every VMM server comes with a certificate; whether data is encrypted with it is the policy's to say.
    kekCertificate: {
      thumbprint: (hex("kek") + hex("kekEnd")).slice(0, 40).toUpperCase(),
      expiresAt: world.clock.now() + 3 * 365 * days,
    },
    networks: server.networks.map((network) => ({
      id: network.id ?? guidOf("vmNetwork", estate.seed, server.name, network.name),
      friendlyName: network.name,
    })),
  };
}

/** By the site's or the server's name; sites whose fabric is not made yet included. */
export function hyperVFabricOf(vault: VaultState, name: string): HyperVFabric {
  const all = [...Object.values(vault.fabrics), ...Object.values(vault.waitingSites ?? {})];
  const fabric = all.find((each) => sameName(each.friendlyName ?? each.name, name));
  if (fabric?.kind === "HyperVSite" || fabric?.kind === "VMM") return fabric;
  throw new Error(`the estate has no Hyper-V site or VMM server ${name}`);
}

export function machineKey(estate: Estate, machine: EstateMachine): string {
  return `hyperv/${hyperVMachineId(estate, machine)}`.toLowerCase();
}

function placeOf(vault: VaultState, machine: EstateMachine): { fabric: HyperVFabric; containerName: string } {
  const place = machine.hyperV;
  const fabric = hyperVFabricOf(vault, place?.site ?? place?.vmmServer ?? "");
  const containers = Object.values(fabric.containers);
  const container =
    place?.cloud === undefined
      ? containers[0]
      : containers.find((each) => sameName(each.friendlyName ?? "", place.cloud ?? ""));
  return { fabric, containerName: container?.name ?? "" };
}

function sourceMachine(vault: VaultState, estate: Estate, machine: EstateMachine): SourceMachine {
  const { fabric, containerName } = placeOf(vault, machine);
  const host = fabric.hosts.find((each) => sameName(each.name, machine.hyperV?.host ?? "")) ?? fabric.hosts[0];
  return {
    ...describedMachine(machine),
    isPhysical: false,
    firmware: machine.hyperV?.generation === 2 ? "UEFI" : "BIOS",
    disks: machine.disks.map((disk, index) => ({
      id: disk.id ?? guidOf("vhd", estate.seed, machine.name, index),
      name: disk.name ?? `${machine.name}_disk_${index + 1}`,
      sizeGB: disk.sizeGB,
      isOsDisk: isOsDisk(machine, index),
    })),
    nics: machine.nics.map((nic, index) => ({
      mac: nic.id ?? guidOf("hyperVNic", estate.seed, machine.name, index),
      network: nic.network,
      ip: nic.ip,
      ipType: nic.ipType === "dynamic" ? "Dynamic" : "Static",
    })),
    agentVersion: host?.version ?? "",
    hyperV: {
      fabricName: fabric.name,
      containerName,
      hostId: host?.id ?? "",
      vmId: hyperVMachineId(estate, machine),
      sourceItemId: guidOf("hyperVSource", estate.seed, machine.name),
      generation: machine.hyperV?.generation ?? 1,
      exists: true,
    },
  };
}

/** A policy is mapped to the containers that the estate names, and to those of its items. */
function seedPolicies(vault: VaultState, estate: Estate): void {
  for (const policy of estate.hyperVPolicies) {
    vault.policies[keyOf(policy.name)] = {
      name: policy.name,
      internalIdentifier: guidOf("policy", estate.seed, policy.name),
      details: {
        instanceType: "HyperVReplicaAzure",
        recoveryPointHistoryDurationInHours: policy.recoveryPointHistoryInHours,
        applicationConsistentSnapshotFrequencyInHours: policy.applicationConsistentFrequencyInHours,
        replicationInterval: policy.copyFrequencySeconds,
        encryption: policy.encryption ? "Enabled" : "Disabled",
        activeStorageAccountId:
          policy.storageAccount === undefined ? null : storageAccountId(estate, policy.storageAccount),
      },
    };
    const machines = estate.replicatedItems
      .filter((item) => sameName(item.policy, policy.name))
      .map((item) => machineOf(estate, item))
      .filter((machine) => machine.kind === "hyperv");
    const places = [
      ...machines.map((machine) => placeOf(vault, machine)),
      ...policy.mappedTo.map((name) => namedPlace(vault, name)),
    ];
    for (const { fabric, containerName } of places) {
      addMapping(vault, {
        name: policy.name,
        fabricName: fabric.name,
        containerName,
        policyName: policy.name,
        targetContainer: microsoftAzure,
        details: null,
      });
    }
  }
}

/** `site`, or `server/cloud`. */
function namedPlace(vault: VaultState, name: string): { fabric: HyperVFabric; containerName: string } {
  const [owner = "", cloud] = name.split("/");
  const fabric = hyperVFabricOf(vault, owner);
  const containers = Object.values(fabric.containers);
  const container =
    cloud === undefined ? containers[0] : containers.find((each) => sameName(each.friendlyName ?? "", cloud));
  return { fabric, containerName: container?.name ?? "" };
}

export function seedHyperVItem(
  world: World,
  vault: VaultState,
  estate: Estate,
  wanted: EstateReplicatedItem,
): ItemState {
  const machine = machineOf(estate, wanted);
  const target = azureTargetOf(estate, wanted);
  const key = machineKey(estate, machine);
  const source = vault.machines[key];
  if (source?.hyperV === undefined) throw new Error(`the machine ${machine.name} does not stand on Hyper-V`);
  const vmName = wanted.targetVmName ?? machine.name;
  const nics = selectableNics(source, vmName, target.subnetName).map((nic, index) => ({
    ...nic,
    ...wantedOfCard(wanted, index),
  }));
  return addItem(world, vault, wanted, {
    fabricName: source.hyperV.fabricName,
    containerName: source.hyperV.containerName,
    internalIdentifier: source.hyperV.vmId,
    details: {
      instanceType: "HyperVReplicaAzure",
      machine: key,
      multiVmGroupName: null,
      protectableItemName: source.hyperV.vmId,
      osType: source.osType,
      targetVmName: vmName,
      targetVmSize: wanted.targetVmSize ?? fittingSize(source),
      targetResourceGroupId: resourceGroupId(estate, wanted.resourceGroup),
      targetNetworkId: target.networkId,
      testNetworkId: target.testNetworkId,
      storageAccountId: storageAccountId(estate, wanted.storageAccount),
      logStorageAccountId: null,
      usesManagedDisks: wanted.managedDisks,
      diskType: wanted.managedDisks ? "Premium_LRS" : null,
      enableRdpOnTargetOption: "Never",
      licenseType: "NotSpecified",
      sqlServerLicenseType: "NotSpecified",
      targetAvailabilitySetId: null,
      targetAvailabilityZone: null,
      targetProximityPlacementGroupId: null,
      tags: { vm: {}, seedDisk: null, disk: null, nic: {} },
      disks: virtualHardDisks(source, (index) => `${machine.name}_disk_${index + 1}`),
      nics,
    },
  });
}
