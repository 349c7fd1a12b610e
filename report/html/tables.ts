/** The numbers behind the drawings: machines, steps, and everything as JSON. */

import type { MachineEvidence, RunEvidence } from "../../provider/evidence/types.js";
import { type Html, html } from "../escape.js";
import { answer, duration, moment, pathName } from "./words.js";

/** Beyond so many characters the JSON is left to `drill.json`: a page must stay one that opens. */
const mostJson = 350_000;

export function machineTable(run: RunEvidence): Html {
  const goalOf = (machine: string, goal: string) =>
    run.goals.find((each) => each.machine === machine && each.goal === goal);
  const time = (machine: MachineEvidence) => verdict(goalOf(machine.name, "recoveryTime")?.isMet);
  const age = (machine: MachineEvidence) => verdict(goalOf(machine.name, "recoveryPoint")?.isMet);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Machines"><table>
<caption>Times count from the start of the run; ✓ and ✗ tell whether a goal was met</caption>
<thead><tr><th scope="col">Group</th><th scope="col">Machine</th><th scope="col">Runs after</th><th scope="col">Reachable after</th><th scope="col">Age of data</th><th scope="col">Address</th><th scope="col">Who can connect</th></tr></thead>
<tbody>
${run.machines.map(
  (
    machine,
  ) => html`<tr><td class="number">${machine.bootGroup}</td><th scope="row" class="long">${machine.name}</th><td class="number">${duration(machine.recoveryTimeSeconds)}${time(machine)}</td><td class="number">${machine.reachableTimeSeconds === undefined ? "—" : duration(machine.reachableTimeSeconds)}</td><td class="number">${duration(machine.recoveryPointAgeSeconds)}${age(machine)}</td><td>${machine.privateIp ?? "—"}</td><td class="long">${connections(machine)}</td></tr>
`,
)}</tbody></table></div>`;
}

function verdict(isMet: boolean | undefined): Html | string {
  if (isMet === undefined) return "";
  return isMet
    ? html` <span class="good">✓<span class="muted"> met</span></span>`
    : html` <span class="bad">✗ missed</span>`;
}

function connections(machine: MachineEvidence): string {
  return machine.access.length === 0
    ? "—"
    : machine.access
        .map(
          ({ path, port, reachable }) =>
            `${answer(reachable).sign} ${pathName(path)} ${port} ${answer(reachable).word}`,
        )
        .join("; ");
}

export function groupTable(run: RunEvidence): Html | undefined {
  if (run.bootGroups.length < 2) return undefined;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Boot groups"><table>
<caption>A group is there when the last of its machines is</caption>
<thead><tr><th scope="col">Group</th><th scope="col">Machines</th><th scope="col">All run after</th><th scope="col">All reachable after</th><th scope="col">Oldest data</th></tr></thead>
<tbody>
${run.bootGroups.map(
  (
    group,
  ) => html`<tr><th scope="row">${group.number}</th><td class="number">${group.machines.length}</td><td class="number">${duration(group.recoveryTimeSeconds)}</td><td class="number">${group.reachableTimeSeconds === undefined ? "—" : duration(group.reachableTimeSeconds)}</td><td class="number">${duration(group.recoveryPointAgeSeconds)}</td></tr>
`,
)}</tbody></table></div>`;
}

export function rawData(run: RunEvidence): Html {
  const json = JSON.stringify(run, null, 1);
  return html`<details><summary>Steps of the job (${run.tasks.length})</summary><div class="scroll" tabindex="0" role="region" aria-label="Steps of the job"><table>
<caption>As Azure's job tells them</caption>
<thead><tr><th scope="col">Step</th><th scope="col">Machine</th><th scope="col">State</th><th scope="col">Began</th><th scope="col">Took</th></tr></thead>
<tbody>
${run.tasks.map(
  (
    task,
  ) => html`<tr><th scope="row" class="long">${task.name}</th><td>${task.machine ?? "—"}</td><td>${task.state}</td><td>${moment(task.startTime)}</td><td class="number">${task.seconds === undefined ? "—" : duration(task.seconds)}</td></tr>
`,
)}</tbody></table></div></details>
${
  json.length > mostJson
    ? html`<p class="muted">The evidence as JSON is too large for this page: it is in drill.json.</p>`
    : html`<details><summary>The evidence as JSON</summary><div class="scroll"><pre tabindex="0">${json}</pre></div></details>`
}`;
}
