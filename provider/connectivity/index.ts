/** The connectivity planner: who can connect the day after a failover, and the smallest change that lets them. */
export { accessPaths, checkWantedAccess, defaultPort, type InputProblem } from "./access.js";
export { type NetworkReferences, referencesOf } from "./armReferences.js";
export type { ArmResources } from "./armResources.js";
export { guestChecklist } from "./checklist.js";
export {
  evaluateFlow,
  evaluateReachability,
  type Flow,
  type FlowContext,
  type FlowVerdict,
  type Reachability,
} from "./flow.js";
export { type FromArmOptions, fromArm, type NetworkModel } from "./fromArm.js";
export { type OpenPort, openPorts } from "./openRules.js";
export { planConnectivity } from "./plan.js";
export { describePlan } from "./text.js";
export type * from "./types.js";
export { containsUnknown, isUnknown, knownAfterApply, unknownMarker } from "./unknown.js";
