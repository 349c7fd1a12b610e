import type { ResourceState } from "../state/resourceState.js";

/** How a registration ended. */
export interface Registration {
  state: ResourceState;
  /** `failed` and `skipped` only where the operation goes on after errors. */
  result: "succeeded" | "failed" | "skipped";
}
