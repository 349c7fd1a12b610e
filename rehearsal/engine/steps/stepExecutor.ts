/** Why no new step may start any more. */
export type StopReason = "failed" | "canceled";

/** Starts chains of steps, at most so many at a time, until it is told to stop. */
export class StepExecutor {
  private free: number;
  private readonly queue: ((mayRun: boolean) => void)[] = [];
  private readonly running = new Set<Promise<void>>();
  private reason: StopReason | undefined;
  private readonly stopListeners: (() => void)[] = [];

  constructor(parallel: number) {
    this.free = parallel;
  }

  /** Why it stopped, if it did. A failure weighs more than a cancellation. */
  get stopped(): StopReason | undefined {
    return this.reason;
  }

  /** Lets no new step start. Steps that run go on to their end. */
  stop(reason: StopReason): void {
    if (this.reason !== undefined) {
      return;
    }
    this.reason = reason;
    for (const resolve of this.queue.splice(0)) {
      resolve(false);
    }
    for (const listener of this.stopListeners) {
      listener();
    }
  }

  /** Calls back once when it stops, at once if it has. */
  onStop(listener: () => void): void {
    if (this.reason === undefined) {
      this.stopListeners.push(listener);
    } else {
      listener();
    }
  }

  /**
   * Waits for a free place and starts `chain` in it; resolves, once it has started, to whether it did. A chain
   * reports its own failures and must not throw.
   */
  async start(chain: () => Promise<void>): Promise<boolean> {
    if (!(await this.acquire())) {
      return false;
    }
    const run = chain().finally(() => {
      this.running.delete(run);
      this.release();
    });
    this.running.add(run);
    return true;
  }

  /** Runs all chains, as many as may at a time, and resolves when they have ended. */
  async runAll(chains: (() => Promise<void>)[]): Promise<void> {
    await Promise.all(
      chains.map(async (chain) => {
        if (await this.acquire()) {
          try {
            await chain();
          } finally {
            this.release();
          }
        }
      }),
    );
  }

  /** Resolves when nothing runs any more. */
  async drain(): Promise<void> {
    while (this.running.size > 0) {
      await Promise.all(this.running);
    }
  }

  private acquire(): Promise<boolean> {
    if (this.reason !== undefined) {
      return Promise.resolve(false);
    }
    if (this.free > 0) {
      this.free--;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      this.queue.push(resolve);
    });
  }

  private release(): void {
    const next = this.queue.shift();
    if (next === undefined) {
      this.free++;
    } else {
      next(true);
    }
  }
}
