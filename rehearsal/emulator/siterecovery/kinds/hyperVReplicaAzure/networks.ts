/** Where the network cards of a machine on Hyper-V go: in VMM by the mapping of their VM network, else by the item. */

import { detailsOf, type SelectableNic } from "../../itemDetails.js";
import { keyOf, sameName } from "../../names.js";
import type { ItemState, VaultState } from "../../state.js";

export function networkOf(vault: VaultState, item: ItemState, nic: SelectableNic | undefined): string {
  const { targetNetworkId } = detailsOf(item, "HyperVReplicaAzure");
  const fabric = vault.fabrics[keyOf(item.fabricName)];
  if (fabric?.kind !== "VMM" || nic === undefined) return targetNetworkId;
  const network = fabric.networks.find((each) => sameName(each.friendlyName, nic.vmNetworkName));
  const mapping = Object.values(vault.networkMappings ?? {}).find(
    (each) =>
      sameName(each.fabricName, fabric.name) &&
      sameName(each.networkId, network?.id ?? "") &&
      // One that leads to another VMM server says nothing of Azure.
      /\/virtualNetworks\//i.test(each.recoveryNetworkId),
  );
  return mapping?.recoveryNetworkId ?? targetNetworkId;
}
