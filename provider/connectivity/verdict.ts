import type { Sources } from "./access.js";
import { managementPorts } from "./access.js";
import { anyPorts, type NsgSummary } from "./nsg.js";
import { intersects, type RangeSet } from "./rangeSet.js";
import { publicSet } from "./serviceTags.js";
import type { NetworkState, NsgState, SubnetState } from "./surroundings.js";
import type { AccessPath, AccessVerdict, DecidedBy, NsgResult, PublicIpInput } from "./types.js";

/** Where a failed-over NIC stands: its subnet, the addresses it can have, and the NSGs before it. */
export interface NicPosition {
  machine: string;
  nicId: string;
  network: NetworkState;
  subnet: SubnetState;
  /** One address, or every free address of the subnet. */
  destinations: RangeSet;
  isDynamic: boolean;
  subnetNsg?: NsgState;
  nicNsg?: NsgState;
  asgs: ReadonlySet<string>;
  publicIp?: PublicIpInput;
}

/** One wanted access as it stands for one network and one operating system. */
export interface AccessQuestion {
  path: AccessPath;
  protocol: "Tcp" | "Udp";
  port: number;
  sources: Sources;
  allowAnySource: boolean;
  /** The way itself is missing: nothing else is asked. */
  missingPath?: string;
  /** It cannot be told before the deployment ran, or without more input. */
  undecidable?: string;
}

/** What an NSG refuses of a wanted access; a fix adds one rule for it. */
export interface NsgNeed {
  nsg: NsgState;
  /** The new rule must come before this priority. */
  before: number;
  deniedSources: RangeSet;
}

export interface Answer {
  verdict: AccessVerdict;
  /** Empty where rules cannot help: the route or the way itself is broken. */
  needs: NsgNeed[];
  needsPublicIp: boolean;
  needsNsg: boolean;
  /** A management port was wanted from everywhere, and not by name: no rule is offered. */
  refusedAsWide: boolean;
  /** Rules that decide otherwise if their service tag covers the source. */
  undecided: { nsg: string; rule: string; tags: readonly string[] }[];
}

interface Stage {
  scope: "subnet" | "nic";
  nsg: NsgState;
  summary: NsgSummary;
}

/** Asks both NSGs, the route back, and the platform about one access to one NIC. */
export function decideAccess(position: NicPosition, question: AccessQuestion): Answer {
  const blocked = question.missingPath ?? question.undecidable;
  if (blocked !== undefined) {
    const outcome = question.missingPath === undefined ? "unknown" : "blocked";
    return closedAnswer(verdictOf(question, outcome, { scope: "path" }, [], blocked));
  }
  const admin = position.network.adminRules?.decide(
    {
      direction: "Inbound",
      protocol: question.protocol,
      sources: question.sources.set,
      sourcePorts: anyPorts,
      destinations: position.destinations,
      port: question.port,
    },
    position.subnet.view.context,
  );
  /** Past every NSG: then a rule of theirs is neither asked nor needed. */
  const passes = admin?.forNsgs.length === 0 && admin.denied === undefined ? admin.alwaysAllowed : undefined;
  const stages = admin === undefined ? askNsgs(position, question) : askNsgs(position, question, admin.forNsgs);
  const results = stages.map((stage, index) => resultOf(stage, index === 0 || !deniesAll(stages[0])));
  const badRoute = findBadRoute(position, question);
  const isInternet = question.path === "internet";
  const refusedAsWide = isRefusedAsWide(question);
  const sku = position.publicIp?.sku ?? "Standard";
  const isClosedByPlatform =
    isInternet && stages.length === 0 && sku.toLowerCase() === "standard" && passes === undefined;
  const lacksPublicIp = isInternet && position.publicIp === undefined;

  const denying = stages.find(({ summary }) => summary.firstDenied !== undefined);
  const reasons: { decidedBy: DecidedBy; why: string }[] = [];
  if (admin?.denied !== undefined)
    reasons.push({
      decidedBy: { scope: "admin", rule: admin.denied.rule },
      why: `rule ${admin.denied.rule} (${admin.denied.priority}) of Virtual Network Manager denies it, whatever the NSGs say`,
    });
  if (denying !== undefined) reasons.push(nsgReason(denying, position));
  if (badRoute !== undefined) reasons.push(badRoute);
  if (isClosedByPlatform)
    reasons.push({
      decidedBy: { scope: "platform" },
      why: "Azure closes a Standard public IP until an NSG allows, and there is no NSG",
    });
  if (lacksPublicIp) reasons.push({ decidedBy: { scope: "path" }, why: "there is no public IP" });

  const canFix = badRoute === undefined && admin?.denied === undefined && !refusedAsWide;
  const [first] = reasons;
  const why = reasons.map((reason) => reason.why).join("; ");
  const last = results.at(-1);
  const verdict =
    first !== undefined
      ? verdictOf(question, "blocked", first.decidedBy, results, why)
      : last === undefined
        ? passes === undefined
          ? verdictOf(question, "allowed", { scope: "none" }, results, "no NSG in the way")
          : verdictOf(
              question,
              "allowed",
              { scope: "admin", rule: passes.rule },
              results,
              `always allowed by rule ${passes.rule} of Virtual Network Manager`,
            )
        : verdictOf(
            question,
            "allowed",
            { scope: last.scope, nsg: last.nsgName, rule: last.rule },
            results,
            `allowed by rule ${last.rule} of NSG ${last.nsgName}`,
          );
  return {
    verdict,
    needs: canFix ? stages.flatMap(({ nsg, summary }) => needOf(nsg, summary) ?? []) : [],
    needsPublicIp: canFix && lacksPublicIp,
    needsNsg: canFix && isClosedByPlatform,
    refusedAsWide,
    undecided: stages.flatMap(({ nsg, summary }) =>
      summary.undecided
        .filter((rule) => rule.access === (summary.firstDenied === undefined ? "Deny" : "Allow"))
        .map((rule) => ({ nsg: nsg.input.name, rule: rule.rule, tags: rule.tags })),
    ),
  };
}

