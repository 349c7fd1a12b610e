/**
 * Reads evidence from whatever holds it: lines of a history, `pulumi stack output --json`, `pulumi stack export`, an
 * earlier `drill.json`. Evidence is found by its shape, wherever it stands.
 */

import { z } from "zod";
import { evidenceVersion, type RunEvidence } from "../provider/evidence/types.js";

const seconds = z.number().min(0).optional();
const moment = z.iso.datetime({ offset: true }).optional();

const run = z.looseObject({
  schemaVersion: z.number(),
  kind: z.enum(["testFailover", "failover"]),
  targetKind: z.enum(["recoveryPlan", "replicatedItem"]),
  targetName: z.string(),
  targetId: z.string(),
  vaultName: z.string(),
  fromStage: z.string().optional(),
  toStage: z.string().optional(),
  jobName: z.string(),
  state: z.string(),
  startTime: moment,
  endTime: moment,
  seconds,
  recoveryPoint: z.string().optional(),
  networkId: z.string().optional(),
  jobs: z.array(
    z.looseObject({
      name: z.string(),
      scenarioName: z.string(),
      state: z.string(),
      targetName: z.string().optional(),
      startTime: moment,
      endTime: moment,
      seconds,
    }),
  ),
  machines: z.array(
    z.looseObject({
      name: z.string(),
      replicatedItemId: z.string(),
      bootGroup: z.number(),
      virtualMachineId: z.string().optional(),
      privateIp: z.string().optional(),
      recoveryTimeSeconds: seconds,
      reachableTimeSeconds: seconds,
      recoveryPointId: z.string().optional(),
      recoveryPointTime: moment,
      recoveryPointAgeSeconds: seconds,
      access: z.array(
        z.looseObject({
          path: z.string(),
          protocol: z.string(),
          port: z.number(),
          source: z.string(),
          reachable: z.boolean().nullable(),
          decidedBy: z.string(),
          planned: z.boolean().optional(),
          differsFromPlan: z.boolean(),
        }),
      ),
    }),
  ),
  bootGroups: z.array(
    z.looseObject({
      number: z.number(),
      machines: z.array(z.string()),
      recoveryTimeSeconds: seconds,
      reachableTimeSeconds: seconds,
      recoveryPointAgeSeconds: seconds,
    }),
  ),
  tasks: z.array(
    z.looseObject({
      name: z.string(),
      state: z.string(),
      machine: z.string().optional(),
      startTime: moment,
      endTime: moment,
      seconds,
    }),
  ),
  goals: z.array(
    z.looseObject({
      goal: z.enum(["recoveryTime", "recoveryPoint"]),
      machine: z.string(),
      goalSeconds: z.number().min(0),
      measuredSeconds: seconds,
      isMet: z.boolean(),
    }),
  ),
  findings: z.array(
    z.looseObject({
      id: z.string(),
      severity: z.enum(["error", "warning", "info"]),
      machine: z.string().optional(),
      text: z.string(),
      remedy: z.string(),
    }),
  ),
  versions: z.looseObject({ package: z.string(), engine: z.string().optional(), node: z.string().optional() }),
  hashes: z.looseObject({
    recoveryPlan: z.string().optional(),
    replicationPolicies: z.string().optional(),
    connectivityPlan: z.string().optional(),
  }),
});

export interface Found {
  runs: RunEvidence[];
  /** What looked like evidence and could not be read, each with where it stands. */
  problems: string[];
}

/**
 * Every run in a text: one JSON document, or one for each line.
 *
 * @param source Name of the text in problems, such as a file's path.
 */
export function readEvidence(text: string, source: string): Found {
  const found: Found = { runs: [], problems: [] };
  const whole = parse(text);
  if (whole !== undefined) {
    collect(whole.value, source, found);
    return found;
  }
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const at = `${source}, line ${index + 1}`;
    const parsed = parse(line);
    // Half a line is what a process leaves that was killed while it wrote; the run stands in a later line.
    if (parsed === undefined) found.problems.push(`${at}: is no JSON, and was left out`);
    else collect(parsed.value, at, found);
  }
  return found;
}

/** Runs of several texts, oldest first, each once; of two that tell of one run the later text's is taken. */
export function inOrder(runs: readonly RunEvidence[]): RunEvidence[] {
  const byRun = new Map(runs.map((each) => [`${each.targetId.toLowerCase()} ${each.jobName}`, each]));
  return [...byRun.values()].sort((a, b) => startOf(a) - startOf(b) || (a.jobName < b.jobName ? -1 : 1));
}

/** When a run started, in milliseconds since 1970; before everything where it is not known. */
function startOf(evidence: Pick<RunEvidence, "startTime">): number {
  const time = Date.parse(evidence.startTime ?? "");
  return Number.isFinite(time) ? time : Number.NEGATIVE_INFINITY;
}

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function collect(value: unknown, source: string, found: Found): void {
  if (Array.isArray(value)) {
    for (const each of value) collect(each, source, found);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  if (!("schemaVersion" in value && "jobName" in value && "machines" in value)) {
    for (const each of Object.values(value)) collect(each, source, found);
    return;
  }
  const { schemaVersion } = value;
  if (typeof schemaVersion === "number" && schemaVersion > evidenceVersion) {
    found.problems.push(
      `${source}: was written by a later version of the package (schemaVersion ${schemaVersion}; this one reads ${evidenceVersion}), and was left out`,
    );
    return;
  }
  const verdict = run.safeParse(value);
  if (verdict.success) found.runs.push(verdict.data);
  else {
    const reasons = verdict.error.issues.slice(0, 3).map(({ path, message }) => `${path.join(".")}: ${message}`);
    found.problems.push(`${source}: is no evidence that can be read (${reasons.join("; ")}), and was left out`);
  }
}
