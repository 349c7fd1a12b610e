import { expect } from "chai";
import { functions } from "../../../../provider/functions/index.js";
import type { Properties } from "../../../../provider/resources/handler.js";
import type { SiteRecovery } from "../../../../provider/siterecovery/siteRecovery.js";
import { makeContext } from "../../../unit/provider/resources/fakeEstate.js";
import { connectTo, itemId, vault, vaultId, withEmulator } from "../siterecovery/emulatedVault.js";

async function call(siteRecovery: SiteRecovery, token: string, args: Properties): Promise<Properties> {
  const called = functions.get(token);
  if (!called) throw new Error(`no function ${token}`);
  const { result, failures } = await called.call(makeContext(siteRecovery), args);
  if (!result) throw new Error(failures.map(({ property, reason }) => `${property} ${reason}`).join("\n"));
  return result;
}

describe("functions over HTTP", function () {
  this.timeout(120_000);

  it("list machines with their stages, the points of one, and the servers with their datastores", async () => {
    await withEmulator({}, async (emulator) => {
      const siteRecovery = connectTo(emulator);
      const { items } = await call(siteRecovery, "getReplicatedItems", { ...vault });
      expect((items as Properties[]).map(({ name, stage }) => `${name} ${stage}`)).to.deep.equal([
        "db01 protected",
        "web01 protected",
      ]);
      const { recoveryPoints } = await call(siteRecovery, "getRecoveryPoints", {
        replicatedItemId: itemId("db01"),
      });
      const times = (recoveryPoints as { time: string }[]).map(({ time }) => Date.parse(time));
      expect(times.length).to.be.greaterThan(0);
      expect(times).to.deep.equal([...times].sort((a, b) => b - a));
      const { fabrics } = await call(siteRecovery, "getAppliances", { ...vault });
      expect(fabrics).to.have.length(1);
      expect(fabrics)
        .to.have.nested.property("[0].reprotectAgents[0].accessibleDatastores")
        .that.deep.equals(["datastore1"]);
      expect(fabrics).to.have.nested.property("[0].processServers[0].id");
      expect(emulator.log().every(({ method }) => method === "GET")).to.equal(true);
    });
  });

  it("say whether a plan is ready, with the worst first, and what a user tells of guests", async () => {
    await withEmulator({}, async (emulator) => {
      const siteRecovery = connectTo(emulator);
      const targetId = `${vaultId}/replicationRecoveryPlans/shop`;
      const { isReady, checks, slowFailovers } = await call(siteRecovery, "getReadiness", {
        ...vault,
        targetId,
        machines: { db01: { missingBootDrivers: ["storvsc"], isDhcpDisabled: false } },
      });
      expect(isReady).to.equal(true);
      expect(slowFailovers).to.deep.equal([{ machine: "db01", reasons: ["storvsc is not set to start at boot"] }]);
      const severities = (checks as { severity: string }[]).map(({ severity }) => severity);
      expect(severities).to.deep.equal(
        [...severities].sort(
          (a, b) => ["error", "warning", "info"].indexOf(a) - ["error", "warning", "info"].indexOf(b),
        ),
      );
      expect((checks as { id: string }[]).map(({ id }) => id)).to.include.members([
        "neverTested",
        "vaultMove",
        "guest.azureRequirements",
        "guest.firewallDomainPrivate",
      ]);
    });
  });

  it("refuse wrong arguments with what is allowed", async () => {
    await withEmulator({}, async (emulator) => {
      const siteRecovery = connectTo(emulator);
      const told = (token: string, args: Properties) =>
        call(siteRecovery, token, args).then(
          () => "",
          (error: Error) => error.message,
        );
      expect(await told("getReadiness", { ...vault, machines: { ghost: {} } })).to.contain("allowed: db01, web01");
      const drivers = { ...vault, machines: { db01: { missingBootDrivers: ["storvcs"] } } };
      expect(await told("getReadiness", drivers))
        .to.contain("machines.db01.missingBootDrivers[0]")
        .and.to.contain("allowed: storvsc, vmbus, storflt, intelide, atapi");
      expect(await told("getAppliances", { ...vault, fabricName: "nowhere" })).to.contain("allowed: shop-fabric");
      expect(
        await told("getRecoveryPoints", { replicatedItemId: `${vaultId}/replicationRecoveryPlans/shop` }),
      ).to.contain("a recovery plan has no points of its own");
      expect(await told("getRecoveryPoints", { replicatedItemId: itemId("ghost") })).to.contain("is not in vault");
    });
  });
});
