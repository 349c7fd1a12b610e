/** Puts an estate's fabric, machines and, where it has them, replicated items and plans into the state. */

import type { World } from "../../core.js";
import { ByName } from "../../estate/byName.js";
import {
  azureTargetOf,
  diskId,
  fabricName,
  guestDiskName,
  guidOf,
  macAddress,
  machineOf,
  offAzureMachineId,
  physicalSiteId,
  processServerId,
  protectionContainerName,
  resourceGroupId,
  runAsAccountId,
  vmwareSiteId,
} from "../../estate/names.js";
import type { Estate, EstateMachine, EstateReplicatedItem } from "../../estate/schema.js";
import type { InMageRcmFabric } from "../fabricState.js";
import { isHyperVReplica } from "../itemDetails.js";
import { fabricId, itemId, keyOf, microsoftAzure, vaultKey } from "../names.js";
import { emptyVault } from "../operation.js";
import { addFailbackPolicy } from "../policies.js";
import type { FabricState, ItemState, SourceMachine, VaultState } from "../state.js";
import { seedClassicFabric, seedClassicItem } from "./classic.js";
import { seedHyperVFabrics, seedHyperVItem } from "./hyperV.js";
import { addItem, addMapping, discoveredMachine, wantedOfCard } from "./parts.js";
import { bringTo } from "./stages.js";
import { isBetweenClouds, seedCloudItem, seedCloudPairs } from "./vmmToVmm.js";

export function seedSiteRecovery(world: World, estate: Estate): void {
  const vault = emptyVault(estate.subscriptionId, estate.resourceGroup, estate.vault.name, estate.location);
  world.state.siteRecovery.vaults[vaultKey(vault)] = vault;
  const fabric = fabricOf(estate);
  if (hasAppliance(estate)) vault.fabrics[keyOf(fabric.name)] = fabric;
  seedHyperVFabrics(world, vault, estate);
  seedCloudPairs(vault, estate);
  seedClassicFabric(vault, estate);
  for (const machine of estate.machines) {
    if (machine.kind === "hyperv" || machine.kind === "classic") continue;
    vault.machines[offAzureMachineId(estate, machine).toLowerCase()] = sourceMachine(estate, machine);
  }
  for (const { name, ...behaviour } of estate.scripts) {
    vault.scripts = { ...vault.scripts, [keyOf(name)]: behaviour };
  }
  seedPolicies(vault, estate, fabric);
  for (const item of estate.replicatedItems) {
    bringTo(world, vault, seedAnyItem(world, vault, fabric, estate, item), item.state);
  }
  seedPlans(vault, estate, fabric);
}

function seedPlans(vault: VaultState, estate: Estate, fabric: InMageRcmFabric): void {
  const items = new ByName(Object.values(vault.items));
  for (const { name, groups } of estate.recoveryPlans) {
    // A plan belongs to the fabric of its first item.
    const first = groups.flat().flatMap((each) => items.get(each) ?? [])[0];
    const target =
      first !== undefined && isHyperVReplica(first.details) ? first.details.recovery.fabricName : undefined;
    vault.plans[keyOf(name)] = {
      name,
      primaryFabricId: fabricId(vault, first?.fabricName ?? fabric.name),
      recoveryFabricId: target === undefined ? microsoftAzure : fabricId(vault, target),
      failoverDeploymentModel: target === undefined ? "ResourceManager" : "NotApplicable",
      groups: [
        emptyGroup("Shutdown"),
        emptyGroup("Failover"),
        ...groups.map((names) =>
          bootGroup(
            vault,
            names.flatMap((each) => items.get(each) ?? []),
          ),
        ),
      ],
      currentJob: null,
      lastScenario: null,
      lastTestFailoverAt: null,
      lastUnplannedFailoverAt: null,
    };
  }
}

function seedAnyItem(
  world: World,
  vault: VaultState,
  fabric: InMageRcmFabric,
  estate: Estate,
  item: EstateReplicatedItem,
): ItemState {
  const { kind } = machineOf(estate, item);
  if (isBetweenClouds(estate, item)) return seedCloudItem(world, vault, estate, item);
  if (kind === "hyperv") return seedHyperVItem(world, vault, estate, item);
  if (kind === "classic") return seedClassicItem(world, vault, estate, item);
  return seedItem(world, vault, fabric, estate, item);
}

/** An estate of other machines alone has no appliance, unless it names the appliance's fabric. */
function hasAppliance(estate: Estate): boolean {
  const others = [
    estate.hyperVSites,
    estate.vmmServers,
    estate.classicVMware === undefined ? [] : [estate.classicVMware],
  ];
  const isOnlyOther =
    others.some((list) => list.length > 0) &&
    estate.machines.every(({ kind }) => kind === "hyperv" || kind === "classic");
  return estate.fabric !== undefined || !isOnlyOther;
}

