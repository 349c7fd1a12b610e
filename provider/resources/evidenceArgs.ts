/** What a drill and a failover take alike to be measured by, and what becomes of the evidence. */

import { z } from "zod";
import { allowedDuration, describeSeconds, durationSeconds } from "../evidence/duration.js";
import { findingLine, isOfTheRun, sortFindings } from "../evidence/findings.js";
import { type Goals, goalFindings, measureGoals } from "../evidence/goals.js";
import type { GoalEvidence, RunEvidence } from "../evidence/types.js";
import type { Context, Properties } from "./handler.js";

const duration = z
  .string({ error: allowedDuration })
  .refine((text) => durationSeconds(text) !== undefined, allowedDuration);

export const evidenceArgs = {
  /**
   * How long recovery may take, as an ISO 8601 duration such as PT4H: on each machine, from the start of the run until
   * it is reachable as the connectivity plan promises, or runs where nothing is promised. A missed goal is a finding. A
   * failback has no goals.
   */
  recoveryTimeGoal: duration.optional(),
  /**
   * How old each machine's recovery point may be when the run starts, as an ISO 8601 duration such as PT15M. A missed
   * goal is a finding.
   */
  recoveryPointGoal: duration.optional(),
  /**
   * Fails the `up` where a goal is missed or cannot be measured. The run stays recorded as it was, is never repeated by
   * that, and is cleaned up as usual; every further `up` fails until a goal, this argument or the run changes. Default
   * false.
   */
  failOnMissedGoal: z.boolean({ error: "allowed: true, false" }).default(false),
  /**
   * Directory of the history of runs, one line of JSON for each; relative to the directory of Pulumi.yaml. `none` keeps
   * none. Default: config `siterecovery:evidenceDirectory`, else `drills/<stack>`.
   */
  evidenceDirectory: z
    .string({ error: "allowed: the path of a directory, or none" })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no file system takes them in a path.
    .regex(/^[^\u0000-\u001f]*[^\u0000-\u001f\s][^\u0000-\u001f]*$/, "allowed: the path of a directory, or none")
    .optional(),
};

/** Outputs that a shell's state keeps of the evidence beside the evidence itself. */
export const historyPending = "historyPending";

/** The directory that inputs name, or the shell's own. */
export function withEvidenceDirectory(context: Context, inputs: Properties): Properties {
  const fallback = context.evidence?.defaultDirectory;
  return inputs.evidenceDirectory !== undefined || fallback === undefined
    ? inputs
    : { ...inputs, evidenceDirectory: fallback };
}

function goalsIn(inputs: Properties): Goals {
  const seconds = (key: string) => (typeof inputs[key] === "string" ? durationSeconds(inputs[key]) : undefined);
  return {
    recoveryTimeSeconds: seconds("recoveryTimeGoal"),
    recoveryPointSeconds: seconds("recoveryPointGoal"),
  };
}

/** The goals, measured; a failback has none: it is a planned return, and no disaster's clock runs. */
function measured(evidence: RunEvidence, inputs: Properties): GoalEvidence[] {
  if (evidence.kind === "failover" && evidence.fromStage !== "protected") return [];
  return measureGoals(evidence.machines, goalsIn(inputs));
}

/** The evidence held against the goals as they are declared now; what it measured stays as it is. */
export function held(evidence: RunEvidence, inputs: Properties): RunEvidence {
  const goals = measured(evidence, inputs);
  const others = evidence.findings.filter(({ id }) => !/^missedRecovery(?:Time|Point)Goal$/.test(id));
  return { ...evidence, goals, findings: sortFindings([...goalFindings(goals), ...others]) };
}

/** The findings that contradict the run, as lines of text. */
export function findingLines(evidence: RunEvidence): string[] {
  return evidence.findings.filter(isOfTheRun).map(findingLine);
}

/** Why an `up` has to fail by its goals, a line each; empty where it has not. */
export function missedGoals(evidence: RunEvidence | undefined, inputs: Properties, what: string): string[] {
  if (inputs.failOnMissedGoal !== true || evidence === undefined) return [];
  const missed = goalFindings(measured(evidence, inputs));
  if (missed.length === 0) return [];
  const shown = missed.slice(0, 20).map(findingLine);
  return [
    `${what}: ${missed.length} goal${missed.length === 1 ? " was" : "s were"} missed in a run of ${evidence.seconds === undefined ? "unknown length" : describeSeconds(evidence.seconds)}, and failOnMissedGoal is set.`,
    ...shown,
    ...(missed.length > shown.length ? [`... and ${missed.length - shown.length} more`] : []),
  ];
}

/** Says each missed goal as a warning, where it does not fail the `up`. */
export function warnOfGoals(context: Context, evidence: RunEvidence, inputs: Properties, what: string): void {
  if (inputs.failOnMissedGoal === true) return;
  const missed = evidence.findings.filter(({ id }) => id.startsWith("missedRecovery"));
  if (missed.length === 0) return;
  const names = missed.slice(0, 5).map(findingLine);
  context.log(
    "warning",
    `${what}: ${names.join("; ")}${missed.length > names.length ? `; and ${missed.length - names.length} more` : ""}`,
  );
}

/**
 * Adds a run to the history. A history that cannot be written must not lose the run: the outputs hold its evidence, and
 * the next `up` tries again.
 *
 * @returns the output to keep
 */
export async function record(
  context: Context,
  inputs: Properties,
  evidence: RunEvidence,
  what: string,
): Promise<Properties> {
  const directory = inputs.evidenceDirectory;
  if (context.evidence === undefined || typeof directory !== "string" || directory === "none") return {};
  try {
    await context.evidence.append(directory, evidence);
    return {};
  } catch (error) {
    context.log(
      "warning",
      `${what}: its evidence is in the outputs, but could not be added to the history: ${(error instanceof Error ? error.message : String(error)).replace(/\.+$/, "")}. The next \`pulumi up\` tries again; evidenceDirectory: "none" keeps no history.`,
    );
    return { [historyPending]: true };
  }
}
