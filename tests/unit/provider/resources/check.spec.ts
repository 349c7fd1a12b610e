import { expect } from "chai";
import type { CheckFailure, Properties } from "../../../../provider/resources/handler.js";
import { handlers } from "../../../../provider/resources/index.js";
import { itemIdOf, makeContext, networkIdOf, planIdOf, policyIdOf, storageId, validInputs } from "./fakeEstate.js";
import { FakeSiteRecovery } from "./fakeSiteRecovery.js";

async function failuresOf(token: string, changes: Properties, prepare?: (fake: FakeSiteRecovery) => void) {
  const fake = new FakeSiteRecovery();
  fake.addItem("app01");
  fake.addItem("db01");
  prepare?.(fake);
  const handler = handlers.get(token);
  if (!handler) throw new Error(`no handler ${token}`);
  const { failures } = await handler.check(makeContext(fake), {}, { ...validInputs[token]?.(), ...changes });
  expect(fake.writes, "check never writes").to.deep.equal([]);
  return failures;
}

/** The one failure of a property. */
function of(failures: readonly CheckFailure[], property: string): string {
  const found = failures.filter((failure) => failure.property === property);
  expect(found.length, `failures of ${property} in ${JSON.stringify(failures)}`).to.equal(1);
  return found[0]?.reason ?? "";
}

describe("check of every resource", () => {
  for (const token of Object.keys(validInputs)) {
    it(`takes the valid inputs of ${token}`, async () => {
      expect(await failuresOf(token, {})).to.deep.equal([]);
    });

    it(`names an unknown property of ${token} together with the allowed ones`, async () => {
      const reason = of(await failuresOf(token, { timeoutMinuts: 5 }), "timeoutMinuts");
      expect(reason).to.contain("is not a property").and.to.contain("timeoutMinutes");
    });

    it(`names each property of ${token} that has a wrong type, its value and what is allowed, all at once`, async () => {
      const wrong = { timeoutMinutes: "soon", surprise: 1 };
      const failures = await failuresOf(token, wrong);
      expect(of(failures, "timeoutMinutes")).to.contain('"soon"').and.to.contain("1-10080");
      of(failures, "surprise");
    });
  }

  it("names what is required and missing, all together", async () => {
    const failures = await failuresOf("ReplicatedItem", {
      policyId: undefined,
      targetResourceGroupId: undefined,
      processServerId: undefined,
    });
    for (const property of ["policyId", "targetResourceGroupId", "processServerId"])
      expect(of(failures, property)).to.contain("is required");
  });

  it("asks in one failure for what of the vault neither arguments nor configuration name, with the commands that set it", async () => {
    const failures = await failuresOf("ReplicationPolicy", { vaultName: undefined, subscriptionId: undefined });
    expect(failures).to.have.length(1);
    expect(of(failures, ""))
      .to.contain("pulumi config set siterecovery:vaultName")
      .and.to.contain("pulumi config set siterecovery:subscriptionId")
      .and.not.to.contain("resourceGroupName");
    const [one, ...others] = await failuresOf("ReplicationPolicy", { vaultName: undefined });
    expect(one?.property).to.equal("vaultName");
    expect(others).to.deep.equal([]);
  });
});

