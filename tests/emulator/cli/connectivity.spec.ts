import { spawn } from "node:child_process";
import path from "node:path";
import { expect } from "chai";
import type { ConnectivityPlan } from "../../../provider/connectivity/types.js";
import type { Emulator } from "../../../rehearsal/emulator/index.js";
import { vault, vaultId, withEmulator } from "../provider/siterecovery/emulatedVault.js";

const root = path.resolve(__dirname, "..", "..", "..");

interface Ended {
  status: number | null;
  out: string;
  err: string;
}

/** Runs the command as a person does, against an emulator. */
function siterecovery(emulator: Emulator, args: string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ["--import", "tsx", path.join(root, "cli", "siterecovery.ts"), ...args],
      { cwd: root, env: { ...process.env, SITERECOVERY_ENDPOINT: emulator.origin, ARM_SUBSCRIPTION_ID: "" } },
    );
    const ended: Ended = { status: null, out: "", err: "" };
    child.stdout.on("data", (data: Buffer) => {
      ended.out += data.toString();
    });
    child.stderr.on("data", (data: Buffer) => {
      ended.err += data.toString();
    });
    child.once("error", reject);
    child.once("close", (status) => resolve({ ...ended, status }));
  });
}

const coordinates = [
  "--vault",
  vault.vaultName,
  "--subscription",
  vault.subscriptionId,
  "--resource-group",
  vault.resourceGroupName,
];

describe("siterecovery connectivity", function () {
  this.timeout(240_000);

  it("tells who can connect to the machines of a vault, and writes nothing", async () => {
    await withEmulator({}, async (emulator) => {
      const { status, out, err } = await siterecovery(emulator, ["connectivity", ...coordinates]);
      expect({ status, err }).to.deep.equal({ status: 0, err: "" });
      expect(out).to.match(/^db01 .*RDP by private: BLOCKED$/m);
      expect(out).to.include("fix: NSG shop-nsg: add siterecovery-private-tcp-3389");
      expect(
        emulator.log().filter(({ method, path: asked }) => method !== "GET" && !asked.startsWith("/_emulator/")),
      ).to.deep.equal([]);
    });
  });

  it("gives the plan of one target as JSON, with the access that is wanted", async () => {
    await withEmulator({}, async (emulator) => {
      const wanted = ["--target", "WEB01", "--drill", "--access", "internet:3389=203.0.113.0/24", "--json"];
      const { status, out } = await siterecovery(emulator, ["connectivity", "--vault", vaultId, ...wanted]);
      expect(status).to.equal(0);
      const plan = JSON.parse(out) as ConnectivityPlan;
      expect(plan.purpose).to.equal("testFailover");
      expect(plan.machines.map(({ name }) => name)).to.deep.equal(["web01"]);
      expect(plan.fix.publicIps).to.have.length(1);
      expect(plan.fix.rules[0]?.sources).to.deep.equal(["203.0.113.0/24"]);
      const ofPlan = await siterecovery(emulator, ["connectivity", ...coordinates, "--target", "shop", "--json"]);
      expect((JSON.parse(ofPlan.out) as ConnectivityPlan).machines).to.have.length(2);
    });
  });

  it("names everything that is wrong at once, and ends with status 2", async () => {
    await withEmulator({}, async (emulator) => {
      const missing = await siterecovery(emulator, ["connectivity", "--vault", "v", "--access", "a b"]);
      expect(missing.status).to.equal(2);
      for (const word of ["--subscription", "--resource-group", '"a b"']) expect(missing.err).to.include(word);
      const wrong = await siterecovery(emulator, ["connectivity", ...coordinates, "--access", "boat:70000"]);
      expect(wrong.status).to.equal(2);
      expect(wrong.err).to.include('access[0].path value "boat"').and.to.include("access[0].port value 70000");
      const unknown = await siterecovery(emulator, ["reconnect"]);
      expect(unknown.status).to.equal(2);
      expect(unknown.err).to.match(/"reconnect" is no command\. Allowed: connectivity, .*help/);
    });
  });

  it("says that a target is not there, and which machines are", async () => {
    await withEmulator({}, async (emulator) => {
      const { status, err } = await siterecovery(emulator, ["connectivity", ...coordinates, "--target", "nobody"]);
      expect(status).to.equal(1);
      expect(err).to.include('neither a recovery plan nor a machine "nobody". Machines: db01, web01');
    });
  });
});
