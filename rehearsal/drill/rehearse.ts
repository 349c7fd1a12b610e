/**
 * The main job: a drill from beginning to end. Starts the emulator with an estate, lets an engine preview, apply and
 * destroy the drill's program, and asks the emulator, not the program, whether it was all true.
 */

import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { startEmulator } from "../emulator/index.js";
import {
  type EngineOptions,
  embeddedEngine,
  pulumiEngine,
  pulumiVersion,
  type RehearsalEngine,
} from "./engines.js";

export interface RehearsalOptions {
  /** Directory of the drill's Pulumi project. */
  project: string;
  /** Path of its estate file. */
  estate: string;
  config: Record<string, string>;
  /** Simulated seconds for each real one. */
  speed: number;
  /** Where the history of drills goes; default a directory that goes away again. */
  evidenceDirectory?: string;
  /** Default: `pulumi` where it is on the PATH. */
  engine?: "pulumi" | "embedded";
  /** Path of a policy pack whose rules look at the drill. */
  policyPack?: string;
  rehearseCommand: string;
  embeddedVersion: string;
  say: (line: string) => void;
}

export interface RehearsalStep {
  name: string;
  status: "succeeded" | "failed";
  seconds: number;
}

export interface RehearsedAccess {
  port: number;
  path: string;
  reachable: boolean;
  decidedBy: string;
}

export interface RehearsedMachine {
  name: string;
  bootGroup: number;
  recoveryTimeSeconds: number;
  recoveryPointAgeSeconds: number;
  privateIp: string;
  access: RehearsedAccess[];
}

/** What `npm start -- --json FILE` writes. */
export interface RehearsalReport {
  engine: "pulumi" | "embedded";
  engineVersion: string;
  machines: RehearsedMachine[];
  steps: RehearsalStep[];
  cleanedUp: boolean;
}

export interface Rehearsal {
  report: RehearsalReport;
  /** Why it failed; empty when everything really happened. */
  problems: string[];
  /** Azure's name of the drill's job; undefined where none ended. */
  jobName: string | undefined;
}

interface Evidence {
  name: string;
  bootGroup: number;
  virtualMachineId?: string;
  privateIp?: string;
  recoveryTimeSeconds?: number;
  recoveryPointAgeSeconds?: number;
  access: { port: number; path: string; reachable: boolean | null; decidedBy: string; differsFromPlan: boolean }[];
}

