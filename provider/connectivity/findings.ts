import type { Finding, Severity } from "./types.js";

const order: Record<Severity, number> = { error: 0, warning: 1, info: 2 };

/** Collects findings, each once, and gives them in a stable order: severity, id, machine, NIC, text. */
export class Findings {
  private readonly byKey = new Map<string, Finding>();

  add(finding: Finding): void {
    const { id, severity, machine, nic, text, remedy } = finding;
    const key = JSON.stringify([id, machine ?? "", nic ?? "", text]);
    if (this.byKey.has(key)) return;
    this.byKey.set(key, {
      id,
      severity,
      ...(machine === undefined ? {} : { machine }),
      ...(nic === undefined ? {} : { nic }),
      text,
      remedy,
    });
  }

  sorted(): Finding[] {
    return [...this.byKey.values()].sort(
      (a, b) =>
        order[a.severity] - order[b.severity] ||
        compareText(a.id, b.id) ||
        compareText(a.machine ?? "", b.machine ?? "") ||
        compareText(a.nic ?? "", b.nic ?? "") ||
        compareText(a.text, b.text),
    );
  }
}

/** By code units: the same on every machine, whatever its language. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** "a, b, c and 4 more". */
export function listSome(names: readonly string[], atMost = 5): string {
  const shown = names.slice(0, atMost).join(", ");
  return names.length > atMost ? `${shown} and ${names.length - atMost} more` : shown;
}
