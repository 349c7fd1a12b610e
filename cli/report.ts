/** `siterecovery report`: evidence of drills and failovers as a page, as JSON and as JUnit XML. */

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describeSeconds } from "../provider/evidence/duration.js";
import { reportOf, type Subject, subjectsOf, summaryOf, titleOf, verdictText } from "../report/index.js";
import { readArguments, UsageError } from "./arguments.js";
import { evidenceOptions, evidenceUsage, readRuns } from "./evidenceFiles.js";

const options = {
  ...evidenceOptions,
  out: { type: "string" },
  target: { type: "string" },
  job: { type: "string" },
  "fail-on-missed-goal": { type: "boolean" },
  help: { type: "boolean" },
} as const;

export const reportUsage = `siterecovery report [options]

${evidenceUsage}
  --target NAME|ID             only runs of this recovery plan or machine; default the latest run of each
  --job NAME                   the run of this Site Recovery job; default the latest
  --out DIR                    where drill.html, drill.json and drill.junit.xml go; default the current directory
  --fail-on-missed-goal        exit status 1 where a run failed or a goal was missed
`;

/** @returns the exit status: 0, 1 as asked for, or 2 where the command line cannot be used */
export async function report(args: readonly string[]): Promise<number> {
  try {
    const { values } = readArguments(args, options);
    if (values.help === true) {
      process.stdout.write(reportUsage);
      return 0;
    }
    const { runs, problems } = readRuns(values);
    for (const problem of problems) console.error(`siterecovery report: ${problem}`);
    const subjects = subjectsOf(runs, values);
    if (subjects.length === 0) {
      const known = [...new Set(runs.map(({ targetName }) => targetName))].sort();
      throw new UsageError(
        runs.length === 0
          ? "there is no evidence of a run in it"
          : `no run fits${values.target === undefined ? "" : ` --target ${JSON.stringify(values.target)}`}${values.job === undefined ? "" : ` --job ${JSON.stringify(values.job)}`}. Targets: ${known.join(", ")}`,
      );
    }
    writeReport(subjects, values.out ?? ".");
    console.log(describe(subjects, values.out ?? "."));
    const isBad = subjects.some(({ run }) => ["failed", "missed"].includes(summaryOf(run).verdict));
    return isBad && values["fail-on-missed-goal"] === true ? 1 : 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`siterecovery report: ${error.message}\n\n${reportUsage}`);
    return 2;
  }
}

/** Writes the report's files into a directory, which is made where it is missing. */
export function writeReport(subjects: readonly Subject[], directory: string): void {
  mkdirSync(directory, { recursive: true });
  for (const [name, text] of Object.entries(reportOf(subjects)))
    writeFileSync(path.join(directory, name), text as string);
}

function describe(subjects: readonly Subject[], directory: string): string {
  const lines = subjects.map(({ run }) => {
    const summary = summaryOf(run);
    const time =
      summary.recoveryTimeSeconds === undefined ? "" : ` within ${describeSeconds(summary.recoveryTimeSeconds)}`;
    return `${titleOf(run)}, ${run.startTime ?? "no time"}: ${verdictText(summary)}; ${summary.recovered} of ${summary.machines} machines recovered${time}`;
  });
  const files = ["drill.html", "drill.json", "drill.junit.xml"].map((name) => path.join(directory, name));
  return [...lines, `Written: ${files.join(", ")}`].join("\n");
}
