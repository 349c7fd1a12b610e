/**
 * Settings of a policy by provider kind: which a kind has, their defaults, the rules between them, and what goes to Azure.
 * A further kind is a further entry; its fields join the schema.
 *
 * @see https://learn.microsoft.com/rest/api/site-recovery/replication-policies/create
 */

import type { ReplicationPolicySettings } from "../siterecovery/siteRecovery.js";
import type { CheckFailure, Properties } from "./handler.js";

export interface PolicyKind {
  /** The settings of this kind with what Azure or we take where one is left out; undefined = it may be missing. */
  defaults: Readonly<Record<string, unknown>>;
  /** Why Azure alone makes and changes policies of this kind; undefined where a program can. */
  readOnly?: string;
  rules: (inputs: Properties, failures: CheckFailure[]) => void;
}

/** Azure refuses an application-consistent interval that never fits into the retention. */
function intervalWithin(
  interval: { key: string; smallest: number; largest: number },
  retentionKey: string,
): PolicyKind["rules"] {
  return (inputs, failures) => {
    const retention = inputs[retentionKey];
    const value = inputs[interval.key];
    if (typeof retention !== "number" || typeof value !== "number" || value === 0 || value < retention) return;
    const most = Math.min(interval.largest, retention - 1);
    const allowed = most >= interval.smallest ? `0 (off) or ${interval.smallest}-${most}` : "0 (off)";
    failures.push({
      property: interval.key,
      reason: `value ${value} is not allowed: it must be shorter than ${retentionKey} (${retention}${retention === 0 ? ", which keeps no points" : ""}); allowed: ${allowed}`,
    });
  };
}

const minutes = intervalWithin(
  { key: "appConsistentFrequencyMinutes", smallest: 60, largest: 720 },
  "recoveryPointRetentionMinutes",
);
const hours = intervalWithin(
  { key: "appConsistentFrequencyHours", smallest: 1, largest: 12 },
  "recoveryPointRetentionHours",
);

const automatic =
  "Azure makes it by itself beside the policy to Azure, binds it to the appliance or configuration server, and lets nobody change it";

const policyKinds = {
  InMageRcm: {
    defaults: {
      recoveryPointRetentionMinutes: 1440,
      crashConsistentFrequencyMinutes: 5,
      appConsistentFrequencyMinutes: 0,
      multiVmSync: true,
    },
    rules: minutes,
  },
  HyperVReplicaAzure: {
    defaults: {
      recoveryPointRetentionHours: 2,
      appConsistentFrequencyHours: 0,
      replicationIntervalSeconds: 300,
      initialReplicationStartTime: undefined,
      storageAccountId: undefined,
    },
    rules: hours,
  },
  InMageRcmFailback: {
    defaults: { crashConsistentFrequencyMinutes: 5, appConsistentFrequencyMinutes: 60 },
    readOnly: automatic,
    rules: () => undefined,
  },
  InMageAzureV2: {
    defaults: {
      recoveryPointThresholdMinutes: 15,
      recoveryPointRetentionMinutes: 1440,
      crashConsistentFrequencyMinutes: 5,
      appConsistentFrequencyMinutes: 60,
      multiVmSync: false,
    },
    readOnly: "Azure no longer supports classic machines (since March 2026) and enables none",
    rules: () => undefined,
  },
  InMage: {
    defaults: {
      recoveryPointThresholdMinutes: 15,
      recoveryPointRetentionMinutes: 1440,
      appConsistentFrequencyMinutes: 60,
      multiVmSync: false,
    },
    readOnly: automatic,
    rules: () => undefined,
  },
} as const satisfies Record<string, PolicyKind>;

export type PolicyKindName = keyof typeof policyKinds;
export const policyKindNames = Object.keys(policyKinds) as [PolicyKindName, ...PolicyKindName[]];

/** Every setting of any kind. */
const settingKeys = [...new Set(Object.values(policyKinds).flatMap((kind) => Object.keys(kind.defaults)))];

export function policyKind(name: unknown): PolicyKind | undefined {
  return typeof name === "string" && Object.hasOwn(policyKinds, name)
    ? policyKinds[name as PolicyKindName]
    : undefined;
}

/** Fills the kind's defaults and refuses other kinds' settings; both need the kind to be known. */
export function withKind(inputs: Properties, failures: CheckFailure[]): Properties {
  const kind = policyKind(inputs.instanceType);
  if (!kind) return inputs;
  const filled = { ...inputs };
  for (const key of settingKeys) {
    if (key in kind.defaults) {
      if (filled[key] === undefined && kind.defaults[key] !== undefined) filled[key] = kind.defaults[key];
    } else if (filled[key] !== undefined) {
      failures.push({
        property: key,
        reason: `value ${JSON.stringify(filled[key])} is not for instanceType ${JSON.stringify(inputs.instanceType)}; allowed there: ${Object.keys(kind.defaults).join(", ")}`,
      });
    }
  }
  kind.rules(filled, failures);
  return filled;
}

/** What goes to Azure: the kind's settings alone. */
export function settingsOf(inputs: Properties): ReplicationPolicySettings {
  const kind = policyKind(inputs.instanceType);
  const settings = Object.keys(kind?.defaults ?? {}).flatMap((key) =>
    inputs[key] === undefined ? [] : [[key, inputs[key]] as const],
  );
  return { instanceType: inputs.instanceType, ...Object.fromEntries(settings) } as ReplicationPolicySettings;
}
