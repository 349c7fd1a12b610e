/** The report as one HTML page that needs nothing else: no script, no font, no network. */

import type { EvidenceFinding, RunEvidence } from "../../provider/evidence/types.js";
import { type Difference, differencesOf } from "../difference.js";
import { Html, html } from "../escape.js";
import { type Subject, titleOf } from "../subject.js";
import { type Summary, summaryOf, verdictText } from "../summary.js";
import { reachMap, reachTable } from "./reach.js";
import { style } from "./style.js";
import { groupTable, machineTable, rawData } from "./tables.js";
import { timeline } from "./timeline.js";
import { trend } from "./trend.js";
import { day, duration, moment, plural } from "./words.js";

/** So many machines are named in one finding; the JSON names all. */
const mostNames = 40;

/** Nothing may be loaded and no script may run, whatever a name holds. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** @param subjects at least one; the first is the page's main one */
export function pageOf(subjects: readonly Subject[]): string {
  const [first, ...others] = subjects;
  if (first === undefined) throw new Error("a report needs at least one run");
  const title =
    others.length === 0
      ? `${titleOf(first.run)}, ${day(first.run.startTime)}`
      : `${subjects.length} runs, the latest ${day(first.run.startTime)}`;
  const body =
    others.length === 0
      ? article(first, 0, 1)
      : html`<h1>Disaster-recovery runs</h1>
${overview(subjects)}
${subjects.map((subject, index) => html`<article>${article(subject, index, 2)}</article>`)}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${stylesheet}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`.text;
}

const stylesheet = new Html(style);

