import { expect } from "chai";
import { startEmulator } from "../../../rehearsal/emulator/index.js";
import { describeEmulator } from "./describeEmulator.js";

const group = "/subscriptions/3f8c1a52-6d0b-4e7f-9a21-5c7d84e0b913/resourceGroups/shop-dr";

describeEmulator(
  "the drill's estate",
  ({ send }) => {
    const offAzure = `${group}/providers/Microsoft.OffAzure`;

    it("is there as Azure would answer it: networks, groups on subnets, gateway, storage, vault", async () => {
      const { body } = await send("GET", `${group}/resources`);
      const found = body.value.map(
        (entry: { type: string; name: string }) => `${entry.type.split("/")[1]} ${entry.name}`,
      );
      expect(found).to.include.members([
        "virtualNetworks shop-recovery",
        "virtualNetworks shop-drill",
        "networkSecurityGroups web-nsg",
        "virtualNetworkGateways shop-gateway",
        "localNetworkGateways shop-gateway-onpremises",
        "connections shop-gateway-connection",
        "bastionHosts shop-drill-bastion",
        "storageAccounts shopdrlogs",
        "vaults shop-vault",
      ]);
      const web = await send("GET", `${group}/providers/Microsoft.Network/virtualNetworks/shop-drill/subnets/web`);
      expect(web.body.properties.networkSecurityGroup.id).to.contain("/web-nsg");
    });

    it("has its VMware machines where the appliance reports them, in the recorded shape", async () => {
      const { body } = await send("GET", `${offAzure}/VMwareSites/shop-vaultvmwaresite/machines`);
      expect(body.nextLink).to.equal(null);
      expect(body.value).to.have.length(7);
      const machine = body.value.find(
        (entry: { properties: { displayName: string } }) => entry.properties.displayName === "shop-db01",
      );
      expect(Object.keys(machine)).to.deep.equal(["properties", "id", "name", "type", "tags"]);
      expect(machine.properties).to.deep.include({
        powerStatus: "ON",
        firmware: "efi",
        numberOfProcessorCore: 8,
        allocatedMemoryInMB: 32768,
      });
      expect(
        machine.properties.disks.map((disk: { maxSizeInBytes: number }) => disk.maxSizeInBytes / 2 ** 30),
      ).to.deep.equal([128, 512, 256]);
      expect(machine.properties.networkAdapters[0].ipAddressList).to.deep.equal(["192.168.30.11"]);
      expect((await send("GET", machine.id)).body).to.deep.equal(machine);
    });

    it("has its physical server in the site of physical servers", async () => {
      const { body } = await send("GET", `${offAzure}/ServerSites/shop-vaultphysicalsite/machines`);
      expect(
        body.value.map((entry: { properties: { displayName: string } }) => entry.properties.displayName),
      ).to.deep.equal(["shop-legacy01"]);
      expect(body.value[0].properties).not.to.have.property("vCenterId");
    });

    it("lists run-as accounts, and pages machines", async () => {
      const { body } = await send("GET", `${offAzure}/VMwareSites/shop-vaultvmwaresite/runAsAccounts`);
      expect(
        body.value.map((entry: { properties: { displayName: string } }) => entry.properties.displayName),
      ).to.deep.equal(["windows-admin", "linux-root"]);
      const first = await send("GET", `${offAzure}/VMwareSites/shop-vaultvmwaresite/machines?$top=5`);
      const second = await send("GET", first.body.nextLink);
      expect([first.body.value.length, second.body.value.length, second.body.nextLink]).to.deep.equal([
        5,
        2,
        null,
      ]);
      expect((await send("GET", `${offAzure}/VMwareSites/none/machines`)).status).to.equal(404);
    });
  },
  { estate: "examples/drill/estate.yaml" },
);

describe("startEmulator", () => {
  it("refuses options that are not allowed, all at once, and hosts beyond loopback", async () => {
    let message = "";
    try {
      await startEmulator({ port: 70_000, host: "0.0.0.0", speed: 0, startTime: "yesterday" });
    } catch (error) {
      message = error instanceof Error ? error.message : "";
    }
    for (const part of ["port 70000", 'host "0.0.0.0"', "loopback only", "speed 0", 'startTime "yesterday"'])
      expect(message).to.contain(part);
  });

  it("takes an estate as an object and makes the same GUIDs from the same seed", async () => {
    const estate = {
      subscriptionId: "11111111-2222-4333-8444-555555555555",
      resourceGroup: "rg",
      location: "westeurope",
      vault: { name: "vault" },
      seed: 5,
      networks: [
        { name: "net", addressPrefixes: ["10.0.0.0/16"], subnets: [{ name: "a", addressPrefix: "10.0.0.0/24" }] },
      ],
    };
    const states: string[] = [];
    for (let run = 0; run < 2; run++) {
      const emulator = await startEmulator({ estate, frozen: true, startTime: "2026-01-31T08:00:00Z" });
      states.push(JSON.stringify(emulator.world.state));
      await emulator.stop();
    }
    expect(states[0]).to.equal(states[1]);
  });
});
