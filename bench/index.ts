/** `npm run bench`: every number that the project promises, measured on this machine in one run. */

import os from "node:os";
import { measureEmulator } from "./emulator.js";
import { measureEngine, measurePulumi } from "./engine.js";
import { measurePlanner } from "./planner.js";
import { measureReport } from "./report.js";
import { measureRing } from "./ring.js";
import { printTable, type Row } from "./rows.js";
import { measureStart } from "./start.js";

const measures: Record<string, (isQuick: boolean) => Promise<Row[]> | Row[]> = {
  planner: measurePlanner,
  report: measureReport,
  emulator: measureEmulator,
  ring: measureRing,
  start: measureStart,
  engine: measureEngine,
  pulumi: measurePulumi,
};

async function main(words: readonly string[]): Promise<number> {
  const isQuick = words.includes("--quick");
  const names = words.filter((word) => !word.startsWith("--"));
  const unknown = [
    ...names.filter((name) => !(name in measures)),
    ...words.filter((word) => word.startsWith("--") && word !== "--quick"),
  ];
  if (unknown.length > 0) {
    console.error(`not known: ${unknown.join(", ")}. Allowed: ${Object.keys(measures).join(", ")}, --quick`);
    return 2;
  }
  console.log(
    `${os.cpus().length} cores, Node ${process.version}, load ${(os.loadavg()[0] ?? 0).toFixed(1)}${isQuick ? ", quick" : ""}`,
  );
  const rows: Row[] = [];
  for (const [name, measure] of Object.entries(measures)) {
    if (names.length > 0 && !names.includes(name)) continue;
    console.error(`measuring ${name} ...`);
    rows.push(...(await measure(isQuick)));
  }
  console.log("");
  printTable(rows);
  return rows.some((row) => row.isHeld === false) ? 1 : 0;
}

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  },
);
