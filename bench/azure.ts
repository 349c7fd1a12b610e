import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { EstateInput, LogEntry } from "../rehearsal/emulator/index.js";

/** An emulator in a process of its own, as Azure is: its work is not the engine's. */
export interface Azure {
  readonly origin: string;
  /** Every request since start, oldest first. */
  log(): Promise<LogEntry[]>;
  stop(): Promise<void>;
}

/** Starts one so fast that nothing is under way any more when it is looked at. */
export async function startAzure(estate: EstateInput): Promise<Azure> {
  const directory = mkdtempSync(join(tmpdir(), "siterecovery-bench-"));
  const file = join(directory, "estate.yaml");
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(estate));
  const command = resolve(__dirname, "..", "dist", "cli", "emulator.js");
  const child = spawn(process.execPath, [command, "--port", "0", "--estate", file, "--speed", "100000"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    once(child, "exit").then(([code]) => {
      throw new Error(`the emulator ended with status ${String(code)}`);
    }),
  ]);
  const [origin] = /http:\/\/[\d.:]+/.exec(String(line)) ?? [];
  if (origin === undefined) throw new Error(`the emulator's first line is ${String(line)}`);
  return {
    origin,
    async log() {
      const text = await (await fetch(`${origin}/_emulator/log`)).text();
      return text.split("\n").flatMap((entry) => (entry === "" ? [] : [JSON.parse(entry) as LogEntry]));
    },
    async stop() {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
