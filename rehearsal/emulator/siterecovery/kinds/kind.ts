/** What a provider kind (Azure's `instanceType`) decides by itself. A further kind is one more entry of `kinds`. */

import type { Json } from "../../json.js";
import type { Call } from "../operation.js";
import type { PointPolicy } from "../recoveryPoints.js";
import type { FabricState, ItemDetails, ItemState, MappingState, PolicyState, VaultState } from "../state.js";

export interface Problem {
  path: string;
  message: string;
}

/** What a failover builds in Azure, read from the item's settings. */
export interface FailoverTarget {
  vmName: string;
  vmSize: string;
  resourceGroupId: string;
  networkId: string;
  /** Empty: none configured. */
  testNetworkId: string;
  osType: "Windows" | "Linux";
  /** Empty: none. */
  availabilitySetId: string;
  /** Empty: none. */
  availabilityZone: string;
  osDisk: TargetDisk;
  dataDisks: TargetDisk[];
  nics: TargetNic[];
}

export interface TargetDisk {
  sizeGB: number;
  /** Such as `StandardSSD_LRS`; left out: Azure's default. */
  sku?: string | undefined;
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
  /** Full id; undefined = latest, or what `recoveryPointType` says. */
  recoveryPointId?: string | undefined;
  recoveryPointType?: string | undefined;
  performShutdown?: boolean;
  /** What only this kind's steps read. */
  more?: { [key: string]: Json };
}

export type ItemAction =
  | "testFailover"
  | "unplannedFailover"
  | "plannedFailover"
  | "applyRecoveryPoint"
  | "reProtect";

/** The other side of an item, as the service names it. */
export interface RecoverySide {
  fabricFriendlyName: string;
  fabricId: string;
  containerFriendlyName: string;
  containerId: string;
}

/** What an enabling made of its input. */
export interface Enabled {
  details: ItemDetails;
  friendlyName: string;
  internalIdentifier: string;
}

export interface ProviderKind {
  instanceType: string;
  /** The provider on-premises by which the vault reaches the item. */
  providerId(vault: VaultState, fabric: FabricState, item: ItemState): string;
  /** `primaryFabricProvider` of items. */
  fabricProvider(fabric: FabricState): string;
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
  /** Settings of a new item from the body of enable; absent: items of this kind come about in another way. */
  enable?(call: Call, fabric: FabricState): Enabled;
  /** Settings after PATCH; absent: they cannot be changed now. */
  update?(call: Call, item: ItemState): ItemDetails;
  /** The body of an action that the item offers. @throws Refusal listing everything that is wrong with it */
  readAction(call: Call, item: ItemState, action: ItemAction): ActionInput;
  /** The only direction in which an action may be started now. */
  direction(item: ItemState, action: ItemAction): "PrimaryToRecovery" | "RecoveryToPrimary";
  protectedItemType: string;
  protectableItemId(vault: VaultState, item: ItemState): string | null;
  /** Absent: Azure. */
  recoverySide?(vault: VaultState, item: ItemState): RecoverySide;
  /** What `failoverRecoveryPointId` answers where there is none. */
  noPoint: "" | null;
  renderDetails(call: Call, fabric: FabricState, item: ItemState): unknown;
  /** What may be started on an item that runs nothing. */
  allowedOperations(item: ItemState): string[];
  /** The state after the commit of a failover. */
  committedState(item: ItemState): string;
  /** How enabling says that the target's name is taken; absent: this kind makes nothing in Azure. */
  takenName?: { code: string; message: (vmName: string) => string };
  /** What a failover builds in Azure; absent: this kind does not fail over to Azure. */
  target?(vault: VaultState, item: ItemState): FailoverTarget;
  /** Why, if so, a failover of this item needs to make the disks bootable in Azure first, which takes 8 to 10 minutes. */
  hydrationReasons(vault: VaultState, item: ItemState): string[];
  healthErrors(vault: VaultState, item: ItemState, now: number): Json[];
  /** `affectedObjectDetails` of a job; absent: the machine on-premises and Azure. */
  affectedObjects?(vault: VaultState, item: ItemState): Record<string, string>;
  /** Absent: the test machine goes to Azure. The network that it gets, by id; empty: none. @throws Refusal */
  testNetwork?(
    call: Call,
    item: ItemState,
    networkType: string | undefined,
    networkId: string | undefined,
  ): string;
  /** Whether a job of its own completes the protection after the first copy. */
  completesProtection?: boolean;
  /** Minutes from the start of replication: to the end of the first copy (null: not shown), and to Protected. */
  initialReplication: { copiedMinutes: number | null; protectedMinutes: number; firstPointLagMinutes: number };
}
