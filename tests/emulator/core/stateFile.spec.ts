import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import {
  type Emulator,
  type EmulatorOptions,
  StateFileError,
  startEmulator,
} from "../../../rehearsal/emulator/index.js";
import { estate, siteRecoveryOf } from "../siterecovery/describeSiteRecovery.js";
import { network, resourceGroup, send } from "./describeEmulator.js";

const command = path.resolve("cli/emulator.ts");

/** The emulator as a process of its own, so that it can be killed. */
async function startProcess(
  args: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ child: ChildProcess; origin: string; output: () => string }> {
  const child = spawn(process.execPath, ["--import", "tsx", command, ...args], {
    env: { ...process.env, ...env },
  });
  let output = "";
  const origin = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      // The last line of what is printed at the start.
      const found = /^Point the provider at it: .*SITERECOVERY_ENDPOINT=(\S+)\n/m.exec(output);
      if (found?.[1]) resolve(found[1]);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("exit", () => reject(new Error(`the emulator ended: ${output}`)));
  });
  return { child, origin, output: () => output };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
  return child.exitCode;
}

describe("the state file", () => {
  let folder = "";
  let file = "";
  const started: Emulator[] = [];
  const open = async (options: EmulatorOptions = {}) => {
    const emulator = await startEmulator({
      stateFile: file,
      frozen: true,
      startTime: "2026-01-31T08:00:00Z",
      ...options,
    });
    started.push(emulator);
    return emulator;
  };
  const refusal = async (options: EmulatorOptions = {}) => {
    try {
      await open(options);
    } catch (error) {
      if (error instanceof StateFileError) return error.message;
      throw error;
    }
    return "opened";
  };
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "siterecovery-state-"));
    file = path.join(folder, "state.json");
  });
  afterEach(async () => {
    for (const emulator of started.splice(0)) await emulator.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const net = (name: string) => `${resourceGroup}/providers/Microsoft.Network/virtualNetworks/${name}`;

  it("lets an emulator go on where another one stopped: resources, clock, faults", async () => {
    const first = await open();
    await send(first.origin, "PUT", net("net1"), network({ a: "10.0.0.0/24" }));
    await send(first.origin, "POST", "/_emulator/clock", { advanceSeconds: 3600 });
    await send(first.origin, "POST", "/_emulator/faults", { kind: "refuse", status: 500, path: "never" });
    await first.stop();
    const { world } = await open({ startTime: "2030-01-01T00:00:00Z" });
    expect(world.arm.get(net("net1"))?.name).to.equal("net1");
    expect(new Date(world.clock.now()).toISOString()).to.equal("2026-01-31T09:00:00.000Z");
    expect(world.state.faults).to.have.length(1);
  });

  /** What another process would find if this one were gone now. */
  const found = async (options: EmulatorOptions = {}) => {
    const copies = mkdtempSync(path.join(tmpdir(), "siterecovery-copy-"));
    for (const name of readdirSync(folder).filter((each) => !each.endsWith(".lock")))
      copyFileSync(path.join(folder, name), path.join(copies, name));
    try {
      const { world, stop } = await open({ ...options, stateFile: path.join(copies, "state.json") });
      const state = structuredClone(world.snapshot());
      await stop();
      return state;
    } finally {
      rmSync(copies, { recursive: true, force: true });
    }
  };
  const files = () =>
    readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), "utf8")] as const);

  it("holds a change before it is answered, writes nothing for a read, and leaves one file when it ends", async () => {
    const emulator = await open();
    await send(emulator.origin, "PUT", net("net1"), network({}));
    expect((await found()).arm).to.have.property(net("net1").toLowerCase());
    const saved = files();
    await send(emulator.origin, "GET", net("net1"));
    expect(files()).to.deep.equal(saved);
    expect(saved.filter(([name]) => name.endsWith(".tmp"))).to.deep.equal([]);
    await emulator.stop();
    expect(readdirSync(folder)).to.deep.equal(["state.json"]);
    expect(JSON.parse(readFileSync(file, "utf8")).arm).to.have.property(net("net1").toLowerCase());
  });

  it("survives many changes at once, and more of them than one journal holds", async () => {
    const emulator = await open();
    for (let round = 0; round < 26; round++) {
      const names = Array.from({ length: 40 }, (_, index) => `net${index}`);
      const answers = await Promise.all(names.map((name) => send(emulator.origin, "PUT", net(name), network({}))));
      expect(answers.every((answer) => answer.status < 300)).to.equal(true);
    }
    const { arm } = emulator.world.snapshot();
    expect((await found()).arm).to.deep.equal(arm);
  }).timeout(120_000);

  it("finds jobs, points and machines as they were, from the calls alone", async () => {
    const emulator = await open({ estate: estate() });
    const site = siteRecoveryOf(emulator);
    const plan = "/replicationRecoveryPlans/shop";
    const body = {
      properties: {
        failoverDirection: "PrimaryToRecovery",
        sourceSiteOperations: "NotRequired",
        providerSpecificDetails: [],
      },
    };
    const started = await site.send("POST", `${plan}/unplannedFailover`, body);
    expect(started.status, JSON.stringify(started.body)).to.equal(202);
    // Not by the admin API, after which the state is written whole.
    for (const minutes of [1, 20, 60]) {
      emulator.world.clock.change({ time: emulator.world.clock.now() + minutes * 60_000 });
      await site.send("GET", "/replicationJobs");
      await site.send("PUT", "/replicationPolicies/refused", {});
    }
    const refused = await site.send("POST", `${plan}/unplannedFailover`, body);
    expect(refused.status).to.equal(400);
    await site.send("POST", `${plan}/failoverCommit`);
    const now = structuredClone(emulator.world.snapshot());
    const then = await found({ estate: estate() });
    expect(then.siteRecovery).to.deep.equal(now.siteRecovery);
    expect(then.arm).to.deep.equal(now.arm);
    expect(then.clock.time).to.equal(now.clock.time);
    expect(then.timeline).to.deep.equal(now.timeline);
  }).timeout(120_000);

  it("holds no secret of a call, and no half line of one that was never answered", async () => {
    const emulator = await open({ estate: estate() });
    const site = siteRecoveryOf(emulator);
    const secret = Buffer.from("canary in a certificate").toString("base64");
    const tags = { properties: { more: { primaryKekCertificatePfx: secret } }, location: "westeurope" };
    const made = await site.send("PUT", `${site.group}/providers/Microsoft.Network/publicIPAddresses/ip1`, tags);
    expect(made.status, JSON.stringify(made.body)).to.be.below(300);
    for (const [, text] of files()) expect(text).not.to.contain(secret);
    const journal = readdirSync(folder).find((name) => name.includes(".journal-"));
    appendFileSync(path.join(folder, journal ?? ""), '{"kind":"call","call":{"at":');
    expect(Object.keys((await found()).arm).some((id) => id.endsWith("/ip1"))).to.equal(true);
  });

  it("is refused while another emulator has it, here or in another process", async () => {
    await open();
    expect(await refusal()).to.contain("another emulator of this process has it");
    const { child } = await startProcess(["--state", path.join(folder, "other.json")]);
    try {
      expect(await refusal({ stateFile: path.join(folder, "other.json") })).to.contain(
        `the emulator with process id ${child.pid} has it`,
      );
    } finally {
      await end(child, "SIGTERM");
    }
    expect(existsSync(path.join(folder, "other.json.lock"))).to.equal(false);
  }).timeout(120_000);

  it("is refused where it is no state or of another version, and left as it is", async () => {
    writeFileSync(file, "{ half");
    expect(await refusal()).to.match(/it is no JSON .*Move it away/);
    writeFileSync(file, JSON.stringify({ version: 9 }));
    expect(await refusal()).to.contain("version is 9, allowed: 1");
    expect(readFileSync(file, "utf8")).to.equal('{"version":9}');
  });

  it("holds every answered change after a kill at any instant, and opens again at once", async () => {
    // Killed after a growing number of answers, in the middle of a stream of changes.
    for (const kills of [1, 7, 23]) {
      const { child, origin } = await startProcess(["--state", file]);
      const answered: string[] = [];
      let isKilled: Promise<unknown> | undefined;
      const writer = async (id: number) => {
        for (let index = 0; isKilled === undefined; index++) {
          const name = `net-${kills}-${id}-${index}`;
          try {
            const answer = await send(origin, "PUT", net(name), network({ a: "10.0.0.0/24" }));
            if (answer.status === 201) answered.push(name);
          } catch {
            return;
          }
          if (answered.length >= kills) isKilled ??= end(child, "SIGKILL");
        }
      };
      await Promise.all([1, 2, 3, 4].map(writer));
      await isKilled;
      const { world, stop } = await open();
      for (const name of answered) expect(world.arm.get(net(name)), name).not.to.equal(undefined);
      await stop();
    }
  }).timeout(240_000);
});

