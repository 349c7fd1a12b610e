import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { startAzure } from "./azure.js";
import { embedded, pulumi } from "./engines.js";
import { estate } from "./estate.js";
import { atMost, median, type Row, report } from "./rows.js";
import { type Engine, type Operation, type Shell, Stack } from "./stack.js";

/** ARM's bucket of writes: so many at once, then so many each second. */
const writeBucket = { size: 200, perSecond: 10 };
const operations: { name: string; operation: Operation }[] = [
  { name: "preview", operation: "preview" },
  { name: "no-op up", operation: "up" },
  { name: "refresh", operation: "refresh" },
];
const shells: readonly Shell[] = ["dynamic", "plugin"];
const bound = 1.25;
/** Promised for a stack of 1000. */
const secondsOfThousand: Record<string, number> = { preview: 15, refresh: 10 };

/** Whole operations on stacks of replicated items, on both shells, against a provider of the same shell that does nothing. */
export async function measureEngine(isQuick: boolean): Promise<Row[]> {
  return [await startOfPlugin(), ...(await measureStacks(embedded, isQuick))];
}

/** The same on the real Pulumi CLI, where one is on the PATH. */
export async function measurePulumi(isQuick: boolean): Promise<Row[]> {
  const cli = pulumi();
  if (!cli) return [report("pulumi: skipped", "there is no `pulumi` on the PATH")];
  try {
    return await measureStacks(cli, isQuick);
  } finally {
    cli.close();
  }
}

async function measureStacks(engine: Engine, isQuick: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  for (const shell of shells)
    for (const count of isQuick ? [20] : [100, 400, 1000])
      rows.push(...(await measureStack(engine, shell, count, isQuick ? 1 : 3)));
  return rows;
}

async function measureStack(engine: Engine, shell: Shell, count: number, runs: number): Promise<Row[]> {
  const of = (what: string) => `${engine.name}, ${shell}, ${count} items: ${what}`;
  const progress = (what: string) => console.error(`  ${of(what)}`);
  const azure = await startAzure(estate(count, false));
  const [ours, noop] = [false, true].map(
    (isNoop) => new Stack(engine, { count, isNoop, shell, origin: azure.origin }),
  ) as [Stack, Stack];
  const isWrite = ({ method }: { method: string }) => method !== "GET";
  try {
    progress("creating");
    const created = await ours.create();
    const calls = await azure.log();
    const writes = calls.filter(isWrite).length;
    const createdNoop = await noop.create();
    const bucketSeconds = Math.max(0, writes - writeBucket.size) / writeBucket.perSecond;
    const each = (number: number) => (number / (count + 2)).toFixed(2);
    const rows: Row[] = [
      report(
        of("creating up, ours and no-op"),
        `${seconds(created.milliseconds)} and ${seconds(createdNoop.milliseconds)}; ARM's write bucket alone ${bucketSeconds.toFixed(1)} s`,
      ),
      report(
        of("calls of the creating up, each resource"),
        `${each(writes)} writes, ${each(calls.length - writes)} reads`,
      ),
    ];
    let memory = created.providerMegabytes;
    for (const { name, operation } of operations) {
      progress(name);
      const times = { ours: [] as number[], noop: [] as number[] };
      const cpu = { ours: [] as number[], noop: [] as number[] };
      let from = 0;
      for (let run = 0; run < runs; run += 1) {
        from = (await azure.log()).length;
        const measured = await ours.run(operation, true);
        memory = Math.max(memory, measured.providerMegabytes);
        const measuredNoop = await noop.run(operation, true);
        times.ours.push(measured.milliseconds);
        times.noop.push(measuredNoop.milliseconds);
        cpu.ours.push(measured.cpuMilliseconds);
        cpu.noop.push(measuredNoop.cpuMilliseconds);
      }
      const last = (await azure.log()).slice(from);
      // What else the machine does only ever adds: the fastest run is the one that says most.
      const [mine, nothing] = [Math.min(...times.ours), Math.min(...times.noop)];
      const [cpuMine, cpuNothing] = [Math.min(...cpu.ours), Math.min(...cpu.noop)];
      rows.push(
        report(of(`${name}, ours and no-op`), `${seconds(mine)} and ${seconds(nothing)}`),
        report(
          of(`${name}, processor time`),
          `${seconds(cpuMine)} and ${seconds(cpuNothing)}: ${(cpuMine / cpuNothing).toFixed(2)}x`,
        ),
        atMost(of(`${name}, ours against no-op`), mine / nothing, bound, "x", 2),
      );
      const most = count === 1000 ? secondsOfThousand[name] : undefined;
      if (most !== undefined) rows.push(atMost(of(name), mine / 1000, most, " s", 1));
      if (name === "no-op up") rows.push(atMost(of("writes of a no-op up"), last.filter(isWrite).length, 0, ""));
      // Pages of 100 items, and the handful of other lists.
      if (name !== "preview")
        rows.push(atMost(of(`ARM calls of a ${name}`), last.length, 5 + Math.ceil(count / 100), ""));
    }
    rows.push(
      atMost(of("peak memory of the provider"), memory, 250, " MB"),
      report(
        of("state for each resource, ours and no-op"),
        `${(await ours.stateBytes()).toFixed(0)} and ${(await noop.stateBytes()).toFixed(0)} bytes`,
      ),
    );
    return rows;
  } finally {
    for (const stack of [ours, noop]) stack.remove();
    await azure.stop();
  }
}

/** From starting the plugin's process to the line with its port. */
async function startOfPlugin(): Promise<Row> {
  const script = join(resolve(__dirname, ".."), "dist", "provider", "shells", "plugin.js");
  const times: number[] = [];
  for (let run = 0; run < 5; run += 1) {
    const started = performance.now();
    const child = spawn(process.execPath, [script, "127.0.0.1:1"], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(createInterface({ input: child.stdout }), "line");
    times.push(performance.now() - started);
    if (!/^\d+$/.test(String(line))) throw new Error(`the plugin's first line is ${String(line)}`);
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }
  return atMost("plugin: start of its process", median(times), 400, " ms");
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
