import { expect } from "chai";
import type { EstateInput } from "../../../../rehearsal/emulator/index.js";
import { azureSide, planIdOf, replicated, withRing } from "./ringOverHttp.js";

/** Two machines of one cloud that replicate to the cloud of another VMM server. */
function twoSites(): EstateInput {
  const [here, there] = ["vmm1.example.com", "vmm2.example.com"];
  const machine = (name: string, ip: string): NonNullable<EstateInput["machines"]>[number] => ({
    name,
    kind: "hyperv",
    hyperV: { vmmServer: here, cloud: "gold" },
    os: { type: "Windows", name: "Windows Server 2012 R2" },
    nics: [{ network: "corp", ip }],
  });
  const server = (name: string) => ({ name, clouds: [{ name: "gold" }], networks: [{ name: "corp" }] });
  const item = (name: string) => {
    const { machine, policy } = replicated(name, "second-site");
    return { machine, policy };
  };
  return {
    ...azureSide(),
    machines: [machine("vm01", "192.168.1.21"), machine("vm02", "192.168.1.22")],
    vmmServers: [server(here), server(there)],
    vmmPolicies: [
      { name: "second-site", recoveryPoints: 4, mappings: [{ from: `${here}/gold`, to: `${there}/gold` }] },
    ],
    replicatedItems: [item("vm01"), item("vm02")],
    recoveryPlans: [{ name: "site", groups: [["vm01"], ["vm02"]] }],
  };
}

describe("Failover over HTTP, machines between two VMM sites", function () {
  this.timeout(60_000);

  it("walks unplanned round the ring, one start for each word, with a reverse replication at either site", async () => {
    await withRing(twoSites(), async (ring) => {
      const program = { targetId: await ring.item("vm01") };
      let at = await ring.go({ ...program, stage: "protected" });
      for (const stage of [
        "failedOver",
        "committed",
        "reprotected",
        "failedBack",
        "failbackCommitted",
        "protected",
      ]) {
        at = await ring.go({ ...program, stage }, at);
        expect(at.outputs, stage).to.include({ observedStage: stage, lastAppliedStage: stage });
      }
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
