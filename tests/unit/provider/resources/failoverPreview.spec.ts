import { expect } from "chai";
import { failover } from "../../../../provider/resources/failover.js";
import type { Properties } from "../../../../provider/resources/handler.js";
import { previewFindings } from "../../../../provider/resources/machineFacts.js";
import { recoveryPlan } from "../../../../provider/resources/recoveryPlan.js";
import { replicatedItem } from "../../../../provider/resources/replicatedItem.js";
import { testFailover } from "../../../../provider/resources/testFailover.js";
import type { RecoveryPlanAction, ReplicatedItem } from "../../../../provider/siterecovery/siteRecovery.js";
import { itemIdOf, makeContext, networkIdOf, planIdOf, up, validInputs } from "./fakeEstate.js";
import { FakeSiteRecovery } from "./fakeSiteRecovery.js";

const slow: Partial<ReplicatedItem> = { osType: "Linux", mobilityAgentVersion: "9.7.1.0" };
const reasons = "it runs Linux; its mobility agent is 9.7.1.0, older than 9.8";

/** What the preview of a failover from `protected`, and that of a drill, say. */
async function previewsOf(
  fake: FakeSiteRecovery,
  targetId: string,
  more: Properties = {},
): Promise<{ failover: string; drill: string }> {
  const at = await up(failover, makeContext(fake), { targetId, stage: "protected", ...more });
  const over = await failover.check(makeContext(fake), at.inputs, { targetId, stage: "failedOver", ...more });
  const drill = await testFailover.check(
    makeContext(fake),
    {},
    { targetId, testNetworkId: networkIdOf("isolated") },
  );
  const lines = ({ inputs }: { inputs: Record<string, unknown> }) =>
    (inputs.preview as { lines: string[] }).lines.join("\n");
  expect([...over.failures, ...drill.failures]).to.deep.equal([]);
  return { failover: lines(over), drill: lines(drill) };
}

describe("the preview of a failover and of a drill", () => {
  it("names the machines that may take 8 to 10 minutes more, each with all its reasons, and no other", async () => {
    const fake = new FakeSiteRecovery();
    fake.addNetwork(networkIdOf("isolated"), "10.9.0.0/16");
    fake.addItem("app01", "protected", slow);
    const previews = await previewsOf(fake, itemIdOf("app01"));
    for (const told of [previews.failover, previews.drill])
      expect(told).to.contain(`app01 may take 8 to 10 minutes more: ${reasons}.`);
    const quick = fake.addItem("db01", "protected", { osType: "Windows", mobilityAgentVersion: "9.60.1.1" });
    expect(previewFindings([quick])).to.deep.equal([]);
    const linux = ["web01", "web02"].map((name) => fake.addItem(name, "protected", { osType: "Linux" }));
    expect(previewFindings([quick, ...linux]), "machines of the same reasons").to.deep.equal([
      "web01, web02 may each take 8 to 10 minutes more: it runs Linux.",
    ]);
  });

  it("names what Azure's requirements refuse, with what to do about it", async () => {
    const fake = new FakeSiteRecovery();
    const disks = [{ diskId: "os", isOsDisk: true, capacityInBytes: 3000 * 2 ** 30 }];
    const item = fake.addItem("app01", "protected", { targetVmName: "app_01" });
    const told = previewFindings([{ ...item, disks: disks as ReplicatedItem["disks"] }]);
    expect(told.filter((line) => line.startsWith("Not ready: app01: ")).join("\n"))
      .to.contain('Azure cannot make a machine named "app_01". set targetVmName')
      .and.to.contain("disk os has 3000 GiB; Azure takes at most 2048 GiB. make the disk smaller");
  });

  it("says of a script in a plan of VMware machines that Azure does not run it, and names the actions of this run only", async () => {
    const fake = new FakeSiteRecovery();
    fake.addNetwork(networkIdOf("isolated"), "10.9.0.0/16");
    fake.addItem("app01");
    const common = { failoverTypes: ["UnplannedFailover"], failoverDirections: ["PrimaryToRecovery"] };
    const actions: RecoveryPlanAction[] = [
      { name: "stop", ...common, details: { kind: "script", path: "\\\\a\\b.ps1", fabricLocation: "Primary" } },
      { name: "open", ...common, details: { kind: "runbook", runbookId: "/r", fabricLocation: "Recovery" } },
      { name: "back", ...common, failoverDirections: ["RecoveryToPrimary"], details: { kind: "manual" } },
    ];
    const tellUsers: RecoveryPlanAction = { name: "tell users", ...common, details: { kind: "manual" } };
    const group = { replicatedItemIds: [], startGroupActions: [], endGroupActions: [] };
    await fake.putPlan(planIdOf("shop"), {
      primaryFabricId: "f",
      recoveryFabricId: "Microsoft Azure",
      failoverDeploymentModel: "ResourceManager",
      groups: [
        { ...group, groupType: "Shutdown", endGroupActions: [tellUsers] },
        { ...group, groupType: "Failover" },
        {
          groupType: "Boot",
          replicatedItemIds: [itemIdOf("app01")],
          startGroupActions: [],
          endGroupActions: actions,
        },
      ],
    });
    const ofBoot =
      'after boot group 1 "stop" (script, which only a VMM server runs: not run), after boot group 1 "open" (runbook).';
    const { failover: told } = await previewsOf(fake, planIdOf("shop"));
    expect(told).to.contain(
      `Plan actions of protected -> failedOver: after the shutdown of all "tell users" (the run waits for a person), ${ofBoot}`,
    );
    const { failover: left } = await previewsOf(fake, planIdOf("shop"), { shutdownSource: false });
    expect(left).to.contain(`Plan actions of protected -> failedOver: ${ofBoot}`);
  });
});

