import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { FabricAppliances } from "../../../../provider/functions/getAppliances.js";
import { functions } from "../../../../provider/functions/index.js";
import { networkMapping } from "../../../../provider/resources/networkMapping.js";
import { testFailover } from "../../../../provider/resources/testFailover.js";
import type { EstateInput } from "../../../../rehearsal/emulator/index.js";
import { makeContext, type Resource, up } from "../../../unit/provider/resources/fakeEstate.js";
import { groupId, testNetworkId, vault } from "../siterecovery/emulatedVault.js";
import { planIdOf, vmmCloud, withRing } from "./ringOverHttp.js";

/** Two machines in a VMM cloud whose data is encrypted in Azure. */
const estate: EstateInput = {
  ...vmmCloud(["vmm01", "vmm02"], { name: "secret", encryption: true }),
  recoveryPlans: [{ name: "cloud", groups: [["vmm01"], ["vmm02"]] }],
};

const secret = Buffer.from("the private key of the cloud, which nobody may ever read in a state").toString(
  "base64",
);
const variable = "SITERECOVERY_TEST_KEK";

describe("Failover over HTTP, machines of a VMM cloud", function () {
  this.timeout(240_000);
  let folder = "";

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "siterecovery-kek-"));
    writeFileSync(join(folder, "kek.pfx"), Buffer.from(secret, "base64"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(() => {
    delete process.env[variable];
  });

  it("needs the certificate in the preview of protected already, and says where it may come from", async () => {
    await withRing(estate, async (ring) => {
      const targetId = await ring.item("vmm01");
      const none = await ring.preview({ targetId, stage: "protected" });
      expect(none.failures).to.contain("encryption is required").and.to.contain("{ environmentVariable }");
      const lost = { primaryCertificate: { file: join(folder, "gone.pfx") } };
      const gone = await ring.preview({ targetId, stage: "failedOver", encryption: lost });
      expect(gone.failures).to.contain("gone.pfx").and.to.contain("cannot be read (ENOENT)");
      const unset = { primaryCertificate: { environmentVariable: variable } };
      expect((await ring.preview({ targetId, stage: "failedOver", encryption: unset })).failures).to.contain(
        `environment variable ${variable} is not set`,
      );
      expect(ring.starts()).to.deep.equal([]);
    });
  });

  for (const source of ["file", "environment variable"]) {
    it(`walks a plan round the ring with the certificate from a ${source}, which is in no state, line or error`, async () => {
      await withRing(estate, async (ring) => {
        process.env[variable] = source === "file" ? "" : secret;
        const primaryCertificate =
          source === "file" ? { file: join(folder, "kek.pfx") } : { environmentVariable: variable };
        const context = makeContext(ring.siteRecovery);
        const program = { targetId: planIdOf("cloud"), encryption: { primaryCertificate } };
        const states: unknown[] = [];
        let at: Resource | undefined;
        const go = async (more: object) => {
          at = await ring.go({ ...program, ...more }, at, context);
          states.push(at);
          return at;
        };
        await go({ stage: "protected" });
        await go({ stage: "failedOver" });
        await go({ stage: "failedOver", recoveryPoint: "latestProcessed" });
        await go({ stage: "committed", recoveryPoint: "latestProcessed" });
        const waiting = await go({ stage: "failedBack", recoveryPoint: "latestProcessed" });
        const completed = [(waiting.outputs.waitingFor as { name: string }).name];
        await go({ stage: "failedBack", recoveryPoint: "latestProcessed", completed });
        await go({ stage: "failbackCommitted", recoveryPoint: "latestProcessed", completed });
        const end = await go({ stage: "protected", recoveryPoint: "latestProcessed", completed });
        expect(end.outputs).to.include({ observedStage: "protected", lastAppliedStage: "protected" });
        const told = JSON.stringify(states) + context.logged.join("\n");
        expect(told).to.contain(source === "file" ? "kek.pfx" : variable);
        expect(told).to.not.contain(secret.slice(0, 24));
        expect(told).to.not.contain("private key of the cloud");
      });
    });
  }

  it("sends the certificate with a drill too, and keeps it out of what a refusal says", async () => {
    await withRing(estate, async (ring) => {
      process.env[variable] = secret;
      const encryption = { primaryCertificate: { environmentVariable: variable } };
      const context = makeContext(ring.siteRecovery);
      const inputs = { targetId: await ring.item("vmm01"), testNetworkId, triggers: ["1"], encryption };
      const drill = await up(testFailover, context, inputs);
      expect(drill.outputs).to.include({ status: "waitingForCleanup" });
      await testFailover.delete(context, drill.id, drill.outputs);
      await ring.fault({ kind: "refuse", method: "POST", path: "unplannedFailover", status: 400, times: 1 });
      const targetId = await ring.item("vmm02");
      const at = await ring.go({ targetId, stage: "protected", encryption });
      const { reasons, stored } = await ring.fail({ targetId, stage: "failedOver", encryption }, at);
      expect(reasons).to.contain("unplannedFailover");
      expect(reasons + JSON.stringify([drill, stored]) + context.logged.join("\n")).to.not.contain(
        secret.slice(0, 24),
      );
    });
  });

  it("maps a network of the cloud, which its machines then fail over into", async () => {
    await withRing(estate, async (ring) => {
      const appliances = await functions.get("getAppliances")?.call(makeContext(ring.siteRecovery), { ...vault });
      const [fabric] = (appliances?.result?.fabrics ?? []) as FabricAppliances[];
      const [network] = fabric?.networks ?? [];
      if (!fabric || !network) throw new Error("the VMM server has no network");
      expect(network.friendlyName).to.equal("corp");
      const inputs = {
        ...vault,
        name: "corp-to-recovery",
        fabricName: fabric.fabricName,
        networkName: network.name,
        recoveryNetworkId: `${groupId}/providers/Microsoft.Network/virtualNetworks/shop-recovery`,
      };
      const made = await up(networkMapping, makeContext(ring.siteRecovery), inputs);
      expect((await up(networkMapping, makeContext(ring.siteRecovery), inputs, made)).hasChanged).to.equal(false);
      const adopted = await up(networkMapping, makeContext(ring.siteRecovery), inputs);
      expect(adopted.id.toLowerCase()).to.equal(made.id.toLowerCase());
      const puts = ring.emulator
        .log()
        .filter(({ method, path }) => method === "PUT" && path.includes("Mappings/"));
      expect(puts).to.have.length(1);
      await networkMapping.delete(makeContext(ring.siteRecovery), made.id, made.outputs);
      expect(await networkMapping.read(makeContext(ring.siteRecovery), made.id, made.outputs)).to.equal(undefined);
    });
  });
});
