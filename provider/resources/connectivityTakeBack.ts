/**
 * Taking back what a run added around its machines, and exactly that: found by its mark, compared with its fingerprint,
 * so that what somebody changed meanwhile stays, and is named.
 */

import { z } from "zod";
import type { ArmResources } from "../connectivity/index.js";
import { type SiteRecovery, sameId } from "../siterecovery/siteRecovery.js";
import type { AppliedConnectivity } from "./connectivityApply.js";
import {
  type OwnedNsg,
  type OwnedParts,
  type OwnedPublicIp,
  type Owner,
  ownedParts,
} from "./connectivityOwned.js";
import { nameOf } from "./ids.js";
import { cardShape, setOnCard } from "./networkCards.js";
import { readNetworks } from "./networks.js";
import { preparedPublicIps } from "./preparedParts.js";

export interface TakeBackRequest {
  owner: Owner;
  /** As the outputs keep it; an interrupted run may have made more than was recorded. */
  recorded?: AppliedConnectivity;
  /** Networks of the run, by which its NSGs and public IPs are found. */
  networkIds: readonly string[];
  /** Names of the machines that the run made: only from these something is taken off. */
  machineNames: readonly string[];
}

export interface TakenBack {
  /** ARM ids that were deleted. */
  removed: string[];
  /** A sentence for each part that stays, and why. */
  leftAlone: string[];
}

/** Removes an owner's parts; may be run again after a crash in the middle. */
export async function takeBackConnectivity(
  siteRecovery: SiteRecovery,
  request: TakeBackRequest,
): Promise<TakenBack> {
  const ids = recordedIds(request.recorded);
  const resources = await readNetworks(siteRecovery, [...request.networkIds, ...ids], { isFresh: true });
  const parts = ownedParts(request.owner, resources);
  const result: TakenBack = { removed: [], leftAlone: [] };
  const remove = async (id: string): Promise<void> => {
    await siteRecovery.deleteResource(id);
    result.removed.push(id);
  };
  // Prepared ones are only taken off: they wait for the next failover.
  for (const { configurationId } of preparedPublicIps(resources)) {
    const cardId = /^(.+\/networkInterfaces\/[^/]+)\//i.exec(configurationId ?? "")?.[1];
    if (cardId !== undefined && isOurCard(cardId, resources, request))
      await setOnCard(siteRecovery, cardId, { publicIpId: null });
  }
  for (const publicIp of parts.publicIps) {
    const reason = await freePublicIp(siteRecovery, publicIp, resources, request);
    if (reason === undefined) await remove(publicIp.id);
    else result.leftAlone.push(`public IP ${publicIp.name} ${reason}`);
  }
  for (const nsg of parts.networkSecurityGroups) {
    const reason = await freeNsg(siteRecovery, nsg, resources, request);
    if (reason === undefined) await remove(nsg.id);
    else result.leftAlone.push(`NSG ${nsg.name} ${reason}`);
  }
  for (const { id, nsgId, rule, isChanged } of parts.rules) {
    if (isChanged)
      result.leftAlone.push(`rule ${rule.name} of NSG ${nameOf(nsgId)} was changed since it was added`);
    else await remove(id);
  }
  result.leftAlone.push(...unmarked(ids, parts, resources));
  return result;
}

function recordedIds(recorded: AppliedConnectivity | undefined): string[] {
  if (recorded === undefined) return [];
  return [...recorded.rules, ...recorded.networkSecurityGroups, ...recorded.publicIps].map(({ id }) => id);
}

