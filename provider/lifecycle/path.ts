/**
 * The legal edges between stages, and the path between two of them.
 *
 * A walk never goes past `protected` and never round: a reverted line in version control must not fail a site over a
 * second time.
 */

import { type Scenario, type Stage, stages } from "./stages.js";

/** What is asked of Azure to go along an edge. */
export type StepAction =
  | "unplannedFailover"
  | "plannedFailover"
  | "failoverCommit"
  | "reprotect"
  | "failback"
  | "failbackCommit"
  | "failoverCancel";

export interface Step {
  from: Stage;
  to: Stage;
  action: StepAction;
  /** Azure's job scenarios that are this step when they are found open on the target. */
  scenarioNames: readonly string[];
  /** The operation that Azure must offer on the target for this step. */
  operation: string;
  isReversible: boolean;
  /** What is lost or cannot be undone, in words for the preview; empty when nothing is. */
  loss: string;
}

const failover: Omit<Step, "from" | "to"> = {
  action: "unplannedFailover",
  scenarioNames: ["UnplannedFailover"],
  operation: "UnplannedFailover",
  isReversible: false,
  loss: "replication to Azure stops; data not yet sent to Azure is lost, and the failover cannot be cancelled or undone, only followed by commit, reprotect and failback",
};

const commit: Omit<Step, "from" | "to"> = {
  action: "failoverCommit",
  scenarioNames: ["CommitFailover", "FinalizeFailback"],
  operation: "Commit",
  isReversible: false,
  loss: "all recovery points are deleted; the recovery point can no longer be changed",
};

/** The edges that this version drives; the way back (reprotect, failback) is not among them yet. */
const edges: Record<Scenario, readonly Step[]> = {
  vmware: [
    { from: "protected", to: "failedOver", ...failover },
    { from: "failedOver", to: "committed", ...commit },
  ],
  hyperV: [
    { from: "protected", to: "failedOver", ...failover },
    { from: "failedOver", to: "committed", ...commit },
  ],
};

/** The stages that a `Failover` can be declared at in this version. */
export const declarableStages = ["protected", "failedOver", "committed"] as const satisfies readonly Stage[];
export type DeclarableStage = (typeof declarableStages)[number];

export type Path = { isLegal: true; steps: Step[] } | { isLegal: false; reason: string; legalStages: Stage[] };

/**
 * The steps from one stage to another.
 *
 * @param through Allows more than one step in a walk of the same turn.
 */
export function path(scenario: Scenario, from: Stage, to: Stage, through: boolean): Path {
  if (from === to) return { isLegal: true, steps: [] };
  const steps: Step[] = [];
  let at: Stage = from;
  while (at !== to) {
    const next = edges[scenario].find((edge) => edge.from === at);
    // Beyond `protected` the next turn of the ring would begin.
    if (!next || (steps.length > 0 && at === "protected")) {
      return {
        isLegal: false,
        reason: `there is no way from ${from} to ${to}`,
        legalStages: legalStages(scenario, from, through),
      };
    }
    steps.push(next);
    at = next.to;
  }
  if (steps.length > 1 && !through) {
    return {
      isLegal: false,
      reason: `${to} is ${steps.length} steps from ${from} (${steps.map((step) => step.to).join(", then ")}); set through: true to go there in one walk`,
      legalStages: legalStages(scenario, from, through),
    };
  }
  return { isLegal: true, steps };
}

/** The stages that may be declared next, the present one first. */
export function legalStages(scenario: Scenario, from: Stage, through = false): Stage[] {
  const reachable = [from];
  let at: Stage = from;
  for (;;) {
    const next = edges[scenario].find((edge) => edge.from === at);
    if (!next || reachable.includes(next.to)) return reachable;
    reachable.push(next.to);
    if (!through || next.to === "protected") return reachable;
    at = next.to;
  }
}

/** The stages that lie on the way from one stage to another, both included; empty where there is no way. */
export function stretch(scenario: Scenario, from: Stage, to: Stage): Stage[] {
  const way = path(scenario, from, to, true);
  return way.isLegal ? [from, ...way.steps.map((step) => step.to)] : [];
}

/** Orders stages along the ring, for "the furthest of the items". */
export function stageIndex(stage: Stage): number {
  return stages.indexOf(stage);
}
