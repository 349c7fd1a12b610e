import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { ruleResource, type Verdict } from "../../../../sdk/policy/rule.js";
import { rules } from "../../../../sdk/policy/rules/index.js";
import { itemId, machine, now, planId, unknown, withFindings } from "./builders.js";

/** Every word that a rule reads, so that hostile values land where they are looked at. */
const words = [
  "targetId",
  "testNetworkId",
  "stage",
  "kind",
  "recoveryPoint",
  "preview",
  "walk",
  "from",
  "to",
  "items",
  "connectivityPlan",
  "findings",
  "machines",
  "nics",
  "access",
  "outcome",
  "decidedBy",
  "id",
  "severity",
  "text",
  "observedMachines",
  "replicatedItemId",
  "itemName",
  "name",
  "scenario",
  "disks",
  "diskId",
  "capacityInBytes",
  "lastFailover",
  "lastTestFailover",
  "agentVersion",
  "targetNetworkId",
  "bootGroups",
  "replicatedItemIds",
  "recoveryPlanId",
  "instanceType",
  "securityRules",
  "sourceAddressPrefix",
  "sourceAddressPrefixes",
  "destinationPortRange",
  "destinationPortRanges",
  "destinationApplicationSecurityGroups",
  "priority",
  "direction",
  "protocol",
  "sku",
  "reprotect",
  "perItem",
  "reverse",
  "status",
  "evidence",
  "startTime",
  "mobilityAgentVersion",
  "recoveryPointThresholdMinutes",
  "appConsistentFrequencyHours",
  "__proto__",
  "constructor",
];

const leaf = fc.oneof(
  fc.constantFrom<unknown>(
    unknown,
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    "failedOver",
    "committed",
    "protected",
    "hyperV",
    "vmware",
    "vmwareClassic",
    "Inbound",
    "Allow",
    "Deny",
    "*",
    "0.0.0.0/0",
    "999.1.1.1/99",
    "22-3389",
    "9-1",
    "blocked",
    "2026-01-01T00:00:00Z",
    "tomorrow",
    planId("shop"),
    itemId("web"),
    "InMageAzureV2",
    "openToInternet",
    "error",
    -1,
    0,
    1e308,
    Number.NaN,
    null,
    true,
    "",
  ),
  fc.jsonValue({ maxDepth: 1 }),
);

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...words), tie("value"), { maxKeys: 6 }),
    // Something that is nearly right, so that the path behind it is reached.
    fc.dictionary(fc.constantFrom(...words), tie("value"), { maxKeys: 2 }).map((more) => machine("web", more)),
  ),
}));

const types = [
  ...["ReplicationPolicy", "ReplicatedItem", "RecoveryPlan", "TestFailover", "Failover", "Fabric"].flatMap(
    (kind) => [`pulumi-nodejs:dynamic/siterecovery:${kind}`, `siterecovery:index:${kind}`],
  ),
  "azure-native:network:NetworkSecurityGroup",
  "azure-native:network/v20230901:SecurityRule",
  "azure-native_network_v20230901:network:PublicIPAddress",
  "pulumi:pulumi:Stack",
];

const inputs = fc.dictionary(fc.constantFrom(...words), value, { maxKeys: 12 });
const resources = fc.array(
  fc
    .tuple(fc.constantFrom(...types), inputs, inputs, fc.nat())
    .map(([type, given, outputs, index]) => ruleResource(type, `urn:${type}::${index}`, "r", given, outputs)),
  { minLength: 1, maxLength: 4 },
);

