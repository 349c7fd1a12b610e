/** Recovery time over the runs of one target. */

import type { RunEvidence } from "../../provider/evidence/types.js";
import { type Html, html } from "../escape.js";
import { longest, type Summary, summaryOf, verdictText } from "../summary.js";
import { day, duration, markLabel, marksUpTo, moment } from "./words.js";

const width = 960;
const height = 260;
const left = 90;
const right = 30;
const top = 20;
const bottom = 40;
/** So many of the latest runs are drawn; the table holds all. */
const most = 36;

interface Point {
  run: RunEvidence;
  summary: Summary;
}

export function trend(history: readonly RunEvidence[], id: string): Html {
  const points = history.map((run) => ({ run, summary: summaryOf(run) }));
  if (points.length < 2)
    return html`<p>This is the first run of its kind that the history holds: there is no trend yet.</p>`;
  const shown = points.slice(-most);
  return html`<div class="scroll wide" tabindex="0" role="region" aria-label="Trend of the recovery time">
${drawing(shown, id)}
</div>
<details><summary>The runs, as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="The runs, as a table"><table>
<caption>Every run of this kind and target that the history holds, the latest first</caption>
<thead><tr><th scope="col">Started</th><th scope="col">Recovery time</th><th scope="col">Oldest data</th><th scope="col">Machines</th><th scope="col">Result</th><th scope="col">Job</th></tr></thead>
<tbody>
${[...points].reverse().map(
  ({
    run,
    summary,
  }) => html`<tr><th scope="row">${moment(run.startTime)}</th><td class="number">${duration(summary.recoveryTimeSeconds)}</td><td class="number">${duration(summary.recoveryPointAgeSeconds)}</td><td class="number">${summary.recovered} of ${summary.machines}</td><td>${verdictText(summary)}</td><td class="long">${run.jobName}</td></tr>
`,
)}</tbody></table></div></details>`;
}

function drawing(points: readonly Point[], id: string): Html {
  const times = points.flatMap(({ summary }) => summary.recoveryTimeSeconds ?? []);
  const goals = points.flatMap(({ summary }) => summary.recoveryTimeGoalSeconds ?? []);
  const ceiling = longest([...times, ...goals, 60]) * 1.1;
  const x = (index: number) =>
    Math.round(left + (index / Math.max(1, points.length - 1)) * (width - left - right));
  const y = (seconds: number) => Math.round(height - bottom - (seconds / ceiling) * (height - top - bottom));
  const line = points
    .flatMap(({ summary: { recoveryTimeSeconds: time } }, index) =>
      time === undefined ? [] : `${x(index)},${y(time)}`,
    )
    .join(" ");
  const goalLine = points
    .flatMap(({ summary: { recoveryTimeGoalSeconds: goal } }, index) =>
      goal === undefined ? [] : `${x(index)},${y(goal)}`,
    )
    .join(" ");
  // A label needs its room: every so many, and always the last.
  const every = Math.ceil(points.length / 8);
  const isLabelled = (index: number) => (points.length - 1 - index) % every === 0;
  const marks = marksUpTo(ceiling, 6);
  const first = points[0];
  const last = points.at(-1);
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-t ${id}-d">
<title id="${id}-t">Trend of the recovery time</title>
<desc id="${id}-d">${points.length} runs from ${day(first?.run.startTime)} to ${day(last?.run.startTime)}. The first shown took ${duration(first?.summary.recoveryTimeSeconds)}, the last ${duration(last?.summary.recoveryTimeSeconds)}. The table below holds every run.</desc>
${marks.map((seconds) => html`<path class="grid" d="M${left} ${y(seconds)}H${width - right}"/><text class="dim" x="${left - 8}" y="${y(seconds) + 4}" text-anchor="end">${markLabel(seconds)}</text>`)}
${goalLine !== "" && html`<polyline class="goal" points="${goalLine}"/>`}
<polyline class="path" points="${line}"/>
${points.map(({ run, summary }, index) => {
  const time = summary.recoveryTimeSeconds;
  const label = `${day(run.startTime)}: ${duration(time)}`;
  return html`<g><title>${label}</title>${
    time === undefined
      ? html`<text class="bad strong" x="${x(index)}" y="${y(0) - 4}" text-anchor="middle">✗</text>`
      : html`<circle class="dot" cx="${x(index)}" cy="${y(time)}" r="4.5"/>`
  }${isLabelled(index) && html`<text class="dim" x="${x(index)}" y="${height - 14}" text-anchor="${index === 0 ? "start" : index === points.length - 1 ? "end" : "middle"}">${day(run.startTime)}</text>`}</g>
`;
})}
${goals.length > 0 && html`<text class="bad" x="${width - right}" y="14" text-anchor="end">dashed: the goal</text>`}
</svg>`;
}
