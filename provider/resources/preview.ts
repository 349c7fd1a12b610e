/**
 * What a preview shows of a drill or a failover. A dynamic provider runs only `check` and `diff` in a preview, so the
 * text is an input that `check` computes: Pulumi shows it, stores it and hands it to policies, and the resource class
 * prints it. It is deterministic and holds no times, or every `up` would be an update.
 */

import { createHash } from "node:crypto";
import { z } from "zod";
import { isUnknown } from "../connectivity/unknown.js";
import type { OpenWalk } from "../lifecycle/authorise.js";
import { sorted } from "./compare.js";
import type { Properties } from "./handler.js";

export interface Preview {
  /** What a person reads, a line each. */
  lines: string[];
  /** Something is not where it was declared and was left alone; printed as a warning in every run. */
  drift: string[];
  /** The walk that an `up` would go. */
  walk?: OpenWalk;
  /** ARM ids of the machines that the declaration moves: a plan's later members are not among them. */
  managed?: string[];
  /** Fingerprint of the preview that announced what is reached now: to tell what came of it is no change. */
  announced?: string;
}

export const previewOfUnknown: Preview = {
  lines: ["Steps and connectivity are known after apply: the target is not known yet."],
  drift: [],
};

/** Who must be able to connect. Default: RDP or SSH over the gateways that reach the network, else Bastion. */
export const wantedAccess = z.array(
  z.strictObject({
    path: z.enum(["vpn", "expressRoute", "bastion", "internet", "private"]),
    /** CIDR, address or service tag; required for path internet. */
    sources: z.array(z.string({ error: "allowed: a CIDR, an address or a service tag" })).optional(),
    /** 1-65535. Default 3389 for Windows, 22 for Linux. */
    port: z
      .int({ error: "allowed: a whole number, 1-65535" })
      .min(1, "allowed: 1-65535")
      .max(65_535, "allowed: 1-65535")
      .optional(),
    protocol: z.enum(["Tcp", "Udp"]).optional(),
    /** Names of machines. Default all. */
    machines: z.array(z.string({ error: "allowed: names of machines" })).optional(),
    nics: z.enum(["primary", "all"]).optional(),
    /** Lets a fix open 22 or 3389 to the whole Internet. Default false. */
    allowAnySource: z.boolean({ error: "allowed: true, false" }).optional(),
  }),
);

/** The access that must work afterwards, as an argument. */
export const connectivityArgs = z
  .strictObject({
    /**
     * Carries the plan's fix out once the machines exist (rules, NSGs, public IPs where path `internet` is asked for), and
     * takes exactly that back at the clean-up or failback. Default false: the fix is only shown.
     */
    apply: z.boolean({ error: "allowed: true, false" }).optional(),
    /** Who must be able to connect. Default: RDP or SSH over the gateways that reach the network, else Bastion. */
    access: wantedAccess.optional(),
  })
  .optional();

/** The keys that `check` computes. */
const computedKeys = ["preview", "connectivityPlan"] as const;

/**
 * A fingerprint of what `check` computed, kept in the outputs: those show what came of it, so that a comparison with
 * them would see a change for ever.
 */
export function digestOf(inputs: Properties): string {
  const announced = isUnknown(inputs.preview) ? undefined : (inputs.preview as Preview | undefined)?.announced;
  if (announced !== undefined) return announced;
  const computed = Object.fromEntries(computedKeys.map((key) => [key, inputs[key] ?? null]));
  return createHash("sha256")
    .update(JSON.stringify(sorted(computed)))
    .digest("hex")
    .slice(0, 16);
}
