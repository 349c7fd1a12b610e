import { addressCount } from "./address.js";
import { contains, covers, intersect, intersects, type RangeSet, subtract, unionOf } from "./rangeSet.js";
import {
  type Endpoint,
  parseEndpoint,
  publicSet,
  resolveEndpoint,
  type TagContext,
  type TagTable,
} from "./serviceTags.js";
import type { RuleAccess, RuleDirection, SecurityRule } from "./types.js";

/** Azure's six default rules: they cannot be removed, only overridden by a lower number. */
const defaultRules: readonly SecurityRule[] = [
  defaultRule("AllowVnetInBound", 65000, "Inbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
  defaultRule("AllowAzureLoadBalancerInBound", 65001, "Inbound", "Allow", "AzureLoadBalancer", "*"),
  defaultRule("DenyAllInBound", 65500, "Inbound", "Deny", "*", "*"),
  defaultRule("AllowVnetOutBound", 65000, "Outbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
  defaultRule("AllowInternetOutBound", 65001, "Outbound", "Allow", "*", "Internet"),
  defaultRule("DenyAllOutBound", 65500, "Outbound", "Deny", "*", "*"),
];

/** The lowest and highest priority that a custom rule may have. */
export const priorityRange = { lowest: 100, highest: 4096 } as const;

export const anyPorts: RangeSet = [0, 65535];

/** The addresses that are public for certain: without the numbers that stand for service tags. */
const publicAddresses: RangeSet = intersect(publicSet, [0, addressCount - 1]);

interface CompiledRule {
  name: string;
  priority: number;
  direction: RuleDirection;
  access: RuleAccess;
  protocol: string;
  source: Endpoint;
  destination: Endpoint;
  sourcePorts: RangeSet;
  destinationPorts: RangeSet;
}

/** A rule as one subnet sees it. */
interface ResolvedRule {
  rule: CompiledRule;
  sources: RangeSet;
  destinations: RangeSet;
}

/** What one question asks for: any of `sources` to any of `destinations`, from any of `sourcePorts` to one port. */
export interface FlowSet {
  direction: RuleDirection;
  /** Tcp, Udp, Icmp, ...; compared without case. */
  protocol: string;
  sources: RangeSet;
  sourcePorts: RangeSet;
  destinations: RangeSet;
  destinationPort: number;
}

/** A part of a flow set with the rule that decided it. */
export interface Decision {
  rule: string;
  priority: number;
  access: RuleAccess;
  sources: RangeSet;
  destinations: RangeSet;
}

export interface NsgDecision {
  /** In order of priority; together they are the whole flow set. */
  parts: Decision[];
  /** Rules that might decide otherwise, because they name a tag whose addresses are not known here. */
  undecided: { rule: string; priority: number; access: RuleAccess; tags: readonly string[] }[];
}

/** What an NSG says to a flow set, all destinations taken together; shared by all NICs for which it is the same. */
export interface NsgSummary {
  /** Parts in order of priority. */
  parts: readonly Omit<Decision, "destinations">[];
  firstDenied?: Omit<Decision, "destinations">;
  deniedSources: RangeSet;
  allowedSources: RangeSet;
  /** A rule that is to let everything in must come before this priority; Infinity where nothing is refused. */
  before: number;
  undecided: NsgDecision["undecided"];
}

/** What a rule's text fields say that cannot be read; for findings. */
export interface RuleProblem {
  rule: string;
  property: "sources" | "destinations" | "sourcePorts" | "destinationPorts" | "priority";
  value: string;
  allowed: string;
}

/**
 * One NSG, parsed once. Rules are asked in ascending priority, the first match decides, and that for every part of a
 * flow set on its own, so that "the sources 10.0.0.0/8" gets an answer even where a rule cuts a piece out of it.
 * @see https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
 */
export class NsgEvaluator {
  readonly problems: RuleProblem[] = [];
  private readonly rules: CompiledRule[];
  private readonly resolved = new WeakMap<TagContext, Map<string, ResolvedRule[]>>();
  private readonly summaries = new WeakMap<TagContext, WeakMap<RangeSet, Map<string, Prepared>>>();

  constructor(
    customRules: readonly SecurityRule[],
    tags: TagTable,
    private readonly asgAddresses: ReadonlyMap<string, RangeSet>,
  ) {
    this.rules = [...customRules, ...defaultRules]
      .map((rule) => this.compile(rule, tags))
      .sort((a, b) => a.priority - b.priority || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  /**
   * @param localAsgs application security groups of the NIC in question, in lower case: they match on its own side
   * whatever its address.
   */
  decide(flow: FlowSet, context: TagContext, localAsgs: ReadonlySet<string> = noAsgs): NsgDecision {
    const parts: Decision[] = [];
    const undecided: NsgDecision["undecided"] = [];
    let open: Box[] = [{ sources: flow.sources, destinations: flow.destinations, sourcePorts: flow.sourcePorts }];
    for (const { rule, sources, destinations } of this.candidates(flow, context)) {
      if (open.length === 0) break;
      const local = flow.direction === "Inbound" ? rule.destination : rule.source;
      const isMember = local.asgs.some((asg) => localAsgs.has(asg));
      const ruleBox: RuleBox = {
        sources: flow.direction === "Outbound" && isMember ? undefined : sources,
        destinations: flow.direction === "Inbound" && isMember ? undefined : destinations,
        sourcePorts: rule.sourcePorts,
      };
      if (mayMatchByUnknownTag(rule, ruleBox, open, flow.direction)) {
        const remote = flow.direction === "Inbound" ? rule.source : rule.destination;
        undecided.push({
          rule: rule.name,
          priority: rule.priority,
          access: rule.access,
          tags: remote.unknownTags,
        });
      }
      const left: Box[] = [];
      for (const box of open) {
        const match = cut(box, ruleBox, left);
        if (match === undefined) left.push(box);
        else {
          const { sources, destinations } = match;
          parts.push({ rule: rule.name, priority: rule.priority, access: rule.access, sources, destinations });
        }
      }
      open = left;
    }
    return { parts, undecided };
  }

  /**
   * As `decide`, for inbound flows, and remembered: a fleet asks the same question for many addresses, and to most rules
   * one address is like another. `flow.sources` must be the same object for the same question.
   */
  summarize(flow: FlowSet, context: TagContext, localAsgs: ReadonlySet<string> = noAsgs): NsgSummary {
    const prepared = this.prepare(flow, context);
    const [first, last] = flow.destinations;
    const isSingle = flow.destinations.length === 2 && first !== undefined && first === last;
    const asgKey = localAsgs.size === 0 ? "" : [...localAsgs].sort().join("|");
    if (!isSingle) {
      const known = prepared.bySet.get(flow.destinations)?.get(asgKey);
      if (known !== undefined) return known;
      const summary = summaryOf(this.decide(flow, context, localAsgs));
      const perAsg = prepared.bySet.get(flow.destinations) ?? new Map<string, NsgSummary>();
      prepared.bySet.set(flow.destinations, perAsg.set(asgKey, summary));
      return summary;
    }
    // Two addresses that lie in the same rules' destinations get the same answer.
    const key = `${prepared.destinations.map((set) => (contains(set, first) ? "1" : "0")).join("")} ${asgKey}`;
    let summary = prepared.bySignature.get(key);
    if (summary === undefined) {
      summary = summaryOf(this.decide(flow, context, localAsgs));
      prepared.bySignature.set(key, summary);
    }
    return summary;
  }

  /** Priorities that custom rules of a direction hold. */
  usedPriorities(direction: RuleDirection): Set<number> {
    const used = this.rules.filter(
      (rule) => rule.direction === direction && rule.priority <= priorityRange.highest,
    );
    return new Set(used.map((rule) => rule.priority));
  }

  /** Names of all rules, in lower case. */
  ruleNames(): Set<string> {
    return new Set(this.rules.map((rule) => rule.name.toLowerCase()));
  }

  private prepare(flow: FlowSet, context: TagContext): Prepared {
    const inContext = this.summaries.get(context) ?? new WeakMap<RangeSet, Map<string, Prepared>>();
    this.summaries.set(context, inContext);
    const perSources = inContext.get(flow.sources) ?? new Map<string, Prepared>();
    inContext.set(flow.sources, perSources);
    const key = `${flow.protocol}|${flow.destinationPort}`;
    let prepared = perSources.get(key);
    if (prepared === undefined) {
      const matching = this.candidates(flow, context).filter(({ sources }) => intersects(sources, flow.sources));
      const distinct = new Map(matching.map(({ destinations }) => [destinations.join(), destinations]));
      prepared = { destinations: [...distinct.values()], bySignature: new Map(), bySet: new WeakMap() };
      perSources.set(key, prepared);
    }
    return prepared;
  }

  private candidates(flow: FlowSet, context: TagContext): ResolvedRule[] {
    let perContext = this.resolved.get(context);
    if (perContext === undefined) {
      perContext = new Map();
      this.resolved.set(context, perContext);
    }
    const protocol = flow.protocol.toLowerCase();
    const key = `${flow.direction}|${protocol}|${flow.destinationPort}`;
    let candidates = perContext.get(key);
    if (candidates === undefined) {
      candidates = this.rules
        .filter(
          (rule) =>
            rule.direction === flow.direction &&
            (rule.protocol === "*" || rule.protocol === protocol) &&
            intersects(rule.destinationPorts, [flow.destinationPort, flow.destinationPort]),
        )
        .map((rule) => ({
          rule,
          sources: resolveEndpoint(rule.source, context, this.asgAddresses),
          destinations: resolveEndpoint(rule.destination, context, this.asgAddresses),
        }));
      perContext.set(key, candidates);
    }
    return candidates;
  }

  private compile(rule: SecurityRule, tags: TagTable): CompiledRule {
    const source = parseEndpoint(rule.sources, tags);
    const destination = parseEndpoint(rule.destinations, tags);
    for (const value of source.unreadable) this.note(rule, "sources", value, placesAllowed);
    for (const value of destination.unreadable) this.note(rule, "destinations", value, placesAllowed);
    const { priority, name, direction, access } = rule;
    return {
      name,
      priority,
      direction,
      access,
      protocol: rule.protocol.toLowerCase() === "any" ? "*" : rule.protocol.toLowerCase(),
      source,
      destination,
      sourcePorts: this.ports(rule, "sourcePorts"),
      destinationPorts: this.ports(rule, "destinationPorts"),
    };
  }

  private ports(rule: SecurityRule, property: "sourcePorts" | "destinationPorts"): RangeSet {
    const sets: RangeSet[] = [];
    for (const text of rule[property].flatMap((entry) => entry.split(","))) {
      const set = parsePorts(text.trim());
      if (set === undefined) this.note(rule, property, text, "*, a port 0-65535, or a range such as 80-90");
      else sets.push(set);
    }
    return unionOf(...sets);
  }

  private note(rule: SecurityRule, property: RuleProblem["property"], value: string, allowed: string): void {
    this.problems.push({ rule: rule.name, property, value, allowed });
  }
}

/** What is remembered for one question: the distinct destinations that rules name, and the answers so far. */
interface Prepared {
  destinations: RangeSet[];
  bySignature: Map<string, NsgSummary>;
  bySet: WeakMap<RangeSet, Map<string, NsgSummary>>;
}

function summaryOf({ parts, undecided }: NsgDecision): NsgSummary {
  const denied = parts.filter((part) => part.access === "Deny");
  const [firstDenied] = denied;
  const undecidedDenies = undecided.filter((rule) => rule.access === "Deny");
  const before = [...denied, ...(firstDenied === undefined ? [] : undecidedDenies)].map(
    ({ priority }) => priority,
  );
  return {
    parts,
    ...(firstDenied === undefined ? {} : { firstDenied }),
    deniedSources: unionOf(...denied.map(({ sources }) => sources)),
    allowedSources: unionOf(...parts.flatMap(({ access, sources }) => (access === "Allow" ? [sources] : []))),
    before: Math.min(...before),
    undecided,
  };
}

const noAsgs: ReadonlySet<string> = new Set();
const placesAllowed = "CIDR or address, *, a service tag, or an application security group";

/** `*`, `80` or `80-90`; undefined where the text is none of them. */
export function parsePorts(text: string): RangeSet | undefined {
  if (text === "*" || text.toLowerCase() === "any") return anyPorts;
  const match = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return first <= last && last <= 65535 ? [first, last] : undefined;
}

interface Box {
  sources: RangeSet;
  destinations: RangeSet;
  sourcePorts: RangeSet;
}

/** An undefined side matches everything on it. */
interface RuleBox {
  sources: RangeSet | undefined;
  destinations: RangeSet | undefined;
  sourcePorts: RangeSet;
}

/** The common part of a box and a rule; what is left of the box goes to `left`. Undefined where they do not meet. */
function cut(box: Box, rule: RuleBox, left: Box[]): Box | undefined {
  if (rule.sources !== undefined && !intersects(box.sources, rule.sources)) return undefined;
  if (rule.destinations !== undefined && !intersects(box.destinations, rule.destinations)) return undefined;
  if (!intersects(box.sourcePorts, rule.sourcePorts)) return undefined;
  let match = box;
  if (rule.sources !== undefined && !covers(rule.sources, box.sources)) {
    left.push({ ...match, sources: subtract(match.sources, rule.sources) });
    match = { ...match, sources: intersect(match.sources, rule.sources) };
  }
  if (rule.destinations !== undefined && !covers(rule.destinations, box.destinations)) {
    left.push({ ...match, destinations: subtract(match.destinations, rule.destinations) });
    match = { ...match, destinations: intersect(match.destinations, rule.destinations) };
  }
  if (!covers(rule.sourcePorts, box.sourcePorts)) {
    left.push({ ...match, sourcePorts: subtract(match.sourcePorts, rule.sourcePorts) });
    match = { ...match, sourcePorts: intersect(match.sourcePorts, rule.sourcePorts) };
  }
  return match;
}

/** Whether a tag of unknown range on the far side may hold public addresses that are still open. */
function mayMatchByUnknownTag(
  rule: CompiledRule,
  ruleBox: RuleBox,
  open: Box[],
  direction: RuleDirection,
): boolean {
  const remote = direction === "Inbound" ? rule.source : rule.destination;
  if (remote.unknownTags.length === 0) return false;
  const [far, near] = direction === "Inbound" ? (["sources", "destinations"] as const) : farNearOutbound;
  return open.some((box) => {
    const nearRule = ruleBox[near];
    return (
      intersects(box[far], publicAddresses) &&
      (nearRule === undefined || intersects(box[near], nearRule)) &&
      intersects(box.sourcePorts, ruleBox.sourcePorts)
    );
  });
}

const farNearOutbound = ["destinations", "sources"] as const;

function defaultRule(
  name: string,
  priority: number,
  direction: RuleDirection,
  access: RuleAccess,
  source: string,
  destination: string,
): SecurityRule {
  return {
    name,
    priority,
    direction,
    access,
    protocol: "*",
    sources: [source],
    sourcePorts: ["*"],
    destinations: [destination],
    destinationPorts: ["*"],
  };
}
