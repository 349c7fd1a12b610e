/** `siterecovery drills`: the history of drills and failovers, a line each. */

import { describeSeconds } from "../provider/evidence/duration.js";
import type { RunEvidence } from "../provider/evidence/types.js";
import { summaryOf, verdictText } from "../report/index.js";
import { readArguments, UsageError } from "./arguments.js";
import { evidenceOptions, evidenceUsage, readRuns } from "./evidenceFiles.js";

const options = { ...evidenceOptions, json: { type: "boolean" }, help: { type: "boolean" } } as const;

export const drillsUsage = `siterecovery drills [options]

${evidenceUsage}
  --json                       one JSON array: job, times, numbers and result of each run
`;

/** @returns the exit status: 0, or 2 where the command line cannot be used */
export async function drills(args: readonly string[]): Promise<number> {
  try {
    const { values } = readArguments(args, options);
    if (values.help === true) {
      process.stdout.write(drillsUsage);
      return 0;
    }
    const { runs, problems } = readRuns(values);
    for (const problem of problems) console.error(`siterecovery drills: ${problem}`);
    if (values.json === true) console.log(JSON.stringify(runs.map(asJson), null, 2));
    else console.log(runs.length === 0 ? "no runs yet" : table(runs).join("\n"));
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`siterecovery drills: ${error.message}\n\n${drillsUsage}`);
    return 2;
  }
}

function asJson(run: RunEvidence): Record<string, unknown> {
  const { kind, targetKind, targetName, targetId, vaultName, fromStage, toStage, jobName, state } = run;
  const { startTime, endTime, seconds } = run;
  return {
    ...{ kind, targetKind, targetName, targetId, vaultName, fromStage, toStage, jobName, state },
    ...{ startTime, endTime, seconds },
    ...summaryOf(run),
  };
}

function table(runs: readonly RunEvidence[]): string[] {
  const header = ["started", "run", "target", "machines", "recovery time", "oldest data", "result", "job"];
  const rows = runs.map((run) => {
    const summary = summaryOf(run);
    const time = (seconds: number | undefined) => (seconds === undefined ? "-" : describeSeconds(seconds));
    return [
      run.startTime?.slice(0, 16).replace("T", " ") ?? "unknown",
      run.kind === "testFailover" ? "drill" : `${run.fromStage ?? "?"} -> ${run.toStage ?? "?"}`,
      printable(run.targetName),
      `${summary.recovered} of ${summary.machines}`,
      time(summary.recoveryTimeSeconds),
      time(summary.recoveryPointAgeSeconds),
      verdictText(summary),
      printable(run.jobName),
    ];
  });
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [line(header), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)];
}

/** A name as a terminal may show it: what moves its cursor or turns its colours is taken out. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, "\ufffd");
}
