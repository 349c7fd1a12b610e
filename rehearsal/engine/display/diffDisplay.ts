import type { Diagnostic, EngineEvent, Step } from "../events.js";
import { stackUrn } from "../urn.js";
import { opPrefixes, type Palette, plainPalette } from "./palette.js";
import { renderPacksRun, renderRemediationLine, renderViolationLine } from "./policies.js";
import { type DisplayKind, heading } from "./progressDisplay.js";
import { diffObjects, forDisplay } from "./propertyDiff.js";
import { PropertyPrinter } from "./propertyPrinter.js";
import { renderOutputs, renderSummary } from "./summary.js";

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
        if (event.step.op !== "refresh" && this.isShown(event.step)) {
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
    if (isRefresh && shown.op === "update") {
      this.write(this.renderStep(shown));
      return;
    }
    const indent = this.indentOf(step);
    const isStack = step.urn === this.stackUrn;
    const showsOutputs = !this.isPreview || isRefresh || step.op === "read" || isStack;
    const outputs = showsOutputs ? this.ownOutputs(shown, indent + 1) : "";
    if (isRefresh && (shown.op !== "refresh" || outputs !== "" || isStack)) {
      this.write(this.renderHeader(shown, indent));
    }
    if (outputs !== "") {
      this.write(`${"    ".repeat(indent + 1)}--outputs:--\n${outputs}`);
    }
  }

  /** The outputs that say more than the inputs that were shown already. */
  private ownOutputs(step: Step, indent: number): string {
    if (step.urn === this.stackUrn) {
      return renderOutputs(step, indent, this.isPreview, this.palette);
    }
    const inputs = forDisplay(step.new?.inputs);
    const own = Object.entries(step.new?.outputs ?? {}).filter(([key, value]) => {
      const shown = forDisplay({ [key]: value });
      return diffObjects({ [key]: inputs[key] ?? null }, shown) !== undefined;
    });
    const current = step.new === undefined ? undefined : { ...step.new, outputs: Object.fromEntries(own) };
    const oldOutputs = step.old?.outputs;
    const keys = new Set(own.map(([key]) => key));
    const old =
      step.old === undefined || oldOutputs === undefined
        ? step.old
        : {
            ...step.old,
            outputs: Object.fromEntries(Object.entries(oldOutputs).filter(([key]) => keys.has(key))),
          };
    if (
      old?.outputs !== undefined &&
      diffObjects(forDisplay(old.outputs), forDisplay(current?.outputs)) === undefined
    ) {
      return "";
    }
    return renderOutputs(
      { ...step, ...(old === undefined ? {} : { old }), ...(current === undefined ? {} : { new: current }) },
      indent,
      true,
      this.palette,
    );
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
    return step.op !== "create-replacement" && step.op !== "delete-replaced";
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

  private renderStep(step: Step): string {
    const indent = this.indentOf(step);
    return this.renderHeader(step, indent) + (step.op === "same" ? "" : this.renderProperties(step, indent + 1));
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
      `${lead}${this.palette.op(step.op, `${opPrefixes[step.op]}${step.type}: (${step.op})`)}${lock}`,
    ];
    const id = step.old?.id ?? "";
    if (id !== "") {
      lines.push(`${lead}    [id=${id}]`);
    }
    lines.push(`${lead}    [urn=${step.urn}]`);
    return `${lines.join("\n")}\n`;
  }

  private renderProperties(step: Step, indent: number): string {
    const printer = new PropertyPrinter(this.palette);
    const { old, new: current } = step;
    const style = { indent, op: step.op, hasPrefix: false };
    if (current === undefined) {
      printer.printObject(forDisplay(old?.inputs), style);
    } else if (old === undefined) {
      const hasOutputs = Object.keys(current.outputs ?? {}).length > 0;
      printer.printObject(forDisplay(hasOutputs ? current.outputs : current.inputs), style);
    } else {
      // As the CLI has it, a replacement is compared with what the resource has, an update with what was wanted.
      const isReplacement = step.op === "replace" && this.isPreview;
      const before = isReplacement ? old.outputs : old.inputs;
      const after = isReplacement ? (current.outputs ?? current.inputs) : current.inputs;
      const diff = diffObjects(forDisplay(before), forDisplay(after));
      if (diff === undefined) {
        printer.printObject(forDisplay(after), { indent, op: "same", hasPrefix: true });
      } else {
        printer.printObjectDiff(diff, indent, step.diffKeys);
      }
    }
    return printer.toString();
  }
}
