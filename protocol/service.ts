/** Calls of a protocol as gRPC's libraries define them. */

import { type Message, message } from "./message.js";

/** A call: one request, one answer. What a side leaves out of its message is not there for the other. */
export interface Call<Q, A> {
  readonly path: string;
  readonly requestStream: false;
  readonly responseStream: false;
  requestSerialize(values: Partial<Q>): Buffer;
  requestDeserialize(bytes: Buffer): Q;
  responseSerialize(values: Partial<A>): Buffer;
  responseDeserialize(bytes: Buffer): A;
}

export function call<Q, A>(path: string, request: Message<Q>, answer: Message<A>): Call<Q, A> {
  return {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: request.write,
    requestDeserialize: request.read,
    responseSerialize: answer.write,
    responseDeserialize: answer.read,
  };
}

/** A request or an answer that says nothing. */
export const nothing = message("Empty", {});
