/** How one kind of resource is read: all of them by pages, or one. */
export interface CollectionSource<T extends { id: string }> {
  /** @param tell is told the entries of each page as soon as it is there, where the source can do that */
  list(tell: (page: readonly T[]) => void): Promise<T[]>;
  get(id: string): Promise<T | undefined>;
}

/** Above this many entries to read again, pages are fewer calls than one GET for each. */
const MOST_SINGLE_READS = 20;
/** The same after writes, where the caller waits: a list of a small vault is one page. */
const MOST_READS_AFTER_WRITES = 4;

/**
 * One kind of resource of a vault, read once by pages and shared by all who ask, also while the list is still coming.
 * A write of ours marks its entry stale: only that one is read again, by itself. After `maxAgeMs` the next caller
 * lists again, so that a provider process that lives long does not plan on old states. Ids are compared without case.
 */
export class Collection<T extends { id: string }> {
  #entries = new Map<string, T>();
  /** By id in lower case: the id as it was spelt, and when it was marked, counted in `#clock`. */
  readonly #stale = new Map<string, { id: string; markedAt: number }>();
  readonly #reading = new Map<string, { askedAt: number; answer: Promise<T | undefined> }>();
  #listing: Promise<void> | undefined;
  /** What a list that is on its way has brought so far, by id in lower case, and who waits for an entry of it. */
  readonly #arrived = new Map<string, T>();
  readonly #awaiting = new Map<string, ((entry: T) => void)[]>();
  #listedAt: number | undefined;
  /** Counts events, so that an answer asked for before a write does not clear the mark of that write. */
  #clock = 0;
  #forgottenAt = 0;
  readonly #waitingForRound: { id: string; resolve: (entry: Promise<T | undefined>) => void }[] = [];
  #isRoundRunning = false;
  readonly #source: CollectionSource<T>;
  readonly #maxAgeMs: number;
  readonly #now: () => number;

  constructor(source: CollectionSource<T>, maxAgeMs: number, now: () => number = Date.now) {
    this.#source = source;
    this.#maxAgeMs = maxAgeMs;
    this.#now = now;
  }

