import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import type { AppliedConnectivity } from "../../../provider/resources/connectivityApply.js";
import { failover } from "../../../provider/resources/failover.js";
import type { Emulator } from "../../../rehearsal/emulator/index.js";
import { Deployment } from "../../../rehearsal/engine/index.js";
import {
  connectTo,
  estate,
  groupId,
  itemId,
  vault,
  withEmulator,
} from "../../emulator/provider/siterecovery/emulatedVault.js";
import { makeContext, up } from "../../unit/provider/resources/fakeEstate.js";

const root = path.resolve(__dirname, "..", "..", "..");
const workspace = path.join(root, "node_modules", ".cache", "azure-native-tests");
const subscription = `/subscriptions/${vault.subscriptionId}`;

interface Described {
  name: string;
  type: string;
  args: Record<string, unknown>;
  dependsOn?: string[];
}

/** A project with the classes of azure-native beside it, run by the embedded engine against an emulator. */
class Project {
  readonly directory: string;

  constructor(private readonly emulator: Emulator) {
    mkdirSync(workspace, { recursive: true });
    this.directory = mkdtempSync(path.join(workspace, "project-"));
    cpSync(path.join(__dirname, "program"), this.directory, { recursive: true });
    const modules = path.join(this.directory, "node_modules", "@pulumi", "azure-native");
    cpSync(path.join(__dirname, "package"), modules, { recursive: true });
    this.write("Pulumi.yaml", "name: p\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n");
    this.write("package.json", '{"name": "p", "main": "index.js"}\n');
    const { subscriptionId, resourceGroupName, vaultName } = vault;
    const config = { subscriptionId, resourceGroupName, vaultName };
    const lines = Object.entries(config).map(([key, value]) => `  siterecovery:${key}: ${value}`);
    this.write("Pulumi.dev.yaml", ["config:", "  azure-native:location: westeurope", ...lines, ""].join("\n"));
  }

  write(file: string, text: string): void {
    writeFileSync(path.join(this.directory, file), text);
  }

  program(resources: Described[], prepare?: { access: unknown[]; resourceGroupName: string }): void {
    this.write("program.json", JSON.stringify({ resources, prepare }));
  }

  engine(): Deployment {
    return new Deployment({
      directory: this.directory,
      stack: "dev",
      environment: {
        ...process.env,
        SITERECOVERY_ENDPOINT: this.emulator.origin,
        PULUMI_CONFIG_PASSPHRASE: "test",
      },
    });
  }
}

async function get<T>(emulator: Emulator, id: string): Promise<T | undefined> {
  const answer = await fetch(`${emulator.origin}${id}?api-version=2023-09-01`);
  return answer.status === 404 ? undefined : ((await answer.json()) as T);
}

async function withProject(run: (project: Project, emulator: Emulator) => Promise<void>): Promise<void> {
  await withEmulator({ speed: 20_000, estate: estate() }, async (emulator) => {
    const project = new Project(emulator);
    try {
      await run(project, emulator);
    } finally {
      rmSync(project.directory, { recursive: true, force: true });
    }
  });
}

const inGroup = { resourceGroupName: "new-rg" };
const network: Described[] = [
  { name: "rg", type: "resources:ResourceGroup", args: { ...inGroup, location: "West Europe" } },
  {
    name: "vault",
    type: "recoveryservices:Vault",
    args: { ...inGroup, vaultName: "new-vault", sku: { name: "Standard" }, properties: {} },
    dependsOn: ["rg"],
  },
  {
    name: "nsg",
    type: "network:NetworkSecurityGroup",
    args: { ...inGroup, networkSecurityGroupName: "app-nsg" },
    dependsOn: ["rg"],
  },
  {
    name: "rule",
    type: "network:SecurityRule",
    args: {
      ...inGroup,
      networkSecurityGroupName: "app-nsg",
      securityRuleName: "allow-https",
      access: "Allow",
      direction: "Inbound",
      priority: 100,
      protocol: "Tcp",
      sourceAddressPrefix: "*",
      sourcePortRange: "*",
      destinationAddressPrefix: "*",
      destinationPortRange: "443",
    },
    dependsOn: ["nsg"],
  },
  {
    name: "vnet",
    type: "network:VirtualNetwork",
    args: { ...inGroup, virtualNetworkName: "vnet", addressSpace: { addressPrefixes: ["10.50.0.0/16"] } },
    dependsOn: ["rg"],
  },
  {
    name: "subnet",
    type: "network:Subnet",
    args: {
      ...inGroup,
      virtualNetworkName: "vnet",
      subnetName: "app",
      addressPrefix: "10.50.1.0/24",
      networkSecurityGroup: {
        id: `${subscription}/resourceGroups/new-rg/providers/Microsoft.Network/networkSecurityGroups/app-nsg`,
      },
    },
    dependsOn: ["vnet", "rule"],
  },
  {
    name: "ip",
    type: "network:PublicIPAddress",
    args: { ...inGroup, sku: { name: "Standard" }, publicIPAllocationMethod: "Static" },
    dependsOn: ["rg"],
  },
  {
    name: "logs",
    type: "storage:StorageAccount",
    args: { ...inGroup, accountName: "newdrlogs", sku: { name: "Standard_LRS" }, kind: "StorageV2" },
    dependsOn: ["rg"],
  },
];

