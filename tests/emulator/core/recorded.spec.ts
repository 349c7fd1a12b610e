import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { startEmulator } from "../../../rehearsal/emulator/index.js";
import { send } from "./describeEmulator.js";

interface Recorded {
  method: string;
  path: string;
  requestBody: unknown;
  status: number;
  headers: Record<string, string>;
  responseBody: unknown;
}

/** A value as its shape: property names in their order, types, and for lists the shape of the first entry. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])];
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, shape(entry)]));
  return value === null ? "null" : typeof value;
}

// Recorded between Microsoft's clients and Azure in August 2023 (vmware-inmagercm.json).
describe("recorded traffic of Microsoft.Network and Microsoft.OffAzure", () => {
  it("gets the same status, headers and body shapes from the emulator", async function () {
    const data = process.env.SITERECOVERY_REFERENCE_DATA;
    if (data === undefined) {
      console.log("      skipped: SITERECOVERY_REFERENCE_DATA is not set");
      this.skip();
    }
    const all: Recorded[] = JSON.parse(
      readFileSync(path.join(data, "recordings", "vmware-inmagercm.json"), "utf8"),
    );
    const recorded = all.filter(
      (entry) => /Microsoft\.(Network|OffAzure)\//.test(entry.path) && !entry.path.includes("continuationToken"),
    );
    expect(recorded.length).to.be.greaterThan(4);
    const nics = [0, 1].map((index) => ({ network: "VM Network", ip: `10.150.0.${index + 10}` }));
    const emulator = await startEmulator({
      estate: {
        subscriptionId: "00000000-0000-0000-0000-000000000000",
        resourceGroup: "rgtestsrv2arcm",
        location: "eastus",
        vault: { name: "vaulttestv2arcm" },
        fabric: { name: "vaulttestv2arcm-vmwarefabric", vmwareSite: "vaulttestvf5e8vmwaresite" },
        runAsAccounts: [{ name: "v2arcmlab", credentialType: "VMwareFabric" }],
        machines: nics.map((nic, index) => ({
          name: `machine${index}`,
          os: { type: "Windows" as const, name: "Microsoft Windows Server 2016 or later (64-bit)" },
          nics: [nic],
          // As the first recorded one was: then it reports no addresses.
          powerState: "off" as const,
        })),
      },
    });
    const differences: string[] = [];
    try {
      let operation = "";
      for (const entry of recorded) {
        const target = entry.path.includes("/operations/") ? operation : entry.path;
        const answer = await send(emulator.origin, entry.method, target, entry.requestBody ?? undefined);
        operation = answer.headers.get("azure-asyncoperation") ?? operation;
        // The network was there already when the recording began: 200 there, 201 here.
        if (answer.status !== entry.status && !(entry.method === "PUT" && answer.status === 201))
          differences.push(`${entry.method} ${entry.path}: ${answer.status} instead of ${entry.status}`);
        for (const name of Object.keys(entry.headers))
          if (!answer.headers.has(name)) differences.push(`${entry.method} ${entry.path}: no header ${name}`);
        // Used subnets name who uses them; here nobody does.
        const expected = JSON.parse(JSON.stringify(entry.responseBody), (name, value) =>
          name === "ipConfigurations" ? undefined : value,
        );
        const [is, should] = [answer.body, expected].map((body) =>
          JSON.stringify(shape(withoutNextLink(body)), null, 1),
        );
        if (is !== should) expect(is, entry.path).to.equal(should);
      }
    } finally {
      await emulator.stop();
    }
    expect(differences).to.deep.equal([]);
  });
});

/** The recording was cut to three of 265 machines, with a note, but kept the address of the next page. */
function withoutNextLink({ _note: _, ...body }: Record<string, unknown>): Record<string, unknown> {
  return "nextLink" in body ? { ...body, nextLink: null } : body;
}