describe("check of ReplicationPolicy", () => {
  const check = (changes: Properties) => failuresOf("ReplicationPolicy", changes);

  it("refuses names out of pattern and names the pattern", async () => {
    for (const name of ["", "-a", "a/b", "ä", "a.", "x".repeat(81)]) {
      const reason = of(await check({ name }), "name");
      expect(reason).to.contain(JSON.stringify(name).slice(0, 20)).and.to.contain("1-80");
    }
  });

  it("refuses an application-consistent interval that is not shorter than the retention", async () => {
    for (const interval of [120, 180]) {
      const reason = of(
        await check({ recoveryPointRetentionMinutes: 120, appConsistentFrequencyMinutes: interval }),
        "appConsistentFrequencyMinutes",
      );
      expect(reason).to.contain(String(interval)).and.to.contain("(120)").and.to.contain("60-119");
    }
    expect(await check({ recoveryPointRetentionMinutes: 121, appConsistentFrequencyMinutes: 120 })).to.deep.equal(
      [],
    );
  });

  it("refuses any application-consistent interval with retention 0, and takes 0 with 0", async () => {
    const reason = of(
      await check({ recoveryPointRetentionMinutes: 0, appConsistentFrequencyMinutes: 60 }),
      "appConsistentFrequencyMinutes",
    );
    expect(reason).to.contain("allowed: 0 (off)");
    expect(await check({ recoveryPointRetentionMinutes: 0, appConsistentFrequencyMinutes: 0 })).to.deep.equal([]);
  });

  it("holds retention to 0-21600 and the interval to 0 or 60-720, both ends allowed", async () => {
    for (const retention of [0, 21_600])
      expect(
        await check({ recoveryPointRetentionMinutes: retention, appConsistentFrequencyMinutes: 0 }),
      ).to.deep.equal([]);
    for (const interval of [60, 720])
      expect(await check({ appConsistentFrequencyMinutes: interval })).to.deep.equal([]);
    for (const retention of [-1, 21_601, 1.5])
      expect(
        of(
          await check({ recoveryPointRetentionMinutes: retention, appConsistentFrequencyMinutes: 0 }),
          "recoveryPointRetentionMinutes",
        ),
      ).to.contain("0-21600");
    for (const interval of [1, 59, 721, -60, 60.5])
      expect(
        of(await check({ appConsistentFrequencyMinutes: interval }), "appConsistentFrequencyMinutes"),
      ).to.contain("60-720");
  });

  it("fills the documented defaults", async () => {
    const handler = handlers.get("ReplicationPolicy");
    const { subscriptionId, resourceGroupName, vaultName } = validInputs.ReplicationPolicy?.() ?? {};
    const context = {
      ...makeContext(new FakeSiteRecovery()),
      defaults: {
        subscriptionId: String(subscriptionId),
        resourceGroupName: String(resourceGroupName),
        vaultName: String(vaultName),
      },
    };
    const checked = await handler?.check(context, {}, { name: "gold", instanceType: "InMageRcm" });
    expect(checked?.failures).to.deep.equal([]);
    expect(checked?.inputs).to.deep.include({
      subscriptionId,
      resourceGroupName,
      vaultName,
      recoveryPointRetentionMinutes: 1440,
      crashConsistentFrequencyMinutes: 5,
      appConsistentFrequencyMinutes: 0,
      multiVmSync: true,
    });
  });

  it("names the allowed kinds for one that this version does not have", async () => {
    expect(of(await check({ instanceType: "A2A" }), "instanceType"))
      .to.contain('"InMageRcm"')
      .and.to.contain('"A2A"');
  });
});

describe("check of RecoveryPlan", () => {
  const check = (changes: Properties) => failuresOf("RecoveryPlan", changes);
  const machines = (count: number) => Array.from({ length: count }, (_, index) => itemIdOf(`m${index}`));

  it("refuses a machine that is in two groups, or twice in one, whatever the case, and says where it is first", async () => {
    const failures = await check({
      bootGroups: [
        { replicatedItemIds: [itemIdOf("app01")] },
        { replicatedItemIds: [itemIdOf("db01"), itemIdOf("APP01"), itemIdOf("db01")] },
      ],
    });
    expect(of(failures, "bootGroups[1].replicatedItemIds[1]")).to.contain("bootGroups[0].replicatedItemIds[0]");
    expect(of(failures, "bootGroups[1].replicatedItemIds[2]")).to.contain("bootGroups[1].replicatedItemIds[0]");
  });

  it("refuses 101 machines over all groups and takes 100", async () => {
    const all = machines(101);
    const groups = (ids: string[]) => ({
      bootGroups: [{ replicatedItemIds: ids.slice(0, 60) }, { replicatedItemIds: ids.slice(60) }],
    });
    expect(of(await check(groups(all)), "bootGroups"))
      .to.contain("101")
      .and.to.contain("at most 100");
    const all100 = all.slice(0, 100);
    const present = (fake: FakeSiteRecovery) => {
      for (const id of all100) fake.addItem(id.slice(id.lastIndexOf("/") + 1));
    };
    expect(await failuresOf("RecoveryPlan", groups(all100), present)).to.deep.equal([]);
  });

  it("refuses an eighth boot group, none, and a plan without a machine", async () => {
    const groups = (count: number) => ({
      bootGroups: Array.from({ length: count }, (_, index) => ({ replicatedItemIds: [itemIdOf(`m${index}`)] })),
    });
    expect(of(await check(groups(8)), "bootGroups")).to.contain("1-7");
    expect((await check({ bootGroups: [] })).map((failure) => failure.reason).join()).to.contain("1-7");
    expect(of(await check({ bootGroups: [{ replicatedItemIds: [] }] }), "bootGroups")).to.contain("at least one");
  });

  it("names a wrong id, a wrong action and a wrong name together", async () => {
    const failures = await check({
      name: "1plan",
      bootGroups: [
        {
          replicatedItemIds: ["app01"],
          endGroupActions: [
            { name: "x", failoverTypes: ["Nightly"], failoverDirections: [], details: { kind: "manual" } },
          ],
        },
      ],
    });
    expect(of(failures, "name")).to.contain('"1plan"').and.to.contain("3-65");
    expect(of(failures, "bootGroups[0].replicatedItemIds[0]")).to.contain('"app01"').and.to.contain("ARM id");
    expect(of(failures, "bootGroups[0].endGroupActions[0].failoverTypes[0]")).to.contain('"TestFailover"');
    expect(of(failures, "bootGroups[0].endGroupActions[0].failoverDirections")).to.contain("at least one");
  });
});

