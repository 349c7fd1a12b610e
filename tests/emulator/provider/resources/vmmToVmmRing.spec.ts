import { expect } from "chai";
import { testFailover } from "../../../../provider/resources/testFailover.js";
import type { EstateInput } from "../../../../rehearsal/emulator/index.js";
import { makeContext, up } from "../../../unit/provider/resources/fakeEstate.js";
import {
  azureSide,
  type EstateMachine,
  machine,
  planIdOf,
  type Ring,
  replicated,
  walk,
  wholeRing,
  withRing,
} from "./ringOverHttp.js";

/** Two machines of one cloud that replicate to the cloud of another VMM server. */
function twoSites(): EstateInput {
  const [here, there] = ["vmm1.example.com", "vmm2.example.com"];
  const place: Partial<EstateMachine> = {
    kind: "hyperv",
    hyperV: { vmmServer: here, cloud: "gold" },
    os: { type: "Windows", name: "Windows Server 2012 R2" },
  };
  const server = (name: string) => ({
    name,
    clouds: [{ name: "gold" }],
    networks: [{ name: "corp" }, { name: "test" }],
  });
  const item = (name: string) => {
    const { machine, policy } = replicated(name, "second-site");
    return { machine, policy };
  };
  return {
    ...azureSide(),
    machines: [machine("vm01", "192.168.1.21", place), machine("vm02", "192.168.1.22", place)],
    vmmServers: [server(here), server(there)],
    vmmPolicies: [
      { name: "second-site", recoveryPoints: 4, mappings: [{ from: `${here}/gold`, to: `${there}/gold` }] },
    ],
    networkMappings: [{ vmmServer: here, network: "corp", targetVmmServer: there, targetNetwork: "corp" }],
    replicatedItems: [item("vm01"), item("vm02")],
    recoveryPlans: [{ name: "site", groups: [["vm01"], ["vm02"]] }],
  };
}

describe("Failover over HTTP, machines between two VMM sites", function () {
  this.timeout(240_000);

  it("walks unplanned round the ring, one start for each word, with a reverse replication at either site", async () => {
    await withRing(twoSites(), async (ring) => {
      const program = { targetId: await ring.item("vm01") };
      const at = await ring.go({ ...program, stage: "protected" });
      await walk(ring, program, wholeRing.slice(1), at);
      expect(ring.starts()).to.deep.equal([
        "unplannedFailover vm01",
        "failoverCommit vm01",
        "reProtect vm01",
        "plannedFailover vm01",
        "failoverCommit vm01",
        "reProtect vm01",
      ]);
    });
  });

  it("goes planned, straight by reverse replication, which commits on the way, and back unplanned", async () => {
    await withRing(twoSites(), async (ring) => {
      const program = { targetId: await ring.item("vm02"), kind: "planned", failback: { kind: "unplanned" } };
      let at = await ring.go({ ...program, stage: "protected" });
      for (const stage of ["failedOver", "reprotected", "failedBack", "protected"]) {
        const preview = await ring.preview({ ...program, stage }, at);
        expect(preview.lines, stage).to.not.contain("in Azure");
        at = await ring.go({ ...program, stage }, at);
        expect(at.outputs, stage).to.include({ observedStage: stage, lastAppliedStage: stage });
      }
      expect(ring.starts()).to.deep.equal([
        "plannedFailover vm02",
        "reProtect vm02",
        "unplannedFailover vm02",
        "reProtect vm02",
      ]);
    });
  });

  it("moves a plan by its own calls, which name no kind of machine, and reverses its machines one by one", async () => {
    await withRing(twoSites(), async (ring) => {
      const program = { targetId: planIdOf("site"), through: true };
      let at = await ring.go({ ...program, stage: "protected" });
      const preview = await ring.preview({ ...program, stage: "reprotected" }, at);
      expect(preview.failures).to.equal("");
      at = await ring.go({ ...program, stage: "reprotected" }, at);
      expect(at.outputs).to.include({ observedStage: "reprotected" });
      at = await ring.go({ ...program, stage: "protected" }, at);
      expect(at.outputs).to.include({ observedStage: "protected", lastAppliedStage: "protected" });
      expect(ring.starts()).to.deep.equal([
        "unplannedFailover site",
        "reProtect vm01",
        "reProtect vm02",
        "plannedFailover site",
        "reProtect vm01",
        "reProtect vm02",
      ]);
    });
  });

  it("refuses a chosen recovery point, which exists towards Azure only", async () => {
    await withRing(twoSites(), async (ring) => {
      const targetId = await ring.item("vm01");
      const { failures } = await ring.preview({ targetId, stage: "failedOver", recoveryPoint: "latestProcessed" });
      expect(failures).to.contain("a point can be chosen towards Azure only");
      expect(ring.starts()).to.deep.equal([]);
    });
  });
});

