import type { ReplicatedItem } from "../siterecovery/siteRecovery.js";
import type { LoadedTarget } from "./target.js";
import { throwTogether } from "./waiting.js";

/** Boot groups one after another; the machines of one group together. Goes on past an error, as a plan's own run does. */
export async function inBootOrder(
  loaded: LoadedTarget,
  items: readonly ReplicatedItem[],
  act: (item: ReplicatedItem) => Promise<void>,
): Promise<void> {
  const groups = [...new Set(items.map((item) => loaded.bootGroup(item)))].sort((a, b) => a - b);
  const errors: unknown[] = [];
  for (const group of groups) {
    const results = await Promise.allSettled(items.filter((item) => loaded.bootGroup(item) === group).map(act));
    for (const result of results) if (result.status === "rejected") errors.push(result.reason);
  }
  throwTogether(errors);
}