describe("check of a plan's actions", () => {
  it("names the allowed kinds for one that there is not", async () => {
    const failures = await failuresOf("RecoveryPlan", {
      failoverGroup: {
        startGroupActions: [
          {
            name: "x",
            failoverTypes: ["TestFailover"],
            failoverDirections: ["PrimaryToRecovery"],
            details: { kind: "webhook" },
          },
        ],
      },
    });
    expect(of(failures, "failoverGroup.startGroupActions[0].details.kind")).to.equal(
      'value "webhook" is not allowed; allowed: an object of kind "manual", "script" or "runbook"',
    );
  });

  it("refuses a name that two actions of the plan have, as `completed` tells them apart by it, and says where it is first", async () => {
    const action = (name: string) => ({
      name,
      failoverTypes: ["TestFailover"],
      failoverDirections: ["PrimaryToRecovery"],
      details: { kind: "manual" },
    });
    const failures = await failuresOf("RecoveryPlan", {
      shutdownGroup: { endGroupActions: [action("call"), action("wait")] },
      bootGroups: [{ replicatedItemIds: [itemIdOf("app01")], startGroupActions: [action("call")] }],
    });
    expect(failures.length).to.equal(1);
    expect(of(failures, "bootGroups[0].startGroupActions[0].name")).to.contain(
      "shutdownGroup.endGroupActions[0].name",
    );
  });

  it("takes a script's timeout as an ISO 8601 duration only", async () => {
    const reasonOf = async (timeout: string) => {
      const failures = await failuresOf("RecoveryPlan", {
        failoverGroup: {
          startGroupActions: [
            {
              name: "stop",
              failoverTypes: ["UnplannedFailover"],
              failoverDirections: ["PrimaryToRecovery"],
              details: { kind: "script", path: "stop.ps1", fabricLocation: "Primary", timeout },
            },
          ],
        },
      });
      return failures.map(({ property, reason }) => `${property} ${reason}`).join();
    };
    for (const timeout of ["PT10M", "PT600S", "PT1H30M", "P1D", "P1DT2H"])
      expect(await reasonOf(timeout)).to.equal("");
    for (const timeout of ["P", "PT", "P1DT", "Pizza", "00:10:00", "600"])
      expect(await reasonOf(timeout), timeout)
        .to.contain("failoverGroup.startGroupActions[0].details.timeout")
        .and.to.contain("an ISO 8601 duration such as PT10M");
  });

  it("names the properties of the kind of action for one that it does not have, and what a list is in any language", async () => {
    const failures = await failuresOf("RecoveryPlan", {
      failoverGroup: {
        startGroupActions: [
          { name: "x", failoverTypes: "all", failoverDirections: [], details: { kind: "manual", path: "a" } },
        ],
      },
    });
    const action = "failoverGroup.startGroupActions[0]";
    expect(of(failures, `${action}.details.path`)).to.equal("is not a property here; allowed: kind, description");
    expect(of(failures, `${action}.failoverTypes`)).to.equal('value "all" is not allowed; allowed: a list');
  });
});

