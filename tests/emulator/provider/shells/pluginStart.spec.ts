import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "chai";

const script = join(__dirname, "../../../../dist/provider/shells/plugin.js");
/** Loads the plugin as Node's main module would, and says what was loaded once the port was said. */
const reporting = `
  const say = console.log;
  console.log = (port) => say(JSON.stringify({ port, files: Object.keys(require.cache) }));
  require(${JSON.stringify(script)});
`;

describe("the plugin's process", function () {
  this.timeout(120_000);

  it("says its port before it has loaded translations, the Azure SDK or Pulumi's whole SDK", async () => {
    const child = spawn(process.execPath, ["-e", reporting], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const [line] = await once(createInterface({ input: child.stdout }), "line");
      const { port, files } = JSON.parse(String(line)) as { port: number; files: string[] };
      expect(port).to.be.greaterThan(0);
      const loaded = (part: string) => files.filter((file) => file.replaceAll("\\", "/").includes(part));
      expect(loaded("/zod/v4/classic/")).not.to.deep.equal([]);
      expect(loaded("/zod/v4/locales/").map((file) => file.replace(/^.*[\\/]/, "")))
        .to.include("en.cjs")
        .and.to.have.length.below(5);
      expect(loaded("node_modules/@azure/")).to.deep.equal([]);
      expect(loaded("node_modules/@pulumi/pulumi/").filter((file) => !/[\\/]proto[\\/]/.test(file))).to.deep.equal(
        [],
      );
    } finally {
      child.kill("SIGKILL");
    }
  });
});
