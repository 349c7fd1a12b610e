/** What a provider kind (Azure's `instanceType`) decides by itself. A further kind is one more entry of `kinds`. */

import type { Json } from "../../core.js";
import type { Call } from "../operation.js";
import type { PointPolicy } from "../recoveryPoints.js";
import type { FabricState, ItemDetails, ItemState, MappingState, PolicyState, VaultState } from "../state.js";

export interface Problem {
  path: string;
  message: string;
}

/** What a failover builds, read from the item's settings. */
export interface FailoverTarget {
  vmName: string;
  vmSize: string;
  resourceGroupId: string;
  networkId: string;
  /** Empty: none configured. */
  testNetworkId: string;
  osType: "Windows" | "Linux";
  osDiskGB: number;
  dataDisksGB: number[];
  nics: TargetNic[];
}

export interface TargetNic {
  subnetName: string;
  /** Empty: any free address. */
  address: string;
  testSubnetName: string | null;
  testAddress: string | null;
}

/** An action's body in one form for all kinds. */
export interface ActionInput {
  failoverDirection: string | undefined;
  networkType?: string | undefined;
  networkId?: string | undefined;
  /** Full id; undefined = latest. */
  recoveryPointId?: string | undefined;
  performShutdown?: boolean;
  comments?: string | undefined;
}

export type ItemAction = "testFailover" | "unplannedFailover" | "applyRecoveryPoint";

export interface ProviderKind {
  instanceType: string;
  /** `primaryFabricProvider` of items. */
  fabricProvider: string;
  /** A policy's details from the input of PUT or PATCH over what was there; pushes every problem found. */
  policyDetails(
    input: { [key: string]: unknown },
    before: PolicyState | undefined,
    problems: Problem[],
  ): PolicyState["details"];
  pointPolicy(policy: PolicyState): PointPolicy;
  mappingDetails(
    input: { [key: string]: unknown },
    before: MappingState | undefined,
    problems: Problem[],
  ): MappingState["details"];
  /** Settings of a new item from `providerSpecificDetails` of enable. */
  enable(call: Call, fabric: FabricState, input: unknown): { details: ItemDetails; friendlyName: string };
  update(call: Call, item: ItemState): ItemDetails;
  readAction(call: Call, action: ItemAction): ActionInput;
  renderDetails(call: Call, fabric: FabricState, item: ItemState): unknown;
  /** What may be started on an item that runs nothing. */
  allowedOperations(item: ItemState): string[];
  target(vault: VaultState, item: ItemState): FailoverTarget;
  /** Why, if so, a failover of this item needs to make the disks bootable in Azure first, which takes 8 to 10 minutes. */
  hydrationReasons(vault: VaultState, item: ItemState): string[];
  healthErrors(vault: VaultState, item: ItemState, now: number): Json[];
}
