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
  | "failoverCancel"
  | "reverseReplicate";

export interface Step {
  from: Stage;
  to: Stage;
  action: StepAction;
  /** Azure's job scenarios that are this step when they are found open on the target. */
  scenarioNames: readonly string[];
  /** The operations of which Azure must offer one on the target for this step. */
  operations: readonly string[];
  isReversible: boolean;
  /** What happens to the machines, in words for the preview. */
  does: string;
  /** What is lost or cannot be undone, in words for the preview; empty when nothing is. */
  loss: string;
}

type Edge = Omit<Step, "from" | "to">;

const failover: Edge = {
  action: "unplannedFailover",
  scenarioNames: ["UnplannedFailover"],
  operations: ["UnplannedFailover"],
  isReversible: false,
  does: "the machines start in Azure, from their recovery points",
  loss: "replication to Azure stops; data not yet sent to Azure is lost, and the failover cannot be cancelled or undone, only followed by commit, reprotect and failback",
};

const hyperVFailover: Edge = {
  ...failover,
  loss: "replication to Azure stops; data not yet sent to Azure is lost, and the failover cannot be cancelled or undone, only followed by commit and failback",
};

const commit: Edge = {
  action: "failoverCommit",
  scenarioNames: ["CommitFailover", "FinalizeFailback"],
  operations: ["Commit"],
  isReversible: false,
  does: "the failover becomes final, the machines run on where they are",
  loss: "all recovery points are deleted; the recovery point can no longer be changed",
};

const reprotectNames = ["SwitchReplicationGroupProtection", "ReprotectReplicationGroup", "ReverseReplication"];

const reprotect: Edge = {
  action: "reprotect",
  scenarioNames: reprotectNames,
  operations: ["SwitchProtection"],
  isReversible: false,
  does: "the machines run on in Azure while their data is copied back on-premises",
  loss: "the on-premises machine is switched off and its disks are overwritten with the data of Azure",
};

const commitAndReprotect: Edge = {
  ...reprotect,
  loss: `the failover is committed on the way: ${commit.loss}; ${reprotect.loss}`,
};

const failback: Edge = {
  action: "failback",
  scenarioNames: ["PlannedFailover", "UnplannedFailover"],
  operations: ["PlannedFailover", "UnplannedFailover"],
  isReversible: true,
  does: "the machines in Azure are shut down, their last changes are sent, and the machines on-premises start",
  loss: "a static address is not kept on-premises; until the commit the failback can be cancelled by declaring reprotected",
};

const failbackCommit: Edge = {
  action: "failbackCommit",
  scenarioNames: ["CommitFailover", "FinalizeFailback"],
  operations: ["Commit"],
  isReversible: false,
  does: "the failback becomes final, the machines run on on-premises",
  loss: "the machines in Azure and their disks are deleted; the failback can no longer be cancelled",
};

/** Where a failback cannot be cancelled before either. */
const finalFailbackCommit: Edge = {
  ...failbackCommit,
  loss: "the machines in Azure and their disks are deleted",
};

const cancel: Edge = {
  action: "failoverCancel",
  scenarioNames: ["CancelFailover"],
  operations: ["CancelFailover"],
  isReversible: false,
  does: "the failback is cancelled: the machines run in Azure again, and replicate back on-premises",
  loss: "what the machine wrote on-premises since the failback is lost: its disks are reverted, and the machine in Azure starts again",
};

const reverse: Edge = {
  action: "reverseReplicate",
  scenarioNames: reprotectNames,
  operations: ["SwitchProtection", "ReverseReplicate"],
  isReversible: true,
  does: "the machines run on on-premises and replicate to Azure again, beginning with a first copy",
  loss: "",
};

const secondSite = {
  failover: {
    ...failover,
    does: "the machines start at the second site, from their recovery points",
    loss: "replication to the second site stops; data not yet sent is lost, and the failover cannot be cancelled or undone, only followed by commit, reverse replication and failback",
  },
  reprotect: {
    ...reprotect,
    operations: ["ReverseReplicate"],
    does: "the machines run on at the second site and replicate back to the first",
    loss: "the first site's copy of the machine is overwritten with the data of the second site",
  },
  commit: { ...commit, operations: ["Commit"] },
  failback: {
    ...failback,
    isReversible: false,
    does: "the machines at the second site are shut down, and those at the first start",
    loss: "replication to the first site stops, and the failback cannot be cancelled or undone, only followed by commit and reverse replication",
  },
  failbackCommit: {
    ...failbackCommit,
    does: "the failback becomes final, the machines run on at the first site",
    loss: "all recovery points are deleted; the failback's recovery point can no longer be changed",
  },
  reverse: { ...reverse, does: "the machines run on at the first site and replicate to the second again" },
} satisfies Record<string, Edge>;

