/** Refusals in Site Recovery's form: the outer code is the status' name, the useful one is that of `details[0]`. */

import type { ArmResponse } from "../core.js";

/** One reason, as Site Recovery words it. */
export interface Reason {
  code: string;
  message: string;
  possibleCauses: string;
  recommendedAction: string;
}

const statusNames: Record<number, string> = {
  400: "BadRequest",
  404: "NotFound",
  409: "Conflict",
  501: "NotImplemented",
};

/** Thrown by an operation that refuses; `operation()` turns it into the answer. */
export class Refusal extends Error {
  constructor(
    readonly status: 400 | 404 | 409 | 501,
    readonly reasons: Reason[],
  ) {
    super(reasons.map((reason) => reason.message).join(" "));
    this.name = "Refusal";
  }

  /** `clientRequestId` and `activityId` let a support case find the call, so every reason carries them. */
  toResponse(clientRequestId: string, activityId: string): ArmResponse {
    const details = this.reasons.map((reason) => ({ ...reason, clientRequestId, activityId }));
    return {
      status: this.status,
      body: { error: { code: statusNames[this.status], message: this.message, details } },
    };
  }
}

export function notFound(kind: string, name: string): Refusal {
  return new Refusal(404, [
    {
      code: "ArmResourceDoesNotExist",
      message: `The ${kind} '${name}' does not exist.`,
      possibleCauses: "The resource was never created, or was deleted.",
      recommendedAction: `List the resources of this kind and check the name '${name}'.`,
    },
  ]);
}

/** Bad values of a request's body, all of them at once: path, what is wrong, what is allowed. */
export function invalidInput(problems: { path: string; message: string }[]): Refusal {
  return new Refusal(
    400,
    problems.map(({ path, message }) => ({
      code: "InvalidParameter",
      message: `${path}: ${message}`,
      possibleCauses: `The value of '${path}' is missing or not allowed.`,
      recommendedAction: `Correct '${path}' and send the request again.`,
    })),
  );
}

/** The state of things forbids it. */
export function notAllowed(
  code: string,
  message: string,
  recommendedAction: string,
  status: 400 | 409 = 400,
): Refusal {
  return new Refusal(status, [{ code, message, possibleCauses: message, recommendedAction }]);
}
