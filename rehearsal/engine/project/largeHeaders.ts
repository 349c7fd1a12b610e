/**
 * Loaded into a provider's process ahead of its server. What a failed call keeps is one header, and Node's HTTP/2
 * drops a connection on a header of more than 64 kB: large ones go to the engine through a pipe of their own, and the
 * answer tells only their number.
 *
 * @see https://github.com/nghttp2/nghttp2/blob/master/lib/nghttp2_hd.h (NGHTTP2_HD_MAX_NV)
 */
import http2, { type OutgoingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { Socket } from "node:net";
import { largeHeadersKey, largeHeadersPipe } from "./preloads.js";

/** In characters. All headers of an answer together may have a few frames of 16 kB. */
const maxLength = 16_000;

const createServer = http2.createServer;
let pipe: Socket | undefined;
let count = 0;

http2.createServer = ((...args: Parameters<typeof createServer>) => {
  const server = createServer(...args);
  server.on("stream", (stream) => {
    const { respond, sendTrailers } = stream;
    stream.respond = (headers, options) => respond.call(stream, withoutLarge(headers ?? {}), options);
    stream.sendTrailers = (headers) => sendTrailers.call(stream, withoutLarge(headers));
  });
  return server;
}) as typeof createServer;

function withoutLarge<Headers extends Parameters<ServerHttp2Stream["respond"]>[0]>(headers: Headers): Headers {
  if (headers === undefined || Array.isArray(headers)) {
    return headers;
  }
  const entries = Object.entries(headers as OutgoingHttpHeaders);
  const large = entries.filter(([, value]) => JSON.stringify(value ?? "").length > maxLength);
  if (large.length === 0) {
    return headers;
  }
  const number = String(count++);
  pipe ??= new Socket({ fd: largeHeadersPipe, readable: false, writable: true }).unref();
  pipe.write(`${JSON.stringify({ number, headers: Object.fromEntries(large) })}\n`);
  return {
    ...Object.fromEntries(entries.filter((entry) => !large.includes(entry))),
    [largeHeadersKey]: number,
  } as unknown as Headers;
}
