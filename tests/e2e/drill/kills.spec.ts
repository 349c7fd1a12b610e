import { expect } from "chai";
import type { LogEntry } from "../../../rehearsal/emulator/index.js";
import type { Command, Running } from "./engines.js";
import { drillProgram } from "./estate.js";
import { describeProduct, isFullRun, type Product } from "./product.js";

/** A moment of a drill. What is killed then is killed before the answer to the request can have been read. */
interface Moment {
  title: string;
  command: Command;
  /** The request that is answered at that moment. */
  at: (entry: LogEntry) => boolean;
  /** True = much like another moment; only a full run has it. */
  isRare?: boolean;
  /** From this request on simulated time stands, so that the moment cannot be missed. */
  freezeAt?: (entry: LogEntry) => boolean;
}

const accepted =
  (method: string, path: RegExp) =>
  (entry: LogEntry): boolean =>
    entry.method === method && path.test(entry.path) && entry.status >= 200 && entry.status < 300;

const moments: Moment[] = [
  { title: "a preview reads the vault", command: "preview", at: accepted("GET", /\/virtualNetworks/) },
  {
    title: "the policy is made",
    command: "up",
    isRare: true,
    at: accepted("PUT", /\/replicationPolicies\/daily$/),
  },
  { title: "a mapping is made", command: "up", isRare: true, at: accepted("PUT", /ContainerMappings\/daily$/) },
  { title: "replication is enabled", command: "up", at: accepted("PUT", /\/replicationProtectedItems\/web01$/) },
  {
    title: "initial replication runs",
    command: "up",
    freezeAt: accepted("PUT", /\/replicationProtectedItems\/\w+$/),
    at: accepted("GET", /\/replicationJobs/),
  },
  {
    title: "the recovery plan is made",
    command: "up",
    isRare: true,
    at: accepted("PUT", /\/replicationRecoveryPlans\/shop$/),
  },
  { title: "the test failover is accepted", command: "up", at: accepted("POST", /\/shop\/testFailover$/) },
  {
    title: "the test failover runs",
    command: "up",
    freezeAt: accepted("POST", /\/shop\/testFailover$/),
    at: accepted("GET", /\/replicationJobs/),
  },
  {
    title: "the drill waits for its clean-up and evidence is collected",
    command: "up",
    at: accepted("GET", /\/networkInterfaces\/|\/virtualMachines\/\w+-test/),
  },
  { title: "the clean-up is accepted", command: "destroy", at: accepted("POST", /\/shop\/testFailoverCleanup$/) },
  {
    title: "the clean-up runs",
    command: "destroy",
    freezeAt: accepted("POST", /\/shop\/testFailoverCleanup$/),
    at: accepted("GET", /\/replicationJobs/),
  },
  {
    title: "replication is disabled",
    command: "destroy",
    at: accepted("POST", /\/replicationProtectedItems\/\w+\/remove$/),
  },
  {
    title: "the policy is deleted",
    command: "destroy",
    isRare: true,
    at: accepted("DELETE", /\/replicationPolicies\/daily$/),
  },
];

const victims = [
  { victim: "the engine", kill: (running: Running) => running.killEngine() },
  { victim: "the provider", kill: (running: Running) => running.killProvider() },
];

/** All pairs in a full run; otherwise each moment that is no other's like, once, its victim by turns. */
const chosen = moments.filter(({ isRare }) => isFullRun || !isRare);
const cases = chosen.flatMap((moment, index) =>
  victims.filter((_, turn) => isFullRun || turn === index % 2).map((victim) => ({ ...moment, ...victim })),
);

describeProduct("a drill whose process is killed", (start) => {
  for (const { title, victim, kill, ...moment } of cases) {
    it(`comes to the same end with one start and one clean-up after SIGKILL of ${victim} as ${title}`, async () => {
      const product = await start();
      product.program(drillProgram());
      if (moment.command === "destroy") await product.succeed("up");

      await killAt(product, moment, kill);
      product.engine.recover();
      if (moment.command === "destroy") await product.succeed("destroy");
      else {
        await product.succeed("up");
        await expectDrillThatWaits(product);
        await product.succeed("destroy");
      }

      expect(product.accepted("testFailover")).to.equal(1);
      expect(product.accepted("testFailoverCleanup")).to.equal(1);
      await expectNothingLeft(product);
    });
  }
});

async function killAt(
  product: Product,
  moment: Omit<Moment, "title">,
  kill: (running: Running) => void,
): Promise<void> {
  const from = product.requests;
  let killed: Promise<LogEntry>;
  const running = product.start(moment.command);
  const act = () => kill(running);
  if (moment.freezeAt) {
    killed = product
      .nextRequest(moment.freezeAt, () => product.freeze())
      .then(() => product.nextRequest(moment.at, act));
  } else killed = product.nextRequest(moment.at, act);
  const first = await Promise.race([
    killed.then(() => undefined),
    running.ended.then(({ output }) => `${moment.command} ended before the moment came:\n${output}`),
  ]);
  if (first !== undefined) throw new Error(`${first}\n${product.writes(from).join(", ")}`);
  const { status, output } = await running.ended;
  expect(status, output).to.not.equal(0);
  product.unfreeze();
}

async function expectDrillThatWaits(product: Product): Promise<void> {
  const drill = product.outputs("drill");
  expect(drill.status).to.equal("waitingForCleanup");
  expect((drill.machines as { name: string; privateIp?: string }[]).map(({ name }) => name)).to.deep.equal([
    "db01",
    "web01",
  ]);
  expect(await product.virtualMachines()).to.deep.equal(["db01-test", "web01-test"]);
  if (!isFullRun) return;
  const from = product.requests;
  const preview = await product.succeed("preview");
  expect(preview.changes, preview.output).to.deep.equal({});
  expect(product.writes(from)).to.deep.equal([]);
}

async function expectNothingLeft(product: Product): Promise<void> {
  expect(await product.virtualMachines()).to.deep.equal([]);
  expect(await product.items()).to.deep.equal([]);
  expect(await product.inVault("replicationRecoveryPlans")).to.deep.equal([]);
  expect(await product.inVault("replicationPolicies")).to.not.include("daily");
}
