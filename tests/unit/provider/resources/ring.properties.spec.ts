import { expect } from "chai";
import fc from "fast-check";
import { observe, type Stage, stages } from "../../../../provider/lifecycle/stages.js";
import { failover } from "../../../../provider/resources/failover.js";
import { PartialFailure, type Properties } from "../../../../provider/resources/handler.js";
import { itemIdOf, makeContext, policyIdOf, type Resource, storageId } from "./fakeEstate.js";
import { FakeSiteRecovery } from "./fakeSiteRecovery.js";

/**
 * Random histories of a program, of people in the portal, of failing jobs and lost states, against the handler and a
 * vault in memory that refuses what Azure would refuse.
 */

const app01 = itemIdOf("app01");
const kinds = ["InMageRcm", "InMageAzureV2", "HyperVReplicaAzure", "HyperVReplica2012R2"] as const;

const wayBack: Record<(typeof kinds)[number], Properties> = {
  InMageRcm: {
    reprotect: { reprotectAgentId: "agent", datastoreName: "ds", logStorageAccountId: storageId },
    reverse: { processServerId: "ps", policyId: policyIdOf("daily") },
  },
  InMageAzureV2: {
    reprotect: {
      masterTargetId: "mt",
      processServerId: "ps",
      retentionDrive: "R",
      policyId: policyIdOf("back"),
    },
    reverse: { processServerId: "ps", policyId: policyIdOf("classic") },
  },
  HyperVReplicaAzure: {},
  HyperVReplica2012R2: {},
};

type Command =
  | { kind: "declare"; stage: Stage; through: boolean }
  | { kind: "up"; isFailing: boolean }
  | { kind: "portal" }
  | { kind: "refresh" }
  | { kind: "loseState" };

const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("up" as const), isFailing: fc.boolean() }) },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant("declare" as const),
        stage: fc.constantFrom(...stages),
        through: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.constant<Command>({ kind: "portal" }) },
    { weight: 2, arbitrary: fc.constant<Command>({ kind: "refresh" }) },
    { weight: 1, arbitrary: fc.constant<Command>({ kind: "loseState" }) },
  ),
  { minLength: 5, maxLength: 40 },
);

class History {
  readonly fake = new FakeSiteRecovery();
  readonly reached = new Set<Stage>();
  /** Calls that Azure would have refused: there must be none. */
  readonly illegal: string[] = [];
  stack: Resource | undefined;
  declared: { stage: Stage; through: boolean } = { stage: "protected", through: false };

  constructor(readonly instanceType: (typeof kinds)[number]) {
    this.fake.addItem("app01", "protected", { instanceType });
    const start = this.fake.startAction.bind(this.fake);
    this.fake.startAction = async (target, action, mark) => {
      try {
        return await start(target, action, mark);
      } catch (error) {
        this.illegal.push(`${action.kind} at ${this.stage()}: ${String(error)}`);
        throw error;
      }
    };
    const effect = this.fake.setStage.bind(this.fake);
    this.fake.setStage = (id, stage) => {
      effect(id, stage);
      this.path.push(this.stage());
    };
  }

  /** Stages in the order in which the machine came to them. */
  readonly path: (Stage | "unknown")[] = [];

  stage(): Stage | "unknown" {
    const item = this.fake.items.get(app01.toLowerCase());
    const observation = item && observe(item);
    return observation?.kind === "stage" ? observation.stage : "unknown";
  }

  async prepare(): Promise<this> {
    const points = { recoveryPointThresholdMinutes: 15, recoveryPointRetentionMinutes: 1440 };
    const settings = { ...points, appConsistentFrequencyMinutes: 60, multiVmSync: false };
    await this.fake.putPolicy("back", { instanceType: "InMage", ...settings });
    await this.fake.putPolicy("classic", { instanceType: "InMageAzureV2", ...settings });
    await this.fake.putPolicy("daily", {
      instanceType: "InMageRcm",
      recoveryPointRetentionMinutes: 1440,
      crashConsistentFrequencyMinutes: 5,
      appConsistentFrequencyMinutes: 0,
      multiVmSync: true,
    });
    return this;
  }

