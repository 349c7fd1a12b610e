import { anyPorts, NsgEvaluator, priorityRange } from "./nsg.js";
import { type RangeSet, unionOf } from "./rangeSet.js";
import type { TagContext, TagTable } from "./serviceTags.js";
import type { SecurityAdminRule } from "./types.js";

/** What the rules of Virtual Network Manager leave of a question. */
export interface AdminDecision {
  /** Sources that the NSGs are still asked about. */
  forNsgs: RangeSet;
  /** The first rule that refuses a part for good. */
  denied?: { rule: string; priority: number };
  /** The rule that lets everything in for good; then no NSG is asked. */
  alwaysAllowed?: { rule: string; priority: number };
}

/** Rules of Virtual Network Manager over one network: asked before the NSGs, in ascending priority, first match. */
export class AdminRules {
  private readonly evaluator: NsgEvaluator;
  private readonly access: ReadonlyMap<string, SecurityAdminRule["access"]>;
  private readonly interned = new Map<string, RangeSet>();

  constructor(rules: readonly SecurityAdminRule[], tags: TagTable, asgs: ReadonlyMap<string, RangeSet>) {
    this.access = new Map(rules.map(({ name, access }) => [name, access]));
    this.evaluator = new NsgEvaluator(
      rules.map((rule) => ({ ...rule, access: rule.access === "Deny" ? ("Deny" as const) : ("Allow" as const) })),
      tags,
      asgs,
    );
  }

  decide(
    question: { protocol: string; sources: RangeSet; destinations: RangeSet; port: number },
    context: TagContext,
  ): AdminDecision {
    const { parts } = this.evaluator.decide(
      {
        direction: "Inbound",
        protocol: question.protocol,
        sources: question.sources,
        sourcePorts: anyPorts,
        destinations: question.destinations,
        destinationPort: question.port,
      },
      context,
    );
    // Beyond the custom priorities are an NSG's default rules, which Virtual Network Manager has not.
    const accessOf = ({ rule, priority }: { rule: string; priority: number }) =>
      priority > priorityRange.highest ? "Allow" : (this.access.get(rule) ?? "Allow");
    const denied = parts.find((part) => accessOf(part) === "Deny");
    const always = parts.find((part) => accessOf(part) === "AlwaysAllow");
    const open = parts.filter((part) => accessOf(part) === "Allow");
    return {
      forNsgs: this.intern(unionOf(...open.map(({ sources }) => sources)), question.sources),
      ...(denied === undefined ? {} : { denied: { rule: denied.rule, priority: denied.priority } }),
      ...(always === undefined || open.length > 0 || denied !== undefined
        ? {}
        : { alwaysAllowed: { rule: always.rule, priority: always.priority } }),
    };
  }

  /** NSGs remember answers by the very set that they were asked about: equal sets are one. */
  private intern(set: RangeSet, whole: RangeSet): RangeSet {
    const key = set.join();
    if (key === whole.join()) return whole;
    const known = this.interned.get(key) ?? set;
    this.interned.set(key, known);
    return known;
  }
}
