import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { ResourceValidationArgs, StackValidationArgs } from "@pulumi/policy";
import { expect } from "chai";
import { type DisasterRecoveryPolicy, disasterRecoveryPolicies } from "../../../../sdk/policy/index.js";
import { rules } from "../../../../sdk/policy/rules/index.js";
import { itemId, machine, planId, unknown, withFindings } from "./builders.js";

// The SDK keeps its guard to itself: no type of it is exported.
const { unknownCheckingProxy } = createRequire(__filename)("@pulumi/policy/proxy") as {
  unknownCheckingProxy: (value: Json) => Json;
};

type Json = Record<string, unknown>;

const type = (kind: string) => `pulumi-nodejs:dynamic/siterecovery:${kind}`;
const urnOf = (kind: string, name: string) => `urn:pulumi:dev::p::${type(kind)}::${name}`;

/** Runs a policy on one resource as the SDK does: behind the guard that throws where an unknown value is read. */
function run(policy: DisasterRecoveryPolicy, kind: string, props: Json, config: Json = {}, name = "r"): string[] {
  const said: string[] = [];
  const { validateResource } = policy;
  if (typeof validateResource !== "function") throw new Error("no function");
  const args = {
    type: type(kind),
    props: unknownCheckingProxy(props),
    urn: urnOf(kind, name),
    name,
    getConfig: () => config,
  };
  void validateResource(args as unknown as ResourceValidationArgs, (message) => said.push(message));
  return said;
}

function runStack(policy: DisasterRecoveryPolicy, stack: { kind: string; name: string; props: Json }[]) {
  const said: { message: string; urn: string | undefined }[] = [];
  const args = {
    resources: stack.map(({ kind, name, props }) => ({
      type: type(kind),
      urn: urnOf(kind, name),
      name,
      props: unknownCheckingProxy(props),
    })),
    getConfig: () => ({}),
  };
  void policy.validateStack?.(args as unknown as StackValidationArgs, (message, urn) =>
    said.push({ message, urn }),
  );
  return said;
}

function named(policies: readonly DisasterRecoveryPolicy[], id: string): DisasterRecoveryPolicy {
  const found = policies.find(({ name }) => name === id);
  if (found === undefined) throw new Error(`no policy ${id}`);
  return found;
}

