import type { Diagnostic, EngineEvent, Step, StepOp } from "../events.js";
import { unknownValue } from "../propertyValues.js";
import { nameOf, providerUrnOf, stackUrn } from "../urn.js";
import { HiddenPaths, shownDiff } from "./hiddenPaths.js";
import { opPrefixes, type Palette, plainPalette } from "./palette.js";
import { renderPacksRun, renderRemediationLine, renderViolationLine } from "./policies.js";
import { forDisplay } from "./propertyDiff.js";
import { PropertyPrinter } from "./propertyPrinter.js";
import { toldDifferences } from "./stepDiff.js";
import { renderOutputs, renderSummary } from "./summary.js";
import { type DisplayKind, heading, retainNote } from "./words.js";

/** Steps of which there is nothing to show before the provider has answered. */
const toldAtTheEnd: ReadonlySet<StepOp> = new Set(["refresh", "import"]);

/** Prints an operation's events as the Pulumi CLI's `--diff` does: each resource with its properties, in a tree. */
export class DiffDisplay {
  private readonly seen = new Map<string, Step>();
  private readonly stackUrn: string;
  private readonly errored = new Set<string>();

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
    write(`${palette.headline(heading(kind, isPreview, stack))}\n`);
  }

  handle(event: EngineEvent): void {
    switch (event.kind) {
      case "prelude":
        break;
      case "stepStarted":
        this.seen.set(event.step.urn, event.step);
        if (!toldAtTheEnd.has(event.step.op) && this.isShown(event.step)) {
          this.write(this.renderStep(event.step));
        }
        break;
      case "stepEnded":
        this.stepEnded(event.step);
        break;
      case "stepFailed":
        break;
      case "diagnostic":
        this.diagnostic(event.diagnostic);
        break;
      case "policyViolation":
        this.write(renderViolationLine(event.violation, this.palette));
        break;
      case "policyRemediation":
        this.write(renderRemediationLine(event.remediation, this.palette));
        break;
      case "summary":
        this.write(renderSummary(event, this.errored.size, this.isPreview, this.palette));
        this.write(renderPacksRun(event.policyPacks ?? [], this.palette));
        break;
    }
  }

  private stepEnded(step: Step): void {
    const isRefresh = this.seen.get(step.urn)?.op === "refresh";
    const shown = step.resultOp === undefined || this.kind !== "refresh" ? step : { ...step, op: step.resultOp };
    if (!this.isShown(shown)) {
      return;
    }
    if (shown.op === "import" || (isRefresh && shown.op === "update")) {
      this.write(this.renderStep(shown, isRefresh));
      return;
    }
    const indent = this.indentOf(step);
    const isStack = step.urn === this.stackUrn;
    const showsOutputs = !this.isPreview || isRefresh || step.op === "read" || isStack;
    const style = { indent: indent + 1, isPreview: this.isPreview, isRefresh };
    const outputs = showsOutputs ? renderOutputs(shown, style, this.palette) : "";
    if (isRefresh && (shown.op !== "refresh" || outputs !== "" || isStack)) {
      this.write(this.renderHeader(shown, indent));
    }
    if (outputs !== "") {
      this.write(`${"    ".repeat(indent + 1)}--outputs:--\n${outputs}`);
    }
  }

  private diagnostic({ severity, urn, message }: Diagnostic): void {
    if (severity === "error") {
      this.errored.add(urn);
    }
    const prefix =
      severity === "error"
        ? this.palette.error("error: ")
        : severity === "warning"
          ? this.palette.warning("warning: ")
          : "";
    this.write(`${prefix}${message}\n`);
  }

  private isShown(step: Step): boolean {
    if (step.urn === this.stackUrn) {
      return true;
    }
    if (step.op === "same") {
      return (step.old?.protect === true) !== (step.new?.protect === true);
    }
    return !["create-replacement", "delete-replaced", "remove-pending-replace"].includes(step.op);
  }

  private indentOf(step: Step): number {
    let indent = 0;
    let parent = (step.new ?? step.old)?.parent;
    while (parent !== undefined) {
      const parentStep = this.seen.get(parent);
      if (parentStep === undefined) {
        break;
      }
      if (this.isShown(parentStep)) {
        indent++;
      }
      parent = (parentStep.new ?? parentStep.old)?.parent;
    }
    return indent;
  }

  private renderStep(step: Step, isRefresh = false): string {
    const indent = this.indentOf(step);
    const properties = step.op === "same" ? "" : this.renderProperties(step, indent + 1, isRefresh);
    return this.renderHeader(step, indent) + properties;
  }

  private renderHeader(step: Step, indent: number): string {
    const lead = "    ".repeat(indent);
    const isLocked = step.new?.protect === true || step.old?.protect === true;
    const lock =
      step.new !== undefined && step.new.protect !== true && step.old?.protect === true
        ? " 🔓"
        : isLocked
          ? " 🔒"
          : "";
    const lines = [
      `${lead}${this.palette.op(step.op, `${opPrefixes[step.op]}${step.type}: (${step.op}${retainNote(step)})`)}${lock}`,
    ];
    const id = step.old?.id ?? "";
    if (id !== "") {
      lines.push(`${lead}    [id=${id}]`);
    }
    lines.push(`${lead}    [urn=${step.urn}]`);
    const provider = this.providerNote(step);
    if (provider !== "") {
      lines.push(`${lead}    [provider${provider}]`);
    }
    return `${lines.join("\n")}\n`;
  }

  /** The provider, where it is another one than before or not the default one without a version. */
  private providerNote({ old, new: current }: Step): string {
    const reference = (current ?? old)?.provider;
    if (reference === undefined) {
      return "";
    }
    if (old !== undefined && current !== undefined && old.provider !== reference) {
      return `: ${old.provider ?? ""} => ${reference.replace(unknownValue, "[unknown]")}`;
    }
    return nameOf(providerUrnOf(reference)) === "default" ? "" : `=${reference}`;
  }

  private renderProperties(step: Step, indent: number, isRefresh: boolean): string {
    const printer = new PropertyPrinter(this.palette);
    const hidden = new HiddenPaths(step);
    const { old, new: current } = step;
    if (step.detailedDiff !== undefined && old !== undefined && current !== undefined) {
      const told = toldDifferences(step, isRefresh, hidden);
      if (told === undefined) {
        printer.printObject(forDisplay(old.inputs), { indent, op: "same", hasPrefix: true });
      } else {
        printer.printHiddenPaths(hidden.found, indent);
        printer.printObjectDiff(told, indent);
      }
      return printer.toString();
    }
    const style = { indent, op: step.op, hasPrefix: false };
    if (current === undefined) {
      printer.printObject(forDisplay(old?.inputs), style);
    } else if (old === undefined) {
      const hasOutputs = Object.keys(current.outputs ?? {}).length > 0;
      printer.printObject(forDisplay(hasOutputs ? current.outputs : current.inputs), style);
    } else {
      // As the CLI has it, a replacement is compared with what the resource has once that is known, all else with
      // what was wanted.
      const isCompared = isRefresh || (step.op !== "update" && step.op !== "import");
      const hasOutputs = isCompared && Object.keys(current.outputs ?? {}).length > 0;
      const [before, after] = hasOutputs ? [old.outputs, current.outputs] : [old.inputs, current.inputs];
      const diff = shownDiff(forDisplay(before), forDisplay(after), hidden);
      if (diff === undefined) {
        printer.printObject(forDisplay(after), { indent, op: "same", hasPrefix: true });
      } else {
        printer.printHiddenPaths(hidden.found, indent);
        printer.printObjectDiff(diff, indent, hasOutputs ? undefined : step.diffKeys);
      }
    }
    return printer.toString();
  }
}
