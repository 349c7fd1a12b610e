import { expect } from "chai";
import { checkCases } from "../../../../provider/connectivity/cases.js";

const context = {
  vnetSpaces: ["10.0.0.0/16"],
  subnetPrefix: "10.0.0.0/24",
  peeredSpaces: [],
  gatewaySpaces: ["192.168.50.0/24"],
  udrPrefixes: [],
  asgs: {},
  publicIpSku: "Standard",
  publicIpAddress: "20.50.1.1",
};
const flow = {
  direction: "Inbound",
  protocol: "TCP",
  source: "203.0.113.10",
  sourcePort: 50_000,
  destination: "10.0.0.4",
  destinationPort: 443,
  connectionState: "new",
};
const allow = (destinations: string[]) => ({
  name: "Allow-HTTPS",
  priority: 100,
  direction: "Inbound",
  access: "Allow",
  protocol: "Tcp",
  sources: ["Internet"],
  sourcePorts: ["*"],
  destinations,
  destinationPorts: ["443"],
});

/** What is said to one case; `expected` is what is asked about. */
function differencesOf(given: Record<string, unknown>): string[] {
  const file = { schemaVersion: 1, cases: [{ id: "one", title: "a case", context, flow, ...given }] };
  return checkCases(file)[0]?.differences ?? ["no result"];
}