describe("disasterRecoveryPolicies", () => {
  it("makes a policy of every rule, with level, severity, remedy and settings", () => {
    const policies = disasterRecoveryPolicies();
    expect(policies.map(({ name }) => name)).to.deep.equal(rules.map(({ id }) => id));
    const drilled = named(policies, "recovery-plan-drilled");
    expect(drilled).to.include({ severity: "medium", enforcementLevel: "advisory" });
    expect(drilled.remediationSteps).to.match(/^Run a TestFailover/);
    expect(drilled.configSchema?.properties.maxAgeDays).to.include({
      type: "integer",
      default: 90,
      minimum: 1,
      maximum: 3650,
    });
  });

  it("takes levels and settings, which become the defaults that an engine fills in", () => {
    const policies = disasterRecoveryPolicies({
      all: "mandatory",
      "boot-diagnostics": "disabled",
      "recovery-plan-drilled": { maxAgeDays: 30 },
      "rpo-threshold": { maxMinutes: 15, enforcementLevel: "advisory" },
    });
    expect(named(policies, "boot-diagnostics").enforcementLevel).to.equal("disabled");
    expect(named(policies, "recovery-plan-drilled").enforcementLevel).to.equal("mandatory");
    expect(named(policies, "recovery-plan-drilled").configSchema?.properties.maxAgeDays?.default).to.equal(30);
    expect(named(policies, "rpo-threshold")).to.include({ enforcementLevel: "advisory" });
  });

  it("names every rule, level and setting that there is not, at once", () => {
    const attempt = () =>
      disasterRecoveryPolicies({
        nosuch: "advisory",
        "rpo-threshold": { maxMinutes: 0, maxHours: 1 },
        "boot-diagnostics": "sometimes" as "advisory",
        "recovery-plan-drilled": { asOf: "yesterday" },
        "isolated-test-network": 5 as unknown as "advisory",
      });
    expect(attempt)
      .to.throw()
      .with.property("message")
      .that.includes('there is no rule "nosuch"; allowed: recovery-plan-drilled')
      .and.includes("maxMinutes is 0; allowed: a whole number, 1-1440")
      .and.includes("maxHours is no setting of it; allowed: maxMinutes")
      .and.includes('level "sometimes" is not allowed')
      .and.includes('asOf is "yesterday"; allowed: a time such as')
      .and.includes("isolated-test-network is 5; allowed: a level or a map of settings");
  });

  it("says what is wrong and how to mend it, with the remedy of the check that found it", () => {
    const policy = named(disasterRecoveryPolicies(), "no-open-management-port");
    expect(
      run(policy, "Failover", withFindings({ id: "openToInternet", text: "rule x lets all in" })),
    ).to.deep.equal(["rule x lets all in.\nfix: mend it."]);
  });

  it("runs with the configuration that an engine hands over", () => {
    const policy = named(disasterRecoveryPolicies(), "rpo-threshold");
    expect(
      run(policy, "ReplicationPolicy", { crashConsistentFrequencyMinutes: 10 }, { maxMinutes: 5 }),
    ).to.have.length(1);
    expect(run(policy, "ReplicationPolicy", { crashConsistentFrequencyMinutes: 10 }, {})).to.deep.equal([]);
  });

  it("lets the SDK say that a value is not known yet, after it told of what is certain", () => {
    const policy = named(disasterRecoveryPolicies(), "rpo-threshold");
    const said: string[] = [];
    const props = { recoveryPointThresholdMinutes: unknown, replicationIntervalSeconds: 86_400 };
    const args = {
      type: type("ReplicationPolicy"),
      props: unknownCheckingProxy(props),
      urn: "u",
      name: "r",
      getConfig: () => ({}),
    };
    const { validateResource } = policy;
    expect(() => {
      if (typeof validateResource === "function")
        void validateResource(args as unknown as ResourceValidationArgs, (message) => said.push(message));
    }).to.throw("value at .recoveryPointThresholdMinutes can't be known during preview");
    expect(said.join()).to.contain("replicationIntervalSeconds is 86400");
  });

  it("shows a rule about the stack the inputs of today, where an unchanged resource has old outputs", () => {
    const policy = named(disasterRecoveryPolicies(), "recovery-plan-drilled");
    const props = (lastTestFailover: string | undefined) => ({
      name: "shop",
      recoveryPlanId: planId("shop"),
      bootGroups: [{ replicatedItemIds: [itemId("web")] }],
      observedMachines: [machine("web", { lastTestFailover })],
    });
    const stack = [{ kind: "RecoveryPlan", name: "shop", props: props(undefined) }];
    expect(runStack(policy, stack)).to.have.length(1);
    expect(run(policy, "RecoveryPlan", props(new Date().toISOString()), {}, "shop")).to.deep.equal([]);
    expect(runStack(policy, stack)).to.deep.equal([]);
  });

  it("names a machine once in a run, whatever resources know of it, and again in the next", () => {
    const props = { observedMachines: [machine("web", { scenario: "vmwareClassic" })] };
    const policy = named(disasterRecoveryPolicies(), "no-classic-vmware");
    expect(run(policy, "RecoveryPlan", props)).to.have.length(1);
    expect(run(policy, "Failover", props)).to.deep.equal([]);
    expect(run(named(disasterRecoveryPolicies(), "no-classic-vmware"), "Failover", props)).to.have.length(1);
  });

  it("ships in a folder that has the package's version, plain JavaScript and an entry in the package", () => {
    const root = join(__dirname, "../../../..");
    const json = (path: string) => JSON.parse(readFileSync(join(root, path), "utf8")) as Record<string, unknown>;
    const own = json("package.json");
    const pack = json("policy/package.json");
    expect(pack.version).to.equal(own.version);
    expect(own.files).to.include.members(["policy", "docs", "dist"]);
    expect(join("policy", String(pack.main))).to.equal(join("dist", "sdk", "policy", "pack.js"));
    expect(readFileSync(join(root, "policy/PulumiPolicy.yaml"), "utf8")).to.match(/typescript: false/);
  });
});
