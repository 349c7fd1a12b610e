import { emptyEstate } from "./defaults.js";
import { type Estate, estateSchema } from "./schema.js";

type Path = (string | number)[];

/** What is right by itself in an estate that has mistakes, so that the rest of it can be checked all the same. */
export interface Salvaged {
  estate: Estate;
  /** Where something of `estate` stands in the file. */
  originalPath(path: Path): Path;
  /** Whether a name belongs to a part that was left out: it is there, though not in `estate`. */
  isLost(name: string): boolean;
}

/**
 * Leaves out what the schema refuses: the smallest member of a list that a mistake lies in, else the property. What
 * stands outside of lists and is required is replaced. Undefined where nothing usable remains.
 */
export function salvage(value: unknown): Salvaged | undefined {
  if (!isRecord(value)) return undefined;
  const pruned = structuredClone(value);
  const places = new WeakMap<object, Path>();
  notePlaces(pruned, [], places);
  const lost = new Set<string>();
  // Each pass removes at least one thing; a list that becomes too short takes its owner along in the next.
  for (let pass = 0; pass < 20; pass++) {
    const result = estateSchema.safeParse(pruned);
    if (result.success)
      return {
        estate: result.data,
        originalPath: (path) => originalPath(pruned, path, places),
        isLost: (name) => lost.has(name.toLowerCase()),
      };
    const paths = result.error.issues.flatMap((issue): Path[] => {
      const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
      return issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...path, key]) : [cut(path)];
    });
    // From the end, so that an index is still right when its turn comes.
    for (const path of unique(paths).sort(laterFirst)) remove(pruned, path, lost);
  }
  return undefined;
}

/** Up to and with the last index of a list in a path. */
function cut(path: Path): Path {
  const last = path.findLastIndex((part) => typeof part === "number");
  return last === -1 ? path.slice(0, 1) : path.slice(0, last + 1);
}

function unique(paths: Path[]): Path[] {
  return [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()];
}

function laterFirst(a: Path, b: Path): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [left, right] = [a[index], b[index]];
    if (left === right) continue;
    if (typeof left === "number" && typeof right === "number") return right - left;
    return left === undefined ? 1 : right === undefined ? -1 : 0;
  }
  return 0;
}

function remove(root: Record<string, unknown>, path: Path, lost: Set<string>): void {
  const owner = path.slice(0, -1).reduce<unknown>((found, part) => child(found, part), root);
  const key = path.at(-1);
  if (key === undefined) return;
  collectNames(child(owner, key), lost);
  if (Array.isArray(owner) && typeof key === "number") owner.splice(key, 1);
  else if (isRecord(owner)) {
    const placeholder =
      owner === root ? new Map<string | number, unknown>(Object.entries(emptyEstate())).get(key) : undefined;
    if (placeholder === undefined) delete owner[key];
    else owner[key] = placeholder;
  }
}

function collectNames(value: unknown, lost: Set<string>): void {
  if (Array.isArray(value)) for (const entry of value) collectNames(entry, lost);
  else if (isRecord(value))
    for (const [key, entry] of Object.entries(value)) {
      // A replicated item without a name has its machine's.
      if ((key === "name" || key === "machine") && typeof entry === "string") lost.add(entry.toLowerCase());
      else collectNames(entry, lost);
    }
}

function notePlaces(value: unknown, path: Path, places: WeakMap<object, Path>): void {
  if (typeof value !== "object" || value === null) return;
  places.set(value, path);
  if (Array.isArray(value)) value.forEach((entry, index) => void notePlaces(entry, [...path, index], places));
  else for (const [key, entry] of Object.entries(value)) notePlaces(entry, [...path, key], places);
}

function originalPath(root: unknown, path: Path, places: WeakMap<object, Path>): Path {
  let found = root;
  let place: Path = [];
  let rest = path;
  path.forEach((part, index) => {
    found = child(found, part);
    const known = typeof found === "object" && found !== null ? places.get(found) : undefined;
    if (known) [place, rest] = [known, path.slice(index + 1)];
  });
  return [...place, ...rest];
}

function child(value: unknown, key: string | number): unknown {
  if (Array.isArray(value)) return typeof key === "number" ? value[key] : undefined;
  return isRecord(value) ? value[key] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
