import { expect } from "chai";
import { NotFound, Timeout, Unauthorized } from "../../../../provider/siterecovery/errors.js";
import type { Job, ReplicatedItem, SiteRecovery, Target } from "../../../../provider/siterecovery/siteRecovery.js";
import {
  answeredPath,
  caught,
  itemId,
  type StubJob,
  type StubVault,
  startStubVault,
  vaultPath,
  wireItem,
} from "./stubVault.js";

function lists(vault: StubVault): number {
  return vault.server.sent("GET", "/replicationJobs").length;
}

/** Ends when the server has been asked something often enough: what it is asked drives the test, not the time. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe("waiting for jobs", () => {
  let vault: StubVault;
  let refusal: { status: number; body: unknown } | undefined;
  const wait = { timeoutMs: 20_000 };

  beforeEach(async () => {
    refusal = undefined;
    vault = await startStubVault((request, stub) => {
      if (refusal !== undefined) return refusal;
      if (request.method === "POST") return stub.start(request, "TestFailoverCleanup").answer;
      return undefined;
    });
  });
  afterEach(() => vault.server.close());

  function target(name: string): Target {
    return {
      kind: "replicatedItem",
      item: { id: itemId(name), name, instanceType: "InMageRcm" } as ReplicatedItem,
    };
  }
  async function start(siteRecovery: SiteRecovery, name: string): Promise<{ name: string; job: StubJob }> {
    const { name: jobName } = await siteRecovery.startAction(
      target(name),
      { kind: "testFailoverCleanup", comments: "done" },
      `mark-${name}`,
    );
    const job = vault.jobs.get(jobName);
    if (job === undefined) throw new Error("the stub lost its job");
    return { name: jobName, job };
  }

  it("watches 50 open jobs with one list for each interval, and reads each job once when it ended", async () => {
    const siteRecovery = vault.connect({ pollIntervalSeconds: 0.05 });
    const started = await Promise.all(Array.from({ length: 50 }, (_, index) => start(siteRecovery, `vm${index}`)));
    const before = vault.server.requests.length;
    const ended = Promise.all(started.map(({ name }) => siteRecovery.waitForJob(name, wait)));
    await until(() => lists(vault) >= 4);
    expect(vault.server.requests.length - before, "only lists while all run").to.equal(lists(vault));
    for (const { job } of started) vault.end(job);
    const jobs = await ended;
    expect(jobs.map(({ state }) => state)).to.deep.equal(new Array(50).fill("Succeeded"));
    const reads = vault.server.requests.filter(({ path }) => /\/replicationJobs\/[^/]+$/.test(path));
    expect(reads).to.have.length(50);
    const listed = vault.server
      .sent("GET", "/replicationJobs")
      .filter(({ query }) => query.get("$filter")?.includes("InProgress"));
    for (const [index, each] of listed.entries()) {
      const previous = listed[index - 1];
      if (previous !== undefined) expect(each.at - previous.at).to.be.greaterThan(15);
    }
  });

  it("asks for 50 jobs that have not begun with one more list, and not one by one", async () => {
    const siteRecovery = vault.connect({ pollIntervalSeconds: 0.05 });
    const started = await Promise.all(Array.from({ length: 50 }, (_, index) => start(siteRecovery, `vm${index}`)));
    for (const { job } of started) Object.assign(job, { state: "NotStarted", scenarioName: "None" });
    const ended = Promise.all(started.map(({ name }) => siteRecovery.waitForJob(name, wait)));
    await until(() => lists(vault) >= 4);
    expect(vault.server.requests.filter(({ path }) => /\/replicationJobs\/[^/]+$/.test(path))).to.have.length(0);
    for (const { job } of started) vault.end(job);
    expect((await ended).every(({ state }) => state === "Succeeded")).to.equal(true);
  });

  it("stops asking when nobody waits any more", async () => {
    const siteRecovery = vault.connect({ pollIntervalSeconds: 0.02 });
    const { name, job } = await start(siteRecovery, "vm");
    const ended = siteRecovery.waitForJob(name, wait);
    vault.end(job);
    await ended;
    const count = vault.server.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(vault.server.requests).to.have.length(count);
  });

  it("tells a listener of each change of a task, with the machine of a plan's task, and the end", async () => {
    const siteRecovery = vault.connect({ pollIntervalSeconds: 0.02 });
    const { name, job } = await start(siteRecovery, "vm");
    const task = (state: string): unknown => ({
      taskId: "t1",
      name: "Group1",
      friendlyName: "Group 1",
      state,
      startTime: "1601-01-01T00:00:00Z",
      endTime: "0001-01-01T00:00:00",
      groupTaskCustomDetails: {
        instanceType: "InlineWorkflowTaskDetails",
        childTasks: [
          {
            taskId: "t2",
            name: "VmTfo",
            state,
            customDetails: { instanceType: "VirtualMachineTaskDetails", jobTask: { targetObjectName: "web01" } },
            errors: [],
          },
        ],
      },
      errors: [],
    });
    job.tasks = [task("NotStarted")];
    const told: Job[] = [];
    const ended = siteRecovery.waitForJob(name, { ...wait, onProgress: (each) => told.push(each) });
    await until(() => told.length === 1);
    job.tasks = [task("InProgress")];
    await until(() => told.length === 2);
    job.tasks = [task("Succeeded")];
    vault.end(job);
    expect((await ended).tasks[0]?.children[0]).to.deep.include({ state: "Succeeded", machineName: "web01" });
    expect(told.map(({ tasks }) => tasks[0]?.state)).to.deep.equal(["NotStarted", "InProgress", "Succeeded"]);
    expect([told[0]?.tasks[0]?.startTime, told[0]?.tasks[0]?.endTime]).to.deep.equal([undefined, undefined]);
  });

  it("throws Timeout at the bound, naming state and job, and lets others wait on", async () => {
    const siteRecovery = vault.connect({ pollIntervalSeconds: 0.02 });
    const { name, job } = await start(siteRecovery, "vm");
    const patient = siteRecovery.waitForJob(name, wait);
    const error = await caught(siteRecovery.waitForJob(name, { timeoutMs: 80 }));
    expect(error).to.be.instanceOf(Timeout);
    expect(error).to.include({ jobName: name });
    expect(error.message).to.contain(`job ${name} is InProgress`).and.to.contain("Azure goes on");
    vault.end(job);
    expect((await patient).state).to.equal("Succeeded");
    expect(vault.server.sent("POST")).to.have.length(1);
  });

  it("stops every wait when the signal is aborted, before or during", async () => {
    const controller = new AbortController();
    const siteRecovery = vault.connect({ pollIntervalSeconds: 0.02, signal: controller.signal });
    const { name, job } = await start(siteRecovery, "vm");
    const waiting = [
      caught(siteRecovery.waitForJob(name, wait)),
      caught(siteRecovery.waitForItem(itemId("vm"), () => false, wait)),
    ];
    controller.abort();
    for (const error of [...(await Promise.all(waiting)), await caught(siteRecovery.waitForJob(name, wait))]) {
      expect(error).to.be.instanceOf(Timeout).and.to.include({ code: "WaitStopped" });
    }
    expect(job.state).to.equal("InProgress");
  });

  it("returns a job that failed with its errors, each with its task", async () => {
    const siteRecovery = vault.connect({ pollIntervalSeconds: 0.02 });
    const { name, job } = await start(siteRecovery, "vm");
    job.tasks = [
      {
        taskId: "Boot",
        name: "VmTfoBootTestVm",
        friendlyName: "Start the virtual machine",
        state: "Failed",
        errors: [
          {
            serviceErrorDetails: { code: "539", message: "No quota.", recommendedAction: "Raise it." },
            errorLevel: "Error",
          },
        ],
      },
    ];
    vault.end(job, "Failed");
    const ended = await siteRecovery.waitForJob(name, wait);
    expect(ended.state).to.equal("Failed");
    expect(ended.errors).to.deep.equal([
      {
        code: "539",
        message: "No quota.",
        possibleCauses: undefined,
        recommendedAction: "Raise it.",
        taskName: "Start the virtual machine",
      },
    ]);
  });

  it("reads a job of an earlier run at once and returns when it had already ended", async () => {
    const { job } = vault.start({ headers: {} } as never, "TestFailover");
    vault.end(job);
    const ended = await vault.connect({ pollIntervalSeconds: 30 }).waitForJob(job.name, { timeoutMs: 5000 });
    expect(ended.scenarioName).to.equal("TestFailover");
    expect(lists(vault)).to.equal(0);
  });

  it("looks on while a job that was just started is not yet to be seen", async () => {
    const siteRecovery = vault.connect({ pollIntervalSeconds: 0.02 });
    const { name, job } = await start(siteRecovery, "vm");
    vault.jobs.delete(name);
    const ended = siteRecovery.waitForJob(name, wait);
    await until(() => vault.server.sent("GET", `/replicationJobs/${name}`).length >= 2);
    vault.jobs.set(name, job);
    vault.end(job, "CompletedWithInformation");
    expect((await ended).state).to.equal("CompletedWithInformation");
  });

  it("goes on after lost lists, and ends the wait when rights are missing", async () => {
    const siteRecovery = vault.connect({ pollIntervalSeconds: 0.02, maxOutageSeconds: 0 });
    const { name } = await start(siteRecovery, "vm");
    const waiting = caught(siteRecovery.waitForJob(name, wait));
    refusal = { status: 503, body: { error: { code: "ServiceUnavailable", message: "busy" } } };
    await until(() => lists(vault) >= 3);
    refusal = {
      status: 403,
      body: {
        error: {
          code: "AuthorizationFailed",
          message:
            "The client 'c' with object id 'o' does not have authorization to perform action 'Microsoft.RecoveryServices/vaults/replicationJobs/read' over scope '/subscriptions/s' or the scope is invalid.",
        },
      },
    };
    const error = await waiting;
    expect(error).to.be.instanceOf(Unauthorized);
    expect(error.message).to.contain(
      "may not perform Microsoft.RecoveryServices/vaults/replicationJobs/read over /subscriptions/s",
    );
  });

  it("obeys a Retry-After that is longer than the interval", async () => {
    const slow = await startStubVault((request, stub) => {
      if (request.method !== "POST") return undefined;
      const { answer } = stub.start(request, "TestFailoverCleanup");
      if (answer === "drop") return answer;
      return { ...answer, headers: { ...answer.headers, "retry-after": "1" } };
    });
    try {
      const siteRecovery = slow.connect({ pollIntervalSeconds: 0.02 });
      const { name } = await siteRecovery.startAction(
        target("vm"),
        { kind: "testFailoverCleanup", comments: "" },
        "m",
      );
      const job = slow.jobs.get(name);
      if (job !== undefined) slow.end(job);
      const startedAt = performance.now();
      await siteRecovery.waitForJob(name, wait);
      expect(performance.now() - startedAt).to.be.greaterThan(950);
      expect(slow.server.sent("GET", "/replicationJobs")).to.have.length(1);
    } finally {
      await slow.server.close();
    }
  });
});

describe("finding the open job of a target", () => {
  let vault: StubVault;
  beforeEach(async () => {
    vault = await startStubVault();
  });
  afterEach(() => vault.server.close());

  async function itemTarget(siteRecovery: SiteRecovery): Promise<Target> {
    const item = await siteRecovery.getItem(itemId("app01"));
    if (item === undefined) throw new Error("the stub lost its item");
    return { kind: "replicatedItem", item };
  }

  it("takes the job that the item names, whatever the case of its address", async () => {
    const { job } = vault.start({ headers: {} } as never, "UnplannedFailover");
    const scenario = {
      scenarioName: "UnplannedFailover",
      jobId: `${answeredPath.toUpperCase()}/REPLICATIONJOBS/${job.name}`,
      startTime: "2026-01-02T03:04:05Z",
    };
    vault.resources.set(
      itemId("app01").toLowerCase(),
      wireItem("app01", { properties: { currentScenario: scenario } }),
    );
    const siteRecovery = vault.connect();
    const open = await siteRecovery.findOpenJob(await itemTarget(siteRecovery));
    expect(open).to.include({ name: job.name, scenarioName: "UnplannedFailover" });
    expect(lists(vault)).to.equal(0);
  });

  it("stops looking for a job that Azure does not show, or does not name, when the signal is aborted", async () => {
    const controller = new AbortController();
    const siteRecovery = vault.connect({ signal: controller.signal });
    const { job } = vault.start({ headers: {} } as never, "None", { targetObjectId: "internal-app01" });
    const looks = ["gone", job.name].map(async (jobName) => {
      const scenario = { scenarioName: "UnplannedFailover", jobId: `${answeredPath}/replicationJobs/${jobName}` };
      vault.resources.set(
        itemId("app01").toLowerCase(),
        wireItem("app01", { properties: { currentScenario: scenario } }),
      );
      return caught(siteRecovery.findOpenJob(await itemTarget(siteRecovery)));
    });
    // Each of them pauses for up to a minute.
    const isLook = ({ path }: { path: string }) => /\/replicationJobs\/[^/]+$/i.test(path);
    while (vault.server.requests.filter(isLook).length < 2) await new Promise(setImmediate);
    const abortedAt = Date.now();
    controller.abort();
    for (const error of await Promise.all(looks)) {
      expect(error).to.be.instanceOf(Timeout).and.to.include({ code: "WaitStopped" });
    }
    expect(Date.now() - abortedAt).to.be.lessThan(5_000);
    expect(job.state).to.equal("InProgress");
  });

  it("finds a job that is not started yet, by the internal id, where the item says None", async () => {
    vault.resources.set(itemId("app01").toLowerCase(), wireItem("app01"));
    vault.start({ headers: {} } as never, "TestFailover", {
      targetObjectId: "internal-OTHER",
      state: "NotStarted",
    });
    const { job } = vault.start({ headers: {} } as never, "TestFailover", {
      targetObjectId: "INTERNAL-APP01",
      state: "NotStarted",
    });
    const siteRecovery = vault.connect();
    expect(await siteRecovery.findOpenJob(await itemTarget(siteRecovery))).to.include({ name: job.name });
  });

  it("is undefined where every job of the target has ended", async () => {
    vault.resources.set(itemId("app01").toLowerCase(), wireItem("app01"));
    vault.end(vault.start({ headers: {} } as never, "TestFailover", { targetObjectId: "internal-app01" }).job);
    const siteRecovery = vault.connect();
    expect(await siteRecovery.findOpenJob(await itemTarget(siteRecovery))).to.equal(undefined);
  });

  it("waits until an unnamed job says what it is", async () => {
    vault.resources.set(itemId("app01").toLowerCase(), wireItem("app01"));
    const { job } = vault.start({ headers: {} } as never, "None", { state: "NotStarted" });
    const siteRecovery = vault.connect();
    const finding = siteRecovery.findOpenJob(await itemTarget(siteRecovery));
    await until(() => vault.server.sent("GET", `/replicationJobs/${job.name}`).length >= 2);
    Object.assign(job, {
      scenarioName: "UnplannedFailover",
      state: "InProgress",
      targetObjectId: "internal-app01",
    });
    expect(await finding).to.include({ name: job.name, scenarioName: "UnplannedFailover" });
  });

  it("matches a plan by id or name, and never by the jobs of an item of that name", async () => {
    const planId = `${vaultPath}/replicationRecoveryPlans/web`;
    const plan = { id: planId, name: "web" } as never;
    vault.start({ headers: {} } as never, "UnplannedFailover", {
      targetObjectName: "web",
      targetInstanceType: "ProtectionEntity",
    });
    const siteRecovery = vault.connect();
    expect(await siteRecovery.findOpenJob({ kind: "recoveryPlan", plan })).to.equal(undefined);
    const { job } = vault.start({ headers: {} } as never, "TestFailover", {
      targetObjectName: "web",
      targetInstanceType: "RecoveryPlan",
    });
    expect(await siteRecovery.findOpenJob({ kind: "recoveryPlan", plan })).to.include({ name: job.name });
  });
});

describe("waiting for items", () => {
  it("shares one list for each interval among all who wait, and says when an item is gone", async () => {
    const vault = await startStubVault();
    try {
      const enabling = {
        properties: {
          protectionState: "InitialReplicationInProgress",
          protectionStateDescription: "Initial replication is in progress",
        },
      };
      const names = Array.from({ length: 30 }, (_, index) => `vm${index}`);
      for (const name of names) vault.resources.set(itemId(name).toLowerCase(), wireItem(name, enabling));
      const siteRecovery = vault.connect({ pollIntervalSeconds: 0.05 });
      const seen: string[] = [];
      const waiting = names.map((name) =>
        siteRecovery.waitForItem(itemId(name), ({ protectionState }) => protectionState === "Protected", {
          timeoutMs: 20_000,
          onProgress: ({ protectionStateDescription }) => seen.push(protectionStateDescription),
        }),
      );
      const results = Promise.allSettled(waiting);
      await until(() => vault.server.requests.length >= 3);
      expect(vault.server.sent("GET", "/replicationProtectedItems")).to.have.length(vault.server.requests.length);
      vault.resources.delete(itemId("vm0").toLowerCase());
      for (const name of names.slice(1)) vault.resources.set(itemId(name).toLowerCase(), wireItem(name));
      const [gone, ...others] = await results;
      expect(gone?.status === "rejected" && gone.reason).to.be.instanceOf(NotFound);
      expect(others.every(({ status }) => status === "fulfilled")).to.equal(true);
      expect(seen).to.include("Initial replication is in progress");
    } finally {
      await vault.server.close();
    }
  });
});
