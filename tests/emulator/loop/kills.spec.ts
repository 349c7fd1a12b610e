import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect } from "chai";
import { failover } from "../../../provider/resources/failover.js";
import type { Properties } from "../../../provider/resources/handler.js";
import { connect } from "../../../provider/siterecovery/azure/index.js";
import type { LogEntry, SavedState } from "../../../rehearsal/emulator/index.js";
import { makeContext, up } from "../../unit/provider/resources/fakeEstate.js";
import { type QuickEmulator, startQuickEmulator } from "./quickEmulator.js";
import {
  estateOfAllKinds,
  type Ring,
  type RingName,
  type Rings,
  ringNames,
  ringsOf,
  vault,
  vaultId,
} from "./rings.js";

/**
 * A process goes round a ring and is ended by SIGKILL at each of its requests: when Azure has acted and the answer is
 * not out yet, and when the answer has arrived and nobody has read it. A new process with what Pulumi had stored before
 * must come to the same end, and Azure must have taken each start once.
 */

const isFullRun = process.env.SITERECOVERY_FULL_TESTS === "1";

interface Stored {
  id: string;
  inputs: Properties;
  outputs: Properties;
}

/** One `up` of the ring, with everything to begin it again from where it began. */
interface Step {
  title: string;
  program: Properties;
  prior: Stored | undefined;
  before: SavedState;
  /** Of the run that nobody killed. */
  log: LogEntry[];
  starts: string[];
  end: string;
  stored: Stored;
}

/** Where a run is to die. */
interface Moment {
  /** `answered` = Azure has acted, the answer is not sent; `received` = it has arrived, nothing was done with it. */
  when: "answered" | "received";
  /** Method and path, what is made anew in every run left open. */
  route: string;
  /** Which of the requests of this route, from 1. */
  occurrence: number;
}

type Extent = "every" | "distinct" | "once";

describe("Failover whose process is killed at a request", function () {
  this.timeout(isFullRun ? 3_600_000 : 600_000);
  let quick: QuickEmulator;
  let rings: Rings;
  let fresh: SavedState;

  before(async () => {
    quick = await startQuickEmulator(estateOfAllKinds());
    rings = await ringsOf(quick.emulator);
    fresh = quick.emulator.world.save();
  });
  beforeEach(() => quick.emulator.world.restore(structuredClone(fresh)));
  after(async () => quick.stop());

  const chosen: readonly RingName[] = isFullRun ? ringNames : ["vmware", "hyperV"];
  for (const name of chosen) {
    // A plan differs from its machines by its actions, not by what it reads over and over.
    const extent: Extent = !isFullRun ? "once" : name.endsWith("Plan") ? "distinct" : "every";
    it(`comes round the ring of ${name} with one accepted start of each action, wherever it was killed`, async () => {
      const steps = await wholeRing(quick, rings[name]);
      let kills = 0;
      let requests = 0;
      for (const step of steps) {
        requests += step.log.length;
        for (const moment of momentsOf(step, extent)) {
          await expectSameEnd(quick, step, moment);
          kills += 1;
        }
      }
      console.log(`      ${kills} kills in ${steps.length} steps of ${requests} requests`);
      expect(kills).to.be.at.least(extent === "every" ? requests * 2 : steps.length * 5);
    });
  }
});

/** Goes round once without a kill. */
async function wholeRing(quick: QuickEmulator, ring: Ring): Promise<Step[]> {
  const steps: Step[] = [];
  let prior: Stored | undefined;
  const take = async (title: string, more: Properties) => {
    const program = { targetId: ring.targetId, ...ring.way, ...more };
    const before = quick.emulator.world.save();
    const seen = quick.watch();
    const stored = await complete(drive(quick, program, prior));
    const log = seen();
    steps.push({
      title,
      program,
      prior,
      before,
      log,
      starts: startsIn(log),
      end: await endOf(quick, stored),
      stored,
    });
    prior = stored;
  };
  for (const stage of ring.stages) {
    await take(stage, { stage });
    const completed = ring.waits[stage];
    if (completed?.length) await take(`${stage}, completed by a person`, { stage, completed });
    expect(prior?.outputs, stage).to.include({ observedStage: stage, lastAppliedStage: stage });
  }
  return steps;
}

/**
 * The moments of a step at which its process is to die: at every request, at each distinct one (method and route) at both
 * instants, or at each distinct one once: those that only read at one of the two instants by turns, as Azure is the same
 * before and after them.
 */
function momentsOf({ log }: Step, extent: Extent): Moment[] {
  const seen = new Map<string, number>();
  return log.flatMap((entry) => {
    const route = routeOf(entry);
    const occurrence = (seen.get(route) ?? 0) + 1;
    seen.set(route, occurrence);
    if (occurrence > 1 && extent !== "every") return [];
    const isBoth = extent !== "once" || entry.method !== "GET";
    return (["answered", "received"] as const)
      .filter((_, turn) => isBoth || turn === seen.size % 2)
      .map((when) => ({ when, route, occurrence }));
  });
}

