import { expect } from "chai";
import type { Properties } from "../../../../provider/resources/handler.js";
import { replicatedItem } from "../../../../provider/resources/replicatedItem.js";
import type { EstateInput } from "../../../../rehearsal/emulator/index.js";
import { makeContext } from "../../../unit/provider/resources/fakeEstate.js";
import { groupId, vault, vaultId } from "../siterecovery/emulatedVault.js";
import {
  azureSide,
  type EstateMachine,
  machine,
  planIdOf,
  replicated,
  wholeRing,
  withRing,
} from "./ringOverHttp.js";

/** Classic machines of one configuration server: two alone, two that are consistent together. */
function classicVMware(): EstateInput {
  const place: Partial<EstateMachine> = {
    kind: "classic",
    os: { type: "Windows", name: "Windows Server 2012 R2" },
  };
  return {
    ...azureSide(),
    machines: ["old01", "old02", "twin01", "twin02"].map((name, index) =>
      machine(name, `192.168.1.${31 + index}`, place),
    ),
    classicVMware: {
      name: "config-server",
      processServers: [{ name: "ps1", id: "PS-1" }],
      masterTargets: [{ name: "mt1", id: "MT-1", retentionVolumes: ["R"], datastores: ["datastore1"] }],
    },
    classicPolicies: [{ name: "old" }],
    replicatedItems: [
      replicated("old01", "old"),
      replicated("old02", "old"),
      replicated("twin01", "old", { multiVmGroup: "twins" }),
      replicated("twin02", "old", { multiVmGroup: "twins" }),
    ],
    recoveryPlans: [
      { name: "singles", groups: [["old01"], ["old02"]] },
      { name: "group", groups: [["twin01", "twin02"]] },
    ],
  };
}

const way: Properties = {
  reprotect: {
    masterTargetId: "MT-1",
    processServerId: "PS-1",
    retentionDrive: "R",
    datastoreName: "datastore1",
    policyId: `${vaultId}/replicationPolicies/old-failback`,
  },
  reverse: { processServerId: "PS-1", policyId: `${vaultId}/replicationPolicies/old` },
};

describe("Failover over HTTP, classic machines", function () {
  this.timeout(240_000);

  it("drives a machine that is there round the ring, with a deprecation in each preview", async () => {
    await withRing(classicVMware(), async (ring) => {
      const program = { targetId: await ring.item("old01"), ...way };
      let at = await ring.go({ ...program, stage: "protected" });
      for (const stage of wholeRing.slice(1)) {
        const preview = await ring.preview({ ...program, stage }, at);
        expect(preview.lines, stage).to.contain("Deprecated: these are classic machines (InMageAzureV2)");
        at = await ring.go({ ...program, stage }, at);
        expect(at.outputs).to.include({ observedStage: stage, lastAppliedStage: stage });
      }
      expect(ring.starts()).to.deep.equal([
        "unplannedFailover old01",
        "failoverCommit old01",
        "reProtect old01",
        "unplannedFailover old01",
        "failoverCommit old01",
        "reProtect old01",
      ]);
    });
  });

  it("walks a plan with through: true, whose machines are reprotected one by one", async () => {
    await withRing(classicVMware(), async (ring) => {
      const program = { targetId: planIdOf("singles"), through: true, ...way };
      let at = await ring.go({ ...program, stage: "protected" });
      at = await ring.go({ ...program, stage: "reprotected" }, at);
      at = await ring.go({ ...program, stage: "protected" }, at);
      expect(at.outputs).to.include({ observedStage: "protected" });
      expect(ring.starts()).to.deep.equal([
        "unplannedFailover singles",
        "reProtect old01",
        "reProtect old02",
        "unplannedFailover singles",
        "failoverCommit singles",
        "reProtect old01",
        "reProtect old02",
      ]);
    });
  });

  it("takes a point of multi-VM consistency for a plan, and refuses the group's reprotect before anything starts", async () => {
    await withRing(classicVMware(), async (ring) => {
      const program = { targetId: planIdOf("group"), recoveryPoint: "latestMultiVmProcessed", ...way };
      let at = await ring.go({ ...program, stage: "protected" });
      at = await ring.go({ ...program, stage: "failedOver" }, at);
      at = await ring.go({ ...program, stage: "committed" }, at);
      const before = ring.starts();
      const preview = await ring.preview({ ...program, stage: "reprotected" }, at);
      expect(preview.failures)
        .to.contain('stage value "reprotected" is not possible')
        .and.to.contain("twin01 is in multi-VM group")
        .and.to.contain("twin02 is in multi-VM group");
      expect(ring.starts()).to.deep.equal(before);
    });
  });

  it("says from protected on that a group has no way back by this provider", async () => {
    await withRing(classicVMware(), async (ring) => {
      const program = { targetId: planIdOf("group"), ...way };
      const at = await ring.go({ ...program, stage: "protected" });
      const preview = await ring.preview({ ...program, stage: "failedOver" }, at);
      expect(preview.failures).to.equal("");
      expect(preview.lines).to.contain("Finding: twin01 is in multi-VM group");
    });
  });

  it("enables replication of no classic machine", async () => {
    await withRing(classicVMware(), async (ring) => {
      const item = (await ring.siteRecovery.listItems()).find(({ name }) => name === "old01");
      const { failures } = await replicatedItem.check(
        makeContext(ring.siteRecovery),
        {},
        {
          ...vault,
          name: "new01",
          fabricName: item?.fabricName,
          protectionContainerName: item?.protectionContainerName,
          instanceType: "InMageAzureV2",
          policyId: `${vaultId}/replicationPolicies/old`,
          targetResourceGroupId: groupId,
        },
      );
      expect(failures.find(({ property }) => property === "instanceType")?.reason).to.contain(
        "replication of classic machines (InMageAzureV2)",
      );
    });
  });
});
