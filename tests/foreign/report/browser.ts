/** A browser of this machine, if there is one. */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** The path of a Chromium: CHROMIUM_PATH, else one on the PATH; undefined where there is none that starts. */
export function chromiumPath(): string | undefined {
  const named = process.env.CHROMIUM_PATH;
  if (named) return existsSync(named) ? named : undefined;
  for (const name of ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]) {
    const { status } = spawnSync(name, ["--version"], { stdio: "ignore", timeout: 20_000 });
    if (status === 0) return name;
  }
  return undefined;
}

export const noBrowser = process.env.CHROMIUM_PATH
  ? `CHROMIUM_PATH is ${process.env.CHROMIUM_PATH}, and there is no such file`
  : "there is no chromium or google-chrome on the PATH, and CHROMIUM_PATH names none";
