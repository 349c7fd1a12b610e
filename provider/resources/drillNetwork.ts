/**
 * What a drill's test network may be: a virtual network for machines that replicate to Azure, for machines between two
 * VMM sites a VM network of the other server, or none.
 */

import { z } from "zod";
import { scenarioOf } from "../lifecycle/stages.js";
import { type ReplicatedItem, sameId } from "../siterecovery/siteRecovery.js";
import type { CheckFailure, Properties } from "./handler.js";
import { fabricId, nameOf } from "./ids.js";
import { text } from "./schema.js";
import type { LoadedTarget } from "./target.js";
import { show } from "./validate.js";
import { scenarioName } from "./wayBackArgs.js";

/** The word for test machines whose network cards stay unconnected. */
const noNetwork = "none";

const groupPattern = "^/subscriptions/[^/]+/resourceGroups/[^/]+/providers";
const azureNetwork = new RegExp(`${groupPattern}/Microsoft\\.Network/virtualNetworks/[^/]+$`, "i");
const vmNetwork = new RegExp(
  `${groupPattern}/Microsoft\\.RecoveryServices/vaults/[^/]+/replicationFabrics/([^/]+)/replicationNetworks/[^/]+$`,
  "i",
);

export const testNetworkId = text(
  new RegExp(`${azureNetwork.source}|${vmNetwork.source}|^${noNetwork}$`, "i"),
  `the ARM id of a virtual network: /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Network/virtualNetworks/<name>; between two VMM sites that of a VM network: .../vaults/<name>/replicationFabrics/<name>/replicationNetworks/<name>, or "${noNetwork}"`,
);

/** The network as an action takes it; undefined = unconnected. */
export function networkIdOf(inputs: Properties): string | undefined {
  return inputs.testNetworkId === noNetwork ? undefined : String(inputs.testNetworkId);
}

export function isBetweenSites(item: Pick<ReplicatedItem, "instanceType">): boolean {
  return scenarioOf(item.instanceType) === "vmmToVmm";
}

/** True where nothing of a drill is made in Azure. */
export function isDrillBetweenSites({ items }: LoadedTarget): boolean {
  return items.length > 0 && items.every(isBetweenSites);
}

/** Where the test machines of a drill between two sites come up, in words. */
export function describeSiteNetwork(inputs: Properties): string {
  const id = networkIdOf(inputs);
  return id === undefined
    ? "The test machines come up at the other VMM server, their network cards unconnected."
    : `The test machines come up at the other VMM server, in its VM network ${nameOf(id)}.`;
}

/** A test network that the machines cannot have, and what a drill between two sites does not take. All at once. */
export async function drillFailures(loaded: LoadedTarget, inputs: Properties): Promise<CheckFailure[]> {
  const id = String(inputs.testNetworkId);
  const [atSites, inAzure] = [
    loaded.items.filter(isBetweenSites),
    loaded.items.filter((item) => !isBetweenSites(item)),
  ];
  const failures: CheckFailure[] = [];
  if (inAzure.length > 0 && !azureNetwork.test(id)) {
    failures.push({
      property: "testNetworkId",
      reason: `value ${show(id)} is for machines between two VMM sites, and ${namesOf(inAzure)} replicate${inAzure.length === 1 ? "s" : ""} to Azure; allowed: the ARM id of a virtual network`,
    });
  }
  if (atSites.length === 0) return failures;
  failures.push(...(await siteNetworkFailures(loaded, atSites, inputs)));
  const choice = inputs.recoveryPoint;
  if (choice !== "latest" && choice !== "latestProcessed") {
    failures.push({
      property: "recoveryPoint",
      reason: `value ${show(choice)} is not for ${scenarioName.vmmToVmm}: a point can be chosen towards Azure only; allowed: leave it out`,
    });
  }
  if (inputs.connectivity !== undefined) {
    failures.push({
      property: "connectivity",
      reason: `value ${show(inputs.connectivity)} is not for ${scenarioName.vmmToVmm}: nothing of them is made in Azure; leave it out`,
    });
  }
  return failures;
}

const networkShape = z.object({
  id: z.string(),
  properties: z.object({ friendlyName: z.string().nullish() }).nullish(),
});

/** VM networks are listed only where the given one is not to be had, or has to be found. */
async function siteNetworkFailures(
  { siteRecovery, vault }: LoadedTarget,
  items: readonly ReplicatedItem[],
  inputs: Properties,
): Promise<CheckFailure[]> {
  const id = networkIdOf(inputs);
  if (id === undefined) return [];
  const own = new Set(items.map(({ fabricName }) => fabricName.toLowerCase()));
  // An item belongs to the server that it was first protected at, wherever its machine runs.
  const isBack = items.every(({ activeLocation }) => activeLocation === "Recovery");
  const others = (await siteRecovery.listFabrics()).filter(
    ({ name, instanceType }) => instanceType === "VMM" && own.has(name.toLowerCase()) === isBack,
  );
  const listed = await Promise.all(
    others.map(({ name }) => siteRecovery.listResources(`${fabricId(vault, name)}/replicationNetworks`)),
  );
  const known = listed.flat().flatMap((resource) => networkShape.safeParse(resource).data ?? []);
  if (!known.some((network) => sameId(network.id, id))) {
    const legal = known.map(
      (network) =>
        `${network.id}${network.properties?.friendlyName ? ` (${network.properties.friendlyName})` : ""}`,
    );
    return [
      {
        property: "testNetworkId",
        reason: `value ${show(id)} is no VM network of the VMM server that ${namesOf(items)} replicate${items.length === 1 ? "s" : ""} to; allowed: ${[show(noNetwork), ...legal].join(", ")}`,
      },
    ];
  }
  if (inputs.allowProductionNetwork === true) return [];
  const exposed = items.filter((item) => sameId(item.targetNetworkId && nameOf(item.targetNetworkId), nameOf(id)));
  if (exposed.length === 0) return [];
  return [
    {
      property: "testNetworkId",
      reason: `value ${show(id)} is the failover network of ${namesOf(exposed)}: test machines would meet production. Allowed: ${show(noNetwork)}, an isolated network, or allowProductionNetwork: true`,
    },
  ];
}

function namesOf(items: readonly ReplicatedItem[]): string {
  return items.map((item) => item.friendlyName).join(", ");
}
