/** pulumi-siterecovery: disaster recovery as code for Azure Site Recovery. */

export { describePlan, planConnectivity as planConnectivityOf } from "../provider/connectivity/index.js";
export type * from "../provider/connectivity/types.js";
export type * from "../provider/evidence/types.js";
export type { FabricAppliances } from "../provider/functions/getAppliances.js";
export type { GetReadinessResult, ReadinessFinding } from "../provider/functions/getReadiness.js";
export type { MachineRecoveryPoint } from "../provider/functions/getRecoveryPoints.js";
export type { ReplicatedMachine } from "../provider/functions/getReplicatedItems.js";
export type { AppliedConnectivity } from "../provider/resources/connectivityApply.js";
export type { ConnectivityCheck } from "../provider/resources/failoverConnectivity.js";
export { Failover, TestFailover } from "./failover.js";
export {
  type FunctionInputs,
  getAppliancesOutput,
  getProtectableMachinesOutput,
  getReadinessOutput,
  getRecoveryPointsOutput,
  getReplicatedItemsOutput,
  planConnectivityOutput,
} from "./functionOutputs.js";
export {
  getAppliances,
  getProtectableMachines,
  getReadiness,
  getRecoveryPoints,
  getReplicatedItems,
  type ProtectableMachine,
  planConnectivity,
} from "./functions.js";
export {
  AccessPath,
  AccessProtocol,
  AvailabilityZone,
  ConnectivityPurpose,
  DataSyncOption,
  DiskType,
  FabricKind,
  FabricLocation,
  FailbackKind,
  FailbackRecoveryPointType,
  FailoverDeploymentModel,
  FailoverDirection,
  FailoverKind,
  FailoverType,
  GuestOsType,
  LicenseType,
  NicSelection,
  PolicyKind,
  ProviderKind,
  RdpOnTarget,
  RecoveryPlanActionKind,
  RecoveryVmCreationOption,
  Stage,
  WaitUntil,
} from "./generated/enums.js";
export type * from "./generated/functionArgs.js";
export type * from "./generated/providerArgs.js";
export type * from "./generated/resourceArgs.js";
export type { InputOf } from "./inputOf.js";
export { PreparedConnectivity, type PreparedConnectivityArgs } from "./preparedConnectivity.js";
export { Provider } from "./provider.js";
export {
  Fabric,
  NetworkMapping,
  ProtectionContainerMapping,
  RecoveryPlan,
  ReplicatedItem,
  ReplicationPolicy,
} from "./setup.js";
