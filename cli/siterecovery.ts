#!/usr/bin/env node
/** The `siterecovery` command: one word for what to do, then its options. */

import { connectivity, connectivityUsage } from "./connectivity.js";
import { drills, drillsUsage } from "./drills.js";
import { report, reportUsage } from "./report.js";

const commands: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  connectivity,
  report,
  drills,
};

const usage = `siterecovery <command> [options]

  connectivity   who can connect to the machines of a vault after a failover; reads only
  report         drills and failovers that ran, as a page, as JSON and as JUnit XML
  drills         the history of drills and failovers, a line each

${connectivityUsage}
${reportUsage}
${drillsUsage}
Rehearsals have commands of their own: siterecovery-rehearse, siterecovery-emulator.
`;

async function main(): Promise<number> {
  const [word, ...args] = process.argv.slice(2);
  if (word === "help" || word === "--help" || word === "-h") {
    process.stdout.write(usage);
    return 0;
  }
  const command = word === undefined ? undefined : commands[word];
  if (command !== undefined) return command(args);
  const problem = word === undefined ? "no command" : `${JSON.stringify(word)} is no command`;
  console.error(`siterecovery: ${problem}. Allowed: ${Object.keys(commands).join(", ")}, help\n\n${usage}`);
  return 2;
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    console.error(`siterecovery: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  },
);
