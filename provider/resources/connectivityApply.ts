/**
 * Doing what a connectivity plan's fix says, once the machines exist. Azure is asked before every write, so that a run
 * that was killed in between finds what it made already and goes on from there.
 */

import { z } from "zod";
import type { ArmResources, ConnectivityPlan, Fix, FixNsg, FixPublicIp, FixRule } from "../connectivity/index.js";
import { Conflict, InvalidInput, NotAllowedInState, NotFound } from "../siterecovery/errors.js";
import { type ReplicatedItem, type SiteRecovery, sameId } from "../siterecovery/siteRecovery.js";
import { defined } from "./compare.js";
import { networkIdsOf, type PlanRequest, planIn } from "./connectivity.js";
import {
  descriptionOf,
  markOfPart,
  markTag,
  nsgContent,
  type OwnedParts,
  type Owner,
  ownedParts,
} from "./connectivityOwned.js";
import { nameOf } from "./ids.js";
import { findCards, type NetworkCard, setOnCard } from "./networkCards.js";
import { readNetworks } from "./networks.js";
import { preparedPublicIps } from "./preparedParts.js";
import type { LoadedTarget } from "./target.js";

/** What a run added around its machines; kept in the outputs, and taken back as it is. */
export interface AppliedConnectivity {
  /** Rules in NSGs that were there before. */
  rules: AppliedRule[];
  /** NSGs that were made. */
  networkSecurityGroups: AppliedNsg[];
  /** Public IPs that were made. */
  publicIps: AppliedPublicIp[];
}

/** A security rule that a run added. */
export interface AppliedRule {
  /** ARM id of the rule. */
  id: string;
  /** Name of its NSG. */
  nsgName: string;
  /** Name of the rule. */
  name: string;
}

/** A network security group that a run made. */
export interface AppliedNsg {
  /** ARM id of the NSG. */
  id: string;
  /** ARM ids of the network interfaces that it hangs on. */
  attachedTo: string[];
}

/** A public IP that a run made. */
export interface AppliedPublicIp {
  /** ARM id of the public IP. */
  id: string;
  /** The address that Azure gave. */
  address?: string;
  /** ARM ids of the network interfaces that it hangs on. */
  attachedTo: string[];
}

export interface ApplyRequest extends Omit<PlanRequest, "attached"> {
  owner: Owner;
  /** ARM id of the machine that the run made for an item; undefined where it made none. */
  machineIdOf(item: ReplicatedItem): string | undefined;
  /** What the preview announced; a difference is told, since the networks may have changed since. */
  announced?: ConnectivityPlan;
}

export interface Applied {
  parts: AppliedConnectivity;
  /** As Azure is afterwards: its fix is empty. */
  plan: ConnectivityPlan;
  /** What was done otherwise than announced. */
  notes: string[];
}

/** Somebody may change a network between the look and the write: then it is looked at again. */
const rounds = 4;

/**
 * Brings the networks to where the plan's fix is empty.
 *
 * @throws what Azure refused, when it still does after looking again
 */
export async function applyConnectivity(loaded: LoadedTarget, request: ApplyRequest): Promise<Applied> {
  const { siteRecovery, items } = loaded;
  const networkIds = networkIdsOf(items, request);
  const notes: string[] = [];
  let refusal: unknown;
  for (let round = 0; ; round += 1) {
    const resources = await readNetworks(siteRecovery, networkIds, { isFresh: true });
    const cards = findCards(resources, items, request);
    const attached = (machine: string, nicId: string) => {
      const card = cards.find((candidate) => candidate.machine === machine && candidate.nicId === nicId);
      return defined({ nsgId: card?.nsgId, publicIpId: card?.publicIpId });
    };
    const plan = planIn(resources, items, { ...request, attached });
    const parts = ownedParts(request.owner, resources);
    if (isEmpty(plan.fix)) return { parts: recordOf(parts, cards), plan, notes };
    if (round === rounds) {
      throw (
        refusal ??
        new Conflict(
          `applying connectivity for ${request.owner.name}: the networks change as fast as they are written; something else still blocks the wanted access. Run \`pulumi up\` again.`,
        )
      );
    }
    if (round === 0 && request.announced) notes.push(...differences(request.announced.fix, plan.fix, parts));
    try {
      await carryOut(siteRecovery, request.owner, plan.fix, cards, parts, resources);
    } catch (error) {
      if (!(error instanceof Conflict || error instanceof InvalidInput || error instanceof NotAllowedInState))
        throw error;
      refusal = error;
    }
  }
}

