import { expect } from "chai";
import type { z } from "zod";
import type { getAppliancesSchema } from "../../../provider/functions/getAppliances.js";
import type { getProtectableMachinesSchema } from "../../../provider/functions/getProtectableMachines.js";
import type { getReadinessSchema } from "../../../provider/functions/getReadiness.js";
import type { getRecoveryPointsSchema } from "../../../provider/functions/getRecoveryPoints.js";
import type { getReplicatedItemsSchema } from "../../../provider/functions/getReplicatedItems.js";
import type { planConnectivitySchema } from "../../../provider/functions/planConnectivity.js";
import type { fabricSchema } from "../../../provider/resources/fabric.js";
import type { failoverSchema } from "../../../provider/resources/failover.js";
import type { networkMappingSchema } from "../../../provider/resources/networkMapping.js";
import type { protectionContainerMappingSchema } from "../../../provider/resources/protectionContainerMapping.js";
import type { recoveryPlanSchema } from "../../../provider/resources/recoveryPlan.js";
import type { replicatedItemSchema } from "../../../provider/resources/replicatedItem.js";
import type { replicationPolicySchema } from "../../../provider/resources/replicationPolicy.js";
import type { testFailoverSchema } from "../../../provider/resources/testFailover.js";
import type * as sdk from "../../../sdk/index.js";

type ArgsOf<S extends z.ZodObject> = { [K in keyof z.input<S>]: sdk.InputOf<z.input<S>[K]> };
/** An error of the compiler where a schema takes what the generated type does not, or the other way round. */
type Same<A, B> = [A, B] extends [B, A] ? true : never;
/** Functions also take lists that nobody may change. */
type Takes<A, B> = [B] extends [A] ? ([keyof A] extends [keyof B] ? true : never) : never;

// The comparison itself can fail.
// @ts-expect-error: a property that only one side has
true satisfies Same<{ a?: string }, { a?: string; b: string }>;
// @ts-expect-error: a value that only one side takes
true satisfies Same<{ a: "x" | "y" }, { a: "x" }>;

/** The compiler checks these; `npm run lint` runs it over the tests. */
const agreements = {
  Fabric: true satisfies Same<sdk.FabricArgs, ArgsOf<typeof fabricSchema>>,
  NetworkMapping: true satisfies Same<sdk.NetworkMappingArgs, ArgsOf<typeof networkMappingSchema>>,
  ReplicationPolicy: true satisfies Same<sdk.ReplicationPolicyArgs, ArgsOf<typeof replicationPolicySchema>>,
  ProtectionContainerMapping: true satisfies Same<
    sdk.ProtectionContainerMappingArgs,
    ArgsOf<typeof protectionContainerMappingSchema>
  >,
  ReplicatedItem: true satisfies Same<sdk.ReplicatedItemArgs, ArgsOf<typeof replicatedItemSchema>>,
  RecoveryPlan: true satisfies Same<sdk.RecoveryPlanArgs, ArgsOf<typeof recoveryPlanSchema>>,
  TestFailover: true satisfies Same<sdk.TestFailoverArgs, ArgsOf<typeof testFailoverSchema>>,
  Failover: true satisfies Same<sdk.FailoverArgs, ArgsOf<typeof failoverSchema>>,
  getAppliances: true satisfies Takes<sdk.GetAppliancesArgs, z.input<typeof getAppliancesSchema>>,
  getProtectableMachines: true satisfies Takes<
    sdk.GetProtectableMachinesArgs,
    z.input<typeof getProtectableMachinesSchema>
  >,
  getReadiness: true satisfies Takes<sdk.GetReadinessArgs, z.input<typeof getReadinessSchema>>,
  getRecoveryPoints: true satisfies Takes<sdk.GetRecoveryPointsArgs, z.input<typeof getRecoveryPointsSchema>>,
  getReplicatedItems: true satisfies Takes<sdk.GetReplicatedItemsArgs, z.input<typeof getReplicatedItemsSchema>>,
  planConnectivity: true satisfies Takes<sdk.PlanConnectivityArgs, z.input<typeof planConnectivitySchema>>,
};

describe("generated argument types", () => {
  it("are there for every resource and every function", async () => {
    const { handlers } = await import("../../../provider/resources/index.js");
    const { functions } = await import("../../../provider/functions/index.js");
    expect(Object.keys(agreements)).to.have.members([...handlers.keys(), ...functions.keys()]);
  });
});
