/** What is replicated from the start, and by which policies. */

import { z } from "zod";
import {
  address,
  instant,
  itemName,
  machineName,
  networkName,
  resourceGroupName,
  storageName,
  virtualNetworkName,
  wholeNumber,
} from "./values.js";

/** An InMageRcm policy that exists from the start: the names and units of Azure. */
export const policySchema = z.strictObject({
  name: itemName,
  recoveryPointHistoryInMinutes: wholeNumber(0, 21_600, "minutes").default(1440),
  crashConsistentFrequencyInMinutes: wholeNumber(1, 60, "minutes").default(5),
  appConsistentFrequencyInMinutes: wholeNumber(0, 720, "minutes").default(0),
  enableMultiVmSync: z.boolean().default(true),
});

/** A HyperVReplicaAzure policy that exists from the start, mapped to the containers of the items that use it. */
export const hyperVPolicySchema = z.strictObject({
  name: itemName,
  recoveryPointHistoryInHours: wholeNumber(0, 24, "hours").default(2),
  /** 0 = off. */
  applicationConsistentFrequencyInHours: wholeNumber(0, 12, "hours").default(1),
  copyFrequencySeconds: z.union([z.literal(30), z.literal(300)]).default(300),
  /** Whether data is encrypted in Azure, so that failovers need the VMM server's certificate. */
  encryption: z.boolean().default(false),
  /** Name of one of `storageAccounts` that the policy names; default: none. */
  storageAccount: storageName.optional(),
  /** Sites, or clouds as `server/cloud`, that it is mapped to beside those of its items. */
  mappedTo: z.array(z.string().min(1)).default([]),
});

/**
 * A policy between the clouds of VMM servers, with the pairs of clouds it is for:
 * `{ name: second-site, mappings: [{ from: vmm1/gold, to: vmm2/gold }] }`.
 */
export const vmmPolicySchema = z.strictObject({
  name: itemName,
  /** What the older of the two sides runs; default `HyperVReplica2012R2`. */
  instanceType: z.enum(["HyperVReplica2012R2", "HyperVReplica2012"]).default("HyperVReplica2012R2"),
  /** 30, 300 (default) or 900 seconds; HyperVReplica2012 has always 300. */
  replicationFrequencySeconds: z.union([z.literal(30), z.literal(300), z.literal(900)]).default(300),
  /** How many hourly points are kept beside the latest one; default 0. */
  recoveryPoints: wholeNumber(0, 24).default(0),
  /** 0 (default) = off. */
  applicationConsistentFrequencyInHours: wholeNumber(0, 12, "hours").default(0),
  /** From the cloud of the machines to the other one, each as `server/cloud`. */
  mappings: z
    .array(
      z.strictObject({
        /** Default: the policy's name. */
        name: itemName.optional(),
        from: z.string().min(1),
        to: z.string().min(1),
      }),
    )
    .min(1, { error: "must name at least one pair of clouds" }),
});

/** An InMageAzureV2 policy, mapped to the classic container; `<name>-failback` comes with it. */
export const classicPolicySchema = z.strictObject({
  name: itemName,
  recoveryPointHistoryInMinutes: wholeNumber(0, 21_600, "minutes").default(1440),
  crashConsistentFrequencyInMinutes: wholeNumber(1, 60, "minutes").default(5),
  appConsistentFrequencyInMinutes: wholeNumber(0, 900, "minutes").default(60),
  recoveryPointThresholdInMinutes: wholeNumber(1, 1440, "minutes").default(15),
  multiVmSync: z.boolean().default(false),
  /** Name of a mapping of the container to itself by the failback policy; default: none. */
  reverseMapping: itemName.optional(),
});

/** How far an item of an estate can be, in the order in which it gets there. */
export const itemStates = [
  "initialReplication",
  "protected",
  "failedOver",
  "committed",
  "reprotected",
  "failedBack",
  "failbackCommitted",
] as const;

/** A machine that is replicated from the start. */
export const replicatedItemSchema = z.strictObject({
  machine: machineName,
  /** Default: the machine's name. */
  name: itemName.optional(),
  policy: itemName,
  /** Required, and the subnet with it, unless the policy is one of `vmmPolicies`. */
  targetNetwork: virtualNetworkName.optional(),
  targetSubnet: networkName.optional(),
  targetIp: address.optional(),
  testNetwork: virtualNetworkName.optional(),
  testSubnet: networkName.optional(),
  testIp: address.optional(),
  targetVmName: machineName.optional(),
  targetVmSize: z.string().min(1).optional(),
  resourceGroup: resourceGroupName.optional(),
  /** Only with machines on Hyper-V: the storage account that the data goes to; default: the first of `storageAccounts`. */
  storageAccount: storageName.optional(),
  /** Only with machines on Hyper-V: whether a failover makes managed disks, from which there is no way back. */
  managedDisks: z.boolean().default(false),
  /** Only with classic machines: a group that is consistent together. */
  multiVmGroup: z.string().min(1).optional(),
  /** How far the item is; the stages behind `protected` are reached by failing it over at the start. */
  state: z.enum(itemStates).default("protected"),
  /** Default: 24 hours before the clock's start. */
  protectedSince: instant.optional(),
});

/** `{ name: shop, groups: [[db01], [app01, app02]] }`: boot groups in order, each a list of replicated items' names. */
export const recoveryPlanSchema = z.strictObject({
  name: itemName,
  groups: z
    .array(z.array(itemName))
    .min(1, { error: "must name at least one group" })
    .max(7, { error: "has more than 7 boot groups" }),
});
