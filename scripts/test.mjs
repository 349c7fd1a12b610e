// `npm test`: lint, then the rungs of tests, then one line that adds them up. `--full` adds the long runs;
// names of rungs (unit, emulator, e2e, conformance, foreign) run only those, without lint.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./lib/run.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const require = createRequire(import.meta.url);
const all = ["unit", "emulator", "e2e", "conformance", "foreign"];
const named = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const unknown = named.filter((word) => !all.includes(word));
if (unknown.length > 0) {
  console.error(`no such rung: ${unknown.join(", ")}. Allowed: ${all.join(", ")}`);
  process.exit(2);
}
const chosen = named.length > 0 ? named : all;
const env = { ...process.env };
if (process.argv.includes("--full")) env.SITERECOVERY_FULL_TESTS = "1";

let failed = 0;
let passed = 0;
let skipped = 0;
if (named.length === 0) {
  if (run(process.execPath, [path.join(root, "scripts", "lint.mjs")], { cwd: root }) !== 0) failed += 1;
}
const mocha = require.resolve("mocha/bin/mocha.js");
const scratch = mkdtempSync(path.join(os.tmpdir(), "siterecovery-test-"));
// Property tests of the unit rung need a core each. Files of the other rungs wait for processes much of the time, and
// run together, so that no core idles at a rung's end; the longest files begin.
const others = ["conformance", "e2e", "emulator", "foreign"].filter((rung) => chosen.includes(rung));
for (const rungs of [chosen.filter((rung) => rung === "unit"), others]) {
  const specs = rungs.flatMap((rung) => specsIn(path.join(root, "tests", rung)));
  if (specs.length === 0) continue;
  const figures = path.join(scratch, `${rungs.join("-")}.json`);
  console.log(`\n== ${rungs.join(", ")} ==`);
  const jobs = rungs === others ? ["--parallel", "--jobs", String(os.availableParallelism() + 1)] : [];
  const result = spawnSync(process.execPath, [mocha, ...jobs, ...specs], {
    cwd: root,
    stdio: "inherit",
    env: { ...env, SITERECOVERY_TEST_FIGURES: figures },
  });
  const read = existsSync(figures) ? JSON.parse(readFileSync(figures, "utf8")) : undefined;
  passed += read?.passes ?? 0;
  skipped += read?.pending ?? 0;
  // A run that died before its end, or that mocha calls failed without a failing test, is a failure all the same.
  failed += read?.failures ?? 0;
  if (result.status !== 0 && !read?.failures) failed += 1;
}
rmSync(scratch, { recursive: true, force: true });
if (skipped > 0) console.log(`\n${skipped} skipped, each with its reason above`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);

function specsIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".spec.ts"))
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}
