import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { startEmulator } from "../rehearsal/emulator/index.js";
import { Deployment, type OperationSummary } from "../rehearsal/engine/index.js";
import { estate, groupId, vaultConfig } from "./estate.js";
import { atMost, median, type Row, report } from "./rows.js";

// Below node_modules, so that the program finds the packages, and git and the linter do not find it.
const workspace = resolve(__dirname, "../node_modules/.cache/bench");

/** ARM's bucket of writes: so many at once, then so many each second. */
const writeBucket = { size: 200, perSecond: 10 };

type Operation = "preview" | "no-op up" | "refresh";
const operations: Operation[] = ["preview", "no-op up", "refresh"];
const bound = 1.25;

/** Whole operations on stacks of replicated items, against a provider that does nothing in the same engine. */
export async function measureEngine(isQuick: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of isQuick ? [20] : [100, 400, 1000]) rows.push(...(await measureStack(count)));
  return rows;
}

async function measureStack(count: number): Promise<Row[]> {
  // So fast that nothing is under way any more when it is looked at.
  const emulator = await startEmulator({ estate: estate(count, false), speed: 100_000 });
  const stacks = [new Stack(count, false, emulator.origin), new Stack(count, true, emulator.origin)] as const;
  const [ours, noop] = stacks;
  const since = (from: number) => emulator.log().slice(from);
  const isWrite = ({ method }: { method: string }) => method !== "GET";
  try {
    const created = await ours.run((deployment) => deployment.up());
    const calls = since(0);
    const writes = calls.filter(isWrite).length;
    await noop.run((deployment) => deployment.up());
    const bucketSeconds = Math.max(0, writes - writeBucket.size) / writeBucket.perSecond;
    const rows: Row[] = [
      report(
        `${count} items: creating up`,
        `${seconds(created.milliseconds)}, ARM's write bucket alone ${bucketSeconds.toFixed(1)} s`,
      ),
      report(
        `${count} items: calls of the creating up, each resource`,
        `${(writes / (count + 2)).toFixed(2)} writes, ${((calls.length - writes) / (count + 2)).toFixed(2)} reads`,
      ),
    ];
    let memory = created.providerMegabytes;
    for (const operation of operations) {
      const times = { ours: [] as number[], noop: [] as number[] };
      let from = 0;
      for (let run = 0; run < 3; run += 1) {
        from = emulator.log().length;
        const measured = await ours.operate(operation);
        memory = Math.max(memory, measured.providerMegabytes);
        times.ours.push(measured.milliseconds);
        times.noop.push((await noop.operate(operation)).milliseconds);
      }
      const last = since(from);
      const [mine, nothing] = [median(times.ours), median(times.noop)];
      rows.push(
        report(`${count} items: ${operation}, ours and no-op`, `${seconds(mine)} and ${seconds(nothing)}`),
        atMost(`${count} items: ${operation}, ours against no-op`, mine / nothing, bound, "x", 2),
      );
      if (operation === "no-op up")
        rows.push(atMost(`${count} items: writes of a no-op up`, last.filter(isWrite).length, 0, ""));
      // Two lists of items (the snapshot reads all of them) of 1000 at most, and the handful of other lists.
      if (operation === "refresh")
        rows.push(atMost(`${count} items: ARM calls of a refresh`, last.length, 10 + Math.ceil(count / 50), ""));
    }
    rows.push(atMost(`${count} items: peak memory of the provider`, memory, 250, " MB"));
    return rows;
  } finally {
    for (const stack of stacks) stack.remove();
    await emulator.stop();
  }
}

interface Measured {
  milliseconds: number;
  providerMegabytes: number;
}

class Stack {
  private readonly directory: string;

  constructor(
    private readonly count: number,
    private readonly isNoop: boolean,
    private readonly origin: string,
  ) {
    mkdirSync(workspace, { recursive: true });
    this.directory = mkdtempSync(join(workspace, isNoop ? "noop-" : "items-"));
    cpSync(join(__dirname, "program"), this.directory, { recursive: true });
    const write = (file: string, text: string) => writeFileSync(join(this.directory, file), text);
    write("Pulumi.yaml", "name: bench\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n");
    write("package.json", '{"name": "bench", "main": "index.js"}\n');
    write("Pulumi.dev.yaml", JSON.stringify({ config: vaultConfig }));
  }

  async operate(operation: Operation): Promise<Measured> {
    const { preview, up, refresh } = Deployment.prototype;
    const act = { preview, "no-op up": up, refresh }[operation];
    return await this.run((deployment) => act.call(deployment), true);
  }

  async run(act: (deployment: Deployment) => Promise<OperationSummary>, isNoChange = false): Promise<Measured> {
    const deployment = new Deployment({
      directory: this.directory,
      environment: {
        ...process.env,
        SITERECOVERY_ENDPOINT: this.origin,
        PULUMI_CONFIG_PASSPHRASE: "bench",
        BENCH_PROGRAM: JSON.stringify({ count: this.count, isNoop: this.isNoop, groupId }),
      },
    });
    const memory = new MemoryWatch();
    const started = performance.now();
    const summary = await act(deployment);
    const milliseconds = performance.now() - started;
    const providerMegabytes = memory.stop();
    if (summary.result !== "succeeded") throw new Error(summary.text);
    const others = Object.keys(summary.changes).filter((op) => op !== "same" && op !== "refresh");
    if (isNoChange && others.length > 0) throw new Error(`nothing should have changed:\n${summary.text}`);
    return { milliseconds, providerMegabytes };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The highest resident memory of the provider process below this one, looked at while it runs. */
class MemoryWatch {
  private peak = 0;
  private readonly timer = setInterval(() => this.look(), 200);

  stop(): number {
    clearInterval(this.timer);
    return this.peak;
  }

  private look(): void {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        const status = readFileSync(`/proc/${pid}/status`, "utf8");
        if (Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) !== process.pid) continue;
        if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("dynamic-provider")) continue;
        this.peak = Math.max(this.peak, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024);
      } catch {
        // The process ended while it was looked at.
      }
    }
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