function overview(subjects: readonly Subject[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Runs"><table>
<caption>The latest run of each kind and target</caption>
<thead><tr><th scope="col">Run</th><th scope="col">Started</th><th scope="col">Result</th><th scope="col">Recovery time</th></tr></thead>
<tbody>
${subjects.map(({ run }) => {
  const summary = summaryOf(run);
  return html`<tr><th scope="row" class="long">${titleOf(run)}</th><td>${moment(run.startTime)}</td><td>${verdictText(summary)}</td><td class="number">${duration(summary.recoveryTimeSeconds)}</td></tr>
`;
})}</tbody></table></div>`;
}

/** @param level of its heading */
function article({ run, previous, history }: Subject, index: number, level: 1 | 2): Html {
  const id = `r${index}`;
  const summary = summaryOf(run);
  const heading = (text: string) => (level === 1 ? html`<h2>${text}</h2>` : html`<h3>${text}</h3>`);
  const groups = groupTable(run);
  return html`${level === 1 ? html`<h1>${titleOf(run)}</h1>` : html`<h2>${titleOf(run)}</h2>`}
${head(run, summary)}
${heading("Timeline")}
${timeline(run, `${id}-time`)}
${groups}
${heading("Who can connect")}
${reachMap(run, `${id}-map`)}
${reachTable(run)}
${heading("Findings")}
${findings(run.findings)}
${heading("Since the last run")}
${differences(run, previous)}
${heading("Trend")}
${trend(history, `${id}-trend`)}
${heading("Machines")}
${machineTable(run)}
${heading("Raw data")}
${facts(run)}
${rawData(run)}`;
}

const verdicts = {
  failed: { sign: "✗", colour: "bad" },
  missed: { sign: "✗", colour: "bad" },
  findings: { sign: "!", colour: "warn" },
  good: { sign: "✓", colour: "good" },
} as const;

function head(run: RunEvidence, summary: Summary): Html {
  const { sign, colour } = verdicts[summary.verdict];
  const goal = (seconds: number | undefined) =>
    seconds === undefined ? "no goal was set" : `goal: ${duration(seconds)}`;
  const stages = run.fromStage && run.toStage ? ` From ${run.fromStage} to ${run.toStage}.` : "";
  return html`<p><span class="verdict ${colour}">${sign} ${verdictText(summary)}</span></p>
<p class="lead">${summary.recovered} of ${plural(summary.machines, "machine")} recovered${
    summary.recoveryTimeSeconds === undefined ? "" : ` within ${duration(summary.recoveryTimeSeconds)}`
  }${summary.recoveryPointAgeSeconds === undefined ? "" : `, with data at most ${duration(summary.recoveryPointAgeSeconds)} old`}.${stages}</p>
<p class="muted">Started ${moment(run.startTime)}, vault ${run.vaultName}, job ${run.jobName}.</p>
<ul class="tiles">
<li>Recovery time<b>${duration(summary.recoveryTimeSeconds)}</b><span class="muted">${goal(summary.recoveryTimeGoalSeconds)}</span></li>
<li>Oldest data<b>${duration(summary.recoveryPointAgeSeconds)}</b><span class="muted">${goal(summary.recoveryPointGoalSeconds)}</span></li>
<li>Machines<b>${summary.recovered} of ${summary.machines}</b><span class="muted">recovered</span></li>
<li>Ways to connect<b>${summary.accessOpen} of ${summary.accessAsked}</b><span class="muted">open, asked of Azure</span></li>
<li>To mend<b>${summary.errors + summary.warnings}</b><span class="muted">${plural(summary.errors, "error")}, ${plural(summary.warnings, "warning")}</span></li>
</ul>`;
}

interface FindingGroup {
  finding: EvidenceFinding;
  /** What differs from machine to machine. */
  members: { machine: string; text: string }[];
}

function findings(all: readonly EvidenceFinding[]): Html {
  if (all.length === 0) return html`<p>Nothing was found.</p>`;
  const groups = new Map<string, FindingGroup>();
  for (const finding of all) {
    const key = JSON.stringify([finding.id, finding.severity, finding.remedy]);
    const group = groups.get(key) ?? { finding, members: [] };
    groups.set(key, group);
    if (finding.machine !== undefined) group.members.push({ machine: finding.machine, text: finding.text });
  }
  return html`<ul class="found">
${[...groups.values()].map(
  ({
    finding,
    members,
  }) => html`<li class="${finding.severity}"><span class="tag ${severityColour[finding.severity]}">${severityWord[finding.severity]}</span> ${findingText(finding, members)}<br><span class="muted">What to do: ${finding.remedy}</span></li>
`,
)}</ul>`;
}

const severityWord = { error: "✗ Error:", warning: "! Warning:", info: "i Note:" } as const;
const severityColour = { error: "bad", warning: "warn", info: "note" } as const;

function findingText(finding: EvidenceFinding, members: FindingGroup["members"]): Html {
  const [only, ...others] = members;
  if (only === undefined) return html`${finding.text}`;
  if (others.length === 0) return html`<strong>${only.machine}</strong>: ${only.text}`;
  const shown = members.slice(0, mostNames);
  const rest = members.length - shown.length;
  const isOneText = members.every(({ text }) => text === only.text);
  return html`${isOneText ? only.text : "on"} ${isOneText && "on"} ${plural(members.length, "machine")}: ${
    isOneText
      ? html`<strong>${shown.map(({ machine }) => machine).join(", ")}</strong>`
      : html`<ul>${shown.map(({ machine, text }) => html`<li><strong>${machine}</strong>: ${text}</li>`)}</ul>`
  }${rest > 0 && ` and ${rest} more`}`;
}

const directions = {
  worse: { word: "worse", colour: "bad" },
  better: { word: "better", colour: "good" },
  other: { word: "changed", colour: "note" },
} as const;

function differences(run: RunEvidence, previous: RunEvidence | undefined): Html {
  if (previous === undefined) return html`<p>There is no earlier run to compare with.</p>`;
  const found = differencesOf(run, previous);
  const intro = `Compared with the run of ${moment(previous.startTime)} (job ${previous.jobName}).`;
  if (found.length === 0) return html`<p>${intro} Nothing differs by more than runs usually do.</p>`;
  const shown = found.slice(0, 200);
  return html`<p>${intro}</p>
<ul>
${shown.map((difference) => html`<li>${line(difference)}</li>\n`)}</ul>
${found.length > shown.length && html`<p class="muted">And ${found.length - shown.length} more: see drill.json.</p>`}`;
}

function line({ direction, machine, text }: Difference): Html {
  const { word, colour } = directions[direction];
  return html`<span class="tag ${colour}">${word}</span> ${machine !== undefined && html`<strong>${machine}</strong>: `}${text}`;
}

function facts(run: RunEvidence): Html {
  const rows: [string, string | undefined][] = [
    ["Target", run.targetId],
    ["Job", run.jobs.map(({ scenarioName, name, state }) => `${scenarioName} ${name} (${state})`).join(", ")],
    ["Started", run.startTime],
    ["Ended", run.endTime],
    ["Recovery point", run.recoveryPoint],
    ["Network", run.networkId],
    ["Package", run.versions.package],
    ["Engine", run.versions.engine],
    ["Recovery plan", run.hashes.recoveryPlan],
    ["Replication policies", run.hashes.replicationPolicies],
    ["Connectivity plan", run.hashes.connectivityPlan],
  ];
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Facts of the run"><table>
<caption>What ran, and fingerprints of what it depended on</caption>
<tbody>
${rows.flatMap(([name, value]) => (value === undefined ? [] : [html`<tr><th scope="row">${name}</th><td class="long">${value}</td></tr>\n`]))}</tbody></table></div>`;
}
