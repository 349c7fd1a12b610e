import type { Diagnostic, EngineEvent, Step, StepOp } from "../events.js";
import type { PolicyRemediation, PolicyViolation } from "../policy/types.js";
import { displayType, nameOf, stackUrn, typeOf } from "../urn.js";
import { opPrefixes, type Palette, plainPalette } from "./palette.js";
import { renderPolicies } from "./policies.js";
import { shortDiff } from "./shortDiff.js";
import { renderOutputs, renderSummary } from "./summary.js";
import {
  type DisplayKind,
  doingWords,
  doneWords,
  failedWords,
  heading,
  previewDoneWords,
  previewWords,
  retainNote,
  unshownOps,
} from "./words.js";

/** What is known and shown of one resource. */
interface Row {
  urn: string;
  step: Step | undefined;
  /** The ops of the steps that ended. */
  endedOps: StepOp[];
  /** The step that stands for a replacement, once it is through. */
  replaceStep?: Step;
  isHidden: boolean;
  hasFailed: boolean;
  started?: number;
  ended?: number;
  diagnostics: Diagnostic[];
}

/**
 * Prints an operation's events as the Pulumi CLI does where its output is not a terminal: a line whenever something
 * happens to a resource, and at the end diagnostics, outputs and a summary.
 */
export class ProgressDisplay {
  private readonly rows = new Map<string, Row>();
  private readonly violations: PolicyViolation[] = [];
  private readonly remediations: PolicyRemediation[] = [];
  private readonly stackUrn: string;
  private isDone = false;

  /** @param write takes whole lines, each with its line break. */
  constructor(
    stack: string,
    project: string,
    private readonly kind: DisplayKind,
    private readonly isPreview: boolean,
    private readonly write: (text: string) => void,
    private readonly palette: Palette = plainPalette,
  ) {
    this.stackUrn = stackUrn(stack, project);
    write(`${palette.headline(heading(kind, isPreview, stack))}\n\n`);
  }

  handle(event: EngineEvent): void {
    switch (event.kind) {
      case "prelude":
        break;
      case "stepStarted":
        this.stepStarted(event.step, event.time);
        break;
      case "stepEnded":
        this.stepEnded(event.step, event.time);
        break;
      case "stepFailed": {
        const row = this.rowFor(event.step.urn);
        row.hasFailed = true;
        this.show(row, event.time);
        break;
      }
      case "diagnostic":
        this.diagnostic(event.diagnostic, event.time);
        break;
      case "policyViolation": {
        this.violations.push(event.violation);
        this.show(this.rowFor(event.violation.urn), event.time);
        break;
      }
      case "policyRemediation": {
        this.remediations.push(event.remediation);
        const row = this.rowFor(event.remediation.urn);
        row.isHidden = false;
        this.show(row, event.time);
        break;
      }
      case "summary":
        this.finish(event);
        break;
    }
  }

  private stepStarted(step: Step, time: number): void {
    if (step.op === "read") {
      this.diagnostic(readNote(step), time);
    }
    if (unshownOps.has(step.op)) {
      return;
    }
    const row = this.rowFor(step.urn);
    row.isHidden = row.isHidden && !isShown(step) && step.urn !== this.stackUrn;
    row.step = step;
    row.started = time;
    delete row.ended;
    this.show(row, time);
  }

  private stepEnded(step: Step, time: number): void {
    if (unshownOps.has(step.op)) {
      return;
    }
    const row = this.rowFor(step.urn);
    const isRefresh = row.step?.op === "refresh";
    const shown = step.resultOp === undefined || this.kind !== "refresh" ? step : { ...step, op: step.resultOp };
    row.step = shown;
    row.ended = time;
    row.endedOps.push(shown.op);
    if (step.op === "replace") {
      row.replaceStep = step;
    }
    const isCustom = (step.new ?? step.old)?.custom === true;
    if (isRefresh || (!this.isPreview && isCustom && shown.op !== "same")) {
      this.show(row, time);
    }
  }

