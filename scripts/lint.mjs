// `npm run lint`: format and lint rules, then types, of everything; both always run.
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./lib/run.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const require = createRequire(import.meta.url);
const ready = run(process.execPath, [path.join(root, "scripts", "ready.mjs"), "--install-only"], { cwd: root });
if (ready !== 0) process.exit(ready);
const rules = run(process.execPath, [require.resolve("@biomejs/biome/bin/biome"), "ci", "."], { cwd: root });
const types = run(process.execPath, [require.resolve("typescript/bin/tsc"), "-p", "tsconfig.check.json"], {
  cwd: root,
});
process.exit(rules || types);
