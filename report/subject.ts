/** What a report is about: for each target its latest run, with the one before it and all that came before. */

import type { RunEvidence } from "../provider/evidence/types.js";
import { inOrder } from "./read.js";

export interface Subject {
  run: RunEvidence;
  previous: RunEvidence | undefined;
  /** All runs of the same kind and target up to this one, oldest first. */
  history: RunEvidence[];
}

export interface Choice {
  /** Name or ARM id of a recovery plan or machine; default every one. */
  target?: string | undefined;
  /** Azure's name of a run's first job; default the latest. */
  job?: string | undefined;
}

/** The subjects among runs, the latest first. A failover's way there and its way back are two. */
export function subjectsOf(runs: readonly RunEvidence[], choice: Choice = {}): Subject[] {
  const ordered = inOrder(runs).filter((run) => isChosen(run, choice.target));
  const byLine = new Map<string, RunEvidence[]>();
  for (const run of ordered) {
    const line = [run.kind, run.targetId.toLowerCase(), isFailback(run)].join(" ");
    byLine.set(line, [...(byLine.get(line) ?? []), run]);
  }
  return [...byLine.values()]
    .flatMap((line) => {
      const until =
        choice.job === undefined ? line.length - 1 : line.findIndex((run) => run.jobName === choice.job);
      const run = line[until];
      if (run === undefined) return [];
      return [{ run, previous: line[until - 1], history: line.slice(0, until + 1) }];
    })
    .sort((a, b) => ordered.indexOf(b.run) - ordered.indexOf(a.run));
}

function isChosen(run: RunEvidence, target: string | undefined): boolean {
  if (target === undefined) return true;
  const wanted = target.toLowerCase();
  return run.targetName.toLowerCase() === wanted || run.targetId.toLowerCase() === wanted;
}

/** The run in words, such as `Drill of recovery plan shop`. */
export function titleOf(run: RunEvidence): string {
  const target = `${run.targetKind === "recoveryPlan" ? "recovery plan" : "machine"} ${run.targetName}`;
  if (run.kind === "testFailover") return `Drill of ${target}`;
  return `${isFailback(run) ? "Failback" : "Failover"} of ${target}`;
}

function isFailback(run: RunEvidence): boolean {
  return run.kind === "failover" && run.fromStage !== undefined && run.fromStage !== "protected";
}