  private diagnostic(diagnostic: Diagnostic, time: number): void {
    if (diagnostic.message.trim() === "") {
      return;
    }
    const row = this.rowFor(diagnostic.urn === "" ? this.stackUrn : diagnostic.urn);
    row.isHidden = false;
    row.diagnostics.push(diagnostic);
    this.show(row, time);
  }

  private rowFor(urn: string): Row {
    let row = this.rows.get(urn);
    if (row === undefined) {
      row = {
        urn,
        step: undefined,
        endedOps: [],
        isHidden: urn !== this.stackUrn,
        hasFailed: false,
        diagnostics: [],
      };
      this.rows.set(urn, row);
    }
    return row;
  }

  private isRowDone(row: Row): boolean {
    if (row.hasFailed || this.isDone) {
      return true;
    }
    return row.urn !== this.stackUrn && row.step !== undefined && row.endedOps.includes(row.step.op);
  }

  private show(row: Row, time: number): void {
    if (
      row.isHidden ||
      (row.step?.op === "same" &&
        row.urn === this.stackUrn &&
        row.diagnostics.length === 0 &&
        !this.isDone &&
        this.kind !== "refresh")
    ) {
      return;
    }
    const op = row.step?.op ?? "same";
    const columns = [
      ` ${this.palette.op(op, opPrefixes[op])}`,
      displayType(typeOf(row.urn)),
      nameOf(row.urn),
      `${this.status(row, op, time)}${row.step === undefined ? "" : retainNote(row.step)}`,
      this.info(row),
    ];
    this.write(`${columns.join(" ")}\n`);
  }

  private status(row: Row, op: StepOp, time: number): string {
    const isDone = this.isRowDone(row);
    const hasFailed = row.hasFailed || row.diagnostics.some(({ severity }) => severity === "error");
    if (this.isDone && !hasFailed && row.step !== undefined && this.isInterrupted(row, op)) {
      return this.palette.warning(`${(this.isPreview ? previewWords : doingWords)[op] ?? op} (interrupted)`);
    }
    if (!isDone) {
      if (row.urn === this.stackUrn && op === "same") {
        return row.step === undefined ? "" : "running";
      }
      const words = (this.isPreview ? previewWords : doingWords)[op] ?? "";
      const elapsed = row.started === undefined ? 0 : Math.floor((time - row.started) / 1000);
      return this.palette.op(op, this.isPreview || op === "same" ? words : `${words} (${elapsed}s)`);
    }
    if (this.isPreview) {
      return this.palette.op(op, previewDoneWords[op] ?? "");
    }
    const words = (hasFailed ? failedWords : doneWords)[op] ?? "";
    const timed = op === "same" ? words : `${words}${duration(row)}`;
    return hasFailed ? this.palette.error(`**${timed}**`) : this.palette.op(op, timed);
  }

  private isInterrupted(row: Row, op: StepOp): boolean {
    const isCustom = (row.step?.new ?? row.step?.old)?.custom === true;
    return isCustom && op !== "same" && !row.endedOps.includes(op);
  }

  private info(row: Row): string {
    const parts: string[] = [];
    const step =
      row.step?.op === "create-replacement" || row.step?.op === "delete-replaced"
        ? (row.replaceStep ?? row.step)
        : row.step;
    const changes = step === undefined ? "" : shortDiff(step);
    if (changes !== "") {
      parts.push(`[${changes}]`);
    }
    if (this.isDone) {
      parts.push(...this.counts(row));
    } else {
      const last = row.diagnostics.at(-1);
      if (last !== undefined) {
        parts.push(this.prefixed(last));
      }
    }
    return (parts.join("; ").split("\n")[0] ?? "").trimEnd();
  }

  private counts(row: Row): string[] {
    const listed = row.diagnostics.filter(({ isEphemeral }) => !isEphemeral);
    const words: [Diagnostic["severity"], string, (text: string) => string][] = [
      ["error", "error", this.palette.error],
      ["warning", "warning", this.palette.warning],
      ["info", "message", (text) => text],
    ];
    return words.flatMap(([severity, word, paint]) => {
      const count = listed.filter((diagnostic) => diagnostic.severity === severity).length;
      return count === 0 ? [] : [`${count} ${paint(count === 1 ? word : `${word}s`)}`];
    });
  }

