/** A report of drills and failovers: evidence in, texts out. Reads no file, no clock and no network. */

import type { RunEvidence } from "../provider/evidence/types.js";
import { type Difference, differencesOf } from "./difference.js";
import { pageOf } from "./html/page.js";
import { junitOf } from "./junit.js";
import type { Subject } from "./subject.js";
import { type Summary, summaryOf } from "./summary.js";

export { type Found, inOrder, readEvidence } from "./read.js";
export { type Choice, type Subject, subjectsOf, titleOf } from "./subject.js";
export { type Summary, summaryOf, verdictText } from "./summary.js";

/** The version of the shape of `drill.json`. */
const reportVersion = 1;

/** What `drill.json` holds. */
export interface ReportDocument {
  reportVersion: number;
  /** For each kind and target its latest run, the latest first. */
  runs: {
    summary: Summary;
    /** Against the run before; empty where there is none. */
    differences: Difference[];
    /** Every run of this kind and target, oldest first, in its numbers. */
    trend: ({ jobName: string; startTime?: string } & Summary)[];
    evidence: RunEvidence;
  }[];
}

/** The files of a report by their names. */
export interface Report {
  "drill.html": string;
  "drill.json": string;
  "drill.junit.xml": string;
}

/** @param subjects at least one */
export function reportOf(subjects: readonly Subject[]): Report {
  return {
    "drill.html": pageOf(subjects),
    "drill.json": `${JSON.stringify(documentOf(subjects), null, 2)}\n`,
    "drill.junit.xml": junitOf(subjects),
  };
}

function documentOf(subjects: readonly Subject[]): ReportDocument {
  return {
    reportVersion,
    runs: subjects.map(({ run, previous, history }) => ({
      summary: summaryOf(run),
      differences: previous === undefined ? [] : differencesOf(run, previous),
      trend: history.map((each) => ({
        jobName: each.jobName,
        ...(each.startTime === undefined ? {} : { startTime: each.startTime }),
        ...summaryOf(each),
      })),
      evidence: run,
    })),
  };
}
