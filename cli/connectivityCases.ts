#!/usr/bin/env node
/** Asks the connectivity planner files of cases with known answers; each failed case is named, the sum is the last line. */

import { readFileSync } from "node:fs";
import { checkCases } from "../provider/connectivity/cases.js";

const usage = "npm run -s connectivity:cases -- FILE...   (JSON: {schemaVersion: 1, cases: [...]})";

/** @returns the exit code: 0 all passed, 1 a case failed, 2 a file or the command line cannot be read */
function main(files: readonly string[]): number {
  let passed = 0;
  let failed = 0;
  let unreadable = 0;
  if (files.length === 0 || files.some((file) => file.startsWith("-"))) {
    console.error(`connectivity:cases: name the files of cases.\n\n  ${usage}`);
    unreadable += 1;
  } else
    for (const file of files) {
      try {
        for (const { id, title, differences } of checkCases(readJson(file))) {
          if (differences.length === 0) passed += 1;
          else {
            failed += 1;
            console.log([`FAILED ${id}: ${title}`, ...differences.map((line) => `  ${line}`)].join("\n"));
          }
        }
      } catch (error) {
        unreadable += 1;
        console.error(
          `connectivity:cases: ${file}: ${error instanceof Error ? error.message : String(error)}. Expected a JSON file {schemaVersion: 1, cases: [...]}`,
        );
      }
    }
  console.log(`${passed} passed, ${failed} failed`);
  return unreadable > 0 ? 2 : failed > 0 ? 1 : 0;
}

/** Some editors begin a file with a byte order mark, which JSON does not know. */
function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, "utf8").replace(/^\uFEFF/, ""));
}

process.exitCode = main(process.argv.slice(2));
