// `npm run bench`: measures what the project promises in numbers and prints bound and measured side by side.
// `--quick` measures small stacks only; names (start, emulator, ring, engine, pulumi, planner) measure only
// those.
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./lib/run.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const require = createRequire(import.meta.url);
const ready = run(process.execPath, [path.join(root, "scripts", "ready.mjs")], { cwd: root });
if (ready !== 0) process.exit(ready);
const tsx = require.resolve("tsx/cli");
process.exit(
  run(process.execPath, [tsx, path.join(root, "bench", "index.ts"), ...process.argv.slice(2)], { cwd: root }),
);
