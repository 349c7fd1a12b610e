/** Lists of ARM that all resources of a run ask for, read once and remembered for a moment. */

import type { SiteRecovery } from "../siterecovery/siteRecovery.js";

/** Long enough for the checks of one command, short enough to see what the same `up` has just made. */
const freshForMs = 5_000;

type Listed = Promise<Record<string, unknown>[]>;

const lists = new WeakMap<SiteRecovery, Map<string, { at: number; listed: Listed }>>();

/** All resources below a path, as `listResources` gives them; a failure is not remembered. */
export function sharedList(siteRecovery: SiteRecovery, path: string): Listed {
  const known = lists.get(siteRecovery) ?? new Map<string, { at: number; listed: Listed }>();
  lists.set(siteRecovery, known);
  const key = path.toLowerCase();
  const entry = known.get(key);
  if (entry && Date.now() - entry.at < freshForMs) return entry.listed;
  const listed = siteRecovery.listResources(path);
  known.set(key, { at: Date.now(), listed });
  listed.catch(() => known.delete(key));
  return listed;
}