/** A management port is opened to a source as wide as the Internet only where that was asked for by name. */
export function isRefusedAsWide(question: AccessQuestion): boolean {
  return question.sources.isWide && managementPorts.has(question.port) && !question.allowAnySource;
}

/** What one NSG says to an access to a NIC. */
export function askNsg(nsg: NsgState, position: NicPosition, question: AccessQuestion): NsgSummary {
  return nsg.evaluator.summarize(
    {
      direction: "Inbound",
      protocol: question.protocol,
      sources: question.sources.set,
      sourcePorts: anyPorts,
      destinations: position.destinations,
      destinationPort: question.port,
    },
    position.subnet.view.context,
    position.asgs,
  );
}

/** What a rule would have to mend; undefined where the NSG refuses nothing. */
export function needOf(nsg: NsgState, { firstDenied, before, deniedSources }: NsgSummary): NsgNeed | undefined {
  return firstDenied === undefined ? undefined : { nsg, before, deniedSources };
}

/** The answer for a NIC that has no address, or none that is known yet. */
export function unplacedAnswer(question: AccessQuestion, isUnknown: boolean, why: string): Answer {
  return closedAnswer(verdictOf(question, isUnknown ? "unknown" : "blocked", { scope: "address" }, [], why));
}

function closedAnswer(verdict: AccessVerdict): Answer {
  return { verdict, needs: [], needsPublicIp: false, needsNsg: false, refusedAsWide: false, undecided: [] };
}

/** `sources`: what Virtual Network Manager leaves to the NSGs, where it has a say. */
function askNsgs(position: NicPosition, question: AccessQuestion, sources?: RangeSet): Stage[] {
  const stages: Stage[] = [];
  if (sources?.length === 0) return stages;
  const asked = sources === undefined ? question : { ...question, sources: { ...question.sources, set: sources } };
  for (const scope of ["subnet", "nic"] as const) {
    const nsg = scope === "subnet" ? position.subnetNsg : position.nicNsg;
    if (nsg !== undefined) stages.push({ scope, nsg, summary: askNsg(nsg, position, asked) });
  }
  return stages;
}

function deniesAll(stage: Stage | undefined): boolean {
  return stage?.summary.parts.every(({ access }) => access === "Deny") === true;
}

function resultOf(stage: Stage, evaluated: boolean): NsgResult {
  const { firstDenied, parts } = stage.summary;
  const deciding = firstDenied ?? parts[0];
  return {
    scope: stage.scope,
    nsgId: stage.nsg.input.id,
    nsgName: stage.nsg.input.name,
    access: deciding?.access ?? "Deny",
    rule: deciding?.rule ?? "DenyAllInBound",
    priority: deciding?.priority ?? 65500,
    ...(firstDenied !== undefined && !deniesAll(stage) ? { partial: true } : {}),
    evaluated,
  };
}

function nsgReason(stage: Stage, position: NicPosition): { decidedBy: DecidedBy; why: string } {
  const result = resultOf(stage, true);
  const where = stage.scope === "subnet" ? `subnet ${position.subnet.addresses.input.name}` : "the NIC";
  const part =
    result.partial !== true ? "" : position.isDynamic ? " for some sources or addresses" : " for some sources";
  return {
    decidedBy: { scope: stage.scope, nsg: result.nsgName, rule: result.rule },
    why: `rule ${result.rule} (${result.priority}) of NSG ${result.nsgName} on ${where} denies it${part}`,
  };
}

/**
 * The route that breaks the way back. The reply to an Internet client must leave by Internet; the reply to on-premises
 * by a gateway or an appliance; any reply dies at None.
 */
function findBadRoute(
  position: NicPosition,
  question: AccessQuestion,
): { decidedBy: DecidedBy; why: string } | undefined {
  for (const { route, addresses } of position.subnet.view.routes.lookUp(question.sources.set)) {
    const hop = route.nextHopType.toLowerCase();
    let why: string | undefined;
    if (hop === "none") why = "replies are dropped";
    else if (question.path === "internet" && hop !== "internet" && intersects(addresses, publicSet))
      why = "replies do not leave by the public IP";
    else if (question.path === "vpn" || question.path === "expressRoute") {
      if (hop === "internet") why = "no gateway carries this range";
      else if (hop === "vnetlocal" || hop === "vnetpeering")
        why = "the range lies in the network itself, not on-premises";
    } else if (question.path !== "internet" && hop === "internet") why = "the range is not inside the network";
    if (why === undefined) continue;
    return {
      decidedBy: { scope: "route", prefix: route.prefix, nextHopType: route.nextHopType },
      why: `route ${route.prefix} -> ${route.nextHopType} on subnet ${position.subnet.addresses.input.name}: ${why}`,
    };
  }
  return undefined;
}

function verdictOf(
  question: AccessQuestion,
  outcome: AccessVerdict["outcome"],
  decidedBy: DecidedBy,
  nsgs: NsgResult[],
  why: string,
): AccessVerdict {
  const { path, protocol, port } = question;
  return { path, protocol, port, sources: question.sources.texts, outcome, decidedBy, nsgs, why };
}
