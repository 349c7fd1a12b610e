import { setTimeout as delay } from "node:timers/promises";

/** Hands out permissions to send, in the order asked, never faster than the bucket refills. */
export interface TokenBucket {
  /** Ends when the caller may send; rejects with the signal's reason when it is aborted before. */
  take(signal?: AbortSignal): Promise<void>;
}

/**
 * A bucket of `capacity` permissions, refilled evenly.
 *
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
 */
export function tokenBucket(capacity: number, refillPerSecond: number, now: () => number = Date.now): TokenBucket {
  let tokens = capacity;
  let countedAt = now();
  return {
    async take(signal) {
      const at = now();
      tokens = Math.min(capacity, tokens + ((at - countedAt) / 1000) * refillPerSecond);
      countedAt = at;
      // Below zero is a debt: whoever comes later waits longer, which keeps the order without a queue.
      tokens -= 1;
      if (tokens < 0) await delay(Math.ceil((-tokens / refillPerSecond) * 1000), undefined, { signal });
    },
  };
}

export interface Buckets {
  reads: TokenBucket;
  writes: TokenBucket;
}

/** Azure Resource Manager's own limits: 250 reads refilled at 25/s, 200 writes and deletes at 10/s. */
export function azureBuckets(): Buckets {
  return { reads: tokenBucket(250, 25), writes: tokenBucket(200, 10) };
}

const unlimited: TokenBucket = { take: async () => {} };

/** For loopback endpoints, which set no limit. */
export const noBuckets: Buckets = { reads: unlimited, writes: unlimited };
