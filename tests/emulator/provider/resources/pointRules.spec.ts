import { expect } from "chai";
import { testFailover } from "../../../../provider/resources/testFailover.js";
import type { EstateInput } from "../../../../rehearsal/emulator/index.js";
import { makeContext } from "../../../unit/provider/resources/fakeEstate.js";
import { testNetworkId } from "../siterecovery/emulatedVault.js";
import { azureSide, type EstateMachine, machine, planIdOf, replicated, withRing } from "./ringOverHttp.js";

/** Machines of a Hyper-V site, one of them under a policy that makes no application-consistent points. */
function twoPolicies(): EstateInput {
  const place: Partial<EstateMachine> = { kind: "hyperv", hyperV: { site: "branch" } };
  return {
    ...azureSide(),
    machines: [machine("crash01", "192.168.1.21", place), machine("hv01", "192.168.1.22", place)],
    hyperVSites: [{ name: "branch", hosts: [{ name: "host1" }] }],
    hyperVPolicies: [{ name: "crash", applicationConsistentFrequencyInHours: 0 }, { name: "hourly" }],
    replicatedItems: [replicated("crash01", "crash"), replicated("hv01", "hourly")],
    recoveryPlans: [{ name: "both", groups: [["crash01", "hv01"]] }],
  };
}

describe("application-consistent points over HTTP", function () {
  this.timeout(60_000);

  it("are refused in the preview of a failover and of a drill where the policy makes none, by name, and taken where it does", async () => {
    await withRing(twoPolicies(), async (ring) => {
      const choice = { recoveryPoint: "latestApplicationConsistent" };
      const drill = async (targetId: string) => {
        const inputs = { targetId, testNetworkId, ...choice };
        const { failures } = await testFailover.check(makeContext(ring.siteRecovery), {}, inputs);
        return failures.map(({ property, reason }) => `${property} ${reason}`).join("\n");
      };
      const over = async (targetId: string) => {
        const way = { failback: { dataSyncOption: "ForDownTime" } };
        const at = await ring.go({ targetId, stage: "protected", ...way });
        return (await ring.preview({ targetId, stage: "failedOver", ...way, ...choice }, at)).failures;
      };
      for (const [target, others] of [
        [planIdOf("both"), "latest, latestProcessed, or a policy"],
        [await ring.item("crash01"), "latest, latestProcessed or the ARM id of a recovery point, or a policy"],
      ] as const) {
        for (const said of [await drill(target), await over(target)])
          expect(said)
            .to.contain('recoveryPoint value "latestApplicationConsistent" cannot be used')
            .and.to.contain("policy of crash01 makes no application-consistent points")
            .and.to.contain(`allowed: ${others}`);
      }
      const good = await ring.item("hv01");
      expect([await drill(good), await over(good)]).to.deep.equal(["", ""]);
      expect(ring.starts()).to.deep.equal([]);
    });
  });
});
