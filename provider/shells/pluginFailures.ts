/** Errors in the form that Pulumi's engine reads. */

import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { detailsKey, writeFailure } from "../../protocol/failure.js";

/** What grpc answers a failed call with. */
export type CallError = Pick<ServiceError, "code" | "details" | "metadata"> & Partial<Error>;

/** A call that failed as a whole. */
export function callError(message: string, code: status = status.UNKNOWN): CallError {
  return { code, details: message, message, metadata: new Metadata() };
}

/**
 * Something was made or begun, and is not as wanted: id and state are kept, the reasons are all that is shown.
 *
 * @param properties the state, as `seal` has it
 */
export function partialError(id: string, properties: Buffer, reasons: readonly string[]): CallError {
  const error = callError("resource init failed");
  const details = writeFailure(error.code, error.details, { id, properties, reasons: [...reasons] });
  error.metadata.add(detailsKey, details);
  return error;
}
