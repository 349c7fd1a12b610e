/** Which action of Azure's role-based access control a request is, and over which scope. */

import type { ArmRequest } from "../core.js";

export interface RequestedAction {
  /** Such as `Microsoft.RecoveryServices/vaults/replicationPolicies/write`, in the request's spelling. */
  action: string;
  /** Id of the resource; of a list, of what it is a list of. */
  scope: string;
}

const verbs: Record<ArmRequest["method"], string> = {
  GET: "read",
  HEAD: "read",
  PUT: "write",
  PATCH: "write",
  DELETE: "delete",
  POST: "action",
};

/**
 * The type is each second segment behind the last `providers`; what belongs to no provider is Microsoft.Resources'.
 * Polling addresses count as a read of what they belong to: whoever may start something may see how it goes.
 */
export function actionOf(method: ArmRequest["method"], path: string): RequestedAction {
  const segments = path
    .replace(/\/operationresults\/[^/]+$/i, "")
    .split("/")
    .filter((segment) => segment !== "");
  const last = segments.findLastIndex((segment) => segment.toLowerCase() === "providers");
  const [namespace, pairs] =
    last === -1
      ? ["Microsoft.Resources", segments]
      : [segments[last + 1] ?? "Microsoft.Resources", segments.slice(last + 2)];
  // An odd number: a list, or the name of an action.
  const isOpen = pairs.length % 2 === 1;
  const types = pairs.filter((_, index) => index % 2 === 0);
  const verb = verbs[method];
  const scope = `/${segments.slice(0, isOpen ? -1 : segments.length).join("/")}`;
  const isNamespaceOnly = last !== -1 && pairs.length === 1;
  return {
    action: [namespace, ...types, verb].join("/"),
    // A list of a whole subscription or group is over that.
    scope: isNamespaceOnly ? `/${segments.slice(0, last).join("/")}` : scope,
  };
}