  private prefixed({ severity, message }: Diagnostic): string {
    if (severity === "info" || severity === "debug") {
      return message.trimEnd();
    }
    return `${severity === "error" ? this.palette.error("error:") : this.palette.warning("warning:")} ${message.trimEnd()}`;
  }

  private finish(summary: Extract<EngineEvent, { kind: "summary" }>): void {
    const unfinished = [...this.rows.values()].filter((row) => !this.isRowDone(row));
    this.isDone = true;
    for (const row of unfinished) {
      this.show(row, 0);
    }
    const policies = renderPolicies(summary.policyPacks ?? [], this.violations, this.remediations, this.palette);
    if (policies !== "") {
      this.write(`${policies}\n`);
    }
    this.printDiagnostics();
    const stack = this.rows.get(this.stackUrn)?.step;
    const outputs =
      stack === undefined || stack.op === "delete"
        ? ""
        : renderOutputs(stack, { indent: 1, isPreview: this.isPreview, isRefresh: false }, this.palette);
    if (outputs !== "") {
      this.write(`${this.palette.headline("Outputs:")}\n${outputs}\n`);
    }
    // As the CLI has it: a summary would draw the eye away from a broken mandatory rule.
    if (this.violations.some(({ enforcementLevel }) => enforcementLevel === "mandatory")) {
      return;
    }
    const errored = [...this.rows.values()].filter((row) =>
      row.diagnostics.some(({ severity }) => severity === "error"),
    ).length;
    this.write(`${renderSummary(summary, errored, this.isPreview, this.palette)}\n`);
  }

  private printDiagnostics(): void {
    let isFirst = true;
    for (const row of this.rows.values()) {
      const blocks = this.diagnosticBlocks(row);
      if (blocks.length === 0) {
        continue;
      }
      if (isFirst) {
        this.write(`${this.palette.headline("Diagnostics:")}\n`);
        isFirst = false;
      }
      this.write(`  ${displayType(typeOf(row.urn))} (${nameOf(row.urn)}):\n`);
      for (const lines of blocks) {
        this.write(`${lines.map((line) => `    ${line}`.trimEnd()).join("\n")}\n\n`);
      }
    }
  }

  /** The listed lines of a resource, one block for each stream of messages. */
  private diagnosticBlocks(row: Row): string[][] {
    const streams = new Map<number, Diagnostic[]>();
    for (const diagnostic of row.diagnostics) {
      if (!diagnostic.isEphemeral) {
        streams.set(diagnostic.streamId, [...(streams.get(diagnostic.streamId) ?? []), diagnostic]);
      }
    }
    return [...streams.entries()]
      .map(([id, diagnostics]) =>
        id === 0
          ? diagnostics.flatMap((diagnostic) => displayableLines(this.prefixed(diagnostic)))
          : displayableLines(diagnostics.map(({ message }) => message.replace(/\n?$/, "\n")).join("")),
      )
      .filter((lines) => lines.length > 0);
  }
}

function isShown(step: Step): boolean {
  return step.op !== "same" || (step.old?.protect === true) !== (step.new?.protect === true);
}

function duration(row: Row): string {
  if (row.started === undefined || row.ended === undefined) {
    return "";
  }
  const seconds = (row.ended - row.started) / 1000;
  return seconds < 1 ? ` (${seconds.toFixed(2)}s)` : ` (${Math.floor(seconds)}s)`;
}

function readNote(step: Step): Diagnostic {
  const message = `read ${displayType(step.type)} ${nameOf(step.urn)}`;
  return { severity: "info", urn: "", message, isEphemeral: true, streamId: 0 };
}

function displayableLines(text: string): string[] {
  const lines = text.split("\n");
  while (lines.length > 0 && (lines.at(-1) ?? "").trim() === "") {
    lines.pop();
  }
  return lines;
}
