import { parseAllDocuments } from "yaml";
import type { StepOp } from "../events.js";
import {
  isObject,
  isResourceReference,
  type PropertyMap,
  type PropertyValue,
  unknownValue,
} from "../propertyValues.js";
import { diffLines } from "./lineDiff.js";
import { opPrefixes, type Palette, plainPalette } from "./palette.js";
import {
  diffKeys,
  diffValues,
  isInternalKey,
  type ObjectDiff,
  shownSecret,
  type ValueDiff,
} from "./propertyDiff.js";

/** Unchanged lines shown before and after a change in a text. */
const contextLines = 2;

interface Style {
  /** In steps of four characters. */
  indent: number;
  op: StepOp;
  /** True to put the op's prefix in front of lines. */
  hasPrefix: boolean;
}

/** Prints properties, and differences of properties, as the Pulumi CLI lays them out. */
export class PropertyPrinter {
  private text = "";

  constructor(private readonly palette: Palette = plainPalette) {}

  toString(): string {
    return this.text;
  }

  /** Prints a bag of properties, one line or block for each. */
  printObject(properties: PropertyMap, style: Style): void {
    const width = maxLength(Object.keys(properties));
    for (const key of Object.keys(properties).sort()) {
      const value = properties[key];
      if (value !== undefined && !isInternalKey(key)) {
        this.printProperty(key, value, width, style);
      }
    }
  }

  printProperty(key: string, value: PropertyValue, width: number, style: Style): void {
    this.write(style, `${key.padEnd(width)}: `);
    this.printLine(value, style);
  }

  /** Prints that there is something at these paths that is not shown. */
  printHiddenPaths(paths: readonly string[], indent: number): void {
    for (const path of paths) {
      this.write({ indent, op: "update", hasPrefix: true }, `${path} (hidden)\n`);
    }
  }

  /** Prints the differences between two bags of properties, those that stay the same included. */
  printObjectDiff(diff: ObjectDiff, indent: number, only?: readonly string[]): void {
    const keys = diffKeys(diff).filter((key) => only === undefined || only.includes(key));
    const width = maxLength(keys);
    for (const key of keys) {
      this.printPropertyDiff(key, width, diff, indent);
    }
  }

  printPropertyDiff(key: string, width: number, diff: ObjectDiff, indent: number): void {
    const title = (style: Style): void => this.write(style, `${key.padEnd(width)}: `);
    const added = diff.adds.get(key);
    const deleted = diff.deletes.get(key);
    const updated = diff.updates.get(key);
    const same = diff.sames.get(key);
    if (added !== undefined) {
      this.printChanged(added, title, { indent, op: "create", hasPrefix: true });
    } else if (deleted !== undefined) {
      this.printChanged(deleted, title, { indent, op: "delete", hasPrefix: true });
    } else if (updated !== undefined) {
      this.printValueDiff(updated, title, indent);
    } else if (same !== undefined && isWorthShowing(same)) {
      this.printProperty(key, same, width, { indent, op: "same", hasPrefix: false });
    }
  }

  private printValueDiff(diff: ValueDiff, title: (style: Style) => void, indent: number): void {
    const style: Style = { indent, op: "update", hasPrefix: true };
    if (diff.array !== undefined) {
      this.printArrayDiff(diff.array, title, style);
    } else if (diff.object !== undefined) {
      title(style);
      this.text += "{\n";
      this.printObjectDiff(diff.object, indent + 1);
      this.write({ ...style, hasPrefix: false }, "}\n");
    } else if (
      isWorthShowing(diff.old) &&
      isWorthShowing(diff.new) &&
      isPrimitive(diff.old) &&
      isPrimitive(diff.new)
    ) {
      title(style);
      if (isText(diff.old) && isText(diff.new)) {
        this.printTextDiff(diff.old, diff.new, indent);
      } else {
        this.printPrimitive(diff.old, { ...style, op: "delete" });
        this.text += " => ";
        this.printPrimitive(diff.new, { ...style, op: "create" });
        this.text += "\n";
      }
    } else {
      if (isWorthShowing(diff.old)) {
        this.printChanged(diff.old, title, { indent, op: "delete", hasPrefix: true });
      }
      if (isWorthShowing(diff.new)) {
        this.printChanged(diff.new, title, { indent, op: "create", hasPrefix: true });
      }
    }
  }

