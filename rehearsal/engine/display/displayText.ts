import type { EngineEvent } from "../events.js";

/** The text of an operation. */
export class DisplayText {
  constructor(
    readonly stack: string,
    readonly project: string,
    readonly kind: string,
    readonly isPreview: boolean,
  ) {}

  render(events: readonly EngineEvent[]): string {
    return events
      .map((event) => {
        switch (event.kind) {
          case "stepStarted":
          case "stepEnded":
          case "stepFailed":
            return `${event.kind} ${event.step.op} ${event.step.urn}\n`;
          case "diagnostic":
            return `${event.diagnostic.severity} ${event.diagnostic.urn}: ${event.diagnostic.message}\n`;
          case "summary":
            return `${event.result} ${JSON.stringify(event.changes)}\n`;
          case "prelude":
            return "";
        }
      })
      .join("");
  }
}
