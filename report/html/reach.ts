/** Who can connect: a map of ways in and what they lead to, and the same as a table. */

import type { AccessEvidence, RunEvidence } from "../../provider/evidence/types.js";
import { type Html, html } from "../escape.js";
import { answer, pathName, plural, shortened } from "./words.js";

const width = 960;
const boxHeight = 50;
const gap = 12;
const most = 40;

interface Way {
  path: string;
  source: string;
  ends: End[];
}

/** Machines that the same way reaches, or does not, for the same reason. */
interface End {
  access: AccessEvidence;
  machines: string[];
}

export function reachMap(run: RunEvidence, id: string): Html {
  const all = waysOf(run);
  if (all.length === 0) return html`<p>Nobody was to connect, or no machine was found to ask about.</p>`;
  const ways = limited(all);
  const left = all.flatMap(({ ends }) => ends).length - ways.flatMap(({ ends }) => ends).length;
  const height = ways.reduce((sum, way) => sum + way.ends.length * (boxHeight + gap) + gap, gap);
  let y = gap;
  const drawn = ways.map((way) => {
    const top = y;
    const size = way.ends.length * (boxHeight + gap) - gap;
    y += size + 2 * gap;
    const middle = top + size / 2;
    return html`<rect class="box" x="10" y="${middle - boxHeight / 2}" width="230" height="${boxHeight}" rx="6"/>
<text class="strong" x="24" y="${middle - 4}">${shortened(pathName(way.path), 28)}</text>
<text class="dim" x="24" y="${middle + 14}">from ${shortened(way.source, 28)}</text>
${way.ends.map((end, index) => drawEnd(end, top + index * (boxHeight + gap), middle))}`;
  });
  return html`<div class="scroll wide" tabindex="0" role="region" aria-label="Map of who can connect">
<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-t ${id}-d">
<title id="${id}-t">Map of who can connect</title>
<desc id="${id}-d">${description(all)}</desc>
${drawn}
</svg></div>
${left > 0 && html`<p class="muted">${plural(left, "more group")} of machines: see the table.</p>`}
<ul class="legend"><li><span class="good">✓ solid line: open</span></li><li><span class="bad">✗ dashed line: blocked</span></li><li><span class="muted">? dotted line: Azure could not be asked</span></li></ul>`;
}

function drawEnd({ access, machines }: End, top: number, from: number): Html {
  const { sign, word, kind } = answer(access.reachable);
  const middle = top + boxHeight / 2;
  const colour = kind === "open" ? "good" : kind === "shut" ? "bad" : "dim";
  const notAsPlanned = access.differsFromPlan ? ", NOT AS PLANNED" : "";
  return html`<g><title>${machines.join(", ")}</title><path class="${kind}" d="M240 ${from}C330 ${from} 330 ${middle} 420 ${middle}"/>
<rect class="box" x="420" y="${top}" width="530" height="${boxHeight}" rx="6"/>
<text class="${colour} strong" x="434" y="${top + 20}">${sign} ${access.protocol} ${access.port} ${word}: ${plural(machines.length, "machine")}${notAsPlanned}</text>
<text class="dim" x="434" y="${top + 39}">${shortened(`${machines.join(", ")} (${access.decidedBy})`, 78)}</text></g>
`;
}

function waysOf(run: RunEvidence): Way[] {
  const ways = new Map<string, { way: Way; ends: Map<string, End> }>();
  for (const machine of run.machines) {
    for (const access of machine.access) {
      const key = JSON.stringify([access.path, access.source]);
      const entry = ways.get(key) ?? {
        way: { path: access.path, source: access.source, ends: [] },
        ends: new Map(),
      };
      ways.set(key, entry);
      const { protocol, port, reachable, decidedBy, differsFromPlan } = access;
      const endKey = JSON.stringify([protocol, port, reachable, decidedBy, differsFromPlan]);
      const end = entry.ends.get(endKey);
      if (end) end.machines.push(machine.name);
      else entry.ends.set(endKey, { access, machines: [machine.name] });
    }
  }
  return [...ways.values()].map(({ way, ends }) => ({ ...way, ends: [...ends.values()].sort(shutFirst) }));
}

function shutFirst(a: End, b: End): number {
  return Number(a.access.reachable === true) - Number(b.access.reachable === true);
}

function limited(ways: readonly Way[]): Way[] {
  let room = most;
  return ways.flatMap((way) => {
    const ends = way.ends.slice(0, room);
    room -= ends.length;
    return ends.length > 0 ? [{ ...way, ends }] : [];
  });
}

function description(ways: readonly Way[]): string {
  return `${ways
    .flatMap((way) =>
      way.ends.map(
        ({ access, machines }) =>
          `${pathName(way.path)}, ${access.protocol} ${access.port}: ${answer(access.reachable).word} to ${plural(machines.length, "machine")}.`,
      ),
    )
    .slice(0, 20)
    .join(" ")} The table below names every machine.`;
}

export function reachTable(run: RunEvidence): Html | undefined {
  const rows = run.machines.flatMap((machine) =>
    machine.access.map((access) => ({ machine: machine.name, access })),
  );
  if (rows.length === 0) return undefined;
  return html`<details><summary>Who can connect, as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Who can connect, as a table"><table>
<caption>Each wanted access as Azure's IP flow verify and effective routes answered</caption>
<thead><tr><th scope="col">Machine</th><th scope="col">Way</th><th scope="col">Port</th><th scope="col">Answer</th><th scope="col">Decided by</th><th scope="col">Planned</th></tr></thead>
<tbody>
${rows.map(({ machine, access }) => {
  const { sign, word } = answer(access.reachable);
  const planned = access.planned === undefined ? "unknown" : access.planned ? "open" : "blocked";
  return html`<tr><th scope="row" class="long">${machine}</th><td>${pathName(access.path)} from ${access.source}</td><td>${access.protocol} ${access.port}</td><td>${sign} ${word}</td><td>${access.decidedBy}</td><td>${planned}</td></tr>
`;
})}</tbody></table></div></details>`;
}