/** That a person can read it: no object and no `undefined` has got into a text. */
function expectReadable(verdict: Verdict): void {
  if (verdict.kind === "undecided") {
    expect(verdict.urn).not.to.equal("");
    expect(verdict.path).not.to.have.length(0);
    return;
  }
  expect(verdict.text.trim()).not.to.equal("");
  expect(verdict.text).not.to.match(/undefined|\[object/);
}

describe("every rule", () => {
  it("judges whatever it is given, never throws, and always says something readable", () => {
    fc.assert(
      fc.property(resources, (stack) => {
        for (const rule of rules) {
          const verdicts = [
            ...stack.flatMap((judged) => rule.judge(judged, {}, { now })),
            ...rule.judgeStack(stack, {}, { now }),
          ];
          verdicts.forEach(expectReadable);
        }
      }),
      { numRuns: 400 },
    );
  });

  it("says the same twice, and changes nothing of what it is given", () => {
    fc.assert(
      fc.property(resources, (stack) => {
        const before = JSON.stringify(stack);
        for (const rule of rules) {
          const judge = () => [
            ...stack.flatMap((judged) => rule.judge(judged, {}, { now })),
            ...rule.judgeStack(stack, {}, { now }),
          ];
          expect(judge()).to.deep.equal(judge());
        }
        expect(JSON.stringify(stack)).to.equal(before);
      }),
      { numRuns: 60 },
    );
  });

  it("says nothing of a resource about which nothing is known, unless that is the violation", () => {
    const spoken = rules.flatMap((rule) =>
      types.flatMap((type) =>
        rule.judge(ruleResource(type, `urn:${type}`, "r", {}), {}, { now }).map(() => `${rule.id} ${type}`),
      ),
    );
    expect(spoken).to.deep.equal(["no-basic-public-ip azure-native_network_v20230901:network:PublicIPAddress"]);
  });

  it("fails no preview by a value that is not known: everything unknown is at most undecided", () => {
    for (const type of types) {
      const judged = ruleResource(
        type,
        `urn:${type}`,
        "r",
        Object.fromEntries(words.map((word) => [word, unknown])),
      );
      for (const rule of rules) {
        const verdicts = [...rule.judge(judged, {}, { now }), ...rule.judgeStack([judged], {}, { now })];
        expect(
          verdicts.filter(({ kind }) => kind === "violation"),
          `${rule.id} of ${type}`,
        ).to.deep.equal([]);
      }
    }
  });

  it("reads a plugin's resources as it reads dynamic ones", () => {
    const given = {
      ...withFindings({ id: "openToInternet" }),
      observedMachines: [machine("web", { agentVersion: "9.1" })],
    };
    const judged = (type: string) =>
      rules.flatMap((rule) => rule.judge(ruleResource(type, "urn", "r", given), {}, { now }));
    const dynamic = judged("pulumi-nodejs:dynamic/siterecovery:Failover");
    expect(dynamic).to.have.length.greaterThan(2);
    expect(judged("siterecovery:index:Failover")).to.deep.equal(dynamic);
  });

  it("has an id of its own in kebab-case, texts that are sentences, and settings that say what they are", () => {
    expect(new Set(rules.map(({ id }) => id)).size).to.equal(rules.length);
    for (const { id, description, remedy, details, settings, severity } of rules) {
      expect(id).to.match(/^[a-z]+(-[a-z]+)+$/);
      for (const text of [description, remedy, details]) expect(text, id).to.match(/^[A-Z].*\.$/s);
      expect(["low", "medium", "high", "critical"]).to.include(severity);
      for (const [key, setting] of Object.entries(settings))
        expect(setting.description, `${id}.${key}`).to.match(/^[A-Z].*\.$/s);
    }
  });

  it("names checks and findings only that the readiness checks and the planner make", () => {
    const folder = join(__dirname, "../../../../provider");
    const sources = [
      ...["readiness", "azureRequirements"].map((name) => `lifecycle/${name}.ts`),
      ...["plan", "networkFindings", "openDoors", "placeMachines"].map((name) => `connectivity/${name}.ts`),
    ].map((path) => readFileSync(join(folder, path), "utf8"));
    const made = sources.join("\n");
    for (const { id, checks } of rules)
      for (const check of checks) {
        // The planner puts the id of an address finding together.
        const isMade = made.includes(`"${check}"`) || made.includes(`"${check.replace(/^address/, "")}"`);
        expect(isMade, `${id}: ${check}`).to.equal(true);
      }
  });

  it("has a file and a test of its own", () => {
    for (const { id } of rules) {
      const name = id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()).replace("Vmware", "VMware");
      expect(existsSync(join(__dirname, "../../../../sdk/policy/rules", `${name}.ts`)), name).to.equal(true);
      const spec = readFileSync(join(__dirname, "rules", `${name}.spec.ts`), "utf8");
      expect(spec, name)
        .to.contain(`describe("${id}"`)
        .and.match(/it\("is met/)
        .and.match(/it\("is broken/);
      expect(spec, name).to.match(/says nothing|without|has no SKU/);
    }
  });
});
