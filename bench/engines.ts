import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { Deployment } from "../rehearsal/engine/index.js";
import { startGrpcProvider } from "../rehearsal/engine/providers/providerProcess.js";
import type { Engine } from "./stack.js";

/** The engine of rehearsals. */
export const embedded: Engine = {
  name: "engine",
  prepare: async () => undefined,
  async run(operation, { directory, environment, isNoChange }) {
    const noop = join(resolve(__dirname), "noopPlugin", "index.js");
    const deployment = new Deployment({
      directory,
      environment,
      hosts: [
        {
          packageName: "bench",
          start: (context) =>
            startGrpcProvider({ file: process.execPath, args: [noop], label: "the no-op plugin" }, context),
        },
      ],
    });
    const summary = await deployment[operation]();
    if (summary.result !== "succeeded") throw new Error(summary.text);
    const others = Object.keys(summary.changes).filter((op) => op !== "same" && op !== "refresh");
    if (isNoChange && others.length > 0) throw new Error(`nothing should have changed:\n${summary.text}`);
  },
  readState: async ({ directory }) => readFileSync(join(directory, ".rehearsal", "dev.json"), "utf8"),
};

/** The Pulumi CLI on the PATH, with a home and a backend of its own; undefined where there is none. */
export function pulumi(): (Engine & { close(): void }) | undefined {
  const places = (process.env.PATH ?? "").split(delimiter);
  if (!places.some((place) => existsSync(join(place, "pulumi")))) return undefined;
  const home = mkdtempSync(join(tmpdir(), "siterecovery-bench-pulumi-"));
  mkdirSync(join(home, "state"));
  const command = async (line: string[], directory: string, environment: NodeJS.ProcessEnv) => {
    const child = spawn("pulumi", [...line, "--non-interactive", "--stack", "dev"], {
      cwd: directory,
      env: {
        ...environment,
        PULUMI_HOME: join(home, "home"),
        PULUMI_BACKEND_URL: `file://${join(home, "state")}`,
        PULUMI_SKIP_UPDATE_CHECK: "1",
        NO_COLOR: "1",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let errors = "";
    child.stdout.on("data", (text: Buffer) => {
      output += text.toString();
    });
    child.stderr.on("data", (text: Buffer) => {
      errors += text.toString();
    });
    const [status] = await once(child, "exit");
    if (status !== 0) throw new Error(`pulumi ${line.join(" ")} ended with status ${status}:\n${output}${errors}`);
    return output;
  };
  const words = {
    preview: ["preview"],
    up: ["up", "--yes", "--skip-preview"],
    refresh: ["refresh", "--yes", "--skip-preview"],
  };
  return {
    name: "pulumi",
    async run(operation, { directory, environment, isNoChange }) {
      const text = await command(words[operation], directory, environment);
      if (isNoChange && /^\s+[-+~]+ *\d+ /m.test(text))
        throw new Error(`nothing should have changed:\n${text.slice(-2000)}`);
    },
    async prepare({ directory, environment }) {
      await command(["stack", "init"], directory, environment);
    },
    readState: ({ directory, environment }) => command(["stack", "export"], directory, environment),
    close: () => rmSync(home, { recursive: true, force: true }),
  };
}