/** In the order of the ring. */
const edges: Record<Scenario, readonly Step[]> = {
  vmware: [
    { from: "protected", to: "failedOver", ...failover },
    { from: "failedOver", to: "committed", ...commit },
    { from: "failedOver", to: "reprotected", ...commitAndReprotect },
    { from: "committed", to: "reprotected", ...reprotect },
    { from: "reprotected", to: "failedBack", ...failback },
    { from: "failedBack", to: "failbackCommitted", ...failbackCommit },
    { from: "failedBack", to: "reprotected", ...cancel },
    { from: "failbackCommitted", to: "protected", ...reverse },
  ],
  vmwareClassic: [
    { from: "protected", to: "failedOver", ...failover },
    { from: "failedOver", to: "committed", ...commit },
    { from: "failedOver", to: "reprotected", ...commitAndReprotect },
    { from: "committed", to: "reprotected", ...reprotect },
    {
      from: "reprotected",
      to: "failedBack",
      ...failback,
      isReversible: false,
      does: "the machines in Azure are shut down, and the machines on-premises start from a recovery point",
      loss: "data not yet sent to on-premises is lost, and a failback of this kind cannot be cancelled",
    },
    { from: "failedBack", to: "failbackCommitted", ...finalFailbackCommit },
    { from: "failbackCommitted", to: "protected", ...reverse },
  ],
  hyperV: [
    { from: "protected", to: "failedOver", ...hyperVFailover },
    { from: "failedOver", to: "committed", ...commit },
    {
      from: "committed",
      to: "failedBack",
      ...failback,
      operations: ["Failback"],
      isReversible: false,
      loss: "the on-premises disks are overwritten, and cancelling while data is synchronised leaves the on-premises machine damaged",
    },
    { from: "failedBack", to: "failbackCommitted", ...finalFailbackCommit },
    {
      from: "failbackCommitted",
      to: "protected",
      ...reverse,
      does: "the machines run on on-premises and replicate to Azure again; only the changes since the machines in Azure were shut down are sent",
    },
  ],
  vmmToVmm: [
    { from: "protected", to: "failedOver", ...secondSite.failover },
    { from: "failedOver", to: "committed", ...secondSite.commit },
    {
      from: "failedOver",
      to: "reprotected",
      ...secondSite.reprotect,
      loss: `the failover is committed on the way: ${commit.loss}; ${secondSite.reprotect.loss}`,
    },
    { from: "committed", to: "reprotected", ...secondSite.reprotect },
    { from: "reprotected", to: "failedBack", ...secondSite.failback },
    { from: "failedBack", to: "failbackCommitted", ...secondSite.failbackCommit },
    {
      from: "failedBack",
      to: "protected",
      ...secondSite.reverse,
      isReversible: false,
      loss: `the failback is committed on the way: ${secondSite.failbackCommit.loss}`,
    },
    { from: "failbackCommitted", to: "protected", ...secondSite.reverse },
  ],
};

export type Path = { isLegal: true; steps: Step[] } | { isLegal: false; reason: string; legalStages: Stage[] };

/**
 * The steps from one stage to another: the fewest that lead there.
 *
 * @param through Allows more than one step in a walk of the same turn.
 */
export function path(scenario: Scenario, from: Stage, to: Stage, through: boolean): Path {
  if (from === to) return { isLegal: true, steps: [] };
  const steps = shortest(scenario, from, to);
  if (!steps) {
    return {
      isLegal: false,
      reason: edges[scenario].some((edge) => edge.to === to)
        ? `there is no way from ${from} to ${to} in this turn`
        : `there is no stage ${to} for this kind of machine`,
      legalStages: legalStages(scenario, from, through),
    };
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
  const others = turnFrom(from).filter((stage) => {
    const steps = shortest(scenario, from, stage);
    return steps !== undefined && (through || steps.length === 1);
  });
  return [from, ...others];
}

/** What may be declared next beside the present stage; none where that is no single stage, or of a kind out of scope. */
export function legalNextStages(scenario: Scenario | undefined, stage: string): Stage[] {
  const from = stages.find((known) => known === stage);
  return scenario && from ? legalStages(scenario, from).filter((legal) => legal !== from) : [];
}

/** The stages that lie on some way from one stage to another, both included; empty where there is no way. */
export function stretch(scenario: Scenario, from: Stage, to: Stage): Stage[] {
  if (from === to) return [from];
  const found = new Set(ways(scenario, from, to).flatMap((way) => way.map((step) => step.to)));
  return found.size === 0 ? [] : [from, ...turnFrom(from).filter((stage) => found.has(stage))];
}

/** Orders stages along the ring, for "the furthest of the items". */
export function stageIndex(stage: Stage): number {
  return stages.indexOf(stage);
}

/** The other stages in the order in which a turn that began here meets them. */
function turnFrom(from: Stage): Stage[] {
  const at = stageIndex(from);
  return [...stages.slice(at + 1), ...stages.slice(0, at)];
}

function shortest(scenario: Scenario, from: Stage, to: Stage): Step[] | undefined {
  return ways(scenario, from, to).sort((a, b) => a.length - b.length)[0];
}

/** Every way that meets no stage twice and `protected` at its ends alone; a cancelled failback is a way by itself. */
function ways(scenario: Scenario, from: Stage, to: Stage, met: readonly Stage[] = [from]): Step[][] {
  return edges[scenario]
    .filter((edge) => edge.from === from && !met.includes(edge.to))
    .flatMap((edge) => {
      if (edge.to === to) return [[edge]];
      if (edge.to === "protected" || edge.action === "failoverCancel") return [];
      return ways(scenario, edge.to, to, [...met, edge.to]).map((rest) => [edge, ...rest]);
    });
}

/** A forward failover as a planned one: the source is shut down and its last changes are sent first. */
export function asPlanned(step: Step): Step {
  if (step.action !== "unplannedFailover") return step;
  return {
    ...step,
    action: "plannedFailover",
    scenarioNames: ["PlannedFailover"],
    operations: ["PlannedFailover"],
    loss: "replication stops; nothing is lost, because the source is shut down and its last changes are sent first, but the failover cannot be cancelled or undone. It does not run where a machine cannot be shut down or synchronised",
  };
}

/**
 * The next step of one machine: on the shortest way of which Azure offers the first step, else on the shortest.
 *
 * @param offered Operations that Azure offers on the machine now.
 */
export function nextStep(
  scenario: Scenario,
  from: Stage,
  to: Stage,
  offered: readonly string[],
): Step | undefined {
  const byLength = ways(scenario, from, to).sort((a, b) => a.length - b.length);
  const first = byLength.flatMap((way) => way.slice(0, 1));
  return first.find((step) => step.operations.some((operation) => offered.includes(operation))) ?? first[0];
}
