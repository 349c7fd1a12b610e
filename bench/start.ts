import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { atMost, type Row } from "./rows.js";

const root = resolve(__dirname, "..");

/** The main job as a user runs it after the install, on the embedded engine. */
export async function measureStart(): Promise<Row[]> {
  const started = performance.now();
  let firstLine: number | undefined;
  let output = "";
  const child = spawn(process.execPath, [join(root, "dist", "cli", "start.js"), "--engine", "embedded"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text: Buffer) => {
      firstLine ??= performance.now() - started;
      output += text.toString();
    });
  }
  const [status] = await once(child, "exit");
  if (status !== 0) throw new Error(`npm start ended with status ${String(status)}:\n${output}`);
  return [
    atMost("npm start: after install, in all", (performance.now() - started) / 1000, 60, " s", 1),
    atMost("npm start: first line", (firstLine ?? Number.NaN) / 1000, 5, " s", 1),
  ];
}
