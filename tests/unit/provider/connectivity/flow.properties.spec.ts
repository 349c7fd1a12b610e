import { expect } from "chai";
import fc from "fast-check";
import { parseAddress, parsePrefix } from "../../../../provider/connectivity/address.js";
import { evaluateFlow, type Flow, type FlowContext } from "../../../../provider/connectivity/flow.js";
import { NsgEvaluator } from "../../../../provider/connectivity/nsg.js";
import { contains } from "../../../../provider/connectivity/rangeSet.js";
import {
  composeTags,
  parseEndpoint,
  resolveEndpoint,
  TagTable,
} from "../../../../provider/connectivity/serviceTags.js";
import type { SecurityRule } from "../../../../provider/connectivity/types.js";
import { places, rulesArb } from "./estates.js";

/**
 * A second evaluator, written the slow way round: one packet, one rule after the other, each range compared bit by bit.
 * It shares no code with the planner.
 */
function bits(address: string): string {
  return address
    .split(".")
    .map((octet) => Number(octet).toString(2).padStart(8, "0"))
    .join("");
}

function inRange(address: string, range: string): boolean {
  const [base = "", length = "32"] = range.split("/");
  return bits(address).startsWith(bits(base).slice(0, Number(length)));
}

function inAny(address: string, ranges: string[]): boolean {
  return ranges.some((range) => inRange(address, range));
}

const context: FlowContext = {
  vnetSpaces: ["10.20.0.0/16"],
  subnetPrefix: "10.20.1.0/24",
  peeredSpaces: ["10.30.0.0/16"],
  gatewaySpaces: ["192.168.50.0/24"],
  udrPrefixes: ["172.31.0.0/25"],
  asgs: { web: ["10.20.1.5"], db: ["10.20.2.6"] },
  publicIpSku: null,
};

