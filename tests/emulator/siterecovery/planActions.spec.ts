import { expect } from "chai";
import type { EstateInput } from "../../../rehearsal/emulator/index.js";
import { type Body, describeSiteRecovery, estate, type SiteRecovery } from "./describeSiteRecovery.js";

const plan = "/replicationRecoveryPlans/acts";
const types = ["TestFailover", "UnplannedFailover", "PlannedFailover"];
const directions = ["PrimaryToRecovery", "RecoveryToPrimary"];

const details = {
  manual: { instanceType: "ManualActionDetails", description: "Look at the last booking" },
  script: { instanceType: "ScriptActionDetails", path: "\\\\vmm\\share\\script.ps1", fabricLocation: "Primary" },
  runbook: {
    instanceType: "AutomationRunbookActionDetails",
    runbookId: "/subscriptions/s/runbooks/dns",
    fabricLocation: "Recovery",
  },
};
type Kind = keyof typeof details;
const action = (kind: Kind, more: object = {}, of: object = {}) => ({
  actionName: kind,
  failoverTypes: types,
  failoverDirections: directions,
  customDetails: { ...details[kind], ...more },
  ...of,
});

const scripts = [
  { name: "slow.ps1", seconds: 700 },
  { name: "broken.ps1", seconds: 5, fails: true },
  { name: "/runbooks/endless", seconds: 86_400 },
];

/** Machines of modernised VMware at a stage. */
const vmware = (state?: "reprotected") => (): EstateInput => {
  const usual = estate();
  const items = usual.replicatedItems?.map((item) => ({ ...item, ...(state === undefined ? {} : { state }) }));
  return { ...usual, scripts, replicatedItems: items ?? [], recoveryPlans: [] };
};

/** Machines of a VMM cloud that go to Azure, or to another cloud. */
const vmm = (isToAzure: boolean, state?: "reprotected") => (): EstateInput => {
  const names = ["vm01", "vm02"];
  const usual = estate();
  const azure = { targetNetwork: "prod", targetSubnet: "web", testNetwork: "drill" };
  return {
    ...usual,
    policies: [],
    machines: names.map((name, index) => ({
      name,
      kind: "hyperv",
      hyperV: { vmmServer: "vmm1", cloud: "gold" },
      os: { type: "Windows", name: "Windows Server 2012 R2" },
      nics: [{ network: "corp", ip: `192.168.1.2${index}` }],
    })),
    vmmServers: ["vmm1", "vmm2"].map((name) => ({
      name,
      fabricName: name,
      clouds: [{ name: "gold" }],
      networks: [{ name: "corp" }],
    })),
    ...(isToAzure
      ? { hyperVPolicies: [{ name: "hourly" }] }
      : { vmmPolicies: [{ name: "hourly", mappings: [{ from: "vmm1/gold", to: "vmm2/gold" }] }] }),
    replicatedItems: names.map((machine) => ({
      machine,
      policy: "hourly",
      ...(isToAzure ? azure : {}),
      ...(state === undefined ? {} : { state }),
    })),
    recoveryPlans: [],
    scripts,
  };
};

/** The plan of all machines, each in a group of its own; the actions go before the second group. */
async function write(site: SiteRecovery, actions: unknown[]): Promise<string[]> {
  const items = (await site.send("GET", "/replicationProtectedItems")).body.value;
  const fabric = items[0]?.id.split("/replicationProtectionContainers/")[0];
  const between = items[0]?.properties as unknown as { recoveryFabricId?: string };
  const groups = items.map(({ id }, index) => ({
    groupType: "Boot",
    replicationProtectedItems: [{ id }],
    ...(index === 1 ? { startGroupActions: actions } : {}),
  }));
  const isBetween =
    between.recoveryFabricId?.includes("/replicationFabrics/") === true && fabric?.endsWith("/vmm1");
  const recoveryFabricId = isBetween ? between.recoveryFabricId : "Microsoft Azure";
  const { status } = await site.run("PUT", plan, {
    properties: { primaryFabricId: fabric, recoveryFabricId, groups },
  });
  expect(status).to.equal("Succeeded");
  return items.map((item) => item.name);
}

const wanted = (site: SiteRecovery, direction: string, entry?: object) => ({
  properties: {
    failoverDirection: direction,
    sourceSiteOperations: "Required",
    networkType: site.emulator.world.arm.get(site.network("drill"))
      ? "VmNetworkAsInput"
      : "NoNetworkAttachAsInput",
    networkId: site.network("drill"),
    providerSpecificDetails: entry === undefined ? [] : [entry],
  },
});