export async function rehearse(options: RehearsalOptions): Promise<Rehearsal> {
  const scratch = mkdtempSync(path.join(os.tmpdir(), "siterecovery-rehearsal-"));
  const emulator = await startEmulator({ estate: options.estate, speed: options.speed, port: 0 });
  try {
    options.say(
      `Emulated Azure at ${emulator.origin}, ${options.speed} times as fast as real time, with the estate ${path.relative(process.cwd(), options.estate)}`,
    );
    const engine = chooseEngine(options, {
      project: options.project,
      stack: "rehearsal",
      config: {
        ...options.config,
        "siterecovery:evidenceDirectory": options.evidenceDirectory ?? path.join(scratch, "drills"),
      },
      scratch,
      environment: { ...process.env, SITERECOVERY_ENDPOINT: emulator.origin },
      ...(options.policyPack === undefined ? {} : { policyPack: path.resolve(options.policyPack) }),
      rehearseCommand: options.rehearseCommand,
      embeddedVersion: options.embeddedVersion,
    });
    return await run(options, engine, emulator.origin);
  } finally {
    await emulator.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

function chooseEngine(options: RehearsalOptions, engineOptions: EngineOptions): RehearsalEngine {
  const version = options.engine === "embedded" ? undefined : pulumiVersion();
  if (version !== undefined) {
    options.say(`Engine: pulumi ${version} from the PATH, with a backend of its own`);
    return pulumiEngine(engineOptions, version);
  }
  if (options.engine === "pulumi")
    throw new Error("--engine pulumi: there is no `pulumi` on the PATH. Allowed here: embedded");
  options.say(
    `Engine: embedded ${engineOptions.embeddedVersion}${options.engine ? "" : " (there is no `pulumi` on the PATH)"}`,
  );
  return embeddedEngine(engineOptions);
}

async function run(options: RehearsalOptions, engine: RehearsalEngine, origin: string): Promise<Rehearsal> {
  const steps: RehearsalStep[] = [];
  const problems: string[] = [];
  const step = async (name: string, act: () => Promise<number>): Promise<boolean> => {
    options.say(`\n--- ${name} ---`);
    const started = Date.now();
    const status = await act();
    steps.push({
      name,
      status: status === 0 ? "succeeded" : "failed",
      seconds: round((Date.now() - started) / 1000),
    });
    if (status !== 0) problems.push(`${name} ended with status ${status}`);
    return status === 0;
  };

  let evidence: Evidence[] = [];
  let jobName: string | undefined;
  const wentUp = (await step("preview", () => engine.preview())) && (await step("up", () => engine.up()));
  if (wentUp) {
    await step("evidence", async () => {
      const outputs = engine.outputs();
      evidence = (outputs.machines ?? []) as Evidence[];
      jobName = outputs.jobName as string | undefined;
      const found = evidenceProblems(evidence);
      problems.push(...found);
      options.say(`${evidence.length} machines recovered, ${found.length} findings`);
      return found.length === 0 && evidence.length > 0 ? 0 : 1;
    });
  }
  // Whatever happened before: nothing of the drill may stay behind.
  await step("destroy", () => engine.destroy());
  const machines = evidence.flatMap((machine) => machine.virtualMachineId ?? []);
  let cleanedUp = false;
  await step("clean-up check", async () => {
    const left = await stillThere(origin, machines);
    cleanedUp = wentUp && left.length === 0;
    for (const id of left) problems.push(`${id} is still there`);
    options.say(`${machines.length - left.length} of ${machines.length} test machines are gone`);
    return cleanedUp ? 0 : 1;
  });
  const report: RehearsalReport = {
    engine: engine.kind,
    engineVersion: engine.version,
    machines: evidence.map((machine) => ({
      name: machine.name,
      bootGroup: machine.bootGroup,
      recoveryTimeSeconds: machine.recoveryTimeSeconds ?? Number.NaN,
      recoveryPointAgeSeconds: machine.recoveryPointAgeSeconds ?? Number.NaN,
      privateIp: machine.privateIp ?? "",
      access: machine.access.map(({ port, path: way, reachable, decidedBy }) => ({
        port,
        path: way,
        reachable: reachable === true,
        decidedBy,
      })),
    })),
    steps,
    cleanedUp,
  };
  return { report, problems, jobName };
}

/** What is missing from the evidence, and where Azure contradicted the plan. */
function evidenceProblems(evidence: readonly Evidence[]): string[] {
  if (evidence.length === 0) return ["the drill left no evidence"];
  return evidence.flatMap((machine) => {
    const missing = (
      ["virtualMachineId", "privateIp", "recoveryTimeSeconds", "recoveryPointAgeSeconds"] as const
    ).filter((key) => machine[key] === undefined);
    const differing = machine.access.filter((access) => access.differsFromPlan || access.reachable === null);
    return [
      ...missing.map((key) => `${machine.name}: ${key} is missing`),
      ...(machine.access.length === 0 ? [`${machine.name}: nobody was asked who can connect`] : []),
      ...differing.map(
        (access) =>
          `${machine.name}: port ${access.port} by ${access.path} is ${access.reachable ? "reachable" : "not reachable"} (${access.decidedBy}), the plan said otherwise`,
      ),
    ];
  });
}

/** Those of the machines that the emulator still has. */
async function stillThere(origin: string, ids: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    ids.map(async (id) => ((await fetch(`${origin}${id}?api-version=2023-09-01`)).status === 404 ? [] : [id])),
  );
  return found.flat();
}

function round(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
