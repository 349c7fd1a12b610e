/** Lists of ARM that all resources of a run ask for, read once and remembered for a moment. */

import type { z } from "zod";
import type { SiteRecovery } from "../siterecovery/siteRecovery.js";

/** Long enough for the checks of one command, short enough to see what the same `up` has just made. */
const freshForMs = 5_000;

interface Entry {
  at: number;
  listed: Promise<Record<string, unknown>[]>;
  /** The same as each shape reads it. */
  read: Map<z.ZodType, Promise<unknown[]>>;
}

const lists = new WeakMap<SiteRecovery, Map<string, Entry>>();

/** The resources below a path, as `listResources` gives them, that have the shape; a failure is not remembered. */
export function sharedList<T>(siteRecovery: SiteRecovery, path: string, shape: z.ZodType<T>): Promise<T[]> {
  const known = lists.get(siteRecovery) ?? new Map<string, Entry>();
  lists.set(siteRecovery, known);
  const key = path.toLowerCase();
  let entry = known.get(key);
  if (!entry || Date.now() - entry.at >= freshForMs) {
    entry = { at: Date.now(), listed: siteRecovery.listResources(path), read: new Map() };
    known.set(key, entry);
    entry.listed.catch(() => known.delete(key));
  }
  const read =
    entry.read.get(shape) ??
    entry.listed.then((resources) => resources.flatMap((resource) => shape.safeParse(resource).data ?? []));
  entry.read.set(shape, read);
  return read as Promise<T[]>;
}
