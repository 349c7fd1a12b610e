import { days } from "./names.js";
import type { ItemState } from "./state.js";

/**
 * The history of an item that the estate has and that never failed over: replicated for an hour before it was protected,
 * or, where it is not protected yet, since the clock's start. Times in milliseconds since 1970, simulated.
 */
export function neverFailedOver(isProtected: boolean, since: number, now: number) {
  return {
    protectionState: "Protected",
    activeLocation: "Primary",
    testFailoverState: "None",
    currentJob: null,
    enabledAt: isProtected ? since - days / 24 : now,
    replicationStartedAt: isProtected ? since - days / 24 : now,
    initialCopyDoneAt: isProtected ? since : null,
    protectedAt: isProtected ? since : null,
    replicationStoppedAt: null,
    requestedPoints: [],
    pointsGone: false,
    failoverRecoveryPoint: null,
    lastFailoverAt: null,
    lastTestFailoverAt: null,
    testFailover: null,
    failover: null,
    isAgentRegisteredAfterFailover: null,
  } satisfies Partial<ItemState>;
}