function fabricOf(estate: Estate): InMageRcmFabric {
  const name = fabricName(estate);
  const container = protectionContainerName(estate);
  return {
    name,
    internalIdentifier: guidOf("fabric", estate.seed, name),
    kind: "InMageRcm",
    vmwareSiteId: vmwareSiteId(estate),
    physicalSiteId: physicalSiteId(estate),
    appliance: {
      name: estate.appliance.name,
      id: processServerId(estate),
      biosId: guidOf("bios", estate.seed, estate.appliance.name).toUpperCase(),
      version: estate.appliance.version,
      fqdn: estate.appliance.name,
      ipAddress: "192.0.2.10",
    },
    runAsAccounts: estate.runAsAccounts.map((account) => ({
      name: account.name,
      id: runAsAccountId(estate, account.name),
    })),
    datastores: estate.appliance.datastores,
    containers: { [keyOf(container)]: { name: container } },
  };
}

function sourceMachine(estate: Estate, machine: EstateMachine): SourceMachine {
  return discoveredMachine(machine, {
    isPhysical: machine.kind === "physical",
    diskId: (index) => diskId(estate, machine, index),
    mac: (index) => macAddress(estate, machine, index),
  });
}

/** Each policy of the estate is mapped to the container, for items can use it only then. */
function seedPolicies(vault: VaultState, estate: Estate, fabric: FabricState): void {
  const container = Object.values(fabric.containers)[0]?.name ?? "";
  for (const policy of estate.policies) {
    const { name, enableMultiVmSync, ...minutes } = policy;
    const details = { instanceType: "InMageRcm", ...minutes, enableMultiVmSync: String(enableMultiVmSync) };
    vault.policies[keyOf(name)] = { name, internalIdentifier: guidOf("policy", estate.seed, name), details };
    addFailbackPolicy(vault, { name, internalIdentifier: "", details });
    if (vault.fabrics[keyOf(fabric.name)] === undefined) continue;
    addMapping(vault, {
      name,
      fabricName: fabric.name,
      containerName: container,
      policyName: name,
      targetContainer: microsoftAzure,
      details: { instanceType: "InMageRcm", enableAgentAutoUpgrade: "true" },
    });
  }
}

function seedItem(
  world: World,
  vault: VaultState,
  fabric: InMageRcmFabric,
  estate: Estate,
  wanted: EstateReplicatedItem,
): ItemState {
  const machine = machineOf(estate, wanted);
  const target = azureTargetOf(estate, wanted);
  const source = sourceMachine(estate, machine);
  const discovery = offAzureMachineId(estate, machine);
  const group = resourceGroupId(estate, wanted.resourceGroup);
  const storage = estate.storageAccounts[0];
  const logStorage = `${resourceGroupId(estate, storage?.resourceGroup)}/providers/Microsoft.Storage/storageAccounts/${storage?.name ?? "logs"}`;
  return addItem(world, vault, wanted, {
    fabricName: fabric.name,
    containerName: Object.values(fabric.containers)[0]?.name ?? "",
    internalIdentifier: guidOf("protectedItem", vaultKey(vault), discovery.toLowerCase()),
    details: {
      instanceType: "InMageRcm",
      fabricDiscoveryMachineId: discovery,
      machine: discovery.toLowerCase(),
      processServerId: fabric.appliance.id,
      runAsAccountId: fabric.runAsAccounts[0]?.id ?? null,
      multiVmGroupName: null,
      targetVmName: wanted.targetVmName ?? machine.name,
      targetVmSize: wanted.targetVmSize ?? "Standard_D4s_v3",
      targetResourceGroupId: group,
      targetNetworkId: target.networkId,
      testNetworkId: target.testNetworkId,
      targetAvailabilitySetId: "",
      targetAvailabilityZone: "",
      targetProximityPlacementGroupId: "",
      targetBootDiagnosticsStorageAccountId: "",
      licenseType: "NotSpecified",
      disks: source.disks.map((disk, index) => ({
        diskId: disk.id,
        diskName: guestDiskName(source.osType, index),
        isOsDisk: disk.isOsDisk,
        capacityInBytes: disk.sizeGB * 1024 ** 3,
        logStorageAccountId: logStorage,
        diskType: "Premium_LRS",
        diskEncryptionSetId: null,
        seedManagedDiskId: `${group}/providers/Microsoft.Compute/disks/asrseeddisk-${machine.name.slice(0, 8)}-${guidOf("seedDisk", machine.name, disk.id)}`,
        targetManagedDiskId: null,
      })),
      nics: source.nics.map((nic, index) => ({
        nicId: nic.mac,
        isPrimary: index === 0,
        isSelectedForFailover: true,
        sourceIpAddress: nic.ip,
        sourceIpAddressType: nic.ipType,
        sourceNetworkId: nic.network,
        targetSubnetName: target.subnetName,
        ...wantedOfCard(wanted, index),
      })),
    },
  });
}

function emptyGroup(groupType: "Shutdown" | "Failover") {
  return { groupType, items: [], startGroupActions: [], endGroupActions: [] };
}

function bootGroup(vault: VaultState, members: ItemState[]) {
  const items = members.map((item) => ({ id: itemId(vault, item), virtualMachineId: item.internalIdentifier }));
  return { groupType: "Boot" as const, items, startGroupActions: [], endGroupActions: [] };
}
