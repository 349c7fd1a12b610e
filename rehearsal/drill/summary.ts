/** The rehearsal's last words: per machine and boot group what was measured, who can connect, and what was cleaned up. */

import type { Rehearsal } from "./rehearse.js";

export function describeRehearsal(rehearsal: Rehearsal): string[] {
  const { report, problems } = rehearsal;
  const header = ["boot group", "machine", "recovery time", "recovery point age", "private IP", "who can connect"];
  const rows = [...report.machines]
    .sort((a, b) => a.bootGroup - b.bootGroup || (a.name < b.name ? -1 : 1))
    .map((machine) => [
      String(machine.bootGroup),
      machine.name,
      duration(machine.recoveryTimeSeconds),
      duration(machine.recoveryPointAgeSeconds),
      machine.privateIp,
      machine.access
        .map(
          (access) => `${access.port} by ${access.path}: ${access.reachable ? "yes" : "no"} (${access.decidedBy})`,
        )
        .join("; "),
    ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  const lines =
    rows.length > 0 ? [line(header), line(widths.map((width) => "-".repeat(width))), ...rows.map(line), ""] : [];
  lines.push("Times are the emulator's clock: what a clock on the wall would show in Azure.");
  lines.push(`Steps: ${report.steps.map((step) => `${step.name} ${step.status} (${step.seconds} s)`).join(", ")}`);
  lines.push(
    report.cleanedUp ? "Cleaned up: every test machine is gone, asked at the emulator." : "NOT cleaned up.",
  );
  lines.push(
    ...(problems.length === 0
      ? ["The drill succeeded."]
      : ["The drill FAILED:", ...problems.map((problem) => `  - ${problem}`)]),
  );
  return lines;
}

function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "unknown";
  const minutes = Math.floor(seconds / 60);
  return minutes > 0 ? `${minutes} min ${Math.round(seconds % 60)} s` : `${Math.round(seconds)} s`;
}
