import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "chai";

const script = join(__dirname, "../../../../dist/provider/shells/plugin.js");
/** Loads the plugin as Node's main module would, and says what was loaded once the port was said, and once all was. */
const reporting = `
  const say = console.log;
  const files = () => Object.keys(require.cache);
  console.log = (port) => {
    say(JSON.stringify({ port, files: files() }));
    const timer = setInterval(() => {
      if (!files().some((file) => file.endsWith("pluginServer.js"))) return;
      clearInterval(timer);
      say(JSON.stringify({ port, files: files() }));
    }, 5);
  };
  require(${JSON.stringify(script)});
`;

/** What was loaded of a part of the file system. */
class Report {
  readonly port: number;
  readonly #files: string[];

  constructor(line: unknown) {
    const { port, files } = JSON.parse(String(line)) as { port: number; files: string[] };
    this.port = port;
    this.#files = files.map((file) => file.replaceAll("\\", "/"));
  }

  loaded(part: string): string[] {
    return this.#files.filter((file) => file.includes(part));
  }
}

describe("the plugin's process", function () {
  this.timeout(120_000);

  it("says its port before it loads what answers, and that without translations, the Azure SDK or Pulumi's whole SDK", async () => {
    const child = spawn(process.execPath, ["-e", reporting], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const first = new Report((await lines.next()).value);
      expect(first.port).to.be.greaterThan(0);
      expect(first.loaded("/dist/provider/resources/")).to.deep.equal([]);
      expect(first.loaded("/zod/v4/classic/")).to.deep.equal([]);
      const whole = new Report((await lines.next()).value);
      expect(whole.loaded("/dist/provider/resources/load.js")).to.have.length(1);
      expect(whole.loaded("/dist/provider/resources/failover.js")).to.deep.equal([]);
      expect(whole.loaded("/zod/v4/classic/")).not.to.deep.equal([]);
      expect(whole.loaded("/zod/v4/locales/").map((file) => file.replace(/^.*\//, "")))
        .to.include("en.cjs")
        .and.to.have.length.below(5);
      expect(whole.loaded("node_modules/@azure/")).to.deep.equal([]);
      expect(
        whole.loaded("node_modules/@pulumi/pulumi/").filter((file) => !file.includes("/proto/")),
      ).to.deep.equal([]);
    } finally {
      child.kill("SIGKILL");
    }
  });
});
