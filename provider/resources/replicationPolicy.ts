/** `ReplicationPolicy`: how often recovery points are made and how long they are kept. */

import { z } from "zod";
import { containsUnknown } from "../connectivity/unknown.js";
import { Conflict } from "../siterecovery/errors.js";
import type { ReplicationPolicy, ReplicationPolicySettings } from "../siterecovery/siteRecovery.js";
import { changedKeys, defined, keepSpelling, sameValue } from "./compare.js";
import { type CheckFailure, type Handler, isKept, keep, type Properties } from "./handler.js";
import { policyId } from "./ids.js";
import {
  computedId,
  inputsIn,
  resourceName,
  timeoutMinutes,
  timeoutOf,
  vaultFields,
  vaultOf,
  wholeNumber,
  withVault,
} from "./schema.js";
import { validate } from "./validate.js";

/**
 * Settings by provider kind, discriminated by `instanceType`. A further kind is a further entry; its fields join the
 * schema below.
 *
 * @see https://learn.microsoft.com/rest/api/site-recovery/replication-policies/create
 */
const kinds = {
  InMageRcm: {
    fields: [
      "recoveryPointRetentionMinutes",
      "crashConsistentFrequencyMinutes",
      "appConsistentFrequencyMinutes",
      "multiVmSync",
    ],
    rules: inMageRcmRules,
    settings: (inputs: Properties): ReplicationPolicySettings => ({
      instanceType: "InMageRcm",
      recoveryPointRetentionMinutes: Number(inputs.recoveryPointRetentionMinutes),
      crashConsistentFrequencyMinutes: Number(inputs.crashConsistentFrequencyMinutes),
      appConsistentFrequencyMinutes: Number(inputs.appConsistentFrequencyMinutes),
      multiVmSync: inputs.multiVmSync === true,
    }),
  },
} as const;

export const replicationPolicySchema = z.strictObject({
  ...vaultFields,
  /** Name of the policy in the vault. */
  name: resourceName,
  /** Provider kind: InMageRcm = modernised VMware and physical machines. */
  instanceType: z.enum(Object.keys(kinds) as [keyof typeof kinds]),
  /** How long recovery points are kept: minutes, 0-21600 (15 days), default 1440 (1 day); 0 keeps none but the latest. */
  recoveryPointRetentionMinutes: wholeNumber(0, 21_600, "minutes").default(1440),
  /** Interval of crash-consistent points: minutes, 5-60, default 5, Azure's fixed interval. */
  crashConsistentFrequencyMinutes: wholeNumber(5, 60, "minutes").default(5),
  /** Interval of application-consistent points: minutes, 0 (off, default) or 60-720; shorter than the retention. */
  appConsistentFrequencyMinutes: z
    .int({ error: "allowed: 0 (off) or a whole number of minutes, 60-720" })
    .refine(
      (value) => value === 0 || (value >= 60 && value <= 720),
      "allowed: 0 (off) or a whole number of minutes, 60-720",
    )
    .default(0),
  /** Whether machines of one multi-VM group share consistent points. Default true. */
  multiVmSync: z.boolean({ error: "allowed: true, false" }).default(true),
  timeoutMinutes: timeoutMinutes(15),
});

/** Azure refuses an application-consistent interval that never fits into the retention. */
function inMageRcmRules(inputs: Properties, failures: CheckFailure[]): void {
  const retention = inputs.recoveryPointRetentionMinutes;
  const interval = inputs.appConsistentFrequencyMinutes;
  if (typeof retention !== "number" || typeof interval !== "number" || interval === 0 || interval < retention)
    return;
  const allowed = retention > 60 ? `0 (off) or 60-${Math.min(720, retention - 1)}` : "0 (off)";
  failures.push({
    property: "appConsistentFrequencyMinutes",
    reason: `value ${interval} is not allowed: it must be shorter than recoveryPointRetentionMinutes (${retention}${retention === 0 ? ", which keeps no points" : ""}); allowed: ${allowed}`,
  });
}

const identity = ["subscriptionId", "resourceGroupName", "vaultName", "name"];

