/** Where a test failover to another cloud puts the test machine's network cards. */

import { invalidInput } from "../../errors.js";
import { fabricId, sameName } from "../../names.js";
import type { Call } from "../../operation.js";
import type { ItemState } from "../../state.js";
import { otherSide } from "./sides.js";

const types = ["NoNetworkAttachAsInput", "VmNetworkAsInput", "LogicalNetworkAsInput"] as const;

/**
 * Id of a VM network of the other VMM server; empty: the cards are left unconnected, or VMM makes a network of its own on
 * the logical one. Default: unconnected. @throws Refusal
 */
export function testNetwork(
  { vault }: Call,
  item: ItemState,
  networkType: string | undefined,
  networkId: string | undefined,
): string {
  const type = types.find((each) => sameName(each, networkType ?? types[0]));
  if (type === undefined) {
    const message = `"${networkType}" is not allowed; allowed: ${types.join(", ")}`;
    throw invalidInput([{ path: "properties.networkType", message }]);
  }
  if (type !== "VmNetworkAsInput") return "";
  const { fabric } = otherSide(vault, item);
  const known = fabric.networks.map(({ id }) => `${fabricId(vault, fabric.name)}/replicationNetworks/${id}`);
  const found = known.find((each) => networkId !== undefined && sameName(each, networkId));
  if (found !== undefined) return found;
  const what = networkId === undefined ? "is missing" : `"${networkId}" is not a VM network of '${fabric.name}'`;
  const message = `${what}; allowed: ${known.join(", ") || "none exists"}`;
  throw invalidInput([{ path: "properties.networkId", message }]);
}
