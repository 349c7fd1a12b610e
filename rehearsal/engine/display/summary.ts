import type { EngineEvent, Step, StepOp } from "../events.js";
import { isObject, type PropertyValue, unknownValue } from "../propertyValues.js";
import { isStack } from "../urn.js";
import { HiddenPaths, shownDiff } from "./hiddenPaths.js";
import { opPrefixes, type Palette } from "./palette.js";
import {
  diffKeys,
  diffValues,
  forDisplay,
  isInternalKey,
  type ObjectDiff,
  type ValueDiff,
} from "./propertyDiff.js";
import { PropertyPrinter } from "./propertyPrinter.js";

/** What the SDK adds in a preview to a resource among the stack's outputs. */
const resourceMark = "@isPulumiResource";

/** The order in which kinds of changes are listed. */
const listedOps: StepOp[] = [
  "create",
  "update",
  "delete",
  "replace",
  "create-replacement",
  "delete-replaced",
  "import",
];

const pastTense: Partial<Record<StepOp, string>> = {
  import: "imported",
  create: "created",
  update: "updated",
  delete: "deleted",
  replace: "replaced",
};

/** The block that counts what was, or would be, done. */
export function renderSummary(
  summary: Extract<EngineEvent, { kind: "summary" }>,
  errored: number,
  isPreview: boolean,
  palette: Palette,
): string {
  const { changes, seconds } = summary;
  const lines = [palette.headline("Resources:")];
  let kinds = 0;
  let total = 0;
  for (const op of listedOps) {
    const count = changes[op] ?? 0;
    if (count > 0) {
      kinds++;
      total += count;
      const words = isPreview ? `to ${op}` : (pastTense[op] ?? op);
      lines.push(`    ${palette.op(op, `${opPrefixes[op]}${count} ${words}`)}`);
    }
  }
  const pieces = [
    ...(kinds >= 2 ? [`${total} ${total === 1 ? "change" : "changes"}`] : []),
    ...((changes.same ?? 0) > 0 ? [`${changes.same} unchanged`] : []),
  ];
  if (pieces.length > 0) {
    lines.push(`    ${pieces.join(". ")}`);
  }
  if (errored > 0) {
    lines.push(`    ${palette.error(`${errored} errored`)}`);
  }
  const text = `${lines.join("\n")}\n`;
  return isPreview ? text : `${text}\n${palette.headline("Duration:")} ${formatDuration(Math.ceil(seconds))}\n`;
}

function formatDuration(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return `${hours > 0 ? `${hours}h` : ""}${hours > 0 || minutes > 0 ? `${minutes}m` : ""}${seconds % 60}s`;
}

/** How outputs are shown. */
export interface OutputsStyle {
  /** In steps of four characters. */
  indent: number;
  isPreview: boolean;
  /** True where a refresh found them: then those that the inputs tell as well are shown, too. */
  isRefresh: boolean;
}

/**
 * The outputs of a stack or resource after a step, changes marked: those that the inputs do not tell as well. A
 * stack's are all shown after an update, and else, as a resource's, those that changed.
 */
export function renderOutputs(step: Step, style: OutputsStyle, palette: Palette): string {
  const { indent, isPreview, isRefresh } = style;
  if ((step.old?.initErrors ?? []).length > 0) {
    return "";
  }
  const isOfStack = isStack(step.urn);
  const [inputs, outputs] = [forDisplay(step.new?.inputs), forDisplay(step.new?.outputs)];
  const hidden = new HiddenPaths(step);
  const diff = step.old === undefined ? undefined : shownDiff(forDisplay(step.old.outputs), outputs, hidden);
  const showsSames = isOfStack && !isPreview;
  if (step.old !== undefined && diff === undefined && !showsSames) {
    return "";
  }
  if (diff !== undefined && isOfStack && isPreview) {
    leaveOutUnknowns(diff);
  }
  const printer = new PropertyPrinter(palette);
  printer.printHiddenPaths(hidden.found, indent);
  const keys = diff === undefined ? Object.keys(outputs).sort() : diffKeys(diff);
  const width = Math.max(0, ...keys.map((key) => key.length));
  for (const key of keys) {
    const [input, output] = [inputs[key], outputs[key]];
    if (diff === undefined && (output === undefined || isInternalKey(key) || !isShown(output))) {
      continue;
    }
    const isTold =
      input !== undefined &&
      output !== undefined &&
      diffValues(output, input, new HiddenPaths(step).covers, [key]) === undefined;
    if (isTold && !isRefresh) {
      continue;
    }
    if (diff === undefined) {
      printer.printProperty(key, output ?? null, width, { indent, op: step.op, hasPrefix: false });
    } else if (showsSames || !diff.sames.has(key)) {
      printer.printPropertyDiff(key, width, diff, indent);
    }
  }
  return printer.toString();
}

/** An output that merely is not known yet is no change to speak of, nor is a resource's mark for one. */
function leaveOutUnknowns(diff: ObjectDiff): void {
  const isResource = diff.adds.delete(resourceMark);
  for (const [key, value] of diff.adds) {
    if (isResource && value === unknownValue) {
      diff.adds.delete(key);
    } else {
      diff.adds.set(key, withoutMarks(value));
    }
  }
  for (const [key, update] of diff.updates) {
    if (update.new === unknownValue) {
      diff.updates.delete(key);
    } else {
      leaveOutUnknownParts(update);
    }
  }
}

function leaveOutUnknownParts({ array, object }: ValueDiff): void {
  if (object !== undefined) {
    leaveOutUnknowns(object);
  }
  for (const [i, value] of array?.adds ?? []) {
    array?.adds.set(i, withoutMarks(value));
  }
  for (const update of array?.updates.values() ?? []) {
    leaveOutUnknownParts(update);
  }
}

function withoutMarks(value: PropertyValue): PropertyValue {
  if (Array.isArray(value)) {
    return value.map(withoutMarks);
  }
  return isObject(value)
    ? Object.fromEntries(
        Object.entries(value)
          .filter(([key]) => key !== resourceMark)
          .map(([key, child]) => [key, withoutMarks(child)]),
      )
    : value;
}

function isShown(value: PropertyValue): boolean {
  return value !== null && value !== "" && !(typeof value === "object" && Object.keys(value).length === 0);
}
