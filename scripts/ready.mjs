// Makes a bare clone ready: installs what package-lock.json names and compiles, each only where it is missing or stale.
// `--install-only` leaves the compiling out.

import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { npm, run } from "./lib/run.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const at = (...parts) => path.join(root, ...parts);
const say = (text) => console.error(`siterecovery: ${text}`);

// npm writes its own copy of the lock file last, so that an install that was cut short has none, and one that is older
// than package-lock.json is stale.
const changed = (file) => statSync(at(file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
const installed = changed(path.join("node_modules", ".package-lock.json")) >= changed("package-lock.json");
if (!installed) {
  const started = Date.now();
  say("installing dependencies (npm ci) ...");
  // Scripts stay off: the only one is our own build, which follows below and is then not run twice.
  const status = npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: root });
  if (status !== 0) process.exit(status);
  say(`dependencies installed in ${Math.round((Date.now() - started) / 1000)} s`);
}

if (!process.argv.includes("--install-only")) {
  const built = statSync(at("dist", ".built"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = newest(
    ["protocol", "provider", "sdk", "rehearsal", "report", "cli", "tsconfig.json", "package.json"].map((p) =>
      at(p),
    ),
    /\.(ts|json)$/,
  );
  const link = existsSync(at("node_modules", "pulumi-siterecovery", "package.json"));
  if (sources > built || !link) {
    const started = Date.now();
    say("compiling ...");
    const status = run(process.execPath, [at("scripts", "build.mjs")], { cwd: root });
    if (status !== 0) process.exit(status);
    say(`compiled in ${Math.round((Date.now() - started) / 1000)} s`);
  }
}

/** The newest change, in milliseconds, of the files below these places whose names match; 0 where there are none. */
function newest(places, pattern) {
  let latest = 0;
  for (const place of places) {
    const stat = statSync(place, { throwIfNoEntry: false });
    if (!stat) continue;
    if (!stat.isDirectory()) latest = Math.max(latest, stat.mtimeMs);
    else
      for (const entry of readdirSync(place, { withFileTypes: true })) {
        if (entry.name === "node_modules") continue;
        if (entry.isDirectory() || pattern.test(entry.name))
          latest = Math.max(latest, newest([path.join(place, entry.name)], pattern));
      }
  }
  return latest;
}
