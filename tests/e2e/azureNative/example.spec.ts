import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { type Emulator, startEmulator } from "../../../rehearsal/emulator/index.js";
import { createEngine, type Ended, type EngineKind, unavailable } from "../drill/engines.js";

const root = path.resolve(__dirname, "..", "..", "..");
const source = path.join(root, "examples", "azure-setup");

/** Where the real package is installed, beside the project; the tests bring only the classes that the example uses. */
const azureNative = path.join(root, "node_modules", "@pulumi", "azure-native");

/** The example as its reader copies it: with the classes of azure-native, on the Pulumi CLI with the whole package. */
function copyOf(emulator: Emulator, kind: EngineKind = "embedded") {
  // Outside node_modules, below which nobody compiles TypeScript.
  const directory = mkdtempSync(path.join(realpathSync(tmpdir()), "azure-setup-"));
  cpSync(source, directory, { recursive: true });
  const modules = path.join(directory, "node_modules");
  mkdirSync(path.join(modules, "@pulumi"), { recursive: true });
  const classes = path.join(modules, "@pulumi", "azure-native");
  if (kind === "embedded") cpSync(path.join(__dirname, "package"), classes, { recursive: true });
  else symlinkSync(azureNative, classes, "junction");
  symlinkSync(root, path.join(modules, "pulumi-siterecovery"), "junction");
  for (const name of ["@pulumi/pulumi", "@types", "typescript"])
    symlinkSync(path.join(root, "node_modules", name), path.join(modules, name), "junction");
  const settings = path.join(directory, "Pulumi.dev.yaml");
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([key]) =>
      kind === "embedded"
        ? !/^(ARM_|AZURE_|PULUMI_|SITERECOVERY_|npm_)/.test(key)
        : !/^(PULUMI_|SITERECOVERY_|npm_)/.test(key),
    ),
  );
  const engine = createEngine(kind, {
    directory,
    environment: {
      ...environment,
      SITERECOVERY_ENDPOINT: emulator.origin,
      PULUMI_CONFIG_PASSPHRASE: "test",
      // The real package brings its types; here only its classes are there.
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    },
  });
  return {
    async run(command: "preview" | "up"): Promise<Ended> {
      // Installed plugins are in the home of whoever runs the tests.
      const home =
        kind === "pulumi" ? { PULUMI_HOME: process.env.PULUMI_HOME ?? path.join(homedir(), ".pulumi") } : {};
      const ended = await engine.run(command, { environment: home });
      expect(ended.status, ended.output).to.equal(0);
      return ended;
    },
    outputs: () => engine.state().resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {},
    /** Changes or removes one line of the configuration, as the example's table of steps says. */
    say(key: string, value?: string): void {
      const text = readFileSync(settings, "utf8");
      const line = new RegExp(`^( *\\S+:${key}:).*\\n`, "m");
      if (!line.test(text)) throw new Error(`${settings} has no ${key}`);
      writeFileSync(settings, text.replace(line, value === undefined ? "" : `$1 ${value}\n`));
    },
    remove: () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }),
  };
}

async function rulesAt(emulator: Emulator): Promise<string[]> {
  const nsg =
    "/subscriptions/3f8c1a52-6d0b-4e7f-9a21-5c7d84e0b913/resourceGroups/shop-networks/providers/Microsoft.Network/networkSecurityGroups/app-nsg";
  const answer = await fetch(`${emulator.origin}${nsg}?api-version=2023-09-01`);
  const body = (await answer.json()) as { properties: { securityRules: { name: string }[] } };
  return body.properties.securityRules.map(({ name }) => name);
}

describe("the example azure-setup, on the embedded engine", function () {
  this.timeout(240_000);

  before(function () {
    if (existsSync(path.join(root, "dist", "sdk", "index.js"))) return;
    console.log("skipped: dist/ is not built; run npm run build");
    this.skip();
  });

  it("sets Azure, replication and connectivity up step by step, and each step again changes nothing", async () => {
    const emulator = await startEmulator({ estate: path.join(source, "estate.yaml"), speed: 20_000 });
    const example = copyOf(emulator);
    try {
      await example.run("up");
      expect(example.outputs().next).to.equal("set prepare: true and administrators once the machines replicate");

      example.say("prepare", '"true"');
      const preview = await example.run("preview");
      // A rule and an address for each machine show as resources of their own before anything is made.
      expect(preview.changes, preview.output).to.deep.equal({ create: 4 });
      expect(preview.output).to.include("azure-native:network:PublicIPAddress shop-shop-app01 create");
      expect(await rulesAt(emulator)).to.deep.equal(["deny-rdp-from-everywhere"]);

      await example.run("up");
      const prepared = ["deny-rdp-from-everywhere", "siterecovery-internet-tcp-3389"];
      expect(await rulesAt(emulator)).to.deep.equal(prepared);
      const { addresses, remaining } = example.outputs();
      expect(Object.keys(addresses as object)).to.deep.equal(["shop-shop-app01", "shop-shop-app02"]);
      for (const address of Object.values(addresses as Record<string, string>))
        expect(address).to.match(/^\d+(\.\d+){3}$/);
      expect(remaining).to.deep.equal([]);

      expect((await example.run("up")).changes).to.deep.equal({});
    } finally {
      example.remove();
      await emulator.stop();
    }
  });

  it("makes the Azure side alone while no appliance is registered", async function () {
    if (process.env.SITERECOVERY_FULL_TESTS !== "1") {
      console.log("skipped: the example's first step runs with npm run test:full");
      this.skip();
    }
    const emulator = await startEmulator({ estate: path.join(source, "estate.yaml"), speed: 20_000 });
    const example = copyOf(emulator);
    try {
      example.say("fabricName");
      const first = await example.run("up");
      expect(example.outputs()).to.deep.equal({
        next: "register an appliance with the vault, then set fabricName",
      });
      expect(first.changes.create).to.equal(8);
    } finally {
      example.remove();
      await emulator.stop();
    }
  });
});

/** Why the example cannot run on the Pulumi CLI here; undefined = it can. */
function cliLacks(): string | undefined {
  const missing = unavailable("pulumi");
  if (missing !== undefined) return missing;
  const listed = spawnSync("pulumi", ["plugin", "ls", "--json"], {
    encoding: "utf8",
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    shell: process.platform === "win32",
  });
  if (listed.status !== 0) throw new Error(`pulumi plugin ls ended with ${listed.status}: ${listed.stderr}`);
  const plugins = JSON.parse(listed.stdout) as { name: string }[];
  if (!plugins.some(({ name }) => name === "azure-native")) return "azure-native's plugin is not installed";
  if (!existsSync(azureNative)) return "the package @pulumi/azure-native is not installed";
  return process.env.ARM_CLIENT_ID === undefined
    ? "azure-native asks Azure who it is, and ARM_CLIENT_ID is not set"
    : undefined;
}

describe("the example azure-setup, on the Pulumi CLI", function () {
  this.timeout(240_000);

  it("previews the Azure side with the real azure-native", async function () {
    const lacks = cliLacks();
    if (lacks !== undefined) {
      console.log(`skipped: ${lacks}`);
      this.skip();
    }
    const emulator = await startEmulator({ estate: path.join(source, "estate.yaml"), speed: 20_000 });
    const example = copyOf(emulator, "pulumi");
    try {
      example.say("fabricName");
      expect((await example.run("preview")).changes.create).to.equal(8);
    } finally {
      example.remove();
      await emulator.stop();
    }
  });
});
