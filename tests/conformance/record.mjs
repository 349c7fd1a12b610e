// `npm run conformance:record [CASE ...]`: see record.ts.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const script = fileURLToPath(new URL("record.ts", import.meta.url));
const { status } = spawnSync(process.execPath, ["--import", tsx, script, ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exit(status ?? 1);