/** ARM id of a VM network of one of the two servers, as the vault lists it. */
async function siteNetwork({ siteRecovery }: Ring, site: "first" | "second", name: string): Promise<string> {
  const item = (await siteRecovery.listItems())[0];
  const fabrics = await siteRecovery.listFabrics();
  const second = fabrics.find(
    (fabric) => fabric.instanceType === "VMM" && (fabric.name === item?.fabricName) === (site === "first"),
  );
  const vault = item?.id.split("/replicationFabrics/")[0];
  const listed = await siteRecovery.listResources(
    `${vault}/replicationFabrics/${second?.name}/replicationNetworks`,
  );
  const found = listed.find(({ properties }) => (properties as { friendlyName: string }).friendlyName === name);
  return String(found?.id);
}

/** What Azure was sent for the accepted drills. */
function drillBodies({ emulator }: Ring): { networkType?: string; networkId?: string }[] {
  return emulator
    .log()
    .filter(({ path, status }) => path.split("?")[0]?.endsWith("/testFailover") && status === 202)
    .map(({ requestBody }) => (requestBody as { properties: object }).properties);
}

describe("TestFailover over HTTP, machines between two VMM sites", function () {
  this.timeout(240_000);

  it("drills a machine in a VM network of the other server and a plan in none, and cleans both up", async () => {
    await withRing(twoSites(), async (ring) => {
      const network = await siteNetwork(ring, "second", "test");
      const drills = [
        { targetId: await ring.item("vm01"), testNetworkId: network },
        { targetId: planIdOf("site"), testNetworkId: "none" },
      ];
      for (const drill of drills) {
        const context = makeContext(ring.siteRecovery);
        const { inputs, failures } = await testFailover.check(context, {}, drill);
        expect(failures).to.deep.equal([]);
        const { lines } = inputs.preview as { lines: string[] };
        expect(lines.join("\n"))
          .to.contain("the copy's newest recovery point")
          .and.to.contain(drill.testNetworkId === "none" ? "unconnected" : "in its VM network")
          .and.to.not.contain("Azure");
        const ran = await up(testFailover, context, drill);
        expect(ran.outputs).to.include({ status: "waitingForCleanup" });
        expect(ran.outputs.findings).to.deep.equal([]);
        const again = await up(testFailover, makeContext(ring.siteRecovery), drill, ran);
        expect(again.outputs.jobName).to.equal(ran.outputs.jobName);
        await testFailover.delete(makeContext(ring.siteRecovery), ran.id, ran.outputs);
      }
      const [machine, plan] = drillBodies(ring);
      expect(machine).to.deep.include({ networkType: "VmNetworkAsInput", networkId: network });
      expect(plan)
        .to.deep.include({ networkType: "NoNetworkAttachAsInput" })
        .and.to.not.have.property("networkId");
      expect(ring.starts()).to.deep.equal([
        "testFailover vm01",
        "testFailoverCleanup vm01",
        "testFailover site",
        "testFailoverCleanup site",
      ]);
      const went = await ring.go({
        targetId: planIdOf("site"),
        stage: "failedOver",
        startFrom: "protected@never",
      });
      expect(went.outputs).to.include({ observedStage: "failedOver" });
    });
  });

  it("drills machines that run at the second site at the first one, where Azure offers it, and their failback after it", async () => {
    await withRing(twoSites(), async (ring) => {
      const plan = { targetId: planIdOf("site"), stage: "reprotected", through: true };
      const adopted = await ring.go({ ...plan, stage: "protected" });
      const there = await ring.go(plan, adopted);
      const network = await siteNetwork(ring, "first", "test");
      const drill = { targetId: await ring.item("vm01"), testNetworkId: network };
      const elsewhere = { ...drill, testNetworkId: await siteNetwork(ring, "second", "test") };
      const refused = await testFailover.check(makeContext(ring.siteRecovery), {}, elsewhere);
      expect(refused.failures[0]?.reason).to.contain("is no VM network of the VMM server").and.to.contain(network);
      const ofPlan = { targetId: planIdOf("site"), testNetworkId: "none" };
      for (const each of [drill, ofPlan]) {
        const ran = await up(testFailover, makeContext(ring.siteRecovery), each);
        expect(ran.outputs).to.include({ status: "waitingForCleanup" });
        expect((await up(testFailover, makeContext(ring.siteRecovery), each, ran)).hasChanged).to.equal(false);
        await testFailover.delete(makeContext(ring.siteRecovery), ran.id, ran.outputs);
      }
      const back = { failoverDirection: "RecoveryToPrimary" };
      expect(drillBodies(ring)).to.have.length(2);
      expect(drillBodies(ring)[0]).to.deep.include({ ...back, networkId: network });
      expect(drillBodies(ring)[1]).to.deep.include({ ...back, networkType: "NoNetworkAttachAsInput" });
      const home = await ring.go({ ...plan, stage: "failedBack" }, there);
      expect(home.outputs).to.include({ observedStage: "failedBack" });
      expect(ring.starts().slice(-5)).to.deep.equal([
        "testFailover vm01",
        "testFailoverCleanup vm01",
        "testFailover site",
        "testFailoverCleanup site",
        "plannedFailover site",
      ]);
    });
  });

  it("refuses a drill of a plan whose machines run at both sites, and of one that failed over and replicates nowhere", async () => {
    await withRing(twoSites(), async (ring) => {
      const vm01 = await ring.item("vm01");
      const at = await ring.go({ targetId: vm01, stage: "protected" });
      const over = await ring.go({ targetId: vm01, stage: "failedOver" }, at);
      const reason = async () => {
        const drill = { targetId: planIdOf("site"), testNetworkId: "none" };
        const { failures } = await testFailover.check(makeContext(ring.siteRecovery), {}, drill);
        return failures.map(({ reason: each }) => each).join();
      };
      expect(await reason())
        .to.contain("vm01 is at failedOver (runs at the second site")
        .and.to.contain("committed or reprotected");
      await ring.go({ targetId: vm01, stage: "reprotected" }, over);
      expect(await reason())
        .to.contain("vm02 replicate to the second site and vm01 to the first")
        .and.to.contain("all at protected, or all at reprotected");
    });
  });

  it("refuses networks of Azure, of its own server and of a failover, points and connectivity, all at once", async () => {
    await withRing(twoSites(), async (ring) => {
      const targetId = await ring.item("vm01");
      const refused = async (inputs: object) => {
        const { failures } = await testFailover.check(makeContext(ring.siteRecovery), {}, { targetId, ...inputs });
        return failures.map(({ property, reason }) => `${property} ${reason}`).join("\n");
      };
      const [test, corp] = [await siteNetwork(ring, "second", "test"), await siteNetwork(ring, "second", "corp")];
      const azure = `${test.split("/Microsoft.RecoveryServices")[0]}/Microsoft.Network/virtualNetworks/shop-drill`;
      expect(
        await refused({
          testNetworkId: azure,
          recoveryPoint: "latestApplicationConsistent",
          connectivity: { access: [{ path: "vpn", sources: ["10.0.0.0/8"] }] },
        }),
      )
        .to.contain(`is no VM network of the VMM server that vm01 replicates to; allowed: "none", `)
        .and.to.contain(`${test} (test)`)
        .and.to.contain("a point can be chosen towards Azure only")
        .and.to.contain("connectivity");
      expect(await refused({ testNetworkId: corp })).to.contain("is the failover network of vm01");
      expect(await refused({ testNetworkId: corp, allowProductionNetwork: true })).to.equal("");
      expect(await refused({ testNetworkId: "nowhere" })).to.contain('"none"');
      expect(ring.starts()).to.deep.equal([]);
    });
  });
});