  async all(): Promise<T[]> {
    await this.#ensureListed();
    if (this.#stale.size > MOST_SINGLE_READS) await this.relist();
    else await Promise.all([...this.#stale.values()].map(({ id }) => this.#readAgain(id)));
    return [...this.#entries.values()];
  }

  /** The entry as soon as its page is there: a thousand resources do not wait for the last one. */
  async find(id: string): Promise<T | undefined> {
    const key = id.toLowerCase();
    if (!this.#isListed()) {
      const found = await this.#fromPages(key);
      if (!this.#stale.has(key)) return found;
      // A mark from before the list was asked for is gone with its end.
      await this.#listing;
    }
    return this.#stale.has(key) ? this.#readAgain(id) : this.#entries.get(key);
  }

  /** One GET, which also renews the entry. */
  fresh(id: string): Promise<T | undefined> {
    return this.#get(id);
  }

  /** Reads an entry after a write of it ended. Writes that end together share a list instead of a GET each. */
  afterWrite(id: string): Promise<T | undefined> {
    this.markStale(id);
    return new Promise<T | undefined>((resolve) => {
      this.#waitingForRound.push({ id, resolve });
      if (!this.#isRoundRunning) void this.#runRounds();
    });
  }

  /** Lists now, whatever the age; the answer is asked for after this call. */
  async relist(): Promise<T[]> {
    await this.#listing?.catch(() => {});
    this.#listedAt = undefined;
    await this.#ensureListed();
    return [...this.#entries.values()];
  }

  markStale(id: string): void {
    this.#clock += 1;
    this.#stale.set(id.toLowerCase(), { id, markedAt: this.#clock });
  }

  /** Forgets everything: the next caller lists. */
  forget(): void {
    this.#clock += 1;
    this.#forgottenAt = this.#clock;
    this.#listedAt = undefined;
  }

  #isListed(): boolean {
    return this.#listedAt !== undefined && this.#now() - this.#listedAt <= this.#maxAgeMs;
  }

  /** The entry when its page comes, or when the list has ended. */
  async #fromPages(key: string): Promise<T | undefined> {
    const listed = this.#ensureListed().then(() => this.#entries.get(key));
    const page = new Promise<T>((resolve) => {
      const arrived = this.#arrived.get(key);
      if (arrived !== undefined) resolve(arrived);
      else this.#awaiting.set(key, [...(this.#awaiting.get(key) ?? []), resolve]);
    });
    return Promise.race([page, listed]);
  }

  #arrive(page: readonly T[]): void {
    for (const entry of page) {
      const key = entry.id.toLowerCase();
      this.#arrived.set(key, entry);
      for (const resolve of this.#awaiting.get(key) ?? []) resolve(entry);
      this.#awaiting.delete(key);
    }
  }

  async #ensureListed(): Promise<void> {
    if (this.#isListed()) return;
    do {
      this.#listing ??= this.#list().finally(() => {
        this.#listing = undefined;
      });
      await this.#listing;
      // A list that was forgotten while it was on its way leaves no time, so it is asked for again.
    } while (this.#listedAt === undefined);
  }

  async #list(): Promise<void> {
    const askedAt = this.#clock;
    const startedAt = this.#now();
    const found = await this.#source
      .list((page) => {
        // What was asked for before all was forgotten is told to nobody.
        if (this.#forgottenAt <= askedAt) this.#arrive(page);
      })
      .finally(() => {
        this.#arrived.clear();
        this.#awaiting.clear();
      });
    this.#entries = new Map(found.map((entry) => [entry.id.toLowerCase(), entry]));
    for (const [key, { markedAt }] of this.#stale) if (markedAt <= askedAt) this.#stale.delete(key);
    this.#listedAt = this.#forgottenAt > askedAt ? undefined : startedAt;
  }

  #readAgain(id: string): Promise<T | undefined> {
    const key = id.toLowerCase();
    const known = this.#reading.get(key);
    if (known !== undefined && known.askedAt >= (this.#stale.get(key)?.markedAt ?? 0)) return known.answer;
    const answer = this.#get(id).finally(() => {
      if (this.#reading.get(key)?.answer === answer) this.#reading.delete(key);
    });
    this.#reading.set(key, { askedAt: this.#clock, answer });
    return answer;
  }

  async #get(id: string): Promise<T | undefined> {
    const key = id.toLowerCase();
    const askedAt = this.#clock;
    const found = await this.#source.get(id);
    if ((this.#stale.get(key)?.markedAt ?? 0) <= askedAt) {
      this.#stale.delete(key);
      if (found === undefined) this.#entries.delete(key);
      else this.#entries.set(key, found);
    }
    return found;
  }

  async #runRounds(): Promise<void> {
    this.#isRoundRunning = true;
    try {
      while (this.#waitingForRound.length > 0) {
        const round = this.#waitingForRound.splice(0);
        const listing = round.length > MOST_READS_AFTER_WRITES ? this.relist() : undefined;
        const answers = round.map(({ id, resolve }) => {
          const answer =
            listing === undefined ? this.#get(id) : listing.then(() => this.#entries.get(id.toLowerCase()));
          resolve(answer);
          return answer;
        });
        await Promise.allSettled(answers);
      }
    } finally {
      this.#isRoundRunning = false;
    }
  }
}

/**
 * Resources of which a list does not tell all, each read by itself, kept for `maxAgeMs` and shared also while the answer
 * is still coming. Ids are compared without case.
 */
export class SingleReads<T> {
  #entries = new Map<string, { readAt: number; answer: Promise<T | undefined> }>();
  readonly #get: (id: string) => Promise<T | undefined>;
  readonly #maxAgeMs: number;

  constructor(get: (id: string) => Promise<T | undefined>, maxAgeMs: number) {
    this.#get = get;
    this.#maxAgeMs = maxAgeMs;
  }

  find(id: string): Promise<T | undefined> {
    const known = this.#entries.get(id.toLowerCase());
    return known !== undefined && Date.now() - known.readAt <= this.#maxAgeMs ? known.answer : this.fresh(id);
  }

  /** One GET, which also renews the entry; one that fails leaves none. */
  fresh(id: string): Promise<T | undefined> {
    const key = id.toLowerCase();
    const entry = { readAt: Date.now(), answer: this.#get(id) };
    this.#entries.set(key, entry);
    entry.answer.catch(() => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    return entry.answer;
  }

  markStale(id: string): void {
    this.#entries.delete(id.toLowerCase());
  }

  forget(): void {
    this.#entries = new Map();
  }
}