function isEmpty(fix: Fix): boolean {
  return fix.rules.length === 0 && fix.networkSecurityGroups.length === 0 && fix.publicIps.length === 0;
}

/** Rules that the preview did not announce; what is there already from an interrupted run is no news. */
function differences(announced: Fix, fix: Fix, parts: OwnedParts): string[] {
  const words = (rule: FixRule) =>
    `${rule.nsgName} ${rule.priority} ${rule.sources.join(",")} -> ${rule.destinations.join(",")} ${rule.destinationPorts.join(",")}`;
  const known = new Set(announced.rules.map(words));
  const ids = new Set(parts.rules.map(({ id }) => id.toLowerCase()));
  return fix.rules
    .filter(
      (rule) => !known.has(words(rule)) && !ids.has(`${rule.nsgId}/securityRules/${rule.name}`.toLowerCase()),
    )
    .map(
      (rule) =>
        `the networks changed since the preview: rule ${rule.name} is added at priority ${rule.priority} of NSG ${rule.nsgName} (${rule.sources.join(", ")} -> ${rule.destinations.join(", ")}, port ${rule.destinationPorts.join(",")})`,
    );
}

async function carryOut(
  siteRecovery: SiteRecovery,
  owner: Owner,
  fix: Fix,
  cards: readonly NetworkCard[],
  parts: OwnedParts,
  resources: ArmResources,
): Promise<void> {
  // One after the other: Azure refuses a second write to an NSG while the first is under way.
  for (const rule of fix.rules)
    await siteRecovery.putResource(`${rule.nsgId}/securityRules/${rule.name}`, ruleBody(owner, rule));
  for (const nsg of fix.networkSecurityGroups) await makeNsg(siteRecovery, owner, nsg, cards, parts);
  for (const wish of fix.publicIps) await makePublicIp(siteRecovery, owner, wish, cards, parts, resources);
}

/** An NSG is bound to its region, so machines of one subnet share one that is made beside the first one's NIC. */
async function makeNsg(
  siteRecovery: SiteRecovery,
  owner: Owner,
  nsg: FixNsg,
  cards: readonly NetworkCard[],
  parts: OwnedParts,
): Promise<void> {
  const members = nsg.attachTo.map(({ machine, nicId }) => requireCard(cards, machine, nicId));
  const [first] = members;
  if (first === undefined) return;
  const mark = markOfPart(owner, nsgContent(nsg.rules));
  const present = parts.networkSecurityGroups.find((candidate) => !candidate.isChanged && candidate.mark === mark);
  const id = present?.id ?? `${groupOf(first.id)}/providers/Microsoft.Network/networkSecurityGroups/${nsg.name}`;
  if (present === undefined) {
    await siteRecovery.putResource(id, {
      location: first.location,
      tags: { [markTag]: mark },
      properties: {
        securityRules: nsg.rules.map((rule) => ({
          name: rule.name,
          properties: ruleBody(owner, { ...rule, nsgId: id, nsgName: nsg.name }).properties,
        })),
      },
    });
  }
  for (const card of members) await setOnCard(siteRecovery, card.id, { nsgId: id });
}

