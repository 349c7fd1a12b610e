/** The arguments of `TestFailover`. */

import { z } from "zod";
import { encryptionArgs } from "./certificates.js";
import { testNetworkId } from "./drillNetwork.js";
import { evidenceArgs } from "./evidenceArgs.js";
import { parseTarget } from "./ids.js";
import { connectivityArgs } from "./preview.js";
import { timeoutMinutes } from "./schema.js";

export const testFailoverSchema = z.strictObject({
  /** ARM id of a replicated item or a recovery plan. */
  targetId: z
    .string({ error: "allowed: the ARM id of a replicated item or of a recovery plan" })
    .refine(
      (id) => parseTarget(id) !== undefined,
      "allowed: the ARM id of a replicated item or of a recovery plan",
    ),
  /**
   * ARM id of the virtual network that the test machines are made in: an isolated one. Between two VMM sites that of a VM
   * network of the other server (`.../replicationFabrics/<fabric>/replicationNetworks/<name>`), or `none`: the network
   * cards stay unconnected.
   */
  testNetworkId,
  /**
   * `latestProcessed` (default), `latest`, `latestApplicationConsistent`; a plan also takes `latestMultiVmProcessed` and
   * `latestMultiVmApplicationConsistent`, a single machine the ARM id of one recovery point.
   */
  recoveryPoint: z
    .string({ error: "allowed: a name or the ARM id of a recovery point" })
    .default("latestProcessed"),
  /** Allows the network of a real failover; two machines of one identity may then meet. Default false. */
  allowProductionNetwork: z.boolean({ error: "allowed: true, false" }).default(false),
  /** Notes that Azure keeps with the clean-up. */
  comments: z.string({ error: "allowed: a text" }).default("Cleaned up by pulumi-siterecovery"),
  /** Any values: a change runs the drill again (clean-up first). */
  triggers: z.array(z.unknown()).optional(),
  /** Certificates of a VMM cloud with data encryption, by reference. */
  encryption: encryptionArgs,
  /** Names out of `waitingFor` of what a person has done since: the run goes on. */
  completed: z.array(z.string({ error: "allowed: names out of waitingFor" })).optional(),
  connectivity: connectivityArgs,
  ...evidenceArgs,
  timeoutMinutes: timeoutMinutes(240),
});
