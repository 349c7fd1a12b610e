import type { ArmResponse } from "./core.js";
import type { Json } from "./json.js";

/** One entry of `error.details`; Site Recovery adds fields of its own to it. */
export interface ArmErrorDetail {
  code: string;
  message: string;
  [key: string]: Json;
}

/**
 * A refusal in ARM's shape. An operation throws it before it changes anything; the server answers
 * `{ error: { code, message, target?, details? } }` with `status`.
 */
export class ArmError extends Error {
  override readonly name = "ArmError";
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly more: { target?: string; details?: ArmErrorDetail[]; headers?: Record<string, string> } = {},
  ) {
    super(message);
  }

  toResponse(): ArmResponse {
    const { target, details, headers } = this.more;
    return {
      status: this.status,
      ...(headers && { headers }),
      body: {
        error: { code: this.code, message: this.message, ...(target && { target }), ...(details && { details }) },
      },
    };
  }
}

/** 404 as ARM words it for a top-level resource; `type` with namespace, `name` may hold a path of names. */
export function resourceNotFound(type: string, name: string, resourceGroup: string): ArmError {
  return new ArmError(
    404,
    "ResourceNotFound",
    `The Resource '${type}/${name}' under resource group '${resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}

/** 404 as the network provider words it for a child such as a subnet. */
export function childNotFound(id: string): ArmError {
  return new ArmError(404, "NotFound", `Resource ${id} not found.`);
}

/** 400 for a reference to something that is not there. */
export function invalidReference(referenced: string, referrer: string): ArmError {
  return new ArmError(
    400,
    "InvalidResourceReference",
    `Resource ${referenced} referenced by resource ${referrer} was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.`,
  );
}