  private printArrayDiff(
    array: NonNullable<ValueDiff["array"]>,
    title: (style: Style) => void,
    style: Style,
  ): void {
    title(style);
    this.text += "[\n";
    const { adds, deletes, sames, updates } = array;
    const length = Math.max(-1, ...[adds, deletes, sames, updates].flatMap((items) => [...items.keys()])) + 1;
    const indent = style.indent + 2;
    for (let i = 0; i < length; i++) {
      const itemTitle = (item: Style): void => this.write({ ...item, indent: item.indent - 1 }, `[${i}]: `);
      const [added, deleted, updated, same] = [adds.get(i), deletes.get(i), updates.get(i), sames.get(i)];
      if (added !== undefined) {
        this.printChanged(added, itemTitle, { indent, op: "create", hasPrefix: true });
      } else if (deleted !== undefined) {
        this.printChanged(deleted, itemTitle, { indent, op: "delete", hasPrefix: true });
      } else if (updated !== undefined) {
        this.printValueDiff(updated, itemTitle, indent);
      } else if (same !== undefined) {
        this.printChanged(same, itemTitle, { indent, op: "same", hasPrefix: false });
      }
    }
    this.write({ ...style, hasPrefix: false }, "]\n");
  }

  private printChanged(value: PropertyValue, title: (style: Style) => void, style: Style): void {
    title(style);
    this.printLine(value, style);
  }

  private printLine(value: PropertyValue, style: Style): void {
    this.printValue(value, style);
    this.text += "\n";
  }

  private printValue(value: PropertyValue, style: Style): void {
    if (isPrimitive(value)) {
      this.printPrimitive(value, style);
    } else if (Array.isArray(value)) {
      if (value.length === 0) {
        this.text += "[]";
        return;
      }
      this.text += "[\n";
      value.forEach((item, i) => {
        this.write(style, `    [${i}]: `);
        this.printLine(item, { ...style, indent: style.indent + 1 });
      });
      this.write({ ...style, hasPrefix: false }, "]");
    } else if (isResourceReference(value)) {
      this.text += "{\n";
      const inner = { ...style, indent: style.indent + 1 };
      this.write(inner, `URN: ${JSON.stringify(value.urn)}\n`);
      this.write(inner, "ID : ");
      this.printLine(value.id ?? "", inner);
      this.write(inner, `PackageVersion: ${JSON.stringify(value.packageVersion ?? "")}\n`);
      this.write({ ...style, hasPrefix: false }, "}");
    } else if (Object.keys(value).length === 0) {
      this.text += "{}";
    } else {
      this.text += "{\n";
      this.printObject(value, { ...style, indent: style.indent + 1 });
      this.write({ ...style, hasPrefix: false }, "}");
    }
  }

  private printPrimitive(value: PropertyValue, style: Style): void {
    if (value === null) {
      this.text += "<null>";
    } else if (value === unknownValue) {
      this.text += "[unknown]";
    } else if (value === shownSecret) {
      this.text += "[secret]";
    } else if (typeof value === "string") {
      const decoded = decodeText(value);
      if (decoded === undefined) {
        this.text += this.palette.op(style.op, quote(truncate(value)));
      } else {
        this.text += `(${decoded.kind}) `;
        this.printLine(decoded.value, style);
      }
    } else {
      this.text += this.palette.op(style.op, String(value));
    }
  }

