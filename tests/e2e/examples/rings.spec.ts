import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { type Emulator, startEmulator } from "../../../rehearsal/emulator/index.js";
import {
  createEngine,
  type Ended,
  type Engine,
  type EngineKind,
  engineKinds,
  unavailable,
} from "../drill/engines.js";

const root = resolve(__dirname, "../../..");

/** A copy of an example as a user has it, its own estate in an emulator, and an engine. */
class Example {
  private constructor(
    readonly directory: string,
    readonly emulator: Emulator,
    readonly engine: Engine,
  ) {}

  static async start(name: string, kind: EngineKind): Promise<Example> {
    const source = join(root, "examples", name);
    const emulator = await startEmulator({ estate: join(source, "estate.yaml"), speed: 20_000 });
    // Not below node_modules: TypeScript there is taken for compiled.
    const directory = mkdtempSync(join(tmpdir(), `${name}-`));
    symlinkSync(join(root, "node_modules"), join(directory, "node_modules"), "junction");
    cpSync(source, directory, {
      recursive: true,
      filter: (path) => !/node_modules|\.rehearsal/.test(path.slice(source.length)),
    });
    const environment = Object.fromEntries(
      Object.entries(process.env).filter(([key]) => !/^(ARM_|AZURE_|PULUMI_|SITERECOVERY_|npm_)/.test(key)),
    );
    const engine = createEngine(kind, {
      directory,
      environment: {
        ...environment,
        SITERECOVERY_ENDPOINT: emulator.origin,
        PULUMI_CONFIG_PASSPHRASE: "correct horse",
        // The types of examples are checked with all others; here it would be once for each command.
        PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      },
    });
    return new Example(directory, emulator, engine);
  }

  /** Changes one line of the stack's configuration, as its reader is told to. */
  say(key: string, value: string): void {
    const file = join(this.directory, "Pulumi.dev.yaml");
    const text = readFileSync(file, "utf8");
    const line = new RegExp(`^( *\\S+:${key}:).*$`, "m");
    if (!line.test(text)) throw new Error(`${file} has no ${key}`);
    writeFileSync(file, text.replace(line, `$1 ${value}`));
  }

  async run(command: "preview" | "up"): Promise<Ended> {
    const ended = await this.engine.run(command);
    if (ended.status !== 0) throw new Error(`${command} ended with ${ended.status}:\n${ended.output}`);
    return ended;
  }

  /** The outputs of the example's `Failover`. */
  failover(): Record<string, unknown> {
    const found = this.engine.state().resources.find(({ type }) => type.endsWith(":Failover"));
    if (!found?.outputs) throw new Error("the state has no Failover");
    return found.outputs;
  }

  /** Accepted starts in the order in which Azure took them, as `<action> <target>`. */
  starts(): string[] {
    return this.emulator
      .log()
      .filter(({ method, status, path }) => method === "POST" && status === 202 && path.includes("/vaults/"))
      .map(({ path }) => (path.split("?")[0] ?? "").split("/").slice(-2).reverse().join(" "))
      .filter((start) => !start.startsWith("resume "));
  }

  async stop(): Promise<void> {
    await this.emulator.stop();
    // The link first: what it leads to is not ours to remove.
    unlinkSync(join(this.directory, "node_modules"));
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

for (const kind of engineKinds) {
  describe(`the examples of whole rings, on the ${kind === "pulumi" ? "real pulumi" : "embedded engine"}`, function () {
    this.timeout(480_000);
    let example: Example | undefined;
    before(function () {
      const reason = unavailable(kind);
      if (reason === undefined) return;
      console.log(`    skipped: ${reason}`);
      this.skip();
    });
    afterEach(async () => {
      await example?.stop();
      example = undefined;
    });

    it("failover-vmware goes to Azure and back by one word at a time, and touches nothing else", async () => {
      example = await Example.start("failover-vmware", kind);
      expect((await example.run("up")).changes).to.deep.equal({ create: 7 });
      expect(example.starts()).to.deep.equal([]);
      example.say("stage", "failedOver");
      const { output } = await example.run("preview");
      expect(output)
        .to.contain("protected -> failedOver (unplannedFailover): the machines start in Azure")
        .and.to.contain("Cannot be undone")
        .and.to.contain("store-db01 may take 8 to 10 minutes more: it runs Linux")
        .and.to.contain("RDP by VPN is blocked: rule deny-stores (200)")
        .and.to.contain("From failedOver the next word is committed");
      expect(example.starts()).to.deep.equal([]);
      const words = ["failedOver", "committed", "reprotected", "failedBack", "failbackCommitted", "protected"];
      for (const word of words) {
        example.say("stage", word);
        expect((await example.run("up")).changes, word).to.deep.equal({ update: 1 });
        expect(example.failover()).to.include({ observedStage: word, lastAppliedStage: word });
      }
      expect(example.starts()).to.deep.equal([
        "unplannedFailover store",
        "failoverCommit store",
        "reProtect store-db01",
        "reProtect store-web01",
        "plannedFailover store",
        "failoverCommit store",
        "reProtect store-db01",
        "reProtect store-web01",
      ]);
    });

    it("failback-hyperv comes back in two phases, the second at a person's word", async () => {
      example = await Example.start("failback-hyperv", kind);
      expect((await example.run("up")).changes).to.deep.equal({ create: 7 });
      for (const word of ["failedOver", "committed"]) {
        example.say("stage", word);
        expect((await example.run("up")).changes, word).to.deep.equal({ update: 1 });
      }
      example.say("stage", "failedBack");
      const waiting = await example.run("up");
      expect(waiting.output).to.contain('add "complete failover of branch" to completed');
      expect(example.failover().waitingFor).to.include({ name: "complete failover of branch" });
      expect(example.failover()).to.include({ lastAppliedStage: "committed" });
      example.say("completed", '["complete failover of branch"]');
      await example.run("up");
      expect(example.failover()).to.include({ observedStage: "failedBack", lastAppliedStage: "failedBack" });
      for (const word of ["failbackCommitted", "protected"]) {
        example.say("stage", word);
        expect((await example.run("up")).changes, word).to.deep.equal({ update: 1 });
        expect(example.failover()).to.include({ observedStage: word, lastAppliedStage: word });
      }
      expect(example.starts()).to.deep.equal([
        "plannedFailover branch",
        "failoverCommit branch",
        "plannedFailover branch",
        "failoverCommit branch",
        "reProtect branch-db01",
        "reProtect branch-app01",
      ]);
    });
  });
}
