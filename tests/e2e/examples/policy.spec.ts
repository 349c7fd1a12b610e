import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { expect } from "chai";
import { parse, stringify } from "yaml";
import { type Emulator, startEmulator } from "../../../rehearsal/emulator/index.js";
import { createEngine, type Ended, type Engine, engineKinds, unavailable } from "../drill/engines.js";

const root = resolve(__dirname, "../../..");
const source = join(root, "examples", "policy");

/** The block about policies as it is printed, without the place of the pack. */
function policiesIn(text: string): string[] {
  const [, rest = ""] = text.split(/^Policies:\n/m);
  const [block = ""] = rest.split(/^(?:Diagnostics:|Resources:|```)/m);
  return block
    .split("\n")
    .map((line) => line.replace(/ \(local: .*\)$/, "").trimEnd())
    .filter((line) => line !== "");
}

for (const kind of engineKinds) {
  describe(`the example of policies, on the ${kind === "pulumi" ? "real pulumi" : "embedded engine"}`, function () {
    this.timeout(240_000);
    let emulator: Emulator;
    let directory = "";
    let engine: Engine;

    before(async function () {
      const reason = unavailable(kind);
      if (reason !== undefined) {
        console.log(`    skipped: ${reason}`);
        this.skip();
      }
      emulator = await startEmulator({ estate: join(source, "estate.yaml"), speed: 20_000 });
      directory = mkdtempSync(join(tmpdir(), "siterecovery-policy-"));
      cpSync(source, directory, {
        recursive: true,
        filter: (path) => !/node_modules|\.rehearsal/.test(relative(source, path)),
      });
      const plugin = { name: "siterecovery", path: join(root, "plugin") };
      appendFileSync(join(directory, "Pulumi.yaml"), stringify({ plugins: { providers: [plugin] } }));
      // Not below node_modules, where Pulumi's runner compiles no TypeScript.
      symlinkSync(join(root, "node_modules"), join(directory, "node_modules"), "junction");
      const kept = Object.entries(process.env).filter(
        ([key]) => !/^(ARM_|AZURE_|PULUMI_|SITERECOVERY_|npm_)/.test(key),
      );
      engine = createEngine(kind, {
        directory,
        environment: {
          ...Object.fromEntries(kept),
          SITERECOVERY_ENDPOINT: emulator.origin,
          PULUMI_CONFIG_PASSPHRASE: "correct horse",
          // The types of examples are checked with all others; here it would be once for each command.
          PULUMI_NODEJS_TRANSPILE_ONLY: "true",
        },
      });
    });

    after(async () => {
      await emulator?.stop();
      if (directory !== "") rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    });

    const run = (command: "preview" | "up"): Promise<Ended> =>
      engine.run(command, {
        words: ["--policy-pack", join(root, "policy"), "--policy-pack-config", join(directory, "policies.json")],
      });
    /** Runs with other values in the stack's settings, which are put back: the CLI's own option would keep them. */
    const configured = async (values: Record<string, string>, act: () => Promise<Ended>): Promise<Ended> => {
      const file = join(directory, "Pulumi.dev.yaml");
      const before = readFileSync(file, "utf8");
      const content = parse(before) as { config: Record<string, string> };
      writeFileSync(file, stringify({ ...content, config: { ...content.config, ...values } }));
      try {
        return await act();
      } finally {
        writeFileSync(file, before);
      }
    };
    const writes = () =>
      emulator.log().filter(({ method, path }) => method !== "GET" && !path.startsWith("/_emulator"));

    it("fails the preview with what its README shows, and makes nothing", async () => {
      const { status, output } = await run("preview");
      expect(status, output).to.equal(1);
      expect(policiesIn(output)).to.deep.equal(policiesIn(readFileSync(join(source, "README.md"), "utf8")));
      expect(writes()).to.deep.equal([]);
    });

    it("says the same of the plugin's resources", async () => {
      const { output } = await configured({ "siterecovery:shell": "plugin" }, () => run("preview"));
      const asDynamic = policiesIn(output).map((line) =>
        line.replace("siterecovery:index:", "pulumi-nodejs:dynamic/siterecovery:"),
      );
      expect(asDynamic).to.deep.equal(policiesIn(readFileSync(join(source, "README.md"), "utf8")));
    });

    it("ends an update before anything is made that breaks a mandatory rule", async () => {
      const { status, output } = await run("up");
      expect(status, output).to.equal(1);
      expect(output).to.contain("[mandatory] [severity: medium]  recovery-point-retention");
      expect(writes()).to.deep.equal([]);
    });

    it("passes once it is mended, with the default of a rule changed by its configuration", async () => {
      const { status, output } = await configured({ "guarded-shop:mended": "true" }, () => run("preview"));
      expect(status, output).to.equal(0);
      expect(policiesIn(output)).to.deep.equal(["    ✅ siterecovery@v0.1.0"]);
    });
  });
}
