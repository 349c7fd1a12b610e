import { NsgEvaluator, priorityRange } from "./nsg.js";
import { emptySet, type RangeSet, unionOf } from "./rangeSet.js";
import type { TagContext, TagTable } from "./serviceTags.js";
import type { RuleDirection, SecurityAdminRule } from "./types.js";

/** A part of a question that Virtual Network Manager decides for good. */
interface Final {
  rule: string;
  priority: number;
  sources: RangeSet;
}

/** What the rules of Virtual Network Manager leave of a question. */
export interface AdminDecision {
  /** Sources that the NSGs are still asked about. */
  forNsgs: RangeSet;
  /** What is refused for good, named by the first rule that does. */
  denied?: Final;
  /** What is let in for good, past every NSG, named by the first rule that does. */
  alwaysAllowed?: Final;
}

/** What is asked: any of `sources` to any of `destinations`, from any of `sourcePorts` to one port. */
export interface AdminQuestion {
  direction: RuleDirection;
  protocol: string;
  sources: RangeSet;
  sourcePorts: RangeSet;
  destinations: RangeSet;
  port: number;
}

/** Rules of Virtual Network Manager over one network: asked before the NSGs, in ascending priority, first match. */
export class AdminRules {
  private readonly evaluator: NsgEvaluator;
  private readonly interned = new Map<string, RangeSet>();

  constructor(
    private readonly rules: readonly SecurityAdminRule[],
    tags: TagTable,
    asgs: ReadonlyMap<string, RangeSet>,
  ) {
    // Several rule collections may hold rules of one name: inside, a rule is known by its number.
    this.evaluator = new NsgEvaluator(
      rules.map((rule, index) => ({
        ...rule,
        name: String(index),
        access: rule.access === "Deny" ? ("Deny" as const) : ("Allow" as const),
      })),
      tags,
      asgs,
    );
  }

  /** What in the rules cannot be read, by rule name. */
  get problems(): NsgEvaluator["problems"] {
    return this.evaluator.problems.map((problem) => ({
      ...problem,
      rule: this.rules[Number(problem.rule)]?.name ?? problem.rule,
    }));
  }

  decide(question: AdminQuestion, context: TagContext): AdminDecision {
    const { parts } = this.evaluator.decide(
      {
        direction: question.direction,
        protocol: question.protocol,
        sources: question.sources,
        sourcePorts: question.sourcePorts,
        destinations: question.destinations,
        destinationPort: question.port,
      },
      context,
    );
    const finals = (access: SecurityAdminRule["access"]) =>
      parts.filter(
        // Beyond the custom priorities are an NSG's default rules, which Virtual Network Manager has not.
        ({ rule, priority }) => priority <= priorityRange.highest && this.rules[Number(rule)]?.access === access,
      );
    const final = (access: "Deny" | "AlwaysAllow"): Final | undefined => {
      const decided = finals(access);
      const [first] = decided;
      const rule = this.rules[Number(first?.rule)];
      return first === undefined || rule === undefined
        ? undefined
        : {
            rule: rule.name,
            priority: first.priority,
            sources: unionOf(...decided.map(({ sources }) => sources)),
          };
    };
    const ended = new Set([...finals("Deny"), ...finals("AlwaysAllow")]);
    const open = parts.filter((part) => !ended.has(part));
    const denied = final("Deny");
    const alwaysAllowed = final("AlwaysAllow");
    return {
      forNsgs: this.intern(
        open.length === 0 ? emptySet : unionOf(...open.map(({ sources }) => sources)),
        question.sources,
      ),
      ...(denied === undefined ? {} : { denied }),
      ...(alwaysAllowed === undefined ? {} : { alwaysAllowed }),
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