/** Starts the plan, resumes it each time that it waits, and gives the job at its end. */
async function runPlan(site: SiteRecovery, call: string, body: unknown): Promise<{ job: Body; waits: number }> {
  const started = await site.send("POST", `${plan}/${call}`, body);
  expect(started.status, JSON.stringify(started.body)).to.equal(202);
  const name = started.headers.get("location")?.replace(/\?.*$/, "").split("/").at(-1);
  for (let waits = 0; waits < 5; ) {
    await site.advance(5 * 3600);
    const job = (await site.send("GET", `/replicationJobs/${name}`)).body.properties;
    if (job.state !== "Suspended") return { job, waits };
    expect(job.allowedActions).to.include("Resume");
    waits += 1;
    await site.send("POST", `/replicationJobs/${name}/resume`, { properties: { comments: "done" } });
  }
  throw new Error("the plan waits for ever");
}

const stateOf = (job: Body, kind: Kind) => job.tasks.find((task) => task.name === kind)?.state;
const duration = (job: Body, kind: Kind) => {
  const task = job.tasks.find((each) => each.name === kind);
  return (Date.parse(task?.endTime ?? "") - Date.parse(task?.startTime ?? "")) / 1000;
};
const bodyOf = (call: string, direction: string, site: SiteRecovery) => {
  const body = wanted(site, direction);
  return call === "testFailover" ? body : { properties: { ...body.properties, networkType: undefined } };
};

for (const [title, input, call, direction, entry, runs] of [
  ["a drill of VMware", vmware(), "testFailover", "PrimaryToRecovery", undefined, ["manual", "runbook"]],
  ["a failover of VMware", vmware(), "unplannedFailover", "PrimaryToRecovery", undefined, ["manual", "runbook"]],
  [
    "a failback of VMware",
    vmware("reprotected"),
    "plannedFailover",
    "RecoveryToPrimary",
    { instanceType: "InMageRcmFailback", recoveryPointType: "CrashConsistent" },
    ["manual"],
  ],
  [
    "a planned failover from VMM to Azure",
    vmm(true),
    "plannedFailover",
    "PrimaryToRecovery",
    undefined,
    ["manual", "script", "runbook"],
  ],
  [
    "an unplanned failover from VMM to Azure",
    vmm(true),
    "unplannedFailover",
    "PrimaryToRecovery",
    undefined,
    ["manual", "script", "runbook"],
  ],
  [
    "a planned failover to another cloud",
    vmm(false),
    "plannedFailover",
    "PrimaryToRecovery",
    undefined,
    ["manual", "script"],
  ],
  [
    "a planned failover back from another cloud",
    vmm(false, "reprotected"),
    "plannedFailover",
    "RecoveryToPrimary",
    undefined,
    ["manual", "script"],
  ],
] as const)
  describeSiteRecovery(
    `the actions of ${title}`,
    (current) => {
      it(`are ${runs.join(" and ")}; a manual one waits for a person`, async () => {
        const site = current();
        await write(site, [action("manual"), action("script"), action("runbook")]);
        const body = bodyOf(call, direction, site).properties;
        const { job, waits } = await runPlan(site, call, {
          properties: { ...body, ...(entry === undefined ? {} : { providerSpecificDetails: [entry] }) },
        });
        expect(job.state, JSON.stringify(job.errors)).to.equal("Succeeded");
        expect(waits).to.equal(1);
        for (const kind of ["manual", "script", "runbook"] as const)
          expect(stateOf(job, kind), kind).to.equal(
            (runs as readonly string[]).includes(kind) ? "Succeeded" : "Other",
          );
      });
    },
    input,
  );

