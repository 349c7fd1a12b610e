/** `ReplicationPolicy`: how often recovery points are made and how long they are kept. */

import { z } from "zod";
import { containsUnknown } from "../connectivity/unknown.js";
import { Conflict, NotAllowedInState } from "../siterecovery/errors.js";
import type { ReplicationPolicy, ReplicationPolicySettings } from "../siterecovery/siteRecovery.js";
import { changedKeys, defined, diffOf, keepSpelling, sameValue } from "./compare.js";
import { presentOnCreate } from "./existing.js";
import { type Handler, isKept, keep, type Properties } from "./handler.js";
import { policyId } from "./ids.js";
import { policyKind, policyKindNames, settingsOf, withKind } from "./replicationPolicyKinds.js";
import {
  armId,
  computedId,
  inputsIn,
  resourceName,
  text,
  timeoutMinutes,
  timeoutOf,
  vaultFields,
  vaultKeys,
  vaultOf,
  wholeNumber,
  withVault,
} from "./schema.js";
import { show, validate } from "./validate.js";

const minutesOrOff = "allowed: 0 (off) or a whole number of minutes, 60-720";

export const replicationPolicySchema = z.strictObject({
  ...vaultFields,
  /** Name of the policy in the vault. */
  name: resourceName,
  /**
   * Provider kind: InMageRcm = modernised VMware and physical machines, HyperVReplicaAzure = Hyper-V. Policies of
   * InMageRcmFailback, InMageAzureV2 and InMage are Azure's own or of classic machines: they can be taken over as they
   * are, never made or changed.
   */
  instanceType: z.enum(policyKindNames),
  /** VMware and physical: how long recovery points are kept: minutes, 0-21600 (15 days), default 1440 (1 day); 0 keeps none but the latest. */
  recoveryPointRetentionMinutes: wholeNumber(0, 21_600, "minutes").optional(),
  /** VMware and physical: interval of crash-consistent points: minutes, 5-60, default 5, Azure's fixed interval. */
  crashConsistentFrequencyMinutes: wholeNumber(5, 60, "minutes").optional(),
  /** VMware and physical: interval of application-consistent points: minutes, 0 (off, default) or 60-720; shorter than the retention. */
  appConsistentFrequencyMinutes: z
    .int({ error: minutesOrOff })
    .refine((value) => value === 0 || (value >= 60 && value <= 720), minutesOrOff)
    .optional(),
  /** VMware and physical: whether machines of one multi-VM group share consistent points. Default true. */
  multiVmSync: z.boolean({ error: "allowed: true, false" }).optional(),
  /** Classic VMware and physical: recovery point age that raises an alert: minutes. It changes nothing else. */
  recoveryPointThresholdMinutes: wholeNumber(1, 1440, "minutes").optional(),
  /** Hyper-V: how long recovery points are kept: hours, 0-24, default 2. */
  recoveryPointRetentionHours: wholeNumber(0, 24, "hours").optional(),
  /** Hyper-V: interval of application-consistent points: hours, 0 (off, default) to 12; shorter than the retention. */
  appConsistentFrequencyHours: wholeNumber(0, 12, "hours").optional(),
  /** Hyper-V: how often changes are copied: 30 or 300 (default) seconds; 30 is not for premium storage. */
  replicationIntervalSeconds: z
    .int({ error: "allowed: 30, 300 (seconds)" })
    .refine((value) => value === 30 || value === 300, "allowed: 30, 300 (seconds)")
    .optional(),
  /** Hyper-V: time of day at which initial replication starts, UTC, `HH:MM:SS`. Default: at once. */
  initialReplicationStartTime: text(
    /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/,
    "a time of day, HH:MM:SS, UTC",
  ).optional(),
  /** Hyper-V: ARM id of the storage account that machines replicate to. */
  storageAccountId: armId("Microsoft.Storage/storageAccounts").optional(),
  timeoutMinutes: timeoutMinutes(15),
});

const identity = [...vaultKeys, "name"];
/** A policy of another kind has the same name: the old one goes first. */
const fixed = ["instanceType"];

export const replicationPolicy: Handler = {
  token: "ReplicationPolicy",
  schema: replicationPolicySchema,

  async check(context, olds, news) {
    const { inputs, failures } = validate(replicationPolicySchema, news);
    const filled = withVault(context, inputs, failures);
    const complete = withKind(filled, failures);
    const id = computedId(filled, ["name"], () => idOf(filled));
    context.declared.set(id.toLowerCase(), complete);
    if (failures.length === 0 && !containsUnknown(complete)) {
      const asking = { context, olds, inputs: complete, failures };
      const present = await presentOnCreate(asking, id, (siteRecovery) => siteRecovery.findPolicy(id));
      const wanted = settingsOf(complete);
      if (present && !sameValue(present.settings, wanted))
        failures.push({
          property: "name",
          reason: `value ${show(complete.name)}: ${otherSettings(present, wanted)}`,
        });
    }
    return { inputs: { ...complete, policyId: id }, failures };
  },

  diff(_id, olds, news) {
    return diffOf(changedKeys(olds, news, Object.keys(replicationPolicySchema.shape)), news, identity, fixed);
  },

  async reconcile(context, news, prior) {
    const siteRecovery = context.connect(vaultOf(news));
    const name = String(news.name);
    const id = idOf(news);
    const wanted = settingsOf(news);
    const options = timeoutOf(news, 15);
    const present = await siteRecovery.findPolicy(id);
    const readOnly = policyKind(news.instanceType)?.readOnly;
    if (readOnly !== undefined && !(present && sameValue(present.settings, wanted)))
      throw readOnlyRefused(name, present, wanted, readOnly);
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
    const readOnly = policyKind(outputs.instanceType)?.readOnly;
    if (readOnly !== undefined) {
      context.log(
        "info",
        `Replication policy "${name}" was forgotten, nothing was changed in Azure: ${readOnly}.`,
      );
      return;
    }
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

function differencesOf(present: ReplicationPolicy, wanted: ReplicationPolicySettings): string {
  const has: Record<string, unknown> = { ...present.settings };
  return Object.entries(wanted)
    .filter(([key, value]) => !sameValue(has[key], value))
    .map(([key, value]) => `${key} is ${JSON.stringify(has[key] ?? null)}, declared ${JSON.stringify(value)}`)
    .join("; ");
}

function adoptionRefused(name: string, present: ReplicationPolicy, wanted: ReplicationPolicySettings): Conflict {
  return new Conflict(`creating replication policy "${name}": ${otherSettings(present, wanted)}`);
}

/** Why a policy that is there cannot be taken over. */
function otherSettings(present: ReplicationPolicy, wanted: ReplicationPolicySettings): string {
  return `a policy of this name exists with other settings (${differencesOf(present, wanted)}). Declare its settings to take it over, then change them, or choose another name`;
}

function readOnlyRefused(
  name: string,
  present: ReplicationPolicy | undefined,
  wanted: ReplicationPolicySettings,
  reason: string,
): NotAllowedInState {
  return new NotAllowedInState(
    present
      ? `changing replication policy "${name}" of kind ${wanted.instanceType}: ${differencesOf(present, wanted)}. It cannot be changed: ${reason}. Declare its settings to take it over`
      : `creating replication policy "${name}" of kind ${wanted.instanceType}: it is not in the vault and cannot be made: ${reason}. Allowed kinds: InMageRcm, HyperVReplicaAzure`,
  );
}
