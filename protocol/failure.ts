/**
 * How a call says that a resource was made, or begun, and is not as wanted: in the details of its error.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto
 */

import { bytes, decode, encode, many, message, text, texts, whole } from "./message.js";

/** The key of a failed call's metadata that holds its details. */
export const detailsKey = "grpc-status-details-bin";

/** What became of the resource. */
export interface InitializationFailure {
  id: string;
  /** Outputs, as `writeProperties` has them. */
  properties: Buffer | undefined;
  /** All that the user sees. */
  reasons: string[];
  /** Inputs as a read found them. */
  inputs: Buffer | undefined;
}

const failed = message({
  id: [1, text],
  properties: [2, bytes],
  reasons: [3, texts],
  inputs: [4, bytes],
});
const detail = message({ typeUrl: [1, text], value: [2, bytes] });
const status = message({ code: [1, whole], message: [2, text], details: [3, many(detail)] });
const failedType = "type.googleapis.com/pulumirpc.ErrorResourceInitFailed";

/** @param code gRPC's, of the call */
export function writeFailure(code: number, text: string, failure: Partial<InitializationFailure>): Buffer {
  return encode(status, {
    code,
    message: text,
    details: [{ typeUrl: failedType, value: encode(failed, failure) }],
  });
}

/** @returns undefined where the details tell of something else */
export function readFailure(details: Buffer): InitializationFailure | undefined {
  const found = decode(status, details).details.find(({ typeUrl }) => typeUrl === failedType);
  return found && decode(failed, found.value ?? Buffer.alloc(0));
}
