/** pulumi-siterecovery: disaster recovery as code for Azure Site Recovery. */

export { describePlan, planConnectivity as planConnectivityOf } from "../provider/connectivity/index.js";
export type * from "../provider/connectivity/types.js";
export type { FabricAppliances } from "../provider/functions/getAppliances.js";
export type { GetReadinessResult, ReadinessFinding } from "../provider/functions/getReadiness.js";
export type { MachineRecoveryPoint } from "../provider/functions/getRecoveryPoints.js";
export type { ReplicatedMachine } from "../provider/functions/getReplicatedItems.js";
export type { Stage } from "../provider/lifecycle/stages.js";
export type { AppliedConnectivity } from "../provider/resources/connectivityApply.js";
export type { AccessEvidence, MachineEvidence, TaskEvidence } from "../provider/resources/evidence.js";
export type { ConnectivityCheck } from "../provider/resources/failoverConnectivity.js";
export type * from "./args.js";
export { Failover, TestFailover } from "./failover.js";
export {
  type GetAppliancesArgs,
  type GetProtectableMachinesArgs,
  type GetReadinessArgs,
  type GetRecoveryPointsArgs,
  type GetReplicatedItemsArgs,
  getAppliances,
  getProtectableMachines,
  getReadiness,
  getRecoveryPoints,
  getReplicatedItems,
  type PlanConnectivityArgs,
  type ProtectableMachine,
  planConnectivity,
} from "./functions.js";
export { PreparedConnectivity, type PreparedConnectivityArgs } from "./preparedConnectivity.js";
export { Provider, type ProviderArgs } from "./provider.js";
export {
  Fabric,
  NetworkMapping,
  ProtectionContainerMapping,
  RecoveryPlan,
  ReplicatedItem,
  ReplicationPolicy,
} from "./setup.js";
