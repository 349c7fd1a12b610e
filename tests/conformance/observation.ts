import { createHash } from "node:crypto";
import type { Observation, ProviderCall } from "./cases.js";

/** A state or an event as JSON. */
type Json = Record<string, unknown>;

interface StepEvent {
  metadata: Json & { op: string; urn: string; new?: Json | null };
}

const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** What Node says of a rejected promise, if the machine is so busy that it looks in between. */
const lateRejection = /PromiseRejectionHandledWarning|--trace-warnings/;

/** Advice on operations that were interrupted: each engine names its own commands. */
const advice = /(interrupted while \w+\n)(?! {2}\*).*$/s;
const adviceLine =
  /^ +(These resources are in an unknown state|Once you have confirmed|Note that `pulumi refresh`)/;

/** Fields of states that say where and when, and not what. */
const passingFields = ["created", "modified", "sourcePosition", "stackTrace"];

/** Makes an observation of one operation's events (the form of `pulumi up --json`) and what else it left. */
export function observe(
  result: Observation["result"],
  events: readonly Json[],
  text: string,
  isOrdered: boolean,
  calls: readonly ProviderCall[],
  resources: Json[] | undefined,
  { directory, isDigested }: { directory: string; isDigested: boolean },
): Observation {
  const callsByName = byName(calls);
  const told: unknown[] = [];
  const diagnostics: string[] = [];
  let counts: Record<string, number> = {};
  let isPreview = false;
  for (const event of events) {
    for (const [kind, short] of [
      ["resourcePreEvent", "begin"],
      ["resOutputsEvent", "end"],
      ["resOpFailedEvent", "fail"],
    ] as const) {
      const payload = event[kind] as (StepEvent & { planning?: boolean }) | undefined;
      if (payload !== undefined && !isDefaultProvider(payload.metadata.urn)) {
        isPreview ||= payload.planning === true;
        told.push(stepEvent(short, payload, isPreview));
      }
    }
    const diagnostic = event.diagnosticEvent as
      | { urn?: string; message: string; severity: string; ephemeral?: boolean }
      | undefined;
    if (
      diagnostic !== undefined &&
      diagnostic.severity !== "debug" &&
      diagnostic.ephemeral !== true &&
      !lateRejection.test(diagnostic.message)
    ) {
      const about = diagnostic.urn === undefined ? "" : nameOf(diagnostic.urn);
      diagnostics.push(
        `${diagnostic.severity.replace("#err", "")} ${about}: ${withoutStack(diagnostic.message.replace(advice, "$1"))}`,
      );
    }
    const summary = event.summaryEvent as { resourceChanges?: Record<string, number> } | undefined;
    counts = summary?.resourceChanges ?? counts;
  }
  // Where something failed, it depends on the moment whether a component's outputs and the stack's come before it.
  const toldOnce = result === "succeeded" ? told : withoutRepeats(told).filter((line) => !isStackEnd(line));
  // `--diff` prints what the user is told beside the tree, at some moment.
  const saidLines = new Set(diagnostics.flatMap((said) => said.replace(/^\w+ [^:]*: /, "").split("\n")));
  const observation = withoutPassing(directory, {
    result,
    counts: Object.fromEntries(Object.entries(counts).sort()),
    events: sorted(toldOnce),
    diagnostics: diagnostics.sort(),
    text: isOrdered ? lines(text, true).filter((line) => !saidLines.has(line)) : lines(text, false),
    // Provider instances are configured in no particular order.
    calls: { ...callsByName, ...(callsByName[""] === undefined ? {} : { "": sorted(callsByName[""]) }) },
    ...(resources === undefined ? {} : { state: resources.map(comparableState) }),
  });
  return isDigested ? digested(normalised(observation)) : normalised(observation);
}

function isStackEnd(line: unknown): boolean {
  return JSON.stringify(line).includes("end same p-dev");
}

function withoutRepeats(lines: readonly unknown[]): unknown[] {
  return [...new Map(lines.map((line) => [JSON.stringify(line), line])).values()];
}

function byName(calls: readonly ProviderCall[]): Record<string, unknown[]> {
  const found: Record<string, unknown[]> = {};
  for (const { name, ...call } of calls) {
    found[name] = [...(found[name] ?? []), call];
  }
  return Object.fromEntries(
    Object.entries(found)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, of]) => [name, withSortedDeletes(of)]),
  );
}

/** What is left of earlier replacements of one resource is deleted in parallel; a function is called by many. */
function withSortedDeletes(calls: unknown[]): unknown[] {
  if (calls.every((call) => (call as ProviderCall).method === "invoke")) {
    return sorted(calls);
  }
  const isDelete = (call: unknown): boolean => (call as ProviderCall).method === "delete";
  return calls.length > 0 && isDelete(calls.at(-1))
    ? [...calls.filter((call) => !isDelete(call)), ...sorted(calls.filter(isDelete))]
    : calls;
}

/** An observation of many resources, with how many there are in place of each list, and a digest of it. */
function digested({ events, text, calls, state, ...rest }: Observation): Observation {
  const digest = (values: unknown[]): string =>
    `${values.length}, SHA-256 ${createHash("sha256").update(JSON.stringify(values)).digest("hex")}`;
  return {
    ...rest,
    events: [digest(events)],
    text: [digest(text)],
    calls: { all: [digest(Object.entries(calls))] },
    ...(state === undefined ? {} : { state: [digest(state)] }),
  };
}