describe("check of what lies in another vault or fabric", () => {
  const elsewhere = (id: string) => id.replace("/vaults/", "/vaults/other-");

  it("refuses a policy and a plan's machine of another vault, which Azure would refuse after the preview", async () => {
    for (const token of ["ProtectionContainerMapping", "ReplicatedItem"]) {
      const reason = of(await failuresOf(token, { policyId: elsewhere(policyIdOf("daily")) }), "policyId");
      expect(reason).to.contain("is in another vault");
    }
    const member = "bootGroups[0].replicatedItemIds[0]";
    for (const fabricName of [undefined, "second-site"]) {
      const id = fabricName ? itemIdOf("app01") : elsewhere(itemIdOf("app01"));
      const changes = { bootGroups: [{ replicatedItemIds: [id] }], ...(fabricName && { fabricName }) };
      expect(of(await failuresOf("RecoveryPlan", changes), member)).to.contain("is not protected in fabric");
    }
    const other = {
      bootGroups: [
        { replicatedItemIds: [itemIdOf("app01").toUpperCase().replace("/SUBSCRIPTIONS", "/subscriptions")] },
      ],
    };
    expect(await failuresOf("RecoveryPlan", other)).to.deep.equal([]);
  });

  it("refuses a zone beside an availability set", async () => {
    const set = storageId.replace(/Microsoft\.Storage.*/, "Microsoft.Compute/availabilitySets/web");
    const failures = await failuresOf("ReplicatedItem", {
      targetAvailabilitySetId: set,
      targetAvailabilityZone: "1",
    });
    expect(of(failures, "targetAvailabilityZone")).to.contain("targetAvailabilitySetId");
  });
});

describe("check of ReplicatedItem", () => {
  it("refuses disks together with disksDefault, and neither", async () => {
    const disks = [
      {
        diskId: "d",
        logStorageAccountId: storageId,
        diskType: "Standard_LRS",
      },
    ];
    expect(of(await failuresOf("ReplicatedItem", { disks }), "disksDefault")).to.contain("not allowed together");
    expect(of(await failuresOf("ReplicatedItem", { disksDefault: undefined }), "disksDefault")).to.contain(
      "is required",
    );
  });

  it("refuses an adapter given twice, two primary ones, and a static address without a subnet, all at once", async () => {
    const failures = await failuresOf("ReplicatedItem", {
      nics: [
        { nicId: "a", isPrimary: true },
        { nicId: "A", isPrimary: true },
        { nicId: "b", targetStaticIpAddress: "10.0.0.9" },
        { nicId: "c", testStaticIpAddress: "10.0.0.256" },
      ],
    });
    of(failures, "nics[1].nicId");
    of(failures, "nics[1].isPrimary");
    of(failures, "nics[2].targetStaticIpAddress");
    expect(of(failures, "nics[3].testStaticIpAddress")).to.contain("IPv4");
  });
});

