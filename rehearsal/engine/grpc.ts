import http2 from "node:http2";
import type { ChannelOptions } from "@grpc/grpc-js";

/** Pulumi's own limit: a stack's resources fit in one message. */
const maxMessageBytes = 400 * 1024 * 1024;

/** As much as Pulumi's own client takes. */
const maxHeaderBytes = 16 * 1024 * 1024;

/** Options for every server and client of the engine. A proxy setting must never apply to loopback connections. */
export const channelOptions: ChannelOptions = {
  "grpc.max_receive_message_length": maxMessageBytes,
  "grpc.max_send_message_length": maxMessageBytes,
  "grpc.enable_http_proxy": 0,
};

const widened = new Set<string>();
let connectPlainly: typeof http2.connect | undefined;

/**
 * Lets connections to an address receive headers above Node's limit of 64 kB. The details of a gRPC error are a
 * header: the whole state of a resource that came half-way. Above the limit the call would never end, and the gRPC
 * library has no option for it. Connections to other addresses stay as they are.
 *
 * @param address `host:port`.
 */
export function acceptLargeHeaders(address: string): void {
  widened.add(address);
  if (connectPlainly !== undefined) {
    return;
  }
  const connect = http2.connect;
  connectPlainly = connect;
  http2.connect = ((authority: string | URL, options?: http2.ClientSessionOptions, ...rest: []) =>
    connect(
      authority,
      widened.has(String(authority).replace(/^http:\/\//, ""))
        ? { ...options, settings: { ...options?.settings, maxHeaderListSize: maxHeaderBytes } }
        : options,
      ...rest,
    )) as typeof http2.connect;
}