  private printTextDiff(old: string, current: string, indent: number): void {
    const [oldDecoded, decoded] = [decodeText(old), decodeText(current)];
    if (oldDecoded !== undefined && decoded !== undefined) {
      const diff = diffValues(oldDecoded.value, decoded.value);
      if (diff !== undefined) {
        this.text +=
          oldDecoded.kind === decoded.kind ? `(${decoded.kind}) ` : `(${oldDecoded.kind} => ${decoded.kind}) `;
        this.printValueDiff(diff, () => undefined, indent);
        return;
      }
    }
    if (!old.includes("\n") && !current.includes("\n")) {
      this.text += `${this.palette.op("delete", quote(old))} => ${this.palette.op("create", quote(current))}\n`;
      return;
    }
    this.printLineDiff(old, current, indent + 1);
  }

  private printLineDiff(old: string, current: string, indent: number): void {
    this.text += "\n";
    const runs = diffLines(old, current);
    const printLines = (op: StepOp, lines: string[]): void => {
      for (const line of lines.filter((text) => text.trim() !== "")) {
        this.write({ indent, op, hasPrefix: op !== "same" }, `${line}\n`);
      }
    };
    runs.forEach(({ kind, lines }, i) => {
      if (kind !== "equal") {
        printLines(kind === "insert" ? "create" : "delete", lines);
        return;
      }
      const shown = lines.filter((line) => line.trim() !== "");
      const before = i === 0 ? [] : shown.slice(0, contextLines);
      const after = i === runs.length - 1 ? [] : shown.slice(-contextLines);
      const limit = (i === 0 || i === runs.length - 1 ? contextLines : 2 * contextLines) + 1;
      if (shown.length <= limit) {
        printLines("same", shown);
        return;
      }
      printLines("same", before);
      this.write({ indent, op: "same", hasPrefix: false }, "...\n");
      printLines("same", after);
    });
  }

  private write(style: Style, text: string): void {
    const indentation = "    ".repeat(style.indent);
    const lead =
      style.hasPrefix && indentation !== "" ? indentation.slice(0, -2) + opPrefixes[style.op] : indentation;
    this.text += style.hasPrefix ? this.palette.op(style.op, lead + text) : lead + text;
  }
}

/** Empty values clutter; they are shown only where they changed. */
function isWorthShowing(value: PropertyValue): boolean {
  if (value === null || value === "") {
    return false;
  }
  if (Array.isArray(value)) {
    return value.length > 0;
  }
  return !isObject(value) || Object.keys(value).length > 0;
}

function isPrimitive(value: PropertyValue): value is null | boolean | number | string {
  return value === null || typeof value !== "object";
}

function isText(value: PropertyValue): value is string {
  return typeof value === "string" && value !== unknownValue && value !== shownSecret;
}

function quote(text: string): string {
  return JSON.stringify(text);
}

const maxTextLines = 3;
const maxLineLength = 150;

/** Cuts what is too long to read in passing, as the CLI does. */
function truncate(text: string): string {
  const lines = text.split("\n");
  const shown = lines
    .slice(0, maxTextLines)
    .map((line) => (line.length > maxLineLength ? `${line.slice(0, maxLineLength)}...` : line));
  return lines.length > maxTextLines ? `${shown.join("\n")}\n...` : shown.join("\n");
}

/** Finds the structure in a text that is JSON, or YAML of several lines. */
function decodeText(text: string): { value: PropertyValue; kind: "json" | "yaml" } | undefined {
  const trimmed = text.trim();
  if (/^[[{]/.test(trimmed)) {
    try {
      return { value: JSON.parse(trimmed) as PropertyValue, kind: "json" };
    } catch {
      // Not JSON after all: it may still be YAML.
    }
  }
  if (!/[\r\n]/.test(trimmed)) {
    return undefined;
  }
  try {
    const documents = parseAllDocuments(trimmed);
    const [document] = documents;
    if (
      !Array.isArray(documents) ||
      documents.length !== 1 ||
      document === undefined ||
      document.errors.length > 0
    ) {
      return undefined;
    }
    const value = JSON.parse(JSON.stringify(document.toJS())) as PropertyValue;
    return typeof value === "object" && value !== null ? { value, kind: "yaml" } : undefined;
  } catch {
    return undefined;
  }
}

function maxLength(keys: readonly string[]): number {
  return Math.max(0, ...keys.map((key) => key.length));
}
