/** `providerSpecificDetails` of a machine between two clouds: the recorded facts under the names of the contract. */

import { guidOf } from "../../../estate/names.js";
import { policyOf } from "../../items/policyOf.js";
import { stateDescription } from "../../items/stateDescriptions.js";
import { lastSegment, sameName, seconds, wholeSeconds } from "../../names.js";
import type { Call } from "../../operation.js";
import type { FabricState, ItemState, SourceMachine, VaultState } from "../../state.js";
import { renderNic } from "../hyperVReplicaAzure/nics.js";
import { otherSide, primarySide, runningSide } from "./sides.js";

export function renderDetails({ world, vault }: Call, _fabric: FabricState, item: ItemState): unknown {
  const { machine } = primarySide(vault, item);
  return {
    instanceType: item.details.instanceType,
    lastReplicatedTime: lastReplicatedTime(vault, item, world.clock.now()),
    vmNics: machine.nics.map((nic) => renderVmNic(vault, item, nic)),
    vmId: item.internalIdentifier,
    vmProtectionState: item.protectionState,
    vmProtectionStateDescription: stateDescription(item.protectionState),
    initialReplicationDetails: {
      initialReplicationType: "OverNetwork",
      initialReplicationProgressPercentage: "0",
    },
    vMDiskDetails: machine.disks.map((disk) => ({
      maxSizeMB: disk.sizeGB * 1024,
      vhdType: disk.isOsDisk ? "OperatingSystem" : "Data",
      vhdId: disk.id,
      vhdName: null,
    })),
  };
}

/** By the policy's frequency; an older kind has five minutes. Null before the first. */
function lastReplicatedTime(vault: VaultState, item: ItemState, now: number): string | null {
  const since = item.protectedAt;
  if (since === null) return null;
  const interval = Number(policyOf(vault, item)?.details.replicationFrequencyInSeconds ?? 300) * seconds;
  const until = Math.min(now, item.replicationStoppedAt ?? now);
  return wholeSeconds(since + Math.max(0, Math.floor((until - since) / interval)) * interval);
}

const noNetwork = "00000000-0000-0000-0000-000000000000";

/** Recorded: the card of the copy has an id of its own, and the network that it gets is named by its id alone. */
function renderVmNic(vault: VaultState, item: ItemState, nic: SourceMachine["nics"][number]): unknown {
  const card = {
    ...{ nicId: nic.mac, vmNetworkName: nic.network, sourceIpAddress: nic.ip, more: {}, targetNicName: null },
    ...{ selectionType: "NotSelected" as const, targetSubnetName: "", targetIpAddress: "" },
    ...{ testSubnetName: null, testIpAddress: null },
  };
  const shown = renderNic(card, { target: mappedNetwork(vault, item, nic.network), test: "" });
  const addresses = shown.ipConfigs.map((each) => ({
    ...each,
    recoverySubnetName: null,
    recoveryStaticIPAddress: null,
  }));
  return { ...shown, ipConfigs: addresses, replicaNicId: guidOf("replicaNic", nic.mac) };
}

/** Id of the VM network on the other side to which one of the running side leads. */
export function mappedNetwork(vault: VaultState, item: ItemState, network: string): string {
  const [running, other] = [runningSide(vault, item), otherSide(vault, item)];
  // A pair of networks is used both ways.
  for (const mapping of Object.values(vault.networkMappings ?? {})) {
    const ends = [
      { fabric: mapping.fabricName, network: mapping.networkId },
      {
        fabric: lastSegment(mapping.recoveryNetworkId.split("/replicationNetworks/")[0] ?? ""),
        network: lastSegment(mapping.recoveryNetworkId),
      },
    ];
    const to = ends.find((end) => sameName(end.fabric, other.fabric.name));
    const from = ends.find((end) => end !== to && sameName(end.fabric, running.fabric.name));
    const isNamed = (each: { id: string; friendlyName: string }) =>
      from !== undefined && sameName(each.id, from.network) && sameName(each.friendlyName, network);
    if (to !== undefined && running.fabric.networks.some(isNamed)) return to.network;
  }
  return noNetwork;
}
