/**
 * What a run adds around its machines, and how it is recognised later, whatever became of the state: every part carries
 * a mark with its owner and a fingerprint of its content. A part whose content is another now was changed by somebody
 * else and is theirs.
 */

import { createHash } from "node:crypto";
import { z } from "zod";
import { type ArmResources, fromArm, type SecurityRule } from "../connectivity/index.js";

/** Whose parts they are: a drill or a failover of one target. */
export interface Owner {
  kind: "testFailover" | "failover";
  /** ARM id of the replicated item or recovery plan. */
  targetId: string;
  /** The words that messages use, e.g. `recovery plan "web"`. */
  name: string;
}

const markPattern = /^pulumi-siterecovery ([0-9a-f]{12})\/([0-9a-f]{12})/;
/** Azure keeps 140 characters of a rule's description. */
const descriptionLength = 140;
export const markTag = "pulumi-siterecovery";

/** What a rule's description begins with, and what the tag of an NSG or a public IP holds. */
export function markOfPart(owner: Owner, content: unknown): string {
  return `pulumi-siterecovery ${ownerDigest(owner)}/${digest(content)}`;
}

export function descriptionOf(owner: Owner, rule: SecurityRule): string {
  const words = owner.kind === "testFailover" ? "test failover" : "failover";
  return `${markOfPart(owner, ruleContent(rule))}: ${words} of ${owner.name}`.slice(0, descriptionLength);
}

/** The part of a rule that decides over traffic; lists in an order of their own. */
function ruleContent(rule: SecurityRule): unknown {
  const { priority, direction, access, protocol } = rule;
  const lists = [rule.sources, rule.sourcePorts, rule.destinations, rule.destinationPorts];
  return [
    priority,
    direction,
    access,
    protocol.toLowerCase(),
    ...lists.map((list) => list.map((text) => text.toLowerCase()).sort()),
  ];
}

export interface OwnedRule {
  id: string;
  nsgId: string;
  rule: SecurityRule;
  isChanged: boolean;
}

export interface OwnedNsg {
  id: string;
  name: string;
  mark: string;
  isChanged: boolean;
}

export interface OwnedPublicIp {
  id: string;
  name: string;
  mark: string;
  address?: string;
  /** Id of the address configuration that has it. */
  configurationId?: string;
}

/** Every part of an owner that is in Azure now. */
export interface OwnedParts {
  rules: OwnedRule[];
  networkSecurityGroups: OwnedNsg[];
  publicIps: OwnedPublicIp[];
}

const marked = z.object({ id: z.string(), name: z.string(), tags: z.record(z.string(), z.string()).nullish() });
const describedRules = z.object({
  id: z.string(),
  properties: z.object({
    securityRules: z
      .array(z.object({ name: z.string(), properties: z.object({ description: z.string().nullish() }).nullish() }))
      .nullish(),
  }),
});
const address = z.object({
  properties: z
    .object({ ipAddress: z.string().nullish(), ipConfiguration: z.object({ id: z.string() }).nullish() })
    .nullish(),
});

/** Finds an owner's parts among what ARM lists. */
export function ownedParts(owner: Owner, resources: ArmResources): OwnedParts {
  const mine = ownerDigest(owner);
  const read = (text: string | null | undefined): string | undefined => {
    const match = markPattern.exec(text ?? "");
    return match?.[1] === mine ? match[2] : undefined;
  };
  const nsgs = fromArm({ networkSecurityGroups: resources.networkSecurityGroups ?? [] }).nsgs;
  const rules: OwnedRule[] = [];
  const networkSecurityGroups: OwnedNsg[] = [];
  for (const raw of resources.networkSecurityGroups ?? []) {
    const group = marked.safeParse(raw).data;
    const model = nsgs.find(({ id }) => id === group?.id);
    if (group === undefined || model === undefined) continue;
    const groupDigest = read(group.tags?.[markTag]);
    if (groupDigest !== undefined) {
      const isChanged = groupDigest !== digest(nsgContent(model.rules));
      networkSecurityGroups.push({ id: group.id, name: group.name, mark: group.tags?.[markTag] ?? "", isChanged });
      continue;
    }
    for (const { name, properties } of describedRules.safeParse(raw).data?.properties.securityRules ?? []) {
      const ruleDigest = read(properties?.description);
      const rule = model.rules.find((candidate) => candidate.name === name);
      if (ruleDigest === undefined || rule === undefined) continue;
      const isChanged = ruleDigest !== digest(ruleContent(rule));
      rules.push({ id: `${group.id}/securityRules/${name}`, nsgId: group.id, rule, isChanged });
    }
  }
  const publicIps = (resources.publicIPAddresses ?? []).flatMap((raw): OwnedPublicIp[] => {
    const found = marked.safeParse(raw).data;
    const mark = found?.tags?.[markTag];
    if (found === undefined || mark === undefined || read(mark) === undefined) return [];
    const { ipAddress, ipConfiguration } = address.safeParse(raw).data?.properties ?? {};
    return [
      {
        id: found.id,
        name: found.name,
        mark,
        ...(ipAddress == null ? {} : { address: ipAddress }),
        ...(ipConfiguration == null ? {} : { configurationId: ipConfiguration.id }),
      },
    ];
  });
  return { rules, networkSecurityGroups, publicIps };
}

export function nsgContent(rules: readonly SecurityRule[]): unknown {
  return [...rules].sort((a, b) => (a.name < b.name ? -1 : 1)).map((rule) => [rule.name, ruleContent(rule)]);
}

function ownerDigest({ kind, targetId }: Owner): string {
  return digest([kind, targetId.toLowerCase()]);
}

function digest(content: unknown): string {
  return createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 12);
}
