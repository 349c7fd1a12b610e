/** Goals: how long recovery may take, and how old the data may be, held against what was measured. */

import { isPromised } from "./bootGroups.js";
import { describeSeconds } from "./duration.js";
import type { EvidenceFinding, GoalEvidence, MachineEvidence } from "./types.js";

/** Goals in seconds; what is absent is not asked for. */
export interface Goals {
  recoveryTimeSeconds?: number | undefined;
  recoveryPointSeconds?: number | undefined;
}

/**
 * Each goal on each machine. The recovery time ends when the machine is reachable as the plan promised, or runs where
 * nothing was promised. What could not be measured is missed: a goal without a measurement proves nothing.
 */
export function measureGoals(machines: readonly MachineEvidence[], goals: Goals): GoalEvidence[] {
  const measured = (
    goal: GoalEvidence["goal"],
    goalSeconds: number | undefined,
    of: (machine: MachineEvidence) => number | undefined,
  ): GoalEvidence[] => {
    if (goalSeconds === undefined) return [];
    return machines.map((machine) => {
      const seconds = of(machine);
      const isMet = seconds !== undefined && seconds <= goalSeconds;
      return {
        goal,
        machine: machine.name,
        goalSeconds,
        ...(seconds === undefined ? {} : { measuredSeconds: seconds }),
        isMet,
      };
    });
  };
  return [
    ...measured("recoveryTime", goals.recoveryTimeSeconds, recoveredAfter),
    ...measured("recoveryPoint", goals.recoveryPointSeconds, (machine) => machine.recoveryPointAgeSeconds),
  ];
}

/** Where Azure could not be asked whether a promise is kept, the machine running has to do; a broken promise is no recovery. */
function recoveredAfter(machine: MachineEvidence): number | undefined {
  if (!isPromised(machine)) return machine.recoveryTimeSeconds;
  if (machine.access.some((access) => access.planned === true && access.reachable === false)) return undefined;
  return machine.reachableTimeSeconds ?? machine.recoveryTimeSeconds;
}

/** A finding for each goal that was missed. */
export function goalFindings(goals: readonly GoalEvidence[]): EvidenceFinding[] {
  return goals.filter(({ isMet }) => !isMet).map(goalFinding);
}

function goalFinding({ goal, machine, goalSeconds, measuredSeconds }: GoalEvidence): EvidenceFinding {
  const isTime = goal === "recoveryTime";
  const wanted = describeSeconds(goalSeconds);
  const text =
    measuredSeconds === undefined
      ? isTime
        ? `recovery time goal of ${wanted} missed: the machine was not seen to be recovered and reachable as planned`
        : `recovery point goal of ${wanted} missed: Azure does not tell which recovery point was used`
      : isTime
        ? `recovery time goal of ${wanted} missed: recovery took ${describeSeconds(measuredSeconds)}`
        : `recovery point goal of ${wanted} missed: the data was ${describeSeconds(measuredSeconds)} old when the run started`;
  return {
    id: isTime ? "missedRecoveryTimeGoal" : "missedRecoveryPointGoal",
    severity: "error",
    machine,
    text,
    remedy: isTime
      ? "look at its longest steps in the timeline; boot it in an earlier group, split the plan, or set a goal that can be met"
      : "let replication make points more often, look at the machine's replication health, or set a goal that can be met",
  };
}