describe("the preview of a failover of machines that do not replicate yet", () => {
  /** What the check says, after that of a machine which the same program declares. */
  async function reasonsOf(program: Properties, prior: Properties = {}): Promise<string> {
    const context = makeContext(new FakeSiteRecovery());
    const declared = validInputs.ReplicatedItem?.() ?? {};
    await replicatedItem.check(context, {}, declared);
    const targetId = itemIdOf(String(declared.name));
    const { failures } = await failover.check(context, prior, { targetId, ...program });
    return failures.map(({ property, reason }) => `${property} ${reason}`).join("\n");
  }

  it("refuses a stage at which none of them can be, which an up would find out when all else is made", async () => {
    expect(await reasonsOf({ stage: "protected" })).to.equal("");
    expect(await reasonsOf({ stage: "failedOver", startFrom: "protected@never" })).to.equal("");
    expect(await reasonsOf({ stage: "failedOver" })).to.match(
      /^stage value "failedOver": .* is not there yet, and will be at protected; allowed: "protected", or startFrom: "protected@never" beside it$/,
    );
    expect(await reasonsOf({ stage: "committed", startFrom: "protected@never" })).to.contain("set through: true");
  });

  it("refuses what their kind does not take", async () => {
    expect(await reasonsOf({ stage: "protected", kind: "planned" })).to.contain('kind value "planned" is not for');
  });

  it("leaves a Failover alone that is further on while a machine is added to its plan", async () => {
    const targetId = itemIdOf(String(validInputs.ReplicatedItem?.().name));
    expect(await reasonsOf({ stage: "committed" }, { targetId, stage: "committed" })).to.equal("");
  });
});

describe("the preview of a failover and of a drill whose plan the same run changes", () => {
  const program = (names: string[], more: Properties = {}): Properties => ({
    ...(validInputs.RecoveryPlan?.() ?? {}),
    name: "shop",
    bootGroups: names.map((name) => ({ replicatedItemIds: [itemIdOf(name)], ...more })),
  });
  const targetId = planIdOf("shop");
  const ask: Properties = {
    name: "phone the shop",
    failoverTypes: ["UnplannedFailover", "TestFailover"],
    failoverDirections: ["PrimaryToRecovery"],
    details: { kind: "manual" },
  };

  async function prepared() {
    const fake = new FakeSiteRecovery();
    fake.addNetwork(networkIdOf("isolated"), "10.9.0.0/16");
    for (const name of ["app01", "db01"]) fake.addItem(name);
    await up(recoveryPlan, makeContext(fake), program(["app01"]));
    return { fake, at: await up(failover, makeContext(fake), { targetId, stage: "protected" }) };
  }

  it("tells the machines and the actions that the plan will have", async () => {
    const { fake, at } = await prepared();
    const context = makeContext(fake);
    await recoveryPlan.check(context, {}, program(["app01", "db01"], { startGroupActions: [ask] }));
    const drill = { targetId, testNetworkId: networkIdOf("isolated") };
    for (const { inputs, failures } of [
      await failover.check(context, at.inputs, { targetId, stage: "failedOver" }),
      await testFailover.check(context, {}, drill),
    ]) {
      expect(failures).to.deep.equal([]);
      const told = (inputs.preview as { lines: string[] }).lines.join("\n");
      expect(told).to.match(/boot group 2: db01|: 2 machines,/);
      expect(told).to.contain('before boot group 1 "phone the shop" (the run waits for a person)');
    }
  });

  it("refuses a changed stage while a machine that does not replicate yet joins, and leaves it out otherwise", async () => {
    const { fake, at } = await prepared();
    const context = makeContext(fake);
    await replicatedItem.check(context, {}, { ...(validInputs.ReplicatedItem?.() ?? {}), name: "new01" });
    await recoveryPlan.check(context, {}, program(["app01", "new01"]));
    const { failures } = await failover.check(context, at.inputs, { targetId, stage: "failedOver" });
    expect(failures).to.have.length(1);
    expect(failures[0]?.reason).to.match(
      /^value "failedOver" cannot be reached while recovery plan "shop" gets machines that do not replicate yet \(\S+\): add/,
    );
    const same = await failover.check(context, at.inputs, { targetId, stage: "protected" });
    expect(same.failures).to.deep.equal([]);
    expect(failover.diff(at.id, at.outputs, same.inputs).hasChanges).to.equal(false);
  });
});
