/** How far the first copy of a machine has come, as recorded for one of 40 GB: a function of the time alone. */

import { minutes } from "../../names.js";
import type { ItemState } from "../../state.js";

/** From the end of the enable job. */
export const initialCopyMinutes = 24;
/** From the end of the enable job: the first recovery point exists. */
export const protectedMinutes = 53;
/** The copy is queued at first, then shows nothing for a while. */
const queuedMinutes = 8;
const firstBytesMinutes = 15;
/** The disk says that it is complete a little later than the item does. */
const diskLagMinutes = 4;

export interface CopyProgress {
  /** null while queued. */
  percentage: number | null;
  startedAt: number;
  refreshedAt: number;
  isDiskComplete: boolean;
}

export function copyProgress(item: ItemState, now: number): CopyProgress {
  const from = item.replicationStartedAt ?? item.enabledAt;
  const elapsed = (now - from) / minutes;
  const share = (elapsed - firstBytesMinutes) / (initialCopyMinutes - firstBytesMinutes);
  return {
    percentage: elapsed < queuedMinutes ? null : Math.floor(100 * Math.min(1, Math.max(0, share))),
    startedAt: from + 2 * minutes,
    refreshedAt: now,
    isDiskComplete: item.protectedAt !== null || elapsed >= initialCopyMinutes + diskLagMinutes,
  };
}