describe("siterecovery-emulator", () => {
  it("prints its address and how to use it, without colours, and ends well on SIGTERM and SIGINT", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      const { child, origin, output } = await startProcess([
        "--port",
        "0",
        "--estate",
        "examples/drill/estate.yaml",
        "--speed",
        "60",
      ]);
      const health = await send(origin, "GET", "/_emulator/health");
      expect(health.body.status).to.equal("ok");
      expect(await end(child, signal)).to.equal(0);
      expect(output()).to.contain(`listening on ${origin}`);
      expect(output()).not.to.contain("\u001b");
    }
  }).timeout(120_000);

  it("names every bad argument and says what is allowed", async () => {
    const child = spawn(process.execPath, [
      "--import",
      "tsx",
      command,
      "--colour",
      "--port",
      "x",
      "--tls=yes",
      "file",
    ]);
    let output = "";
    child.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    await once(child, "close");
    expect(child.exitCode).to.equal(2);
    for (const part of [
      "--colour is unknown",
      "--port x is not allowed",
      "--tls takes no value",
      '"file" is not expected',
      "Usage:",
    ])
      expect(output).to.contain(part);
  }).timeout(120_000);

  it("says what is wrong with an estate, line by line", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "siterecovery-estate-"));
    const file = path.join(folder, "bad.yaml");
    writeFileSync(file, "subscriptionId: 1\ncolour: red\n");
    const child = spawn(process.execPath, ["--import", "tsx", command, "--estate", file]);
    let output = "";
    child.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    await once(child, "close");
    rmSync(folder, { recursive: true });
    expect(child.exitCode).to.equal(1);
    expect(output).to.contain(`${file}:1: subscriptionId: must be text, given 1`);
    expect(output).to.contain(`${file}:2: colour: is not a property here`);
    expect(output).to.contain("vault: is missing");
  }).timeout(120_000);
});
