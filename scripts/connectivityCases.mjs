// `npm run -s connectivity:cases -- FILE`: compiles what is stale, then asks the planner the cases of the file. Nothing
// but the result goes to the standard output.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const quiet = { stdio: ["ignore", 2, 2] };
const ready = spawnSync(process.execPath, [path.join(root, "scripts", "ready.mjs")], { cwd: root, ...quiet });
if (ready.status !== 0) process.exit(ready.status ?? 1);
const script = path.join(root, "dist", "cli", "connectivityCases.js");
// From where the command was given, so that a relative file means what its writer meant.
const cwd = process.env.INIT_CWD ?? process.cwd();
const asked = spawnSync(process.execPath, [script, ...process.argv.slice(2)], { cwd, stdio: "inherit" });
process.exit(asked.status ?? 1);
