import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "chai";
import { isFullRun } from "../drill/product.js";

const root = resolve(__dirname, "../../..");
/** Seconds that the package may add to an install of Pulumi's own packages. */
const installBound = 30;

describe("the packed package", function () {
  this.timeout(900_000);
  let scratch = "";
  let emulator: ChildProcess | undefined;

  before(function () {
    if (isFullRun) {
      scratch = mkdtempSync(join(tmpdir(), "siterecovery-package-"));
      return;
    }
    console.log(
      "    skipped: it installs from the registry; SITERECOVERY_FULL_TESTS=1 (npm run test:full) runs it",
    );
    this.skip();
  });

  after(() => {
    emulator?.kill("SIGTERM");
    if (scratch !== "") rmSync(scratch, { recursive: true, force: true });
  });

  it("installs in a copy of the example in little time, whose drill then previews against the installed emulator", async () => {
    const tarball = pack(join(scratch, "clone"));
    const cache = join(scratch, "npm-cache");

    const bare = join(scratch, "bare");
    const example = join(scratch, "example");
    cpSync(join(root, "examples", "drill"), example, {
      recursive: true,
      filter: (source) => !source.includes("node_modules"),
    });
    const manifest = JSON.parse(readFileSync(join(example, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    const { "pulumi-siterecovery": _ours, ...others } = manifest.dependencies;
    mkdirSync(bare);
    writeFileSync(join(bare, "package.json"), JSON.stringify({ ...manifest, dependencies: others }));
    writeFileSync(
      join(example, "package.json"),
      JSON.stringify({ ...manifest, dependencies: { ...others, "pulumi-siterecovery": `file:${tarball}` } }),
    );

    const pulumiAlone = install(bare, cache);
    const withUs = install(example, cache);
    const beyond = withUs - pulumiAlone;
    console.log(
      `    npm install: ${pulumiAlone.toFixed(1)} s without the package, ${withUs.toFixed(1)} s with it`,
    );
    expect(beyond, "seconds beyond Pulumi's own packages").to.be.below(installBound);

    emulator = spawn("npx", ["--no-install", "siterecovery-emulator", "--port", "0", "--estate", "estate.yaml"], {
      cwd: example,
      stdio: ["ignore", "pipe", "inherit"],
    });
    if (!emulator.stdout) throw new Error("the emulator has no output");
    const [line] = (await once(createInterface({ input: emulator.stdout }), "line")) as [string];
    const endpoint = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    expect(endpoint, line).to.be.a("string");
    const preview = run("npx", ["--no-install", "siterecovery-rehearse", "preview"], example, {
      SITERECOVERY_ENDPOINT: endpoint,
      PULUMI_CONFIG_PASSPHRASE: "correct horse",
    });
    expect(preview.output).to.match(/\+ 1[0-9] to create/);
    expect(preview.output).to.contain("shop-db01");
    expect(preview.status, preview.output).to.equal(0);
  });
});

/** Packs a clone as a maintainer would, from what is committed; answers the tarball's path. */
function pack(clone: string): string {
  mkdirSync(clone);
  const archive = join(clone, "..", "head.tar");
  demand(run("git", ["archive", "--output", archive, "HEAD"], root));
  demand(run("tar", ["-xf", archive, "-C", clone], root));
  mkdirSync(join(clone, "node_modules"));
  for (const name of readdirSync(join(root, "node_modules")))
    if (name !== "pulumi-siterecovery" && name !== ".cache")
      symlinkSync(join(root, "node_modules", name), join(clone, "node_modules", name));
  demand(run(process.execPath, [join("scripts", "build.mjs")], clone));
  const packed = demand(run("npm", ["pack", "--json", "--ignore-scripts"], clone, {}, "stdout"));
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  return join(clone, filename);
}

/** Seconds of an install with a cache that only these installs share. */
function install(directory: string, cache: string): number {
  const started = performance.now();
  demand(run("npm", ["install", "--no-audit", "--no-fund", "--cache", cache], directory));
  return (performance.now() - started) / 1000;
}

function run(
  command: string,
  words: string[],
  cwd: string,
  environment: NodeJS.ProcessEnv = {},
  only?: "stdout",
): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(command, words, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, ...environment },
    maxBuffer: 2 ** 28,
  });
  return { status, output: only === "stdout" && status === 0 ? stdout : stdout + stderr };
}

function demand({ status, output }: { status: number | null; output: string }): string {
  if (status !== 0) throw new Error(`ended with status ${status}: ${output}`);
  return output;
}
