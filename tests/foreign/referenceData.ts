/** Data that others made: recordings and the published contract. It lies outside the repository. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "mocha";

const variable = "SITERECOVERY_REFERENCE_DATA";

/** The folder of the reference data; skips the test, saying why, where it is not there. */
export function referenceData(test: Context): string {
  const folder = process.env[variable];
  if (folder !== undefined && folder !== "") return folder;
  console.log(`      skipped: ${variable} is not set to the folder of the recordings and the contract`);
  test.skip();
}

export function readReference(folder: string, ...path: string[]): unknown {
  return JSON.parse(readFileSync(join(folder, ...path), "utf8"));
}
