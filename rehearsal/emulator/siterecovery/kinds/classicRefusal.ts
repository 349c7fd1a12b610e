import { notAllowed } from "../errors.js";

/** Classic VMware is out of support: what exists can be driven to its end, nothing new can be made. */
export function classicIsClosed(instanceType: string, what: string): Error {
  return notAllowed(
    "ClassicDeprecated",
    `${what} of kind ${instanceType} is not possible any more: classic VMware and physical replication is out of support.`,
    "Use modernised replication (InMageRcm).",
  );
}