describeSiteRecovery(
  "an action of a plan",
  (current) => {
    it("is there for its own kinds of failover and its own direction only", async () => {
      const site = current();
      await write(site, [
        action("manual", {}, { failoverTypes: ["TestFailover"] }),
        action("runbook", {}, { failoverDirections: ["RecoveryToPrimary"] }),
      ]);
      const { job, waits } = await runPlan(
        site,
        "unplannedFailover",
        bodyOf("unplannedFailover", "PrimaryToRecovery", site),
      );
      expect([waits, stateOf(job, "manual"), stateOf(job, "runbook")]).to.deep.equal([0, undefined, undefined]);
    });

    it("ends at its own timeout, else at three hours for a runbook, and the machines go on", async () => {
      const site = current();
      for (const [timeout, seconds] of [
        ["PT10M", 600],
        ["00:02:00", 120],
        [undefined, 3 * 3600],
      ] as const) {
        await write(site, [action("runbook", { runbookId: "/runbooks/endless", timeout })]);
        const { job } = await runPlan(site, "testFailover", bodyOf("testFailover", "PrimaryToRecovery", site));
        expect([stateOf(job, "runbook"), duration(job, "runbook")]).to.deep.equal(["Failed", seconds]);
        expect(job.errors[0]?.serviceErrorDetails.code).to.equal("ScriptTimedOut");
        expect((await site.item("app01")).testFailoverState).to.equal("WaitingForCompletion");
        expect((await site.item("old01")).testFailoverState).to.equal("WaitingForCompletion");
        await site.run("POST", `${plan}/testFailoverCleanup`, { properties: { comments: "" } });
      }
    });
  },
  vmware(),
);

describeSiteRecovery(
  "a script that fails",
  (current) => {
    const broken = action("script", { path: "broken.ps1" });
    const activeLocations = async (site: SiteRecovery) =>
      (await site.send("GET", "/replicationProtectedItems")).body.value.map(
        (item) => item.properties.activeLocation,
      );

    it("stops a planned run: the machines before it are up, those behind it stay at home", async () => {
      const site = current();
      await write(site, [broken]);
      const { job } = await runPlan(site, "plannedFailover", bodyOf("plannedFailover", "PrimaryToRecovery", site));
      expect(job.state).to.equal("PartiallySucceeded");
      expect(job.errors[0]?.serviceErrorDetails.code).to.equal("ScriptFailed");
      expect(job.tasks.at(-1)?.state).to.equal("Other");
      expect(await activeLocations(site)).to.deep.equal(["Recovery", "Primary"]);
    });

    it("does not stop an unplanned run, which says what failed", async () => {
      const site = current();
      await write(site, [broken]);
      const { job } = await runPlan(
        site,
        "unplannedFailover",
        bodyOf("unplannedFailover", "PrimaryToRecovery", site),
      );
      expect([job.state, stateOf(job, "script")]).to.deep.equal(["PartiallySucceeded", "Failed"]);
      expect(await activeLocations(site)).to.deep.equal(["Recovery", "Recovery"]);
    });

    it("has ended after 600 seconds at the latest", async () => {
      const site = current();
      await write(site, [action("script", { path: "slow.ps1", timeout: "PT1H" })]);
      const { job } = await runPlan(
        site,
        "unplannedFailover",
        bodyOf("unplannedFailover", "PrimaryToRecovery", site),
      );
      expect([stateOf(job, "script"), duration(job, "script")]).to.deep.equal(["Failed", 600]);
    });
  },
  vmm(false),
);

describeSiteRecovery(
  "a plan whose machines replicate back to VMware",
  (current) => {
    it("can cancel their failback as a whole, and run it again", async () => {
      const site = current();
      const names = await write(site, []);
      const entry = { instanceType: "InMageRcmFailback", recoveryPointType: "CrashConsistent" };
      const back = wanted(site, "RecoveryToPrimary", entry);
      expect((await runPlan(site, "plannedFailover", back)).job.state).to.equal("Succeeded");
      expect((await site.item(names[0] ?? "")).activeLocation).to.equal("Recovery");
      const offered = (await site.send("GET", plan)).body.properties.allowedOperations;
      expect(offered).to.include.members(["CancelFailover", "Commit"]);
      expect((await site.run("POST", `${plan}/failoverCancel`)).status).to.equal("Succeeded");
      expect((await site.item(names[0] ?? "")).allowedOperations).to.include("PlannedFailover");
      expect((await runPlan(site, "plannedFailover", back)).job.state).to.equal("Succeeded");
      expect((await site.run("POST", `${plan}/failoverCommit`)).status).to.equal("Succeeded");
      const reprotect = await site.send("POST", `${plan}/reProtect`);
      expect([reprotect.status, reprotect.body.error.message]).to.satisfy(([status, text]: [number, string]) => {
        return status === 400 && text.includes("as a whole");
      });
    });
  },
  vmware("reprotected"),
);
