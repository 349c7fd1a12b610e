/** pulumi-siterecovery: disaster recovery as code for Azure Site Recovery. */

export { describePlan, planConnectivity } from "../provider/connectivity/index.js";
export type * from "../provider/connectivity/types.js";
export type { Stage } from "../provider/lifecycle/stages.js";
export type { AccessEvidence, MachineEvidence, TaskEvidence } from "../provider/resources/evidence.js";
export type * from "./args.js";
export { Failover, TestFailover } from "./failover.js";
export { type GetProtectableMachinesArgs, getProtectableMachines, type ProtectableMachine } from "./functions.js";
export { Provider, type ProviderArgs } from "./provider.js";
export {
  Fabric,
  NetworkMapping,
  ProtectionContainerMapping,
  RecoveryPlan,
  ReplicatedItem,
  ReplicationPolicy,
} from "./setup.js";
