import { parsePrefix, prefixSet, setToPrefixes } from "./address.js";
import { compareText, type Findings, listSome } from "./findings.js";
import { limits } from "./limits.js";
import { NsgEvaluator, priorityRange } from "./nsg.js";
import { intersects, type RangeSet, unionOf } from "./rangeSet.js";
import type { NsgState, Surroundings } from "./surroundings.js";
import type { Fix, FixNsg, FixPublicIp, FixRule, SecurityRule } from "./types.js";
import {
  type AccessQuestion,
  askNsg,
  isRefusedAsWide,
  type NicPosition,
  type NsgNeed,
  needOf,
} from "./verdict.js";

/** Default rules begin here: a refusal from here on has no custom rule to step in front of. */
const firstDefaultPriority = 65000;

interface RuleGroup {
  nsg: NsgState;
  isNew: boolean;
  question: AccessQuestion;
  sources: string[];
  destinations: RangeSet[];
  machines: Set<string>;
  before: number;
}

/** Gathers what the single questions need into the fewest rules: one per NSG, source list and port, many machines. */
export class FixBuilder {
  private readonly groups = new Map<string, RuleGroup>();
  private readonly newNsgs = new Map<string, { state: NsgState; attachTo: FixNsg["attachTo"] }>();
  private readonly publicIps = new Map<string, FixPublicIp>();

  constructor(
    private readonly surroundings: Surroundings,
    private readonly findings: Findings,
  ) {}

  addPublicIp(machine: string, nicId: string): void {
    const key = JSON.stringify([machine, nicId]);
    this.publicIps.set(key, { machine, nicId, sku: "Standard", allocationMethod: "Static" });
  }

  /** A rule in an NSG that is there. */
  addRule(position: NicPosition, question: AccessQuestion, need: NsgNeed): void {
    this.collect(position, question, need, false);
  }

  /**
   * A NIC that has no NSG at all gets one of its own subnet's making. With it Azure's default rules begin to hold, so
   * every access that is wanted is asked again against them.
   */
  addNsg(position: NicPosition, questions: readonly AccessQuestion[]): void {
    const { network, subnet } = position;
    const key = `${network.input.id}/${subnet.addresses.input.name}`.toLowerCase();
    let made = this.newNsgs.get(key);
    if (made === undefined) {
      const name = this.freeNsgName(`siterecovery-${subnet.addresses.input.name}-nsg`);
      const evaluator = new NsgEvaluator([], this.surroundings.tags, this.surroundings.asgs);
      made = { state: { input: { id: name, name, rules: [] }, evaluator }, attachTo: [] };
      this.newNsgs.set(key, made);
    }
    made.attachTo.push({ machine: position.machine, nicId: position.nicId });
    for (const question of questions) {
      if (isRefusedAsWide(question)) continue;
      const need = needOf(made.state, askNsg(made.state, position, question));
      if (need !== undefined) this.collect(position, question, need, true);
    }
  }

  build(): Fix {
    const rules: FixRule[] = [];
    const taken = new Map<NsgState, { priorities: Set<number>; names: Set<string> }>();
    const groups = [...this.groups.entries()].sort(
      ([keyA, a], [keyB, b]) =>
        compareText(a.nsg.input.id.toLowerCase(), b.nsg.input.id.toLowerCase()) ||
        a.before - b.before ||
        compareText(keyA, keyB),
    );
    const newRules = new Map<NsgState, FixRule[]>();
    for (const [, group] of groups) {
      let used = taken.get(group.nsg);
      if (used === undefined) {
        const { evaluator } = group.nsg;
        used = { priorities: evaluator.usedPriorities("Inbound"), names: evaluator.ruleNames() };
        taken.set(group.nsg, used);
      }
      for (const destinations of chunks(setToPrefixes(unionOf(...group.destinations)), limits.addressesPerRule)) {
        const priority = freePriority(group.before, used.priorities);
        if (priority === undefined) {
          this.noteNoRoom(group);
          break;
        }
        const name = freeName(ruleName(group.question), used.names);
        used.priorities.add(priority);
        used.names.add(name.toLowerCase());
        const rule = fixRule(group, name, priority, destinations);
        if (group.isNew) newRules.set(group.nsg, [...(newRules.get(group.nsg) ?? []), rule]);
        else rules.push(rule);
      }
      if (used.priorities.size > limits.rulesPerNsg) this.noteTooMany(group.nsg, used.priorities.size);
    }
    return {
      rules,
      networkSecurityGroups: [...this.newNsgs.values()]
        .map(({ state, attachTo }) => ({
          name: state.input.name,
          attachTo,
          rules: (newRules.get(state) ?? []).map(({ nsgId: _id, nsgName: _name, ...rule }) => rule),
        }))
        .sort((a, b) => compareText(a.name, b.name)),
      publicIps: [...this.publicIps.values()],
    };
  }

