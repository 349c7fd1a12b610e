/** One answered (or dropped) request, a line of `GET /_emulator/log`. */
export interface LogEntry {
  /** Simulated time of arrival, ISO 8601. */
  time: string;
  method: string;
  path: string;
  /** Query as sent, without the question mark; empty where there is none. */
  query: string;
  /** Status answered, or that would have been answered where the connection was dropped afterwards; 0 = never acted on. */
  status: number;
  /** Parsed body, secrets removed; left out where there was none. */
  requestBody?: unknown;
  clientRequestId?: string;
  /** The operation's id, such as `VirtualNetworks_Get`; left out for requests that no operation took. */
  operation?: string;
  /** The fault that was applied, if any: its kind and, for a dropped connection, when. */
  fault?: string;
}

const secretName = /password|passphrase|pfx|secret|token|credential$|privatekey|sharedkey/i;

/** A copy of a body in which the value of every property named like a secret is replaced. */
export function withoutSecrets(
  value: unknown,
  replace: (secret: unknown) => unknown = () => "(removed)",
): unknown {
  if (Array.isArray(value)) return value.map((entry) => withoutSecrets(entry, replace));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [
      name,
      secretName.test(name) ? replace(entry) : withoutSecrets(entry, replace),
    ]),
  );
}

/** The last requests, oldest first; kept in memory only and bounded, so that a long rehearsal does not fill it. */
export class RequestLog {
  #entries: LogEntry[] = [];

  /** @param limit how many entries are kept, default 20,000; then the oldest quarter goes. */
  constructor(
    private readonly limit = 20_000,
    private readonly listener?: (entry: LogEntry) => void,
  ) {}

  add(entry: LogEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length > this.limit) this.#entries = this.#entries.slice(Math.ceil(this.limit / 4));
    this.listener?.(entry);
  }

  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  clear(): void {
    this.#entries = [];
  }

  /** JSON lines. */
  toText(): string {
    return this.#entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
  }
}
