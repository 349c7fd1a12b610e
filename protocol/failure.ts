/**
 * How a call says that a resource was made, or begun, and is not as wanted: in the details of its error.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto
 */

import { bytes, many, message, text, texts, whole } from "./message.js";

/** The key of a failed call's metadata that holds its details. */
export const detailsKey = "grpc-status-details-bin";

/** What became of the resource. */
export interface InitializationFailure {
  id: string;
  /** Outputs, as `writeProperties` has them. */
  properties: Buffer | null;
  /** All that the user sees. */
  reasons: readonly string[];
  /** Inputs as a read found them. */
  inputs: Buffer | null;
}

const failed = message("ErrorResourceInitFailed", {
  id: text(1),
  properties: bytes(2),
  reasons: texts(3),
  inputs: bytes(4),
});
const detail = message("Any", { typeUrl: text(1), value: bytes(2) });
const status = message("Status", { code: whole(1), message: text(2), details: many(3, detail) });
const failedType = "type.googleapis.com/pulumirpc.ErrorResourceInitFailed";

/** @param code gRPC's, of the call */
export function writeFailure(code: number, text: string, failure: Partial<InitializationFailure>): Buffer {
  return status.write({
    code,
    message: text,
    details: [{ typeUrl: failedType, value: failed.write(failure) }],
  });
}

/** @returns undefined where the details tell of something else */
export function readFailure(details: Buffer): InitializationFailure | undefined {
  const found = status.read(details).details.find(({ typeUrl }) => typeUrl === failedType);
  return found && failed.read(found.value ?? Buffer.alloc(0));
}