describe("checkCases", () => {
  it("names each key in which the planner says something else", () => {
    const expected = { verdict: "deny", decidedBy: { scope: "subnet", rule: "allow-https" } };
    expect(differencesOf({ kind: "nsg", subnetRules: [allow(["*"])], nicRules: null, expected })).to.deep.equal([
      'verdict: expected "deny", the planner says "allow"',
    ]);
  });

  it("fails a case that cannot be read and asks the others", () => {
    const file = {
      schemaVersion: 1,
      cases: [
        { id: "broken", kind: "nsg", context: {}, expected: {} },
        { id: "closed", kind: "nsg", context, flow, expected: { verdict: "deny", evaluated: [] } },
      ],
    };
    const [broken, other] = checkCases(file);
    expect(broken?.differences[0]).to.match(/^cases\[0\] cannot be read: .*context\.vnetSpaces.*flow/);
    expect(other?.differences).to.deep.equal([]);
  });

  it("refuses what Azure takes not, or what asks for nothing, with the place of each problem", () => {
    const twice = [allow(["*"]), { ...allow(["*"]), name: "Deny-HTTPS", access: "Deny" }];
    const [message] = differencesOf({
      id: 7,
      kind: "nsg",
      subnetRules: twice,
      nicRules: [{ ...allow(["10.0.0.0/33"]), priority: 99, destinationPorts: ["443-80"] }],
      flow: { ...flow, destinationPort: null, sourcePort: 70_000 },
      expected: {},
    });
    expect(message?.split("; ")).to.deep.equal([
      "cases[0] cannot be read: subnetRules.1.priority: is 100, which rule Allow-HTTPS has too, allowed: once per direction",
      "nicRules.0.priority: is 99, allowed: 100-4096",
      'nicRules.0.destinations.0: is "10.0.0.0/33", allowed: a CIDR, an address, *, a service tag or asg:<name>',
      'nicRules.0.destinationPorts.0: is "443-80", allowed: *, a port 0-65535, or a range such as 80-90',
      "flow.sourcePort: is 70000, allowed: 0-65535",
      "flow.destinationPort: is missing, allowed for Tcp: 0-65535",
      "expected: is empty, allowed: at least one answer",
    ]);
  });

  it("refuses what is no file of cases, with every problem", () => {
    expect(() => checkCases({ schemaVersion: 2, cases: {} })).to.throw(RangeError, /schemaVersion.*cases/);
  });

  it("asks rules with the private address where a flow names the public IP", () => {
    const denied = { verdict: "deny", decidedBy: { scope: "subnet", rule: "DenyAllInBound" } };
    const rules = { kind: "nsg", subnetRules: [allow(["20.50.1.1"])], nicRules: null };
    for (const destination of ["10.0.0.4", "20.50.1.1"])
      expect(differencesOf({ ...rules, flow: { ...flow, destination }, expected: denied })).to.deep.equal([]);
    const open = { kind: "nsg", subnetRules: [allow(["10.0.0.0/24"])], nicRules: null };
    const toPublic = { ...flow, destination: "20.50.1.1" };
    expect(differencesOf({ ...open, flow: toPublic, expected: { verdict: "allow" } })).to.deep.equal([]);
  });

  it("exempts Azure's own services from NSGs unless a rule names them", () => {
    const toDns = {
      ...flow,
      direction: "Outbound",
      source: "10.0.0.4",
      destination: "168.63.129.16",
      destinationPort: 53,
    };
    const deny = (destination: string) => ({
      ...allow([destination]),
      name: "Deny-DNS",
      direction: "Outbound",
      access: "Deny",
      sources: ["*"],
      destinationPorts: ["*"],
    });
    const ask = (destination: string, expected: object) =>
      differencesOf({ kind: "nsg", subnetRules: null, nicRules: [deny(destination)], flow: toDns, expected });
    expect(ask("*", { verdict: "allow", decidedBy: { scope: "none", rule: null } })).to.deep.equal([]);
    expect(
      ask("AzurePlatformDNS", { verdict: "deny", decidedBy: { scope: "nic", rule: "deny-dns" } }),
    ).to.deep.equal([]);
  });

  it("counts usable and free addresses, or lists them where a list is expected", () => {
    const input = {
      operation: "validateStatic",
      subnetPrefix: "10.0.1.128/29",
      inUse: ["10.0.1.132"],
      requested: "10.0.1.134",
    };
    const counted = { valid: true, usableTotal: 3, usable: 3, freeAfter: 1 };
    const listed = { usable: ["10.0.1.132", "10.0.1.133", "10.0.1.134"], freeAfter: ["10.0.1.133"] };
    expect(differencesOf({ kind: "ip", input, expected: counted })).to.deep.equal([]);
    expect(differencesOf({ kind: "ip", input, expected: listed })).to.deep.equal([]);
    const taken = { ...input, requested: "10.0.1.132" };
    expect(
      differencesOf({ kind: "ip", input: taken, expected: { valid: false, reason: "in-use", freeAfter: 2 } }),
    ).to.deep.equal([]);
  });

  it("foretells an address only where one is possible", () => {
    const place = (inUse: string[], expected: object) =>
      differencesOf({
        kind: "ip",
        input: {
          operation: "testFailoverPlacement",
          item: { subnetName: "APP", staticIp: "10.9.0.5", testSubnetName: null, testStaticIp: null },
          testVnet: { subnets: [{ name: "app", prefix: "10.9.0.0/29", inUse }] },
        },
        expected,
      });
    expect(place([], { subnet: "app", requestedIpGranted: true })).to.deep.equal([]);
    expect(
      place(["10.9.0.5", "10.9.0.4"], {
        requestedIpGranted: false,
        ipFrom: "10.9.0.0/29",
        ipMustBe: "10.9.0.6",
        ipMustNotBe: "10.9.0.5",
      }),
    ).to.deep.equal([]);
    expect(place(["10.9.0.5"], { ipMustBe: "10.9.0.4" })).to.have.length(1);
    expect(place(["10.9.0.5"], { ipMustNotBe: "10.9.0.6" })).to.have.length(1);
  });

  it("takes the longest prefix, then the user's route, and calls a route back by anything but Internet broken", () => {
    const routes = [
      { source: "Default", prefix: "0.0.0.0/0", nextHopType: "Internet" },
      { source: "User", prefix: "0.0.0.0/0", nextHopType: "VirtualAppliance", nextHopIp: "10.0.9.4" },
    ];
    const rules = { kind: "reachability", subnetRules: [allow(["*"])], nicRules: null };
    const blocked = {
      nsgVerdict: "allow",
      directlyReachableFromInternet: false,
      blockedBy: { kind: "route", prefix: "0.0.0.0/0", nextHopType: "VirtualAppliance" },
    };
    expect(differencesOf({ ...rules, routes, expected: blocked })).to.deep.equal([]);
    const exempt = [...routes, { source: "User", prefix: "203.0.113.0/24", nextHopType: "Internet" }];
    const open = { directlyReachableFromInternet: true, blockedBy: null };
    expect(differencesOf({ ...rules, routes: exempt, expected: open })).to.deep.equal([]);
  });
});
