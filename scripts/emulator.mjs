// The emulator with the drill's estate on the port that the project's stack configuration names. What is given on the
// command line wins: `npm run emulator -- --speed 600`.

import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./lib/run.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const status = run(process.execPath, [path.join(root, "scripts", "ready.mjs")], { cwd: root });
if (status !== 0) process.exit(status);

const given = process.argv.slice(2);
const defaults = {
  "--estate": path.join(root, "examples", "drill", "estate.yaml"),
  "--port": "4710",
  "--speed": "300",
};
const args = [];
for (const [option, value] of Object.entries(defaults))
  if (!given.some((arg) => arg === option || arg.startsWith(`${option}=`))) args.push(option, value);

const child = spawn(process.execPath, [path.join(root, "dist", "cli", "emulator.js"), ...args, ...given], {
  stdio: "inherit",
});
// A terminal sends Ctrl-C to both of us; the emulator's own ending decides. A plain signal comes to us alone.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
