import { readEvidence, reportOf, subjectsOf } from "../report/index.js";
import { makeHistory } from "../tests/unit/report/runs.js";
import { atMost, median, type Row, report } from "./rows.js";

/** A report from lines of a history to its three files: a year of weekly drills of one plan. */
export function measureReport(isQuick: boolean): Row[] {
  const drills = isQuick ? 4 : 52;
  const hundred = measure(100, drills);
  const thousand = measure(1_000, isQuick ? 2 : 12);
  return [
    atMost(`report: 100 machines, ${drills} drills, from lines to files`, hundred.ms, 1_000, " ms"),
    atMost("report: page of 100 machines", hundred.page / 1e6, 1, " MB", 2),
    report(`report: 1,000 machines, ${isQuick ? 2 : 12} drills`, `${thousand.ms.toFixed(0)} ms`),
    report("report: page of 1,000 machines", `${(thousand.page / 1e6).toFixed(2)} MB`),
  ];
}

function measure(machines: number, drills: number): { ms: number; page: number } {
  const goals = { recoveryTimeGoalSeconds: 5400, recoveryPointGoalSeconds: 280 };
  const lines = makeHistory(drills, { machines, ...goals })
    .map((run) => JSON.stringify(run))
    .join("\n");
  let page = 0;
  const times = [1, 2, 3].map(() => {
    const started = performance.now();
    const made = reportOf(subjectsOf(readEvidence(lines, "history").runs));
    page = Buffer.byteLength(made["drill.html"]);
    return performance.now() - started;
  });
  return { ms: median(times), page };
}