  async run(command: Command): Promise<void> {
    if (command.kind === "declare") this.declared = { stage: command.stage, through: command.through };
    else if (command.kind === "loseState") this.stack = undefined;
    else if (command.kind === "portal") this.portal();
    else if (command.kind === "refresh") await this.refresh();
    else await this.up(command.isFailing);
    const stage = this.stage();
    expect(stage, "a stage that nothing tells").to.not.equal("unknown");
    if (stage !== "unknown") this.reached.add(stage);
  }

  private portal(): void {
    const isHyperV = this.instanceType === "HyperVReplicaAzure";
    const ring = stages.filter((stage) => !isHyperV || stage !== "reprotected");
    const at = ring.indexOf(this.stage() as Stage);
    this.fake.setStage(app01, ring[(at + 1) % ring.length] ?? "protected");
  }

  private async refresh(): Promise<void> {
    if (!this.stack) return;
    const before = this.fake.writes.length;
    const found = await failover.read(makeContext(this.fake), this.stack.id, this.stack.outputs);
    if (found) this.stack = { ...this.stack, outputs: found.outputs };
    expect(this.fake.writes.length, "a refresh writes nothing").to.equal(before);
  }

  private async up(isFailing: boolean): Promise<void> {
    const { fake, stack } = this;
    const context = makeContext(fake);
    const starts = fake.starts.length;
    this.path.length = 0;
    const from = this.stage();
    const program = { targetId: app01, ...wayBack[this.instanceType], ...this.declared };
    const { inputs, failures } = await failover.check(context, stack?.inputs ?? {}, program);
    expect(fake.starts.length, "a preview starts nothing").to.equal(starts);
    if (failures.length > 0) return;
    if (stack && !failover.diff(stack.id, stack.outputs, inputs).hasChanges) return;
    fake.failingJobs = isFailing ? 1 : 0;
    try {
      const { id, outputs } = await failover.reconcile(context, inputs, stack);
      this.stack = { id, inputs, outputs };
    } catch (error) {
      // Pulumi stores the new inputs of a failed update; of a refused one it keeps the old state.
      if (error instanceof PartialFailure) this.stack = { id: error.id, inputs, outputs: error.properties };
      else if (stack) this.stack = { ...stack, inputs };
    }
    fake.failingJobs = 0;
    const hasStarted = fake.starts.length > starts;
    if (hasStarted) {
      expect(stack, "a create starts nothing without startFrom").to.not.equal(undefined);
      const isOpen = stack?.outputs.walk !== undefined;
      const isChanged = stack?.outputs.lastAppliedStage !== this.declared.stage;
      expect(
        isOpen || isChanged,
        `started without a changed word, from ${from} to ${this.declared.stage}`,
      ).to.equal(true);
    }
    const passed = this.path.indexOf("protected");
    expect(passed === -1 || passed === this.path.length - 1, `past protected: ${this.path.join()}`).to.equal(true);
  }
}

describe("Failover over random histories", function () {
  this.timeout(120_000);
  // The short run takes the same histories every time, known to reach every stage; the long one takes new ones.
  const run = process.env.SITERECOVERY_FULL_TESTS === "1" ? { numRuns: 5000 } : { numRuns: 600, seed: 4 };

  for (const instanceType of kinds) {
    it(`sends no illegal call, starts nothing without a changed word and never goes past protected (${instanceType})`, async () => {
      const reached = new Set<Stage>();
      const started = new Set<string>();
      await fc.assert(
        fc.asyncProperty(commands, async (all) => {
          const history = await new History(instanceType).prepare();
          for (const command of all) await history.run(command);
          expect(history.illegal).to.deep.equal([]);
          for (const stage of history.reached) reached.add(stage);
          for (const { kind } of history.fake.starts) started.add(kind);
        }),
        run,
      );
      const possible = stages.filter((stage) => instanceType !== "HyperVReplicaAzure" || stage !== "reprotected");
      expect([...reached]).to.have.members(possible);
      const actions = ["unplannedFailover", "failoverCommit", "failback", "reverseReplicate"];
      expect([...started]).to.include.members(
        possible.length === stages.length ? [...actions, "reprotect"] : actions,
      );
    });
  }
});