/** Takes a public IP off the machine it was made for; a reason where it hangs on something else now. */
async function freePublicIp(
  siteRecovery: SiteRecovery,
  { id, configurationId }: OwnedPublicIp,
  resources: ArmResources,
  request: TakeBackRequest,
): Promise<string | undefined> {
  if (configurationId === undefined) return undefined;
  const cardId = /^(.+\/networkInterfaces\/[^/]+)\//i.exec(configurationId)?.[1];
  if (cardId === undefined || !isOurCard(cardId, resources, request))
    return `is attached to ${nameOf(cardId ?? configurationId)} now`;
  await setOnCard(siteRecovery, cardId, { publicIpId: null });
  const after = await siteRecovery.getResource(id);
  const still = z
    .object({ properties: z.object({ ipConfiguration: z.object({ id: z.string() }) }) })
    .safeParse(after).data?.properties.ipConfiguration.id;
  return still === undefined ? undefined : `is still attached to ${still}`;
}

const subnetsShape = z.object({
  properties: z.object({
    subnets: z
      .array(
        z.object({
          name: z.string(),
          properties: z.object({ networkSecurityGroup: z.object({ id: z.string() }).nullish() }),
        }),
      )
      .nullish(),
  }),
});

async function freeNsg(
  siteRecovery: SiteRecovery,
  { id, isChanged }: OwnedNsg,
  resources: ArmResources,
  request: TakeBackRequest,
): Promise<string | undefined> {
  if (isChanged) return "has other rules than it was made with";
  const subnet = (resources.virtualNetworks ?? [])
    .flatMap((network) => subnetsShape.safeParse(network).data?.properties.subnets ?? [])
    .find(({ properties }) => sameId(properties.networkSecurityGroup?.id, id));
  if (subnet !== undefined) return `is used by subnet ${subnet.name} now`;
  const cards = (resources.networkInterfaces ?? [])
    .flatMap((raw) => cardShape.safeParse(raw).data ?? [])
    .filter(({ properties }) => sameId(properties.networkSecurityGroup?.id, id));
  const foreign = cards.find((card) => !isOurCard(card.id, resources, request));
  if (foreign !== undefined) return `is used by network interface ${nameOf(foreign.id)} now`;
  for (const card of cards) await setOnCard(siteRecovery, card.id, { nsgId: null });
  return undefined;
}

/** Recorded, or of a machine of the run: a reprotected item does not name its machine in Azure any more. */
function isOurCard(id: string, resources: ArmResources, { machineNames, recorded }: TakeBackRequest): boolean {
  const attached = [...(recorded?.publicIps ?? []), ...(recorded?.networkSecurityGroups ?? [])];
  if (attached.some(({ attachedTo }) => attachedTo.some((card) => sameId(card, id)))) return true;
  const card = (resources.networkInterfaces ?? [])
    .flatMap((raw) => cardShape.safeParse(raw).data ?? [])
    .find((candidate) => sameId(candidate.id, id));
  const machine = card?.properties.virtualMachine?.id;
  return (
    machine !== undefined && machineNames.some((name) => name.toLowerCase() === nameOf(machine).toLowerCase())
  );
}

const identified = z.object({ id: z.string(), properties: z.looseObject({}).nullish() });
const rulesOf = z.object({ securityRules: z.array(z.object({ name: z.string() })).nullish() });

/** Recorded parts that are there without their mark: somebody made them their own. */
function unmarked(ids: readonly string[], parts: OwnedParts, resources: ArmResources): string[] {
  const marked = [...parts.rules, ...parts.networkSecurityGroups, ...parts.publicIps].map(({ id }) =>
    id.toLowerCase(),
  );
  const present = [...(resources.networkSecurityGroups ?? []), ...(resources.publicIPAddresses ?? [])].flatMap(
    (raw) => {
      const found = identified.safeParse(raw).data;
      if (found === undefined) return [];
      const rules = rulesOf.safeParse(found.properties ?? {}).data?.securityRules ?? [];
      return [found.id, ...rules.map(({ name }) => `${found.id}/securityRules/${name}`)];
    },
  );
  return ids
    .filter((id) => !marked.includes(id.toLowerCase()) && present.some((other) => sameId(other, id)))
    .map((id) => `${nameOf(id)} does not carry its mark any more: somebody else looks after it now`);
}