describe("check of TestFailover", () => {
  const check = (changes: Properties, prepare?: (fake: FakeSiteRecovery) => void) =>
    failuresOf("TestFailover", changes, prepare);

  it("refuses the failover network of a machine as test network, and names machine, network and the argument that allows it", async () => {
    const reason = of(await check({ testNetworkId: networkIdOf("PROD") }), "testNetworkId");
    expect(reason).to.contain("app01").and.to.contain("allowProductionNetwork: true");
  });

  it("takes the failover network with allowProductionNetwork: true, and the plan has a finding then", async () => {
    const fake = new FakeSiteRecovery();
    fake.addItem("app01");
    fake.addNetwork(networkIdOf("prod"), "10.9.0.0/24");
    const handler = handlers.get("TestFailover");
    const checked = await handler?.check(
      makeContext(fake),
      {},
      { targetId: itemIdOf("app01"), testNetworkId: networkIdOf("prod"), allowProductionNetwork: true },
    );
    expect(checked?.failures).to.deep.equal([]);
    expect(JSON.stringify(checked?.inputs.connectivityPlan)).to.contain("testNetworkIsProduction");
  });

  it("refuses a custom recovery point on a plan, and a target that is neither item nor plan", async () => {
    const prepare = (fake: FakeSiteRecovery) => {
      void fake.putPlan(planIdOf("shop-plan"), {
        primaryFabricId: "f",
        recoveryFabricId: "Microsoft Azure",
        failoverDeploymentModel: "ResourceManager",
        groups: [],
      });
      fake.writes.length = 0;
    };
    const point = `${itemIdOf("app01")}/recoveryPoints/p1`;
    expect(
      of(await check({ targetId: planIdOf("shop-plan"), recoveryPoint: point }, prepare), "recoveryPoint"),
    ).to.contain("recovery plan");
    expect(of(await check({ targetId: networkIdOf("test") }), "targetId")).to.contain("recovery plan");
    expect(of(await check({ recoveryPoint: "newest" }), "recoveryPoint")).to.contain("latestProcessed");
  });

  it("names a target that is not in the vault", async () => {
    expect(of(await check({ targetId: itemIdOf("ghost") }), "targetId")).to.contain("ghost");
  });

  it("refuses a point that the machine does not have", async () => {
    const point = `${itemIdOf("db01")}/recoveryPoints/nightly`;
    expect(of(await check({ recoveryPoint: point }), "recoveryPoint")).to.contain("cannot be used");
  });

  it("plans nothing while a machine is not at protected that a Failover of the program brings back first", async () => {
    const fake = new FakeSiteRecovery();
    fake.addItem("app01");
    fake.setStage(itemIdOf("app01"), "committed");
    const context = makeContext(fake);
    context.drillable.add(itemIdOf("app01").toLowerCase());
    const checked = await handlers
      .get("TestFailover")
      ?.check(context, {}, { targetId: itemIdOf("app01"), testNetworkId: networkIdOf("test") });
    expect(checked?.failures).to.deep.equal([]);
    expect(checked?.inputs).to.not.have.property("connectivityPlan");
    expect(JSON.stringify(checked?.inputs.preview)).to.contain(
      "app01 is at committed, and a Failover of this program brings them back first",
    );
  });

  it("names wrong access wishes by their path", async () => {
    const failures = await check({ connectivity: { access: [{ path: "telnet", port: 70_000 }] } });
    expect(of(failures, "connectivity.access[0].path")).to.contain('"vpn"');
    expect(of(failures, "connectivity.access[0].port")).to.contain("1-65535");
  });

  it("names a machine that the wanted access names and the drill does not have", async () => {
    const failures = await check({ connectivity: { access: [{ path: "vpn", machines: ["app01", "db01"] }] } });
    expect(of(failures, "connectivity.access[0].machines[1]")).to.equal('is "db01", allowed: app01');
  });

  it("names what is wrong with every access wish at once, each once, also beside one of a wrong type", async () => {
    const failures = await check({
      comments: 7,
      connectivity: {
        access: [
          { path: 5, port: "rdp", sources: "10.0.0.0/8" },
          { path: "internet" },
          { path: "vpn", sources: ["10.0.0.0/99", 5], machines: "app01" },
        ],
      },
    });
    expect(failures.map(({ property }) => property)).to.have.members([
      "comments",
      "connectivity.access[0].path",
      "connectivity.access[0].port",
      "connectivity.access[0].sources",
      "connectivity.access[1].sources",
      "connectivity.access[2].sources[0]",
      "connectivity.access[2].sources[1]",
      "connectivity.access[2].machines",
    ]);
  });
});

describe("check of Failover", () => {
  it("refuses the stage and what else is wrong at once, and so of a drill", async () => {
    const failures = await failuresOf("Failover", {
      stage: "failedOver",
      timeoutMinutes: 0,
      shutdownSorce: false,
      connectivity: { access: [{ path: "carrier pigeon" }] },
    });
    expect(failures.map(({ property }) => property)).to.have.members([
      "stage",
      "timeoutMinutes",
      "shutdownSorce",
      "connectivity.access[0].path",
    ]);
    const drill = await failuresOf("TestFailover", { timeoutMinutes: 0, testNetworkId: networkIdOf("prod") });
    expect(drill.map(({ property }) => property)).to.have.members(["timeoutMinutes", "testNetworkId"]);
  });

  it("names the stages for a word that is none, and the form of startFrom", async () => {
    const failures = await failuresOf("Failover", { stage: "failed-over", startFrom: "protected" });
    expect(of(failures, "stage")).to.contain('"failedOver"').and.to.contain('"failed-over"');
    expect(of(failures, "startFrom")).to.contain("<stage>@");
  });

  it("refuses on a new resource every stage but the observed one and prints the startFrom line", async () => {
    expect(of(await failuresOf("Failover", { stage: "failedOver" }), "stage")).to.contain(
      'startFrom: "protected@never"',
    );
  });
});
