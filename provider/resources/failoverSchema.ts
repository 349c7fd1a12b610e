/** The arguments of `Failover`. */

import { z } from "zod";
import { stages } from "../lifecycle/stages.js";
import { encryptionArgs } from "./certificates.js";
import { evidenceArgs } from "./evidenceArgs.js";
import { parseTarget } from "./ids.js";
import { connectivityArgs } from "./preview.js";
import { timeoutMinutes } from "./schema.js";
import { wayBackArgs } from "./wayBackArgs.js";

export const failoverSchema = z.strictObject({
  /** ARM id of a replicated item or a recovery plan. */
  targetId: z
    .string({ error: "allowed: the ARM id of a replicated item or of a recovery plan" })
    .refine(
      (id) => parseTarget(id) !== undefined,
      "allowed: the ARM id of a replicated item or of a recovery plan",
    ),
  /** Where the workload is to be. A change of this word is what starts a walk. */
  stage: z.enum(stages),
  /**
   * unplanned (default): fails over to a recovery point. planned, Hyper-V only: shuts the source down, sends its last
   * changes and loses nothing, and does not run where that is not possible.
   */
  kind: z.enum(["unplanned", "planned"]).default("unplanned"),
  /** Whether the source machines are shut down first, as far as they can be reached. Default true. */
  shutdownSource: z.boolean({ error: "allowed: true, false" }).default(true),
  /**
   * `latest` (default: least data lost), `latestProcessed` (least time), `latestApplicationConsistent`; a plan also takes
   * `latestMultiVmProcessed` and `latestMultiVmApplicationConsistent`, a single machine the ARM id of one point. A change
   * of it while at `failedOver` changes the point.
   */
  recoveryPoint: z.string({ error: "allowed: a name or the ARM id of a recovery point" }).default("latest"),
  /** Allows more than one step in a walk. Default false. */
  through: z.boolean({ error: "allowed: true, false" }).default(false),
  /** Lets a create start: `<observed stage>@<time of the last failover, or never>`, as the refusal prints it. */
  startFrom: z
    .string({ error: "allowed: <stage>@<time or never>" })
    .regex(
      new RegExp(`^(${stages.join("|")})@.+$`),
      `allowed: <stage>@<time of the last failover, or never>, stage one of ${stages.join(", ")}`,
    )
    .optional(),
  /** Cleans up a test failover that waits on the machines before a walk starts. Default false. */
  cleanUpTestFailover: z.boolean({ error: "allowed: true, false" }).default(false),
  ...wayBackArgs,
  /** Certificates of a VMM cloud with data encryption, by reference: needed on every failover of its machines. */
  encryption: encryptionArgs,
  /** Names out of `waitingFor` of what a person has done since: the run goes on. */
  completed: z.array(z.string({ error: "allowed: names out of waitingFor" })).optional(),
  /**
   * `protected` (default): at `reprotected` and `protected` wait until all data is there. `started`: until Azure's job
   * has ended; the data follows.
   */
  waitUntil: z.enum(["started", "protected"]).default("protected"),
  connectivity: connectivityArgs,
  ...evidenceArgs,
  timeoutMinutes: timeoutMinutes(240),
});
