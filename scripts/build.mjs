// Compiles the sources to dist/ and links the package into node_modules under its own name, so that the examples
// import it exactly as a user's program does. `--if-sources` makes it a no-op in an installed package.
import { existsSync, lstatSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./lib/run.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
if (process.argv.includes("--if-sources") && !existsSync(path.join(root, "tsconfig.json"))) process.exit(0);

const link = path.join(root, "node_modules", "pulumi-siterecovery");
const existing = lstatSync(link, { throwIfNoEntry: false });
const isOurs = existing?.isSymbolicLink() && path.resolve(path.dirname(link), readlinkSync(link)) === root;
if (!isOurs) {
  if (existing) rmSync(link, { recursive: true, force: true });
  // A junction needs no special right on Windows; elsewhere the type is ignored.
  symlinkSync(root, link, "junction");
}

const require = createRequire(import.meta.url);
const tsc = require.resolve("typescript/bin/tsc");
const status = run(process.execPath, [tsc, "-p", path.join(root, "tsconfig.json")], { cwd: root });
// The time of the last good build, for `ready.mjs`: an incremental compiler leaves files that did not change alone.
if (status === 0) writeFileSync(path.join(root, "dist", ".built"), "");
process.exit(status);