describe("azure-native resources in a rehearsal", function () {
  this.timeout(120_000);

  before(function () {
    if (existsSync(path.join(root, "dist", "sdk", "index.js"))) return;
    console.log("skipped: dist/ is not built; run npm run build");
    this.skip();
  });

  it("makes, keeps, updates, replaces, reads and deletes what a set-up needs", async () => {
    await withProject(async (project, emulator) => {
      project.program(network);
      const first = await project.engine().up();
      expect(first.result, first.text).to.equal("succeeded");
      const group = `${subscription}/resourceGroups/new-rg`;
      expect(first.outputs["subnet.id"]).to.equal(
        `${group}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/app`,
      );
      expect(first.outputs["ip.name"]).to.match(/^ip[0-9a-f]{8}$/);
      expect(first.outputs["ip.ipAddress"]).to.match(/^\d+\.\d+\.\d+\.\d+$/);

      const same = await project.engine().up();
      expect(same.changes, same.text).to.include({ same: network.length + 1 });
      const refreshed = await project.engine().refresh();
      expect(refreshed.result, refreshed.text).to.equal("succeeded");
      expect((await project.engine().preview()).changes).to.include({ same: network.length + 1 });

      const changed = structuredClone(network);
      Object.assign(changed.find(({ name }) => name === "vnet")?.args ?? {}, { tags: { owner: "dr" } });
      Object.assign(changed.find(({ name }) => name === "logs")?.args ?? {}, { accountName: "otherdrlogs" });
      project.program(changed);
      const updated = await project.engine().up();
      expect(updated.result, updated.text).to.equal("succeeded");
      expect(updated.changes).to.include({ update: 1, replace: 1 });
      // The subnet has a resource of its own: a network without `subnets` leaves it.
      expect(updated.outputs["vnet.subnets"]).to.have.length(1);
      expect(await get(emulator, String(updated.outputs["subnet.id"]))).to.not.equal(undefined);

      const gone = await project.engine().destroy();
      expect(gone.result, gone.text).to.equal("succeeded");
      expect(await get(emulator, group)).to.equal(undefined);
    });
  });

  it("refuses a type that it does not serve by its name, and an existing resource as azure-native does", async () => {
    await withProject(async (project) => {
      project.program([{ name: "lb", type: "network:LoadBalancer", args: { resourceGroupName: "shop-dr" } }]);
      const refused = await project.engine().preview();
      expect(refused.result).to.equal("failed");
      expect(refused.text).to.include(
        "resource type azure-native:network:LoadBalancer is not served in a rehearsal",
      );
      project.program([
        {
          name: "nsg",
          type: "network:NetworkSecurityGroup",
          args: { resourceGroupName: "shop-dr", networkSecurityGroupName: "shop-nsg" },
        },
      ]);
      const existing = await project.engine().up();
      expect(existing.text).to.include("cannot create already existing resource");
      project.program([{ name: "rule", type: "network:SecurityRule", args: { resourceGroupName: "shop-dr" } }]);
      const lacking = await project.engine().preview();
      for (const key of ["networkSecurityGroupName", "access", "direction", "priority", "protocol"])
        expect(lacking.text).to.include(`missing required property '${key}'`);
    });
  });

  it("prepares a plan's rules and public IPs, which a failover then uses and gives back", async () => {
    await withProject(async (project, emulator) => {
      const access = [{ path: "internet", sources: ["198.51.100.0/24"] }];
      project.program([], { access, resourceGroupName: "shop-dr" });
      const preview = await project.engine().preview();
      expect(preview.text).to.include("azure-native:network:SecurityRule");
      expect(preview.text).to.include("azure-native:network:PublicIPAddress");
      const made = await project.engine().up();
      expect(made.result, made.text).to.equal("succeeded");
      expect(Object.keys(made.outputs.addresses as object)).to.have.length(2);
      // The plan that the rules are made from does not find them done: nothing flips.
      const again = await project.engine().up();
      expect(again.changes, again.text).to.have.all.keys("same");

      const connectivity = { apply: true, access };
      const context = makeContext(connectTo(emulator, { pollIntervalSeconds: 1 }));
      const declare = (stage: string) => ({ targetId: itemId("web01"), stage, connectivity });
      let at = await up(failover, context, declare("protected"));
      at = await up(failover, context, declare("failedOver"), at);
      const applied = at.outputs.appliedConnectivity as AppliedConnectivity;
      expect(applied.rules).to.deep.equal([]);
      expect(applied.publicIps).to.deep.equal([]);
      const check = at.outputs.connectivityCheck as { access: { reachable: boolean }[] }[];
      expect(check[0]?.access[0]?.reachable).to.equal(true);

      at = await up(failover, context, { ...declare("failedOver"), connectivity: { access } }, at);
      const ips = await get<{ value: { name: string; properties: { ipConfiguration?: unknown } }[] }>(
        emulator,
        `${groupId}/providers/Microsoft.Network/publicIPAddresses`,
      );
      expect(ips?.value).to.have.length(2);
      for (const { properties } of ips?.value ?? []) expect(properties.ipConfiguration).to.equal(undefined);
      const gone = await project.engine().destroy();
      expect(gone.result, gone.text).to.equal("succeeded");
    });
  });
});
