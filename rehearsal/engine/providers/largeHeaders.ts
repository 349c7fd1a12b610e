import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Metadata, ServiceError } from "@grpc/grpc-js";
import { EngineError } from "../errors.js";
import { largeHeadersKey } from "../project/preloads.js";

type Headers = Record<string, string | string[]>;

/** Headers of a provider's answers that are too large for HTTP/2: they come through a pipe. */
export class LargeHeaders {
  private readonly received = new Map<string, Headers>();
  private readonly awaited = new Map<string, (headers: Headers | undefined) => void>();
  private isClosed = false;

  /** @param pipe where the provider's process writes them, see `project/largeHeaders.ts`. */
  constructor(pipe: Readable) {
    const lines = createInterface({ input: pipe });
    lines.on("line", (line) => {
      const { number, headers } = JSON.parse(line) as { number: string; headers: Headers };
      const take = this.awaited.get(number);
      if (take === undefined) {
        this.received.set(number, headers);
      } else {
        take(headers);
      }
    });
    lines.on("close", () => {
      this.isClosed = true;
      for (const take of this.awaited.values()) {
        take(undefined);
      }
    });
    pipe.on("error", () => lines.close());
  }

  /**
   * Puts the headers that an error came without where they belong.
   * @throws {EngineError} if the provider ended before it had sent them.
   */
  async complete(error: ServiceError): Promise<ServiceError> {
    const metadata = error.metadata as Metadata | undefined;
    const number = metadata?.get(largeHeadersKey)[0];
    if (metadata === undefined || number === undefined) {
      return error;
    }
    const headers = await this.take(String(number));
    if (headers === undefined) {
      throw new EngineError(`the provider's process ended before it had told all of a failure: ${error.details}`);
    }
    for (const [name, values] of Object.entries(headers)) {
      for (const value of [values].flat()) {
        if (name === "grpc-message") {
          error.details = decodeURIComponent(value);
        } else {
          metadata.add(name, name.endsWith("-bin") ? Buffer.from(value, "base64") : value);
        }
      }
    }
    return error;
  }

  private take(number: string): Promise<Headers | undefined> {
    const headers = this.received.get(number);
    this.received.delete(number);
    if (headers !== undefined || this.isClosed) {
      return Promise.resolve(headers);
    }
    return new Promise((resolve) => {
      this.awaited.set(number, (late) => {
        this.awaited.delete(number);
        resolve(late);
      });
    });
  }
}
