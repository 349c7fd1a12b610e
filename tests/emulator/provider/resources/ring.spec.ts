import { expect } from "chai";
import type { Stage } from "../../../../provider/lifecycle/stages.js";
import { failover } from "../../../../provider/resources/failover.js";
import { PartialFailure, type Properties } from "../../../../provider/resources/handler.js";
import type { SiteRecovery } from "../../../../provider/siterecovery/siteRecovery.js";
import type { Emulator } from "../../../../rehearsal/emulator/index.js";
import { makeContext, type Resource, up } from "../../../unit/provider/resources/fakeEstate.js";
import { connectTo, fabricId, groupId, itemId, vaultId, withEmulator } from "../siterecovery/emulatedVault.js";

const planId = `${vaultId}/replicationRecoveryPlans/shop`;

/** The arguments of the way back, out of what the vault itself lists. */
async function wayBack(siteRecovery: SiteRecovery): Promise<Properties> {
  const fabric = await siteRecovery.findFabric(fabricId);
  const [agent] = fabric?.reprotectAgents ?? [];
  const [server] = fabric?.processServers ?? [];
  if (!agent || !server) throw new Error("the estate's appliance has no reprotect agent");
  return {
    reprotect: {
      reprotectAgentId: agent.id,
      datastoreName: agent.accessibleDatastores[0],
      logStorageAccountId: `${groupId}/providers/Microsoft.Storage/storageAccounts/shopdrlogs`,
    },
    reverse: { processServerId: server.id, policyId: `${vaultId}/replicationPolicies/daily` },
  };
}

/** Accepted starts in the order in which Azure took them, as `<action> <target>`. */
function starts(emulator: Emulator): string[] {
  return emulator
    .log()
    .filter(({ method, status, path }) => method === "POST" && status === 202 && path.includes("/vaults/"))
    .map(({ path }) => (path.split("?")[0] ?? "").split("/").slice(-2).reverse().join(" "));
}

async function go(siteRecovery: SiteRecovery, inputs: Properties, prior?: Resource): Promise<Resource> {
  return up(failover, makeContext(siteRecovery), inputs, prior);
}

const ring: Stage[] = [
  "protected",
  "failedOver",
  "committed",
  "reprotected",
  "failedBack",
  "failbackCommitted",
  "protected",
];

describe("Failover over HTTP, modernised machines", function () {
  this.timeout(240_000);

  it("walks a machine round the ring twice, one accepted start for each changed word", async () => {
    await withEmulator({ speed: 20_000 }, async (emulator) => {
      const siteRecovery = connectTo(emulator, { pollIntervalSeconds: 1 });
      const way = await wayBack(siteRecovery);
      let at: Resource | undefined;
      for (const stage of [...ring, ...ring.slice(1)]) {
        at = await go(siteRecovery, { targetId: itemId("web01"), stage, ...way }, at);
        expect(at.outputs).to.include({ observedStage: stage, lastAppliedStage: stage });
      }
      const turn = [
        "unplannedFailover web01",
        "failoverCommit web01",
        "reProtect web01",
        "plannedFailover web01",
        "failoverCommit web01",
        "reProtect web01",
      ];
      expect(starts(emulator)).to.deep.equal([...turn, ...turn]);
    });
  });

  it("walks a plan straight back with through: true, and cancels its failback", async () => {
    await withEmulator({ speed: 20_000 }, async (emulator) => {
      const siteRecovery = connectTo(emulator, { pollIntervalSeconds: 1 });
      const way = { targetId: planId, through: true, ...(await wayBack(siteRecovery)) };
      let at = await go(siteRecovery, { ...way, stage: "protected" });
      at = await go(siteRecovery, { ...way, stage: "failedBack" }, at);
      expect(at.outputs).to.include({ observedStage: "failedBack" });
      at = await go(siteRecovery, { ...way, stage: "reprotected" }, at);
      expect(at.outputs).to.include({ observedStage: "reprotected" });
      at = await go(siteRecovery, { ...way, stage: "protected" }, at);
      expect(at.outputs).to.include({ observedStage: "protected", lastAppliedStage: "protected" });
      const seen = starts(emulator);
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
    await withEmulator({ speed: 20_000 }, async (emulator) => {
      const siteRecovery = connectTo(emulator, { pollIntervalSeconds: 1 });
      const inputs = { targetId: itemId("web01"), stage: "protected" };
      const at = await go(siteRecovery, inputs);
      const answer = await fetch(`${emulator.origin}/_emulator/faults`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ kind: "regionDown", location: "westeurope" }),
      });
      expect(answer.status).to.be.below(300);
      const context = makeContext(siteRecovery);
      const { inputs: checked } = await failover.check(context, at.inputs, { ...inputs, stage: "failedOver" });
      const failed = await failover.reconcile(context, checked, at).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (!(failed instanceof PartialFailure)) throw new Error(`not a partial failure: ${String(failed)}`);
      expect(failed.reasons.join("\n")).to.contain("RegionUnavailable").and.to.contain("latestProcessed");
      const stored = { id: failed.id, inputs: checked, outputs: failed.properties };
      const over = await go(
        siteRecovery,
        { ...inputs, stage: "failedOver", recoveryPoint: "latestProcessed" },
        stored,
      );
      expect(over.outputs).to.include({ observedStage: "failedOver", lastAppliedStage: "failedOver" });
      expect(starts(emulator)).to.deep.equal(["unplannedFailover web01", "unplannedFailover web01"]);
    });
  });
});