function matchesPlace(address: string, place: string): boolean {
  const inVirtualNetwork = inAny(address, [
    ...context.vnetSpaces,
    ...context.peeredSpaces,
    ...context.gatewaySpaces,
    ...context.udrPrefixes,
    "168.63.129.16",
  ]);
  if (place === "*" || place === "0.0.0.0/0") return true;
  if (place === "VirtualNetwork") return inVirtualNetwork;
  if (place === "Internet")
    return (
      !inVirtualNetwork &&
      !inAny(address, ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"])
    );
  if (place === "AzureLoadBalancer") return address === "168.63.129.16";
  if (place === "AzurePlatformDNS") return address === "168.63.129.16";
  if (place === "AzurePlatformIMDS") return address === "169.254.169.254";
  if (place.startsWith("asg:")) return (context.asgs[place.slice(4)] ?? []).includes(address);
  return /^\d/.test(place) && inRange(address, place);
}

function matchesPort(port: number, ranges: string[]): boolean {
  return ranges.some((range) => {
    if (range === "*") return true;
    const [first = "", last = first] = range.split("-");
    return port >= Number(first) && port <= Number(last);
  });
}

function decideSlowly(rules: SecurityRule[], flow: Flow): { access: string; rule: string } {
  const sorted = rules
    .filter(({ direction }) => direction === flow.direction)
    .sort((a, b) => a.priority - b.priority);
  for (const rule of sorted) {
    const hits =
      (rule.protocol === "*" || rule.protocol === flow.protocol) &&
      rule.sources.some((place) => matchesPlace(flow.source, place)) &&
      matchesPort(flow.sourcePort, rule.sourcePorts) &&
      rule.destinations.some((place) => matchesPlace(flow.destination, place)) &&
      matchesPort(flow.destinationPort, rule.destinationPorts);
    if (hits) return { access: rule.access, rule: rule.name };
  }
  const inside = matchesPlace(flow.source, "VirtualNetwork") && matchesPlace(flow.destination, "VirtualNetwork");
  if (flow.direction === "Inbound") {
    if (inside) return { access: "Allow", rule: "AllowVnetInBound" };
    if (flow.source === "168.63.129.16") return { access: "Allow", rule: "AllowAzureLoadBalancerInBound" };
    return { access: "Deny", rule: "DenyAllInBound" };
  }
  if (inside) return { access: "Allow", rule: "AllowVnetOutBound" };
  if (matchesPlace(flow.destination, "Internet")) return { access: "Allow", rule: "AllowInternetOutBound" };
  return { access: "Deny", rule: "DenyAllOutBound" };
}

/** Azure's own services are exempt from an NSG, but for rules that name them. */
function decideOfPlatform(rules: SecurityRule[], flow: Flow): { access: string; rule: string } | undefined {
  const tag = { "168.63.129.16": "AzurePlatformDNS", "169.254.169.254": "AzurePlatformIMDS" }[flow.destination];
  if (flow.direction === "Inbound" || tag === undefined) return decideSlowly(rules, flow);
  const naming = rules.filter(({ destinations }) => destinations.includes(tag));
  const decided = decideSlowly(naming, flow);
  return naming.some(({ name }) => name === decided.rule) ? decided : undefined;
}

const addresses = fc.constantFrom(
  ...[
    "10.20.1.4",
    "10.20.1.5",
    "10.20.2.6",
    "10.20.9.9",
    "10.30.0.7",
    "10.31.0.1",
    "192.168.50.20",
    "192.168.50.200",
  ],
  ...[
    "192.168.51.1",
    "203.0.113.7",
    "203.0.113.70",
    "20.40.1.1",
    "8.8.8.8",
    "172.31.0.5",
    "172.31.0.200",
    "168.63.129.16",
  ],
  ...["100.64.1.1", "169.254.169.254"],
);

const flowArb: fc.Arbitrary<Flow> = fc.record({
  direction: fc.constantFrom("Inbound", "Outbound"),
  protocol: fc.constantFrom("Tcp", "Udp", "Icmp"),
  source: addresses,
  sourcePort: fc.constantFrom(80, 50000, 65535),
  destination: addresses,
  destinationPort: fc.constantFrom(22, 3389, 80, 443, 9999),
});

describe("evaluateFlow", function () {
  this.timeout(120_000);

  it("agrees with an evaluator that asks one rule after the other, over random NSGs and flows", () => {
    fc.assert(
      fc.property(fc.option(rulesArb), fc.option(rulesArb), flowArb, (subnetRules, nicRules, flow) => {
        const order = [
          { scope: "subnet", rules: subnetRules },
          { scope: "nic", rules: nicRules },
        ];
        if (flow.direction === "Outbound") order.reverse();
        const evaluated: { scope: string; rule: string; access: string }[] = [];
        for (const { scope, rules } of order) {
          if (rules === null) continue;
          const decided = decideOfPlatform(rules, flow);
          if (decided === undefined) continue;
          evaluated.push({ scope, ...decided });
          if (evaluated.at(-1)?.access === "Deny") break;
        }
        const verdict = evaluateFlow(context, subnetRules, nicRules, flow);
        expect(verdict.evaluated).to.deep.equal(evaluated);
        expect(verdict.verdict).to.equal(evaluated.at(-1)?.access === "Deny" ? "deny" : "allow");
      }),
      { numRuns: 2000 },
    );
  });

  it("lets the reply of an allowed flow pass without a rule", () => {
    const flow: Flow = {
      direction: "Outbound",
      protocol: "Tcp",
      source: "10.20.1.4",
      sourcePort: 3389,
      destination: "172.16.0.1",
      destinationPort: 50000,
      connectionState: "reply-of-allowed-inbound",
    };
    expect(evaluateFlow(context, [], [], flow).decidedBy.scope).to.equal("flow-state");
    expect(evaluateFlow(context, [], [], { ...flow, connectionState: "new" }).verdict).to.equal("deny");
  });

  it("names what a flow may say where it cannot be read", () => {
    const flow = { direction: "Inbound", protocol: "Tcp", sourcePort: 1, destinationPort: 2 } as const;
    expect(() =>
      evaluateFlow(context, [], [], { ...flow, source: "10.0.0.300", destination: "10.0.0.4" }),
    ).to.throw(RangeError, 'flow.source is "10.0.0.300", allowed: address, CIDR');
  });
});

describe("NsgEvaluator.decide", function () {
  this.timeout(120_000);

  it("decides a set as it decides each of its members", () => {
    fc.assert(
      fc.property(
        rulesArb,
        fc.constantFrom(...places),
        fc.constantFrom(...places),
        flowArb,
        (rules, from, to, flow) => {
          const tags = new TagTable();
          const tagContext = composeTags(context);
          const asgs = new Map(
            Object.entries(context.asgs).map(([name, members]) => [
              name,
              members.flatMap((member) => [parseAddress(member) ?? 0, parseAddress(member) ?? 0]),
            ]),
          );
          const sources = resolveEndpoint(parseEndpoint([from], tags), tagContext, asgs);
          const destinations = resolveEndpoint(parseEndpoint([to], tags), tagContext, asgs);
          const { direction, protocol, destinationPort } = flow;
          const { parts } = new NsgEvaluator(rules, tags, asgs).decide(
            { direction, protocol, sources, destinations, sourcePorts: [0, 65535], destinationPort },
            tagContext,
          );
          const source = parsePrefix(flow.source)?.first ?? 0;
          const destination = parsePrefix(flow.destination)?.first ?? 0;
          if (!contains(sources, source) || !contains(destinations, destination)) return;
          const covering = parts.filter(
            (part) => contains(part.sources, source) && contains(part.destinations, destination),
          );
          expect(covering.map(({ rule }) => rule)).to.include(decideSlowly(rules, flow).rule);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
