import { checkMachine } from "../../../provider/lifecycle/readiness.js";
import { machinesOf, type RuleMachine } from "../machines.js";
import { asList, asNumber, asText, asTime, isUnknown, listSome, nameInId, own } from "../plain.js";
import { defineRule, type RuleResource, undecided, type Verdict, violation } from "../rule.js";
import { asOf, wholeNumber } from "../settings.js";

const dayMs = 86_400_000;
const checks = ["neverTested", "testFailoverOld"];

export const recoveryPlanDrilled = defineRule({
  id: "recovery-plan-drilled",
  description: "Every recovery plan has had a test failover lately.",
  severity: "medium",
  enforcementLevel: "advisory",
  remedy: "Run a TestFailover of the plan, or change the triggers of the one that is there.",
  details:
    "A plan counts as drilled when every machine of it had a test failover within the time, when a TestFailover of this stack drilled it within the time, or when one is about to. A plan that only a Failover names is looked at too.",
  checks,
  settings: {
    maxAgeDays: wholeNumber(90, 1, 3650, "How old the last test failover may be, in days."),
    asOf,
  },
  judgeStack(resources, { maxAgeDays }, { now }) {
    const notBefore = now - maxAgeDays * dayMs;
    const drills = resources.filter(({ kind }) => kind === "TestFailover");
    return plansIn(resources).flatMap(({ id, resource, urn }): Verdict[] => {
      const own = drills.filter((drill) => targetOf(drill) === id);
      if (own.some((drill) => !hasRun(drill) || (startOf(drill) ?? 0) >= notBefore)) return [];
      const unknownTarget = drills.find((drill) => isUnknown(drill.inputs.targetId));
      const machines = machinesOf(resource)?.filter(({ stage }) => stage === undefined || stage === "protected");
      if (machines === undefined || machines.length === 0)
        return unknownTarget === undefined ? [] : [undecided(unknownTarget, ["targetId"])];
      const old = machines.flatMap((machine) => lateness(machine, new Date(notBefore).toISOString()));
      if (old.length === 0) return [];
      if (unknownTarget !== undefined) return [undecided(unknownTarget, ["targetId"])];
      return [
        violation(
          `recovery plan ${nameInId(id)} has had no test failover of all its machines for ${maxAgeDays} days: ${listSome(old)}`,
          { urn },
        ),
      ];
    });
  },
});

interface Plan {
  /** ARM id in lower case. */
  id: string;
  /** What knows its machines. */
  resource: RuleResource;
  urn: string;
}

/** The plans that a stack declares, and those that a failover of it names. */
function plansIn(resources: readonly RuleResource[]): Plan[] {
  const plans = new Map<string, Plan>();
  for (const resource of resources) {
    const id =
      resource.kind === "RecoveryPlan"
        ? asText(resource.inputs.recoveryPlanId)?.toLowerCase()
        : resource.kind === "Failover" || resource.kind === "TestFailover"
          ? targetOf(resource)
          : undefined;
    const isPlan = id !== undefined && /\/replicationrecoveryplans\/[^/]+$/.test(id);
    if (!isPlan) continue;
    const known = plans.get(id);
    // The plan's own resource knows best; a drill that ran keeps what it knew then.
    if (known === undefined || rank(resource) < rank(known.resource))
      plans.set(id, { id, resource, urn: resource.urn });
  }
  return [...plans.values()];
}

function rank({ kind }: RuleResource): number {
  return kind === "RecoveryPlan" ? 0 : kind === "Failover" ? 1 : 2;
}

function targetOf(resource: RuleResource): string | undefined {
  return asText(resource.inputs.targetId)?.toLowerCase();
}

/** False for a drill that this very run is about to make. */
function hasRun(drill: RuleResource): boolean {
  return asText(drill.outputs.status) !== undefined;
}

/** When a drill began; in older states by the age of the points that it used. */
function startOf(drill: RuleResource): number | undefined {
  const start = asTime(own(drill.outputs.evidence, "startTime"));
  if (start !== undefined) return start;
  const starts = asList(drill.outputs.machines).flatMap((machine) => {
    const point = asTime(own(machine, "recoveryPointTime"));
    const age = asNumber(own(machine, "recoveryPointAgeSeconds"));
    return point === undefined || age === undefined ? [] : [point + age * 1000];
  });
  return starts.length === 0 ? undefined : Math.max(...starts);
}

/** Why a machine counts as not drilled; the readiness checks leave out those that replicate nothing yet. */
function lateness(machine: RuleMachine, notBefore: string): string[] {
  const facts = { ...machine, stage: machine.stage ?? ("protected" as const), isDrillPending: false };
  return checkMachine(facts, notBefore)
    .filter(({ id }) => checks.includes(id))
    .map(({ id }) => `${machine.name} ${id === "neverTested" ? "never" : `on ${machine.lastTestFailover ?? ""}`}`);
}
