/** A report as JUnit XML: CI shows each missed goal as a failed test. */

import { describeSeconds } from "../provider/evidence/duration.js";
import type { GoalEvidence, RunEvidence } from "../provider/evidence/types.js";
import { escapeAttribute, escaped } from "./escape.js";
import { type Subject, titleOf } from "./subject.js";
import { summaryOf } from "./summary.js";

interface TestCase {
  name: string;
  classname: string;
  seconds: number;
  failure?: { type: string; message: string };
}

/**
 * One suite for each run; in it one test for each machine and goal, and one for the run itself.
 *
 * @see https://github.com/testmoapp/junitxml for what CI systems read
 */
export function junitOf(subjects: readonly Subject[]): string {
  const suites = subjects.map(({ run }) => ({ run, cases: casesOf(run) }));
  const all = suites.flatMap(({ cases }) => cases);
  const time = suites.reduce((sum, { run }) => sum + (run.seconds ?? 0), 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="siterecovery" ${counts(all)} time="${time}">`,
    ...suites.map(({ run, cases }) => suite(run, cases)),
    "</testsuites>",
    "",
  ].join("\n");
}

function suite(run: RunEvidence, cases: readonly TestCase[]): string {
  const timestamp = run.startTime === undefined ? "" : ` timestamp="${escapeAttribute(run.startTime)}"`;
  const properties: [string, string][] = [
    ["job", run.jobName],
    ["vault", run.vaultName],
    ["state", run.state],
    ["package", run.versions.package],
  ];
  return [
    `  <testsuite name="${escapeAttribute(titleOf(run))}" ${counts(cases)} time="${run.seconds ?? 0}"${timestamp}>`,
    "    <properties>",
    ...properties.map(([name, value]) => `      <property name="${name}" value="${escapeAttribute(value)}"/>`),
    "    </properties>",
    ...cases.map(testCase),
    "  </testsuite>",
  ].join("\n");
}

function testCase({ name, classname, seconds, failure }: TestCase): string {
  const start = `    <testcase name="${escapeAttribute(name)}" classname="${escapeAttribute(classname)}" time="${seconds}"`;
  if (failure === undefined) return `${start}/>`;
  return `${start}>\n      <failure type="${failure.type}" message="${escapeAttribute(failure.message)}">${escaped(failure.message)}</failure>\n    </testcase>`;
}

function counts(cases: readonly TestCase[]): string {
  return `tests="${cases.length}" failures="${cases.filter(({ failure }) => failure).length}" errors="0" skipped="0"`;
}

function casesOf(run: RunEvidence): TestCase[] {
  return [runCase(run), ...run.goals.map((goal) => goalCase(run, goal))];
}

function runCase(run: RunEvidence): TestCase {
  const { verdict, recovered, machines } = summaryOf(run);
  return {
    name: "all machines recover",
    classname: `${run.targetName}.run`,
    seconds: run.seconds ?? 0,
    ...(verdict === "failed"
      ? {
          failure: {
            type: "runFailed",
            message: `the run ended ${run.state}; ${recovered} of ${machines} machines recovered`,
          },
        }
      : {}),
  };
}

function goalCase(run: RunEvidence, goal: GoalEvidence): TestCase {
  const isTime = goal.goal === "recoveryTime";
  const wanted = describeSeconds(goal.goalSeconds);
  const finding = run.findings.find(
    ({ id, machine }) =>
      machine === goal.machine && id === (isTime ? "missedRecoveryTimeGoal" : "missedRecoveryPointGoal"),
  );
  return {
    name: isTime ? `${goal.machine} recovers within ${wanted}` : `${goal.machine} loses at most ${wanted} of data`,
    classname: `${run.targetName}.${goal.goal}`,
    seconds: isTime ? (goal.measuredSeconds ?? 0) : 0,
    ...(goal.isMet
      ? {}
      : {
          failure: {
            type: isTime ? "missedRecoveryTimeGoal" : "missedRecoveryPointGoal",
            message: finding
              ? `${finding.text}. ${finding.remedy}`
              : `goal of ${wanted} missed: ${goal.measuredSeconds === undefined ? "not measured" : describeSeconds(goal.measuredSeconds)}`,
          },
        }),
  };
}