  private collect(position: NicPosition, question: AccessQuestion, need: NsgNeed, isNew: boolean): void {
    for (const group of question.sources.groups) {
      const entries = group.entries.filter((entry) => intersects(entry.set, need.deniedSources));
      if (entries.length === 0) continue;
      const sources = entries.map((entry) => entry.text);
      const key = JSON.stringify([
        need.nsg.input.id.toLowerCase(),
        question.path,
        question.protocol,
        question.port,
        sources,
      ]);
      let collected = this.groups.get(key);
      if (collected === undefined) {
        collected = {
          nsg: need.nsg,
          isNew,
          question,
          sources,
          destinations: [],
          machines: new Set(),
          before: need.before,
        };
        this.groups.set(key, collected);
      }
      collected.before = Math.min(collected.before, need.before);
      collected.machines.add(position.machine);
      collected.destinations.push(destinationOf(position));
    }
  }

  private freeNsgName(wish: string): string {
    const names = this.surroundings.nsgNames();
    for (const { state } of this.newNsgs.values()) names.add(state.input.name.toLowerCase());
    return freeName(wish, names);
  }

  private noteNoRoom(group: RuleGroup): void {
    const { path, port } = group.question;
    this.findings.add({
      id: "noFreePriority",
      severity: "error",
      text: `NSG ${group.nsg.input.name} has no free priority before ${group.before} for access by ${path} to port ${port} (${listSome([...group.machines])})`,
      remedy: `give the rule at ${group.before} a higher number, then plan again`,
    });
  }

  private noteTooMany(nsg: NsgState, count: number): void {
    this.findings.add({
      id: "tooManyRules",
      severity: "error",
      text: `NSG ${nsg.input.name} would hold ${count} inbound rules, allowed: ${limits.rulesPerNsg}`,
      remedy: "merge rules, or ask Azure for a higher limit",
    });
  }
}

/** A dynamic address cannot be named before it exists: then the rule names the subnet. */
function destinationOf(position: NicPosition): RangeSet {
  const prefix = position.isDynamic ? parsePrefix(position.subnet.addresses.input.prefix) : undefined;
  return prefix === undefined ? position.destinations : prefixSet(prefix);
}

/**
 * A free priority before `before`. In front of a custom rule: the nearest below it, so that nothing else is overtaken.
 * Against a default rule: behind all custom rules, which the new one then cannot shadow.
 */
function freePriority(before: number, used: ReadonlySet<number>): number | undefined {
  const { lowest, highest } = priorityRange;
  if (before >= firstDefaultPriority) {
    const behind = Math.ceil((Math.max(lowest - 10, ...used) + 1) / 10) * 10;
    if (behind <= highest) return behind;
  }
  for (let priority = Math.min(before - 1, highest); priority >= lowest; priority--) {
    if (!used.has(priority)) return priority;
  }
  return undefined;
}

/** Within Azure's pattern: 1-80 of letters, digits, `_` `.` `-`, alphanumeric at the start, alphanumeric or `_` at the end. */
function freeName(wish: string, taken: ReadonlySet<string>): string {
  const base = wish
    .replace(/[^A-Za-z0-9_.-]/g, "-")
    .slice(0, 74)
    .replace(/[.-]+$/, "");
  let name = base;
  for (let i = 2; taken.has(name.toLowerCase()); i++) name = `${base}-${i}`;
  return name;
}

function ruleName(question: AccessQuestion): string {
  return `siterecovery-${question.path}-${question.protocol.toLowerCase()}-${question.port}`;
}

function fixRule(group: RuleGroup, name: string, priority: number, destinations: string[]): FixRule {
  const { question } = group;
  const rule: SecurityRule = {
    name,
    priority,
    direction: "Inbound",
    access: "Allow",
    protocol: question.protocol,
    sources: group.sources,
    sourcePorts: ["*"],
    destinations,
    destinationPorts: [String(question.port)],
  };
  const { id: nsgId, name: nsgName } = group.nsg.input;
  return { nsgId, nsgName, ...rule, path: question.path, machines: [...group.machines].sort(compareText) };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const result: T[][] = [];
  for (let i = 0; i < items.length; i += size) result.push(items.slice(i, i + size));
  return result;
}
