#!/usr/bin/env node
/** `npm start`: rehearses the example drill end to end on the embedded emulator. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { rehearse } from "../rehearsal/drill/rehearse.js";
import { describeRehearsal } from "../rehearsal/drill/summary.js";
import { subjectsOf } from "../report/index.js";
import { numberOption, readArguments, UsageError } from "./arguments.js";
import { readRuns } from "./evidenceFiles.js";
import { writeReport } from "./report.js";

const root = path.resolve(__dirname, "..", "..");
const options = {
  json: { type: "string" },
  report: { type: "string" },
  "policy-pack": { type: "string" },
  engine: { type: "string" },
  speed: { type: "string" },
  help: { type: "boolean" },
} as const;

const usage = `npm start -- [options]

  --json FILE                  also writes the summary as JSON
  --report DIR                 also writes drill.html, drill.json and drill.junit.xml there, and keeps
                               the drill in DIR/history: the next one is compared with it
  --policy-pack DIR            lets the rules of a policy pack look at the drill, such as \`policy\` here
  --engine embedded|pulumi     default: pulumi where it is on the PATH
  --speed N                    simulated seconds for each real one, default 600
`;

async function main(): Promise<number> {
  const { values } = readArguments(process.argv.slice(2), options);
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const engine = values.engine;
  if (engine !== undefined && engine !== "embedded" && engine !== "pulumi") {
    throw new UsageError(`--engine: ${JSON.stringify(engine)} is not allowed. Allowed: embedded, pulumi`);
  }
  const project = path.join(root, "examples", "drill");
  const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { version: string };
  console.log(
    "Disaster-recovery drill: replicate a shop's machines, fail them over into an isolated network, see who can connect, clean up.",
  );
  const rehearsal = await rehearse({
    project,
    estate: path.join(project, "estate.yaml"),
    config: stackConfig(path.join(project, "Pulumi.dev.yaml")),
    speed: numberOption("speed", values.speed, 1, 100_000) ?? 600,
    ...(engine ? { engine } : {}),
    ...(values.report === undefined ? {} : { evidenceDirectory: historyIn(values.report) }),
    ...(values["policy-pack"] === undefined ? {} : { policyPack: values["policy-pack"] }),
    rehearseCommand: path.join(__dirname, "rehearse.js"),
    embeddedVersion: version,
    say: (line) => console.log(line),
  });
  console.log(`\n${describeRehearsal(rehearsal).join("\n")}`);
  if (values.json) writeFileSync(values.json, `${JSON.stringify(rehearsal.report, null, 2)}\n`);
  if (values.report !== undefined) reportInto(values.report, rehearsal.jobName);
  return rehearsal.problems.length === 0 && rehearsal.report.cleanedUp ? 0 : 1;
}

function historyIn(directory: string): string {
  return path.resolve(directory, "history");
}

/** @param jobName of this drill: the clocks of two rehearsals do not tell which one was later */
function reportInto(directory: string, jobName: string | undefined): void {
  const history = historyIn(directory);
  const subjects = existsSync(history) ? subjectsOf(readRuns({ evidence: history }).runs, { job: jobName }) : [];
  if (subjects.length === 0) {
    console.error("No report: the drill left no evidence.");
    return;
  }
  writeReport(subjects, directory);
  console.log(`Report: ${path.join(directory, "drill.html")}`);
}

/** The committed configuration of the example, without the endpoint: the rehearsal has an emulator of its own. */
function stackConfig(file: string): Record<string, string> {
  const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
  return Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) =>
      key === "siterecovery:endpoint" ? [] : [[key, String(value)]],
    ),
  );
}

main()
  .then((status) => {
    process.exitCode = status;
  })
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = error instanceof UsageError ? 2 : 1;
  });