/**
 * Puts in an order of its own what has none. Ids that are made up must be out of it by then.
 */
export function normalised(observation: Observation): Observation {
  const { state } = observation;
  return state === undefined ? observation : { ...observation, state: sorted(state.map(withSortedDependencies)) };
}

/** The URNs that a resource depends on come in the order in which the program learnt them. */
function withSortedDependencies(state: unknown): unknown {
  const { dependencies, propertyDependencies, ...rest } = state as {
    dependencies?: string[];
    propertyDependencies?: Record<string, string[] | null>;
  };
  return comparableState({
    ...rest,
    ...(dependencies === undefined ? {} : { dependencies: [...dependencies].sort() }),
    ...(propertyDependencies === undefined
      ? {}
      : {
          propertyDependencies: Object.fromEntries(
            Object.entries(propertyDependencies).map(([key, urns]) => [
              key,
              urns === null ? null : [...urns].sort(),
            ]),
          ),
        }),
  });
}

function stepEvent(kind: string, { metadata }: StepEvent, isPreview: boolean): unknown {
  const { op, urn, keys, diffs, detailedDiff } = metadata;
  const details: Json = {};
  if (Array.isArray(keys) && keys.length > 0) {
    details.keys = [...keys].sort();
  }
  if (Array.isArray(diffs) && diffs.length > 0) {
    details.diffs = [...diffs].sort();
  }
  if (typeof detailedDiff === "object" && detailedDiff !== null) {
    details.detailedDiff = detailedDiff;
  }
  if (isPreview && kind === "end" && metadata.new !== null && metadata.new !== undefined) {
    details.inputs = metadata.new.inputs;
    details.outputs = metadata.new.outputs;
  }
  const line = `${kind} ${op} ${nameOf(urn)}`;
  return Object.keys(details).length === 0 ? line : { [line]: details };
}

function comparableState(state: Json): Json {
  return Object.fromEntries(
    Object.entries(state)
      .filter(([key]) => !passingFields.includes(key))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Takes out ids that are made up anew in each run. */
function withoutPassing<T>(directory: string, value: T): T {
  const text = JSON.stringify(value)
    .replaceAll(directory, "<project>")
    .replace(/\(node:\d+\)/g, "(node)")
    // Each engine names its own command.
    .replaceAll("siterecovery-rehearse up", "pulumi up")
    .replace(/, or use the command:(\\n|", *" {4})`pulumi state unprotect [^`]*`/g, "")
    .replaceAll("either remove the `protect` flag", "remove the `protect` flag")
    .replaceAll(unknownValue, "<unknown>")
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<uuid>")
    .replaceAll("4dabf18193072939515e22adb298388d", "<special>")
    .replaceAll("1b47061264138c4ac30d75fd1eb44270", "<secret>");
  return JSON.parse(text) as T;
}

/** Lines without times, directories and the CLI's signs of life. */
function lines(text: string, isOrdered: boolean): string[] {
  const kept = plainText(text)
    .split("\n")
    .filter((line) => !line.startsWith("@") && !line.startsWith("Duration:"))
    // The CLI speaks of its backend after a destroy.
    .filter(
      (line) =>
        !/^(The resources in the stack have been deleted|If you want to remove the stack|All unprotected)/.test(
          line,
        ),
    )
    // Whether the stack's own line appears in between depends on the moment.
    .filter((line) => !/^ {4}pulumi:pulumi:Stack p-dev (running|refreshing)?/.test(line))
    .filter((line) => !lateRejection.test(line))
    .filter((line) => !adviceLine.test(line))
    .filter((line) => line.trim() !== "..." && !line.includes("`pulumi state unprotect"))
    .filter((line) => line.trim() !== "" && !/^ +at .*[:)]/.test(line))
    .map((line) =>
      line
        .replace(/\(\d+(\.\d+)?s\)/g, "(time)")
        // A failure shows how long it took only where the end of the step was seen before it.
        .replace(/ \(time\)\*\*/, "**")
        .replace(/;? \d+ (warning|message)s?$/, "")
        .replace(/, or use the command:$/, "")
        .trimEnd(),
    );
  return isOrdered ? blocks(kept).sort().flat() : [...new Set(kept)].sort();
}

/**
 * The lines of each resource in the display of `--diff`, and those of its outputs: the resources come in the order in
 * which they are reached.
 */
function blocks(text: string[]): string[][] {
  const found: string[][] = [[]];
  for (const line of text) {
    if (/^ *\S* ?\S+: \([a-z[\]-]+\)|^\w+:$|^ *--outputs:--$/.test(line)) {
      found.push([]);
    }
    found.at(-1)?.push(line);
  }
  return found;
}

function withoutStack(message: string): string {
  return plainText(message)
    .split("\n")
    .filter((line) => !/^ +at .*[:)]/.test(line))
    .join("\n")
    .trim();
}

function plainText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  return text.replace(/\u001b\[[0-9;]*m/g, "").replace(/<\{%[^%]*%\}>/g, "");
}

export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

function isDefaultProvider(urn: string): boolean {
  return /::pulumi:providers:[^:]*::default/.test(urn);
}

function sorted<T>(values: T[]): T[] {
  return values
    .map((value) => ({ value, key: JSON.stringify(value) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ value }) => value);
}
