import { expect } from "chai";
import { type Rule, type RuleResource, ruleResource, type Verdict } from "../../../../sdk/policy/rule.js";

/** What Pulumi sends for a text that is not known in a preview. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const now = Date.parse("2026-05-01T12:00:00Z");

type Inputs = Record<string, unknown>;

const vault = "/Subscriptions/s/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/v";
export const planId = (name: string): string => `${vault}/replicationRecoveryPlans/${name}`;
export const itemId = (name: string): string =>
  `${vault}/replicationFabrics/f/replicationProtectionContainers/c/replicationProtectedItems/${name}`;
export const networkId = (name: string): string =>
  `/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/${name}`;

/** A resource of this package, as an engine shows it. */
export function resource(kind: string, inputs: Inputs, outputs: Inputs = {}, name = "r"): RuleResource {
  const type = `pulumi-nodejs:dynamic/siterecovery:${kind}`;
  return ruleResource(type, `urn:pulumi:dev::p::${type}::${name}`, name, inputs, outputs);
}

/** A resource of azure-native. */
export function azureNative(type: string, inputs: Inputs, name = "r"): RuleResource {
  return ruleResource(`azure-native:${type}`, `urn:pulumi:dev::p::azure-native:${type}::${name}`, name, inputs);
}

/** What the provider knows of a modernised VMware machine that replicates and is at `protected`. */
export function machine(name: string, more: Inputs = {}): Inputs {
  return {
    replicatedItemId: itemId(name),
    itemName: name,
    name,
    scenario: "vmware",
    stage: "protected",
    isReplicated: true,
    isDrillPending: false,
    isPhysical: false,
    osType: "Windows",
    agentVersion: "9.62.1.0",
    targetNetworkId: networkId("production"),
    testNetworkId: networkId("drill"),
    bootDiagnosticsStorageAccountId: "/subscriptions/s/account",
    lastTestFailover: "2026-04-20T00:00:00Z",
    disks: [{ diskId: "os", isOsDisk: true, capacityInBytes: 2 ** 36 }],
    ...more,
  };
}

export function failover(inputs: Inputs, machines: Inputs[] = [machine("web")], name = "fo"): RuleResource {
  return resource(
    "Failover",
    { targetId: planId("shop"), stage: "protected", observedMachines: machines, ...inputs },
    {},
    name,
  );
}

export function drill(inputs: Inputs, outputs: Inputs = {}, name = "drill"): RuleResource {
  return resource(
    "TestFailover",
    { targetId: planId("shop"), testNetworkId: networkId("drill"), ...inputs },
    { ...inputs, ...outputs },
    name,
  );
}

export function plan(name: string, members: unknown[], machines?: Inputs[]): RuleResource {
  return resource(
    "RecoveryPlan",
    {
      name,
      recoveryPlanId: planId(name),
      bootGroups: [{ replicatedItemIds: members }],
      ...(machines === undefined ? {} : { observedMachines: machines }),
    },
    {},
    name,
  );
}

/** A connectivity plan that holds these findings. */
export function withFindings(
  ...findings: { id: string; severity?: string; text?: string; machine?: string }[]
): Inputs {
  return {
    connectivityPlan: {
      machines: [],
      findings: findings.map((finding) => ({
        severity: "error",
        text: `about ${finding.id}`,
        remedy: "mend it",
        ...finding,
      })),
    },
  };
}

/** A walk that an update would go, as the provider announces it. */
export function walking(from: string, to: string, ...names: string[]): Inputs {
  return {
    stage: to,
    preview: { lines: [], drift: [], walk: { from, to, since: "never", items: names.map(itemId) } },
  };
}

export function judge(rule: Rule, judged: RuleResource, settings: Inputs = {}): Verdict[] {
  return rule.judge(judged, settings, { now });
}

export function judgeStack(rule: Rule, stack: RuleResource[], settings: Inputs = {}): Verdict[] {
  return rule.judgeStack(stack, settings, { now });
}

/** The texts of the violations, in one; nothing undecided may be among them. */
export function broken(verdicts: Verdict[]): string {
  return verdicts
    .map((verdict) => {
      if (verdict.kind !== "violation") throw new Error(`undecided at ${verdict.path.join(".")}`);
      return verdict.text;
    })
    .join("\n");
}

export function expectNothing(verdicts: Verdict[]): void {
  expect(verdicts).to.deep.equal([]);
}

/** That nothing is said but that a value has to be known first. */
export function expectUndecided(verdicts: Verdict[], path: string): void {
  expect(
    verdicts.map((verdict) => (verdict.kind === "undecided" ? verdict.path.join(".") : verdict.text)),
  ).to.deep.equal([path]);
}
