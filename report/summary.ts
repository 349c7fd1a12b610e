/** A run in the few numbers that a reader wants first. */

import type { RunEvidence } from "../provider/evidence/types.js";

export interface Summary {
  /** failed: Azure says so, or a machine did not come up; missed: a goal was missed; findings: something to mend. */
  verdict: "failed" | "missed" | "findings" | "good";
  machines: number;
  /** Machines that run. */
  recovered: number;
  /** Until the last machine ran; absent where one did not. */
  recoveryTimeSeconds?: number;
  /** Age of the oldest recovery point. */
  recoveryPointAgeSeconds?: number;
  /** Ways to connect that were asked for, and those of them that work. */
  accessAsked: number;
  accessOpen: number;
  goals: number;
  goalsMissed: number;
  errors: number;
  warnings: number;
  /** The strictest goals that were set. */
  recoveryTimeGoalSeconds?: number;
  recoveryPointGoalSeconds?: number;
}

const goodEnds = ["Succeeded", "CompletedWithInformation"];

export function summaryOf(run: RunEvidence): Summary {
  const { machines, goals, findings } = run;
  const recovered = machines.filter((machine) => machine.recoveryTimeSeconds !== undefined);
  const ages = machines.flatMap(({ recoveryPointAgeSeconds: age }) => age ?? []);
  const access = machines.flatMap((machine) => machine.access);
  const missed = goals.filter(({ isMet }) => !isMet).length;
  const count = (severity: string) => findings.filter((finding) => finding.severity === severity).length;
  const goalOf = (name: string) => {
    const set = goals.filter(({ goal }) => goal === name).map(({ goalSeconds }) => goalSeconds);
    return set.length > 0 ? Math.min(...set) : undefined;
  };
  const timeGoal = goalOf("recoveryTime");
  const pointGoal = goalOf("recoveryPoint");
  const isWhole = recovered.length === machines.length && machines.length > 0;
  const isGood = goodEnds.includes(run.state) && isWhole;
  return {
    verdict: !isGood
      ? "failed"
      : missed > 0
        ? "missed"
        : count("error") + count("warning") > 0
          ? "findings"
          : "good",
    machines: machines.length,
    recovered: recovered.length,
    ...(isWhole
      ? { recoveryTimeSeconds: longest(recovered.map((machine) => machine.recoveryTimeSeconds ?? 0)) }
      : {}),
    ...(ages.length > 0 ? { recoveryPointAgeSeconds: longest(ages) } : {}),
    accessAsked: access.length,
    accessOpen: access.filter(({ reachable }) => reachable === true).length,
    goals: goals.length,
    goalsMissed: missed,
    errors: count("error"),
    warnings: count("warning"),
    ...(timeGoal === undefined ? {} : { recoveryTimeGoalSeconds: timeGoal }),
    ...(pointGoal === undefined ? {} : { recoveryPointGoalSeconds: pointGoal }),
  };
}

/** The largest of numbers, however many. */
export function longest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

/** The verdict as a reader sees it. */
export function verdictText(summary: Summary): string {
  const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? "" : "s"}`;
  switch (summary.verdict) {
    case "failed":
      return "Failed";
    case "missed":
      return `${plural(summary.goalsMissed, "goal")} missed`;
    case "findings":
      return summary.goals > 0 ? "Goals met, with findings" : "Succeeded, with findings";
    case "good":
      return summary.goals > 0 ? "Goals met" : "Succeeded";
  }
}
