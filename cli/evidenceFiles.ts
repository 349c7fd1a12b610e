/** Where the commands find evidence: a history's directory, a file, or what another command writes. */

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { projectDirectory } from "../provider/shells/evidenceKeeper.js";
import { type Found, inOrder, readEvidence } from "../report/index.js";
import { UsageError } from "./arguments.js";

export const evidenceOptions = {
  evidence: { type: "string" },
  stack: { type: "string" },
} as const;

export const evidenceUsage = `  --evidence PATH|-            a history's directory (every .jsonl below it), a file, or - for standard input:
                               lines of a history, \`pulumi stack output --json\`, \`pulumi stack export\`, drill.json
                               default: drills in the directory of Pulumi.yaml
  --stack NAME                 only that stack's directory below it`;

/**
 * Every run that is there, oldest first, each once.
 *
 * @throws UsageError where there is no such place
 */
export function readRuns(values: { evidence?: string; stack?: string }): Found {
  if (values.evidence === "-") {
    if (values.stack !== undefined) throw new UsageError("--stack goes with a directory, not with --evidence -");
    return ordered([readEvidence(readFileSync(0, "utf8"), "standard input")]);
  }
  const given = values.evidence ?? path.join(projectDirectory(process.cwd()), "drills");
  const place = values.stack === undefined ? given : path.join(given, values.stack);
  if (!existsSync(place)) {
    throw new UsageError(
      `there is no ${place}. Run a drill first, or name with --evidence where the evidence is${values.evidence === undefined ? " (the program's evidenceDirectory)" : ""}`,
    );
  }
  const files = statSync(place).isDirectory() ? linesBelow(place) : [place];
  return ordered(files.map((file) => readEvidence(readFileSync(file, "utf8"), file)));
}

function linesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".jsonl"))
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function ordered(found: readonly Found[]): Found {
  return {
    runs: inOrder(found.flatMap(({ runs }) => runs)),
    problems: found.flatMap(({ problems }) => problems),
  };
}
