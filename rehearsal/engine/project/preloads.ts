import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** The file descriptor of the pipe for headers that are too large, see `largeHeaders.ts`. */
export const largeHeadersPipe = 3;

/** The header that tells the number of those. */
export const largeHeadersKey = "x-rehearsal-large-headers";

/** Node's arguments that load modules of this folder into a process ahead of everything else. */
export function preloadArguments(...modules: ("errorColors" | "largeHeaders" | "lazySdkModules")[]): string[] {
  return modules.map((name) => `--require=${compiled(`${name}.js`)}`);
}

/** The compiled module: beside the compiled engine, and in `dist` where the engine runs from its sources. */
function compiled(file: string): string {
  const beside = resolve(__dirname, file);
  return existsSync(beside)
    ? beside
    : resolve(__dirname, "..", "..", "..", "dist", "rehearsal", "engine", "project", file);
}
