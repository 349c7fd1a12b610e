import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface StubRequest {
  method: string;
  /** Path in the sender's spelling, decoded, without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: unknown;
  /** Milliseconds since the server started. */
  at: number;
}

/** An answer, or `drop`: the connection ends without one. What the script did before it returned has happened. */
export type StubAnswer = { status: number; headers?: Record<string, string>; body?: unknown } | "drop";

export interface StubServer {
  origin: string;
  requests: StubRequest[];
  /** Requests of a method whose path ends with a text. */
  sent(method: string, pathEnd?: string): StubRequest[];
  close(): Promise<void>;
}

/** A server on a free port of this machine that answers by script and keeps every request. */
export async function startStub(
  answer: (request: StubRequest) => StubAnswer | Promise<StubAnswer>,
): Promise<StubServer> {
  const requests: StubRequest[] = [];
  const startedAt = performance.now();
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const url = new URL(incoming.url ?? "/", "http://stub");
      const text = Buffer.concat(chunks).toString("utf8");
      const request: StubRequest = {
        method: incoming.method ?? "",
        path: decodeURIComponent(url.pathname),
        query: url.searchParams,
        headers: incoming.headers,
        body: text === "" ? undefined : JSON.parse(text),
        at: performance.now() - startedAt,
      };
      requests.push(request);
      void Promise.resolve(answer(request)).then(
        (given) => {
          if (given === "drop") {
            incoming.socket.destroy();
            return;
          }
          const isText = typeof given.body === "string";
          outgoing.writeHead(given.status, {
            ...(given.body === undefined ? {} : { "content-type": isText ? "text/html" : "application/json" }),
            ...given.headers,
          });
          outgoing.end(given.body === undefined ? undefined : isText ? given.body : JSON.stringify(given.body));
        },
        (error: unknown) => {
          outgoing.writeHead(500, { "content-type": "application/json" });
          outgoing.end(JSON.stringify({ error: { code: "StubFailed", message: String(error) } }));
        },
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    sent: (method, pathEnd = "") =>
      requests.filter((each) => each.method === method && each.path.toLowerCase().endsWith(pathEnd.toLowerCase())),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
