import { openPorts } from "../../../provider/connectivity/index.js";
import { type ReadRule, readInboundRule } from "../azureNativeRules.js";
import { findingVerdicts } from "../findings.js";
import { asList, isUnknown, own } from "../plain.js";
import { defineRule, type RuleResource, undecided, type Verdict, violation } from "../rule.js";

const services: Readonly<Record<number, string>> = { 22: "SSH (22)", 3389: "RDP (3389)" };
const findings = ["openToInternet", "anySourceAsked"];

export const noOpenManagementPort = defineRule({
  id: "no-open-management-port",
  description: "Neither RDP nor SSH is open to the whole Internet.",
  severity: "critical",
  enforcementLevel: "mandatory",
  remedy:
    "Limit the source to the ranges of the people who administer the machine, or connect by VPN or Bastion and leave the rule out.",
  details:
    "Looks at the connectivity plan of drills and failovers, and at every NetworkSecurityGroup and SecurityRule of azure-native in any version: single and plural prefixes and ports, rules in order of priority. More than a /8 of public addresses counts as the whole Internet, and so does AzureCloud, where everybody may rent. A SecurityRule of its own is judged alone: what other rules of its NSG refuse is not seen.",
  checks: findings,
  settings: {},
  judge(resource) {
    switch (resource.kind) {
      case "TestFailover":
      case "Failover":
        return findingVerdicts(resource, ({ id }) => findings.includes(id));
      case "NetworkSecurityGroup":
        return judgeRules(resource, own(resource.inputs, "securityRules"));
      case "SecurityRule": {
        const name = own(resource.inputs, "securityRuleName") ?? own(resource.inputs, "name") ?? resource.name;
        const read = readInboundRule({ ...resource.inputs, name }, resource.name);
        return read === undefined ? [] : verdictsOf(resource, [{ read, at: [] }]);
      }
      default:
        return [];
    }
  },
});

interface PlacedRule {
  read: ReadRule;
  /** Where it is among the resource's inputs. */
  at: readonly string[];
}

function judgeRules(resource: RuleResource, rules: unknown): Verdict[] {
  if (isUnknown(rules)) return [undecided(resource, ["securityRules"])];
  const placed = asList(rules).flatMap((rule, index): PlacedRule[] => {
    const at = ["securityRules", String(index)];
    if (isUnknown(rule)) return [{ read: { rule: nothingKnown, unknownAt: [] }, at }];
    const read = readInboundRule(rule, `securityRules[${index}]`);
    return read === undefined ? [] : [{ read, at }];
  });
  return verdictsOf(resource, placed);
}

const nothingKnown: ReadRule["rule"] = {
  name: "",
  priority: 0,
  direction: "Inbound",
  access: "Deny",
  protocol: "*",
  sources: [],
  sourcePorts: [],
  destinations: [],
  destinationPorts: [],
};

/** What known rules open, unless one that is not known might stand before them: then that one is undecided. */
function verdictsOf(resource: RuleResource, placed: readonly PlacedRule[]): Verdict[] {
  const known = placed.flatMap(({ read }) => (read.unknownAt === undefined ? [read.rule] : []));
  const [unknownAt] = placed.flatMap(({ read, at }) =>
    read.unknownAt === undefined ? [] : [[...at, ...read.unknownAt]],
  );
  const open = new Map<string, string[]>();
  for (const { port, rules } of placed.some(({ read }) => mayRefuse(read)) ? [] : openPorts(known)) {
    const what = `${rules.length === 1 ? `rule ${rules[0] ?? ""} lets` : `rules ${rules.join(", ")} together let`} the whole Internet in to`;
    open.set(what, [...(open.get(what) ?? []), services[port] ?? String(port)]);
  }
  return [
    ...[...open].map(([what, ports]) => violation(`${what} ${ports.join(" and ")}`)),
    ...(unknownAt === undefined ? [] : [undecided(resource, unknownAt)]),
  ];
}

/** An unknown rule that may yet turn out to refuse what a known one allows. */
function mayRefuse({ rule, unknownAt }: ReadRule): boolean {
  return unknownAt !== undefined && (rule.access === "Deny" || unknownAt.includes("access"));
}
