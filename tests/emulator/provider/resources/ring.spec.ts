import { expect } from "chai";
import { estate, itemId } from "../siterecovery/emulatedVault.js";
import { planIdOf, walk, wayBack, wholeRing, withRing } from "./ringOverHttp.js";

describe("Failover over HTTP, modernised machines", function () {
  this.timeout(240_000);

  it("walks a machine round the ring twice, one accepted start for each changed word", async () => {
    await withRing(estate(), async (ring) => {
      const program = { targetId: itemId("web01"), ...(await wayBack(ring.siteRecovery)) };
      const at = await ring.go({ ...program, stage: "protected" });
      await walk(ring, program, [...wholeRing.slice(1), ...wholeRing.slice(1)], at);
      const turn = [
        "unplannedFailover web01",
        "failoverCommit web01",
        "reProtect web01",
        "plannedFailover web01",
        "failoverCommit web01",
        "reProtect web01",
      ];
      expect(ring.starts()).to.deep.equal([...turn, ...turn]);
    });
  });

  it("walks a plan straight back with through: true, and cancels its failback", async () => {
    await withRing(estate(), async (ring) => {
      const program = { targetId: planIdOf("shop"), through: true, ...(await wayBack(ring.siteRecovery)) };
      const at = await ring.go({ ...program, stage: "protected" });
      await walk(ring, program, ["failedBack", "reprotected", "protected"], at);
      const seen = ring.starts();
      expect(seen[0]).to.equal("unplannedFailover shop");
      expect(seen.filter((start) => start.startsWith("reProtect")).sort()).to.deep.equal([
        "reProtect db01",
        "reProtect db01",
        "reProtect web01",
        "reProtect web01",
      ]);
      expect(seen.filter((start) => start.startsWith("failoverCancel")).length).to.be.greaterThan(0);
    });
  });

  it("names latestProcessed where a region that is down cannot make the latest point, and goes on with it", async () => {
    await withRing(estate(), async (ring) => {
      const program = { targetId: itemId("web01"), stage: "protected" };
      const at = await ring.go(program);
      await ring.fault({ kind: "regionDown", location: "westeurope" });
      const { reasons, stored } = await ring.fail({ ...program, stage: "failedOver" }, at);
      expect(reasons).to.contain("RegionUnavailable").and.to.contain("latestProcessed");
      await walk(ring, { ...program, recoveryPoint: "latestProcessed" }, ["failedOver"], stored);
      expect(ring.starts()).to.deep.equal(["unplannedFailover web01", "unplannedFailover web01"]);
    });
  });
});
