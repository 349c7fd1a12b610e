/** Argument types, derived from the schemas that check them: one source for types, defaults and errors. */

import type * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type { fabricSchema } from "../provider/resources/fabric.js";
import type { failoverSchema } from "../provider/resources/failover.js";
import type { networkMappingSchema } from "../provider/resources/networkMapping.js";
import type { protectionContainerMappingSchema } from "../provider/resources/protectionContainerMapping.js";
import type { recoveryPlanSchema } from "../provider/resources/recoveryPlan.js";
import type { replicatedItemSchema } from "../provider/resources/replicatedItem.js";
import type { replicationPolicySchema } from "../provider/resources/replicationPolicy.js";
import type { testFailoverSchema } from "../provider/resources/testFailover.js";

/** A value, or an output of another resource, at any depth. */
export type InputOf<T> = pulumi.Input<
  T extends readonly (infer U)[] ? InputOf<U>[] : T extends object ? { [K in keyof T]: InputOf<T[K]> } : T
>;

type ArgsOf<S extends z.ZodObject> = { [K in keyof z.input<S>]: InputOf<z.input<S>[K]> };

export type FabricArgs = ArgsOf<typeof fabricSchema>;
export type NetworkMappingArgs = ArgsOf<typeof networkMappingSchema>;
export type ReplicationPolicyArgs = ArgsOf<typeof replicationPolicySchema>;
export type ProtectionContainerMappingArgs = ArgsOf<typeof protectionContainerMappingSchema>;
export type ReplicatedItemArgs = ArgsOf<typeof replicatedItemSchema>;
export type RecoveryPlanArgs = ArgsOf<typeof recoveryPlanSchema>;
export type TestFailoverArgs = ArgsOf<typeof testFailoverSchema>;
export type FailoverArgs = ArgsOf<typeof failoverSchema>;
