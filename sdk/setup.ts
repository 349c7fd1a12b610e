/** The resources that set disaster recovery up. */

import type * as pulumi from "@pulumi/pulumi";
import type {
  FabricArgs,
  NetworkMappingArgs,
  ProtectionContainerMappingArgs,
  RecoveryPlanArgs,
  ReplicatedItemArgs,
  ReplicationPolicyArgs,
} from "./generated/resourceArgs.js";
import { SiteRecoveryResource } from "./resource.js";

/**
 * A Hyper-V site: what Hyper-V hosts without a VMM server register in. Deleting it is refused while machines replicate
 * from it.
 *
 * @see https://learn.microsoft.com/rest/api/site-recovery/replication-fabrics
 */
export class Fabric extends SiteRecoveryResource {
  /** The ARM id; unlike `id` it is known in the first preview. */
  declare readonly fabricId: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;
  /** Normal, Warning or Critical. */
  declare readonly health: pulumi.Output<string>;

  constructor(name: string, args: FabricArgs, options?: pulumi.CustomResourceOptions) {
    super("Fabric", name, args, computed.Fabric, options);
  }
}

/**
 * Which virtual network of Azure the machines of a VMM network come up in.
 *
 * @see https://learn.microsoft.com/rest/api/site-recovery/replication-network-mappings
 */
export class NetworkMapping extends SiteRecoveryResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly recoveryNetworkId: pulumi.Output<string>;

  constructor(name: string, args: NetworkMappingArgs, options?: pulumi.CustomResourceOptions) {
    super("NetworkMapping", name, args, computed.NetworkMapping, options);
  }
}

/**
 * How often recovery points are made and how long they are kept.
 *
 * @see https://learn.microsoft.com/rest/api/site-recovery/replication-policies
 * @example
 * const policy = new ReplicationPolicy("gold", {
 *   name: "gold",
 *   instanceType: "InMageRcm",
 *   recoveryPointRetentionMinutes: 4320,
 *   appConsistentFrequencyMinutes: 60,
 * });
 */
export class ReplicationPolicy extends SiteRecoveryResource {
  /** The ARM id; unlike `id` it is known in the first preview. */
  declare readonly policyId: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;
  declare readonly instanceType: pulumi.Output<string>;
  /** VMware and physical: minutes, 0-21600. */
  declare readonly recoveryPointRetentionMinutes: pulumi.Output<number | undefined>;
  /** VMware and physical: minutes. */
  declare readonly crashConsistentFrequencyMinutes: pulumi.Output<number | undefined>;
  /** VMware and physical: minutes; 0 = off. */
  declare readonly appConsistentFrequencyMinutes: pulumi.Output<number | undefined>;
  /** VMware and physical. */
  declare readonly multiVmSync: pulumi.Output<boolean | undefined>;
  /** Hyper-V: hours, 0-24. */
  declare readonly recoveryPointRetentionHours: pulumi.Output<number | undefined>;
  /** Hyper-V: hours, 0-12; 0 = off. */
  declare readonly appConsistentFrequencyHours: pulumi.Output<number | undefined>;
  /** Hyper-V: 30 or 300 seconds. */
  declare readonly replicationIntervalSeconds: pulumi.Output<number | undefined>;

  constructor(name: string, args: ReplicationPolicyArgs, options?: pulumi.CustomResourceOptions) {
    super("ReplicationPolicy", name, args, computed.ReplicationPolicy, options);
  }
}

/**
 * Makes a policy usable for the machines of a protection container. Its `id` is the mapping's ARM id.
 *
 * @see https://learn.microsoft.com/rest/api/site-recovery/replication-protection-container-mappings
 */
export class ProtectionContainerMapping extends SiteRecoveryResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly policyId: pulumi.Output<string>;

  constructor(name: string, args: ProtectionContainerMappingArgs, options?: pulumi.CustomResourceOptions) {
    super("ProtectionContainerMapping", name, args, computed.ProtectionContainerMapping, options);
  }
}

/**
 * An on-premises machine that replicates to Azure, with the settings of the machine that a failover makes. Deleting it disables replication; it never deletes a machine.
 *
 * @see https://learn.microsoft.com/rest/api/site-recovery/replication-protected-items
 */
export class ReplicatedItem extends SiteRecoveryResource {
  /** The ARM id; unlike `id` it is known in the first preview, so that a plan's preview can be too. */
  declare readonly replicatedItemId: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;
  /** The machine's name as it was discovered. */
  declare readonly friendlyName: pulumi.Output<string>;
  /** Windows or Linux. */
  declare readonly osType: pulumi.Output<string | undefined>;
  /** Azure's word, e.g. `Protected`. */
  declare readonly protectionState: pulumi.Output<string>;
  /** Normal, Warning or Critical. */
  declare readonly replicationHealth: pulumi.Output<string>;
  declare readonly mobilityAgentVersion: pulumi.Output<string | undefined>;
  /** Name of the machine that a failover makes. */
  declare readonly failoverVmName: pulumi.Output<string | undefined>;

  constructor(name: string, args: ReplicatedItemArgs, options?: pulumi.CustomResourceOptions) {
    super("ReplicatedItem", name, args, computed.ReplicatedItem, options);
  }
}

/**
 * Which machines fail over together and in which boot order.
 *
 * @see https://learn.microsoft.com/rest/api/site-recovery/replication-recovery-plans
 */
export class RecoveryPlan extends SiteRecoveryResource {
  /** The ARM id; unlike `id` it is known in the first preview: a drill of it is then planned before anything is there. */
  declare readonly recoveryPlanId: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: RecoveryPlanArgs, options?: pulumi.CustomResourceOptions) {
    super("RecoveryPlan", name, args, computed.RecoveryPlan, options);
  }
}

/** Outputs that are always there although an argument of the name may be left out, and outputs that are no arguments. */
const computed = {
  Fabric: ["fabricId", "health"],
  NetworkMapping: [],
  ReplicationPolicy: [
    "policyId",
    "recoveryPointRetentionMinutes",
    "crashConsistentFrequencyMinutes",
    "appConsistentFrequencyMinutes",
    "multiVmSync",
    "recoveryPointRetentionHours",
    "appConsistentFrequencyHours",
    "replicationIntervalSeconds",
  ],
  ProtectionContainerMapping: [],
  ReplicatedItem: [
    "replicatedItemId",
    "friendlyName",
    "osType",
    "protectionState",
    "replicationHealth",
    "mobilityAgentVersion",
    "failoverVmName",
  ],
  RecoveryPlan: ["recoveryPlanId"],
} as const;
