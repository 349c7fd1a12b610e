/** The network of a test failover: the request's, else the items' own; it must be named one way or the other. */

import { invalidInput } from "../errors.js";
import { kindOf, targetOf } from "../kinds/index.js";
import { sameName } from "../names.js";
import type { Call } from "../operation.js";
import type { ItemState } from "../state.js";

/**
 * The network's id; empty: each item has its own, or between two clouds none.
 * @throws Refusal where it is missing, does not exist or is of another side
 */
export function drillNetwork(
  call: Call,
  items: ItemState[],
  networkType: string | undefined,
  networkId: string | undefined,
): string {
  const [toAnotherCloud] = items.flatMap((item) => {
    const { testNetwork } = kindOf(item);
    return testNetwork === undefined ? [] : [testNetwork(call, item, networkType, networkId)];
  });
  if (toAnotherCloud !== undefined) return toAnotherCloud;
  const own = items.map((item) => targetOf(call.vault, item).testNetworkId);
  refuseOtherType(networkType);
  if (networkId === undefined && own.includes("")) {
    const message =
      "is missing, and the machine has no test network of its own; allowed: the id of a virtual network";
    throw invalidInput([{ path: "properties.networkId", message }]);
  }
  if (networkId !== undefined && call.world.arm.get(networkId) === undefined) {
    throw invalidInput([
      { path: "properties.networkId", message: `"${networkId}" is not an existing virtual network` },
    ]);
  }
  return networkId ?? (items.length === 1 ? (own[0] ?? "") : "");
}

function refuseOtherType(networkType: string | undefined): void {
  if (networkType === undefined || sameName(networkType, "VmNetworkAsInput")) return;
  const why = sameName(networkType, "NoNetworkAttachAsInput")
    ? "is not emulated: a machine without a network cannot be reached"
    : "is not allowed";
  const message = `"${networkType}" ${why}; allowed: VmNetworkAsInput`;
  throw invalidInput([{ path: "properties.networkType", message }]);
}
