import type { ChannelOptions } from "@grpc/grpc-js";

/** Pulumi's own limit: a stack's resources fit in one message. */
const maxMessageBytes = 400 * 1024 * 1024;

/** Options for every server and client of the engine. A proxy setting must never apply to loopback connections. */
export const channelOptions: ChannelOptions = {
  "grpc.max_receive_message_length": maxMessageBytes,
  "grpc.max_send_message_length": maxMessageBytes,
  "grpc.enable_http_proxy": 0,
};

/**
 * Options for clients of providers. A connection that is lost without a word would leave a call without an end. Only
 * pings find out. They give a provider that computes without a pause a whole minute to answer.
 */
export const providerChannelOptions: ChannelOptions = {
  ...channelOptions,
  "grpc.keepalive_time_ms": 10_000,
  "grpc.keepalive_timeout_ms": 60_000,
};