async function makePublicIp(
  siteRecovery: SiteRecovery,
  owner: Owner,
  { machine, nicId }: FixPublicIp,
  cards: readonly NetworkCard[],
  parts: OwnedParts,
  resources: ArmResources,
): Promise<void> {
  const card = requireCard(cards, machine, nicId);
  const mark = markOfPart(owner, [machine, nicId]);
  const waiting = preparedPublicIps(resources, machine).find(
    ({ configurationId }) => configurationId === undefined,
  );
  const present = waiting ?? parts.publicIps.find((candidate) => candidate.mark === mark);
  const id =
    present?.id ??
    `${groupOf(card.id)}/providers/Microsoft.Network/publicIPAddresses/${freeName(`${nameOf(card.id)}-ip`, resources)}`;
  if (present === undefined) {
    await siteRecovery.putResource(id, {
      location: card.location,
      sku: { name: "Standard" },
      tags: { [markTag]: mark },
      properties: { publicIPAllocationMethod: "Static", publicIPAddressVersion: "IPv4" },
    });
  }
  await setOnCard(siteRecovery, card.id, { publicIpId: id });
}

const named = z.object({ id: z.string() });

/** 1-80 letters, digits, `_`, `.`, `-`; not the name of a public IP that somebody has already. */
function freeName(wish: string, resources: ArmResources): string {
  const taken = new Set(
    (resources.publicIPAddresses ?? []).flatMap((raw) => {
      const id = named.safeParse(raw).data?.id;
      return id === undefined ? [] : [nameOf(id).toLowerCase()];
    }),
  );
  const base = wish.slice(0, 74);
  let name = base;
  for (let number = 2; taken.has(name.toLowerCase()); number += 1) name = `${base}-${number}`;
  return name;
}

function requireCard(cards: readonly NetworkCard[], machine: string, nicId: string): NetworkCard {
  const card = cards.find((candidate) => candidate.machine === machine && candidate.nicId === nicId);
  if (card) return card;
  throw new NotFound(
    `applying connectivity: machine "${machine}" has no network interface for NIC ${nicId} in Azure, so nothing can be attached to it`,
  );
}

/** @throws InvalidInput for an application security group that is not named by its id */
function ruleBody(owner: Owner, rule: FixRule): { properties: Record<string, unknown> } {
  const { priority, direction, access, protocol } = rule;
  return {
    properties: {
      description: descriptionOf(owner, rule),
      priority,
      direction,
      access,
      protocol,
      ...side("source", rule.sources, rule.sourcePorts),
      ...side("destination", rule.destinations, rule.destinationPorts),
    },
  };
}

function side(name: "source" | "destination", places: readonly string[], ports: readonly string[]): object {
  const groups = places.filter((place) => place.toLowerCase().startsWith("asg:")).map((place) => place.slice(4));
  for (const group of groups) {
    if (!group.toLowerCase().startsWith("/subscriptions/"))
      throw new InvalidInput(
        `applying connectivity: source "asg:${group}" is not allowed. Allowed: asg: followed by the ARM id of the application security group`,
      );
  }
  const prefixes = places.filter((place) => !place.toLowerCase().startsWith("asg:"));
  return {
    ...(prefixes.length === 1
      ? { [`${name}AddressPrefix`]: prefixes[0] }
      : prefixes.length > 1
        ? { [`${name}AddressPrefixes`]: prefixes }
        : {}),
    ...(groups.length > 0 ? { [`${name}ApplicationSecurityGroups`]: groups.map((id) => ({ id })) } : {}),
    ...(ports.length === 1 ? { [`${name}PortRange`]: ports[0] } : { [`${name}PortRanges`]: ports }),
  };
}

/** What is recorded: all parts of the owner that Azure has, those of an interrupted run included. */
function recordOf(parts: OwnedParts, cards: readonly NetworkCard[]): AppliedConnectivity {
  const cardsWith = (key: "nsgId" | "publicIpId", id: string) =>
    cards.filter((card) => sameId(card[key], id)).map((card) => card.id);
  return {
    rules: parts.rules.map(({ id, nsgId, rule }) => ({ id, nsgName: nameOf(nsgId), name: rule.name })),
    networkSecurityGroups: parts.networkSecurityGroups.map(({ id }) => ({
      id,
      attachedTo: cardsWith("nsgId", id),
    })),
    publicIps: parts.publicIps.map(({ id, address }) =>
      defined({ id, address, attachedTo: cardsWith("publicIpId", id) }),
    ),
  };
}

function groupOf(id: string): string {
  return /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i.exec(id)?.[0] ?? "";
}
