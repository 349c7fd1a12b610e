/** Errors in the form that Pulumi's engine reads. */

import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import statusMessages from "@pulumi/pulumi/proto/status_pb.js";
import any from "google-protobuf/google/protobuf/any_pb.js";
import type struct from "google-protobuf/google/protobuf/struct_pb.js";

/** What grpc answers a failed call with. */
export type CallError = Pick<ServiceError, "code" | "details" | "metadata"> & Partial<Error>;

/** A call that failed as a whole. */
export function callError(message: string, code: status = status.UNKNOWN): CallError {
  return { code, details: message, message, metadata: new Metadata() };
}

/**
 * Something was made or begun, and is not as wanted: id and state are kept, the reasons are all that is shown.
 *
 * @see https://pkg.go.dev/github.com/pulumi/pulumi/sdk/v3/proto/go#ErrorResourceInitFailed
 */
export function partialError(id: string, properties: struct.Struct, reasons: readonly string[]): CallError {
  const failed = new provider.ErrorResourceInitFailed();
  failed.setId(id);
  failed.setProperties(properties);
  failed.setReasonsList([...reasons]);
  const detail = new any.Any();
  detail.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const message = "resource init failed";
  const packed = new statusMessages.Status();
  packed.setCode(status.UNKNOWN);
  packed.setMessage(message);
  packed.addDetails(detail);
  const error = callError(message);
  error.metadata.add("grpc-status-details-bin", Buffer.from(packed.serializeBinary()));
  return error;
}
