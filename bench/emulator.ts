import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { type EmulatorWorld, startEmulator } from "../rehearsal/emulator/index.js";
import { estate, itemId } from "./estate.js";
import { atMost, median, type Row, report } from "./rows.js";

const root = resolve(__dirname, "..");

/** How fast the emulator starts, and whether reading one item grows with the number of items that it holds. */
export async function measureEmulator(isQuick: boolean): Promise<Row[]> {
  const starts: number[] = [];
  for (let run = 0; run < 5; run += 1) starts.push(await startOfCommand());
  const [few, many] = isQuick ? [100, 2_000] : [100, 100_000];
  const small = await readOne(few);
  const large = await readOne(many);
  return [
    atMost("emulator: command to listening, example estate", median(starts), 300, " ms"),
    report(`emulator: GET of an item, ${few} items held`, `${small.toFixed(2)} ms`),
    report(`emulator: GET of an item, ${many} items held`, `${large.toFixed(2)} ms`),
    atMost(`emulator: GET of an item, ${many} against ${few} items`, large / small, 1.5, "x", 2),
  ];
}

/** Milliseconds from starting the command to its line that it listens. */
async function startOfCommand(): Promise<number> {
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [
      join(root, "dist", "cli", "emulator.js"),
      "--port",
      "0",
      "--estate",
      join(root, "examples/drill/estate.yaml"),
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([
    once(lines, "line"),
    once(child, "exit").then(([code]) => {
      throw new Error(`the emulator ended with status ${String(code)}`);
    }),
  ]);
  const milliseconds = performance.now() - started;
  if (!/127\.0\.0\.1/.test(String(first[0]))) throw new Error(`the emulator's first line is ${String(first[0])}`);
  child.kill("SIGTERM");
  await once(child, "exit");
  return milliseconds;
}

/** Copies the one item there is: an estate file of so many machines would take longer to read than all the rest. */
function holdItems(world: EmulatorWorld, count: number): void {
  const saved = world.snapshot();
  const [vault] = Object.values(saved.siteRecovery.vaults);
  const [first] = Object.entries(vault?.items ?? {});
  if (!vault || !first) throw new Error("the emulator holds no item to copy");
  const [key, item] = first;
  for (let index = 1; index < count; index += 1) {
    const name = `m${index}`;
    vault.items[key.replace(/m0$/, name)] = { ...item, name, friendlyName: name };
  }
  world.restore(saved);
}

async function readOne(count: number): Promise<number> {
  const emulator = await startEmulator({ estate: estate(1, true), frozen: true });
  try {
    holdItems(emulator.world, count);
    const times: number[] = [];
    for (let run = 0; run < 300; run += 1) {
      const id = itemId(`m${(run * 7919) % count}`);
      const started = performance.now();
      const response = await fetch(`${emulator.origin}${id}?api-version=2023-06-01`);
      await response.text();
      if (response.status !== 200) throw new Error(`GET ${id} answered ${response.status}`);
      // The first answers pay for compilation.
      if (run >= 50) times.push(performance.now() - started);
    }
    return median(times);
  } finally {
    await emulator.stop();
  }
}
