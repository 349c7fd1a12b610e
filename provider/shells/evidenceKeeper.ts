/**
 * The history of runs: one file of JSON lines for each target, in a directory that belongs into the project's
 * repository. Lines are only ever added.
 */

import { existsSync } from "node:fs";
import { mkdir, open, readFile } from "node:fs/promises";
import path from "node:path";
import type { RunEvidence } from "../evidence/types.js";
import type { EvidenceKeeper } from "../resources/handler.js";
import { engineVersion } from "./engineVersion.js";
import { packageDirectory } from "./packageDirectory.js";
import type { SecretTexts } from "./secretTexts.js";

/**
 * Keeps evidence below the project's directory.
 *
 * @param configured `siterecovery:evidenceDirectory`
 * @param engineAddress `host:port` of the engine that runs this process
 * @param secrets what must not be written: `[secret]` stands in its place
 */
export function evidenceKeeper(
  configured: string | undefined,
  engineAddress: string | undefined,
  secrets?: SecretTexts,
): EvidenceKeeper {
  // Lines of one process are written one after another: two drills may end in the same moment.
  let last: Promise<unknown> = Promise.resolve();
  return {
    defaultDirectory: configured,
    versions: async () => {
      const { version } = JSON.parse(await readFile(path.join(packageDirectory(), "package.json"), "utf8")) as {
        version: string;
      };
      const engine = await engineVersion(engineAddress);
      return { package: version, ...(engine === undefined ? {} : { engine }), node: process.version };
    },
    append: (directory, evidence) => {
      const written = last
        .catch(() => undefined)
        .then(() => appendTo(directory, secrets?.redactIn(evidence) ?? evidence));
      last = written;
      return written;
    },
  };
}

/** The directory of a stack that names none. */
export function directoryOfStack(stack: string): string {
  return `drills/${stack}`;
}

async function appendTo(directory: string, evidence: RunEvidence): Promise<void> {
  const folder = path.resolve(projectDirectory(process.cwd()), directory);
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, `${fileName(evidence.targetName)}.jsonl`);
  const before = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  if (before.split("\n").some((line) => isSameRun(line, evidence))) return;
  // A process that was killed while it wrote leaves half a line: the next one begins a line of its own.
  const start = before === "" || before.endsWith("\n") ? "" : "\n";
  const handle = await open(file, "a");
  try {
    await handle.appendFile(`${start}${JSON.stringify(evidence)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isSameRun(line: string, evidence: RunEvidence): boolean {
  if (!line.includes(evidence.jobName)) return false;
  try {
    const { jobName, targetId } = JSON.parse(line) as Partial<RunEvidence>;
    return jobName === evidence.jobName && targetId?.toLowerCase() === evidence.targetId.toLowerCase();
  } catch {
    return false;
  }
}

/** The nearest directory from here upwards that holds Pulumi.yaml: a provider runs where the program is. */
export function projectDirectory(from: string): string {
  for (let here = from; ; here = path.dirname(here)) {
    if (["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"].some((name) => existsSync(path.join(here, name))))
      return here;
    if (path.dirname(here) === here) return from;
  }
}

/** A name as every file system takes it. */
function fileName(name: string): string {
  const safe = name.replace(/[^A-Za-z0-9._-]/g, "_").replace(/^\.+/, "_");
  return safe.slice(0, 100) || "_";
}