async function expectSameEnd(quick: QuickEmulator, step: Step, moment: Moment): Promise<void> {
  const title = `killed in "${step.title}" when ${moment.route}, ${moment.occurrence}., was ${moment.when}`;
  const { world } = quick.emulator;
  world.restore(structuredClone(step.before));
  const seen = quick.watch();
  const isDead = await killedAt(quick, step, moment);
  const again = isDead ? await runHere(quick, step) : undefined;
  const starts = startsIn(seen());
  if (!again) {
    // Requests that depend on chance (one more look at a job) may not come again; all others must have.
    expect(moment.occurrence, `${title}: it ended by itself`).to.be.greaterThan(1);
    return;
  }
  expect(starts, title).to.deep.equal(step.starts);
  expect(await endOf(quick, again), title).to.equal(step.end);
}

/** Runs the step's process and kills it at the moment; false where it ended before. */
async function killedAt(quick: QuickEmulator, step: Step, moment: Moment): Promise<boolean> {
  const driven = drive(quick, step.program, step.prior, moment.when === "received" ? moment : undefined);
  let left = moment.occurrence;
  const route = new RegExp(moment.route);
  if (moment.when === "answered") {
    quick.onRequest = (entry) => {
      if (!route.test(`${entry.method} ${entry.path}`)) return;
      left -= 1;
      if (left === 0) driven.child.kill("SIGKILL");
    };
  }
  const { signal, error } = await driven.ended;
  quick.onRequest = () => {};
  if (signal !== "SIGKILL") expect(error, `${step.title}, ${moment.route}`).to.equal("");
  return signal === "SIGKILL";
}

/** The next `up`: a new connection, and what Pulumi had stored before. */
async function runHere(quick: QuickEmulator, { program, prior }: Step): Promise<Stored> {
  const options = { vault, endpoint: quick.emulator.origin, pollIntervalSeconds: 0.02 };
  const siteRecovery = connect({
    ...options,
    credential: () => Promise.reject(new Error("no credential is for a loopback endpoint")),
    beforeWrite: async () => {},
  });
  return up(failover, makeContext(siteRecovery), program, prior);
}

interface Driven {
  child: ChildProcess;
  ended: Promise<{ signal: NodeJS.Signals | null; output: string; error: string }>;
}

/** Starts a process that does one `up`. */
function drive(quick: QuickEmulator, program: Properties, prior?: Stored, dieAt?: Moment): Driven {
  const job = { endpoint: quick.emulator.origin, vault, program, prior, dieAt };
  const child = spawn(process.execPath, [join(__dirname, "drive.cjs")], {
    env: { DRIVE: JSON.stringify(job) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let error = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    error += text;
  });
  return { child, ended: once(child, "close").then(([, signal]) => ({ signal, output, error })) };
}

async function complete({ ended }: Driven): Promise<Stored> {
  const { output, error } = await ended;
  expect(error).to.equal("");
  return JSON.parse(output) as Stored;
}

/** Method and path with GUIDs left open: the jobs of another run have other names. */
function routeOf({ method, path }: LogEntry): string {
  const escaped = path.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const job = /\/replicationJobs\/[^/]+/;
  return `^${method} ${escaped.replace(job, "/replicationJobs/[^/]+")}$`;
}

/** Starts that Azure took: action and target. Asking a job to go on is one, too. */
function startsIn(log: readonly LogEntry[]): string[] {
  return log
    .filter(({ method, status, path }) => method === "POST" && status === 202 && path.startsWith(vaultId))
    .map(({ path }) => {
      const [action, target] = path.split("/").reverse();
      return path.includes("/replicationJobs/") ? `${action} job` : `${action} ${target}`;
    });
}

/** What there is at the end, in Azure and in the state, without times and names that differ from run to run. */
async function endOf(quick: QuickEmulator, stored: Stored): Promise<string> {
  const { world, origin } = quick.emulator;
  // What still replicates has ended then.
  world.clock.change({ time: world.clock.now() + 6 * 3_600_000 });
  const get = async (path: string) => {
    const response = await fetch(`${origin}${path}?api-version=2023-06-01`);
    return (await response.json()) as { value: { id: string; name: string; properties: Properties }[] };
  };
  const items = await get(`${vaultId}/replicationProtectedItems`);
  const jobs = await get(`${vaultId}/replicationJobs`);
  const group = vaultId.slice(0, vaultId.indexOf("/providers/"));
  const machines = await get(`${group}/providers/Microsoft.Compute/virtualMachines`);
  const { observedStage, lastAppliedStage, walk, waitingFor, items: managed } = stored.outputs;
  return JSON.stringify(
    {
      items: items.value.map(({ name, properties }) => [
        name,
        properties.protectionState,
        properties.activeLocation,
        properties.allowedOperations,
      ]),
      jobs: jobs.value
        .map(({ properties }) => `${properties.scenarioName} ${properties.targetObjectName} ${properties.state}`)
        .sort(),
      machines: machines.value.map(({ name }) => name).sort(),
      state: { observedStage, lastAppliedStage, isWalking: walk !== undefined, waitingFor, managed } satisfies {
        observedStage: unknown;
        lastAppliedStage: unknown;
        isWalking: boolean;
        waitingFor: unknown;
        managed: unknown;
      },
    },
    undefined,
    1,
  );
}