export const replicationPolicy: Handler = {
  token: "ReplicationPolicy",
  schema: replicationPolicySchema,

  async check(context, _olds, news) {
    const { inputs, failures } = validate(replicationPolicySchema, news);
    const filled = withVault(context, inputs, failures);
    if (typeof filled.instanceType === "string" && Object.hasOwn(kinds, filled.instanceType)) {
      kinds[filled.instanceType as keyof typeof kinds].rules(filled, failures);
    }
    return { inputs: { ...filled, policyId: computedId(filled, ["name"], () => idOf(filled)) }, failures };
  },

  diff(_id, olds, news) {
    const changes = changedKeys(olds, news, Object.keys(replicationPolicySchema.shape));
    // A kind cannot be changed in place, and the policy of another kind has the same name: the old one goes first.
    const replaces = changes.filter(
      (key) => (identity.includes(key) || key === "instanceType") && !containsUnknown(news[key]),
    );
    return {
      hasChanges: changes.length > 0,
      changes,
      replaces,
      deleteBeforeReplace: replaces.length > 0 && replaces.every((key) => key === "instanceType"),
    };
  },

  async reconcile(context, news, prior) {
    const siteRecovery = context.connect(vaultOf(news));
    const name = String(news.name);
    const id = idOf(news);
    const wanted = settingsOf(news);
    const options = timeoutOf(news, 15);
    const present = await siteRecovery.findPolicy(id);
    if (present === undefined) await siteRecovery.putPolicy(name, wanted, options);
    else if (!sameValue(present.settings, wanted)) {
      if (!prior) throw adoptionRefused(name, present, wanted);
      await siteRecovery.updatePolicy(name, wanted, options);
    }
    keep(context, id);
    return { id, outputs: { ...news } };
  },

  async read(context, id, outputs) {
    const present = await context.connect(vaultOf(outputs)).findPolicy(id);
    if (!present) return undefined;
    const inputs = inputsOf(outputs, present);
    return { inputs, outputs: { ...outputs, ...inputs } };
  },

  async delete(context, id, outputs) {
    const name = String(outputs.name);
    if (isKept(context, id, `replication policy "${name}"`)) return;
    const siteRecovery = context.connect(vaultOf(outputs));
    if (!(await siteRecovery.findPolicy(id))) return;
    try {
      await siteRecovery.deletePolicy(id, timeoutOf(outputs, 15));
    } catch (error) {
      const users = (await siteRecovery.listMappings()).filter(
        (mapping) => mapping.policyId.toLowerCase() === id.toLowerCase(),
      );
      if (users.length === 0) throw error;
      throw new Conflict(
        `deleting replication policy "${name}": it is in use by ${users
          .map(
            (mapping) =>
              `protection container mapping "${mapping.name}" of container "${mapping.protectionContainerName}"`,
          )
          .join(
            " and ",
          )}. Remove these first. Azure's answer: ${error instanceof Error ? error.message : String(error)}`,
        { resourceId: id, operation: "deleting", cause: error },
      );
    }
  },
};

function idOf(inputs: Properties): string {
  return policyId(vaultOf(inputs), String(inputs.name));
}

function settingsOf(inputs: Properties): ReplicationPolicySettings {
  return kinds[inputs.instanceType as keyof typeof kinds].settings(inputs);
}

/** The stored inputs with what Azure answers in the place of every setting. */
function inputsOf(outputs: Properties, present: ReplicationPolicy): Properties {
  const stored = inputsIn(replicationPolicySchema, outputs, "policyId");
  const observed: Properties = { ...(present.settings ?? {}), instanceType: present.instanceType };
  const settings = Object.fromEntries(
    Object.entries(stored).map(([key, value]) => [
      key,
      key in observed ? keepSpelling(value, observed[key]) : value,
    ]),
  );
  return defined(settings);
}

function adoptionRefused(name: string, present: ReplicationPolicy, wanted: ReplicationPolicySettings): Conflict {
  const has: Record<string, unknown> = { ...present.settings };
  const differences = Object.entries(wanted)
    .filter(([key, value]) => !sameValue(has[key], value))
    .map(([key, value]) => `${key} is ${JSON.stringify(has[key] ?? null)}, declared ${JSON.stringify(value)}`);
  return new Conflict(
    `creating replication policy "${name}": a policy of this name exists with other settings (${differences.join("; ")}). ` +
      "Declare its settings to take it over, then change them, or choose another name",
  );
}
