import { createHash } from "node:crypto";
import type { Fault, World } from "./core.js";

/** A fault of one kind. */
export type FaultOf<Kind extends Fault["kind"]> = Extract<Fault, { kind: Kind }>;
/** A fault that the server applies to requests, as opposed to one that Site Recovery's tasks ask for. */
export type RequestFault = FaultOf<"refuse" | "throttle" | "drop" | "delay">;

/**
 * The first fault of these kinds that matches and whose turn it is; it counts as used. Where two match, the one asked
 * for first wins.
 */
function take<Kind extends Fault["kind"]>(
  world: World,
  kinds: readonly Kind[],
  matches: (fault: FaultOf<Kind>) => boolean,
): FaultOf<Kind> | undefined {
  for (const fault of world.state.faults) {
    if (!isOf(fault, kinds) || !matches(fault) || fault.times === 0) continue;
    if (!isItsTurn(world, fault)) continue;
    if (fault.times !== undefined) fault.times -= 1;
    return fault;
  }
  return undefined;
}

function isOf<Kind extends Fault["kind"]>(fault: Fault, kinds: readonly Kind[]): fault is FaultOf<Kind> {
  return kinds.some((kind) => kind === fault.kind);
}

/** Draws from the fault's own series: adding another fault, or polling more often, changes nothing for this one. */
function isItsTurn(world: World, fault: Fault): boolean {
  const probability = fault.probability ?? 1;
  if (probability >= 1) return true;
  const series = `fault:${fault.id}`;
  const draw = (world.state.counters[series] ?? 0) + 1;
  world.state.counters[series] = draw;
  const hash = createHash("sha256").update(`${series}:${draw}`).digest();
  return hash.readUInt32BE(0) / 2 ** 32 < probability;
}

/** Compiled once for each distinct pattern: a fault looks at every request. */
const patterns = new Map<string, RegExp>();

function isMatch(pattern: string | undefined, text: string): boolean {
  if (pattern === undefined) return true;
  const compiled = patterns.get(pattern) ?? new RegExp(pattern, "i");
  patterns.set(pattern, compiled);
  return compiled.test(text);
}

/**
 * The fault that applies to a request, if any: `method` and `path` of a fault are regular expressions, searched for
 * without case in the request's method and in its path without the query.
 */
export function takeRequestFault(world: World, method: string, path: string): RequestFault | undefined {
  return take(
    world,
    ["refuse", "throttle", "drop", "delay"],
    (fault) => isMatch(fault.method && `^(?:${fault.method})$`, method) && isMatch(fault.path, path),
  );
}

/**
 * The fault by which a task of a job is to fail, if any; names are compared without case, a name that the fault leaves
 * out matches every one.
 */
export function failedTask(
  world: World,
  task: { scenarioName: string; taskName: string; targetName: string },
): FaultOf<"failTask"> | undefined {
  return take(
    world,
    ["failTask"],
    (fault) =>
      isSame(fault.taskName, task.taskName) &&
      (fault.scenarioName === undefined || isSame(fault.scenarioName, task.scenarioName)) &&
      (fault.targetName === undefined || isSame(fault.targetName, task.targetName)),
  );
}

/** Whether the source site, or one machine of it, cannot be reached now. */
export function isSourceUnreachable(
  world: World,
  source: { fabricName?: string; machineName?: string } = {},
): boolean {
  const fault = take(
    world,
    ["sourceUnreachable"],
    (fault) =>
      (fault.fabricName === undefined || isSame(fault.fabricName, source.fabricName ?? "")) &&
      (fault.machineName === undefined || isSame(fault.machineName, source.machineName ?? "")),
  );
  return fault !== undefined;
}

/** Whether an Azure region is down now. */
export function isRegionDown(world: World, location: string): boolean {
  return take(world, ["regionDown"], (fault) => isSame(fault.location, location)) !== undefined;
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
