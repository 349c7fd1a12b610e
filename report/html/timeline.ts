/** The run over time: a row for each machine by boot group, its steps as bars. */

import type { RunEvidence, TaskEvidence } from "../../provider/evidence/types.js";
import { type Content, type Html, html } from "../escape.js";
import { longest, summaryOf } from "../summary.js";
import { stepColours } from "./style.js";
import { duration, markLabel, marksUpTo, plural, shortened } from "./words.js";

const width = 960;
const left = 190;
const right = 20;
const rowHeight = 18;
const groupHeight = 26;
const axisHeight = 42;

interface Row {
  label: string;
  isGroup: boolean;
  tasks: readonly TaskEvidence[];
  /** Seconds until the machine ran. */
  doneAfter?: number | undefined;
}

/** The drawing and its legend; a sentence where no step has a time. */
export function timeline(run: RunEvidence, id: string): Html {
  const start = Date.parse(run.startTime ?? "");
  const at = (time: string | undefined) => (Date.parse(time ?? "") - start) / 1000;
  const timed = run.tasks.filter(
    (task) => Number.isFinite(at(task.startTime)) && Number.isFinite(at(task.endTime)),
  );
  if (timed.length === 0) return html`<p>Azure's job tells no times of its steps.</p>`;
  const goal = summaryOf(run).recoveryTimeGoalSeconds;
  const end = Math.max(longest(timed.map((task) => at(task.endTime))), run.seconds ?? 0, 1);
  // A goal far beyond the run's end would press the run into a corner.
  const isGoalShown = goal !== undefined && goal <= end * 3;
  const span = isGoalShown ? Math.max(end, goal) * 1.02 : end;
  const x = (seconds: number) => round(left + (Math.max(0, seconds) / span) * (width - left - right));
  const rows = rowsOf(run, timed);
  const kinds = kindsOf(timed.filter(({ machine }) => machine !== undefined));
  const height = axisHeight + rows.reduce((sum, row) => sum + heightOf(row), 0) + 8;
  let y = axisHeight;
  const drawn = rows.map((row) => {
    const top = y;
    y += heightOf(row);
    return drawRow(row, top, x, at, kinds);
  });
  const ticks = marksUpTo(span, 9);
  return html`<div class="scroll wide" tabindex="0" role="region" aria-label="Timeline of the run">
<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-t ${id}-d">
<title id="${id}-t">Timeline of the run</title>
<desc id="${id}-d">${description(run)}</desc>
${ticks.map((seconds) => html`<path class="grid" d="M${x(seconds)} 22V${height - 4}"/><text class="dim" x="${x(seconds)}" y="16" text-anchor="middle">${markLabel(seconds)}</text>`)}
${drawn}
${isGoalShown && html`<path class="goal" d="M${x(goal)} 22V${height - 4}"/><text class="bad" x="${x(goal) - 4}" y="${axisHeight - 10}" text-anchor="end">goal ${duration(goal)}</text>`}
</svg></div>
<ul class="legend">${legend(kinds, timed)}</ul>`;
}

function heightOf(row: Row): number {
  return row.isGroup ? groupHeight : rowHeight;
}

function rowsOf(run: RunEvidence, timed: readonly TaskEvidence[]): Row[] {
  const own = new Map<string, TaskEvidence[]>();
  for (const task of timed) {
    const key = task.machine?.toLowerCase() ?? "";
    const list = own.get(key);
    if (list) list.push(task);
    else own.set(key, [task]);
  }
  const whole = own.get("") ?? [];
  const groups = [...new Set(run.machines.map(({ bootGroup }) => bootGroup))].sort((a, b) => a - b);
  return [
    ...(whole.length > 0 ? [{ label: "whole run", isGroup: false, tasks: whole }] : []),
    ...groups.flatMap((number) => [
      ...(groups.length > 1 || run.targetKind === "recoveryPlan"
        ? [{ label: `Boot group ${number}`, isGroup: true, tasks: [] }]
        : []),
      ...run.machines
        .filter(({ bootGroup }) => bootGroup === number)
        .map((machine) => ({
          label: machine.name,
          isGroup: false,
          tasks: own.get(machine.name.toLowerCase()) ?? [],
          doneAfter: machine.recoveryTimeSeconds,
        })),
    ]),
  ];
}

function drawRow(
  row: Row,
  top: number,
  x: (seconds: number) => number,
  at: (time: string | undefined) => number,
  kinds: readonly string[],
): Content {
  if (row.isGroup) return html`<text class="strong" x="8" y="${top + 18}">${row.label}</text>\n`;
  const bars = row.tasks.map((task) => {
    const from = x(at(task.startTime));
    const length = Math.max(1.5, round(x(at(task.endTime)) - from));
    const kind =
      task.state === "Failed" ? "broken" : task.machine === undefined ? "whole" : `k${colourOf(task.name, kinds)}`;
    return html`<rect class="${kind}" x="${from}" y="${top + 3}" width="${length}" height="11" rx="1.5"/>`;
  });
  const failed = row.tasks.some((task) => task.state === "Failed");
  const after =
    row.doneAfter === undefined
      ? row.tasks.length === 0 || failed
        ? ": did not come up"
        : ""
      : `: ran after ${duration(row.doneAfter)}`;
  return html`<g><title>${row.label}${after}</title><text x="16" y="${top + 13}">${shortened(row.label, 26)}</text>${bars}${failed && html`<text class="bad strong" x="${left - 14}" y="${top + 13}">✗</text>`}</g>\n`;
}

/** The kinds of step, the longest first; those beyond the last colour share it. */
function kindsOf(tasks: readonly TaskEvidence[]): string[] {
  const total = new Map<string, number>();
  for (const task of tasks) total.set(task.name, (total.get(task.name) ?? 0) + (task.seconds ?? 0));
  const names = [...total].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name);
  const first = names.slice(0, stepColours - 1);
  return names
    .map((name) => (first.includes(name) ? name : other))
    .filter((name, index, all) => all.indexOf(name) === index);
}

const other = "other steps";

function colourOf(name: string, kinds: readonly string[]): number {
  const index = kinds.indexOf(name);
  return index >= 0 ? index : kinds.length - 1;
}

function legend(kinds: readonly string[], timed: readonly TaskEvidence[]): Html[] {
  const entries = kinds.map((name, index) => html`<li><i class="k${index}"></i>${name}</li>`);
  return timed.some(({ state }) => state === "Failed")
    ? [...entries, html`<li><i style="background:var(--bad)"></i>a step that failed (✗)</li>`]
    : entries;
}

function description(run: RunEvidence): string {
  const groups = run.bootGroups.map(
    ({ number, machines, recoveryTimeSeconds }) =>
      `Boot group ${number}, ${plural(machines.length, "machine")}: ${recoveryTimeSeconds === undefined ? "not all of them came up" : `all ran after ${duration(recoveryTimeSeconds)}`}.`,
  );
  return `The run took ${duration(run.seconds)}. ${groups.join(" ")} The tables of machines and of steps below say the same in numbers.`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
