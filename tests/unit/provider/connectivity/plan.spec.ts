import { expect } from "chai";
import { planConnectivity } from "../../../../provider/connectivity/index.js";
import type {
  AccessVerdict,
  ConnectivityInput,
  ConnectivityPlan,
  WantedAccess,
} from "../../../../provider/connectivity/types.js";
import { applyFix } from "./applyFix.js";
import {
  input,
  machine,
  network,
  networkId,
  nic,
  nsg,
  nsgId,
  publicIpId,
  routeTableId,
  rule,
  subnet,
} from "./shop.js";

function firstVerdict(plan: ConnectivityPlan): AccessVerdict | undefined {
  return plan.machines[0]?.nics[0]?.access[0];
}

function ids(plan: ConnectivityPlan, severity?: string): string[] {
  return plan.findings
    .filter((finding) => severity === undefined || finding.severity === severity)
    .map(({ id }) => id);
}

/** The shop with an NSG on subnet app and, where wanted, one on the NIC. */
function withNsgs(
  subnetRules: Parameters<typeof nsg>[1] | undefined,
  nicRules: Parameters<typeof nsg>[1] | undefined,
  changes: Partial<ConnectivityInput> = {},
): ConnectivityInput {
  const target = {
    subnetName: "app",
    staticIp: "10.20.1.10",
    ...(nicRules === undefined ? {} : { nsgId: nsgId("nic") }),
  };
  return input({
    machines: [machine("app01", { nics: [nic({ target })] })],
    networks: [
      network("prod", {
        subnets: [subnet("app", "10.20.1.0/24", subnetRules === undefined ? {} : { nsgId: nsgId("sub") })],
      }),
    ],
    nsgs: [
      ...(subnetRules === undefined ? [] : [nsg("sub", subnetRules)]),
      ...(nicRules === undefined ? [] : [nsg("nic", nicRules)]),
    ],
    ...changes,
  });
}

describe("planConnectivity: access", () => {
  it("lets RDP in by VPN through the default rules, without a public IP (example E11)", () => {
    const plan = planConnectivity(withNsgs([], []));
    expect(firstVerdict(plan)).to.deep.include({
      path: "vpn",
      port: 3389,
      protocol: "Tcp",
      sources: ["192.168.50.0/24"],
      outcome: "allowed",
      decidedBy: { scope: "nic", nsg: "nic", rule: "AllowVnetInBound" },
    });
    expect(plan.fix).to.deep.equal({ rules: [], networkSecurityGroups: [], publicIps: [] });
    expect(plan.machines[0]?.nics[0]?.publicIp).to.deep.equal({ state: "none" });
  });

  it("asks for SSH on Linux, and for nothing where the system is not known", () => {
    const linux = planConnectivity(input({ machines: [machine("a", { osType: "Linux" })] }));
    expect(firstVerdict(linux)?.port).to.equal(22);
    const { osType: _, ...unknown } = machine("a");
    const plan = planConnectivity(input({ machines: [unknown] }));
    expect(firstVerdict(plan)).to.equal(undefined);
    expect(ids(plan)).to.include("osUnknown");
  });

  it("tells both NSGs' results, and mends both with a rule each, in front of what refuses", () => {
    const deny = rule("DenyRdp", 200, { access: "Deny" });
    const plan = planConnectivity(
      withNsgs([deny, rule("Other", 199, { destinationPorts: ["80"] })], [{ ...deny, priority: 110 }]),
    );
    const verdict = firstVerdict(plan);
    expect(verdict?.decidedBy).to.deep.equal({ scope: "subnet", nsg: "sub", rule: "DenyRdp" });
    expect(
      verdict?.nsgs.map(({ scope, access, rule: name, evaluated }) => [scope, access, name, evaluated]),
    ).to.deep.equal([
      ["subnet", "Deny", "DenyRdp", true],
      ["nic", "Deny", "DenyRdp", false],
    ]);
    expect(
      plan.fix.rules.map((fixed) => [
        fixed.nsgName,
        fixed.priority,
        fixed.protocol,
        fixed.sources,
        fixed.destinations,
        fixed.destinationPorts,
      ]),
    ).to.deep.equal([
      ["nic", 109, "Tcp", ["192.168.50.0/24"], ["10.20.1.10"], ["3389"]],
      ["sub", 198, "Tcp", ["192.168.50.0/24"], ["10.20.1.10"], ["3389"]],
    ]);
  });

  it("says where no priority is free in front of the refusing rule", () => {
    const plan = planConnectivity(withNsgs([rule("DenyRdp", 100, { access: "Deny" })], undefined));
    expect(plan.fix.rules).to.deep.equal([]);
    expect(plan.findings.find(({ id }) => id === "noFreePriority")?.text).to.include(
      "NSG sub has no free priority before 100",
    );
  });

  it("sees a refusal that hits only a part of the sources, and names only that part's range in the rule", () => {
    const access: WantedAccess[] = [{ path: "vpn", sources: ["192.168.50.0/25", "192.168.50.128/25"] }];
    const deny = rule("DenyUpper", 300, { access: "Deny", sources: ["192.168.50.192/26"] });
    const plan = planConnectivity(withNsgs([deny], undefined, { access }));
    expect(firstVerdict(plan)).to.deep.include({ outcome: "blocked" });
    expect(firstVerdict(plan)?.nsgs[0]).to.deep.include({ rule: "DenyUpper", partial: true });
    expect(plan.fix.rules.map(({ sources }) => sources)).to.deep.equal([["192.168.50.128/25"]]);
  });

  it("gathers machines of one subnet in one rule", () => {
    const at = (name: string, staticIp: string) =>
      machine(name, { nics: [nic({ target: { subnetName: "app", staticIp } })] });
    const plan = planConnectivity(
      withNsgs([rule("DenyRdp", 200, { access: "Deny" })], undefined, {
        machines: [
          at("a", "10.20.1.10"),
          at("b", "10.20.1.11"),
          at("c", "10.20.1.20"),
          machine("d", { nics: [nic({ target: { subnetName: "app" } })] }),
        ],
      }),
    );
    expect(plan.fix.rules.map(({ destinations, machines }) => [destinations, machines])).to.deep.equal([
      [["10.20.1.0/24"], ["a", "b", "c", "d"]],
    ]);
  });

  it("never tells a dynamic address, and asks rules about every free one", () => {
    const dynamic = { machines: [machine("a", { nics: [nic({ target: { subnetName: "app" } })] })] };
    const one = rule("DenyOne", 200, { access: "Deny", destinations: ["10.20.1.77"] });
    const partial = planConnectivity(withNsgs([one], undefined, dynamic));
    expect(firstVerdict(partial)).to.deep.include({ outcome: "blocked" });
    expect(firstVerdict(partial)?.nsgs[0]?.partial).to.equal(true);
    const reserved = rule("DenyReserved", 200, { access: "Deny", destinations: ["10.20.1.0/30", "10.20.1.255"] });
    expect(firstVerdict(planConnectivity(withNsgs([reserved], undefined, dynamic)))?.outcome).to.equal("allowed");
  });

  it("plans a Standard public IP and narrow rules for access by internet", () => {
    const access: WantedAccess[] = [{ path: "internet", sources: ["203.0.113.0/24"] }];
    const estate = withNsgs([], [], { access });
    const plan = planConnectivity(estate);
    expect(firstVerdict(plan)).to.deep.include({ outcome: "blocked" });
    expect(plan.machines[0]?.nics[0]?.publicIp).to.deep.equal({ state: "needed", sku: "Standard" });
    expect(plan.fix.publicIps).to.deep.equal([
      { machine: "app01", nicId: "00:50:56:01:02:03", sku: "Standard", allocationMethod: "Static" },
    ]);
    expect(plan.fix.rules.map(({ nsgName, priority, sources }) => [nsgName, priority, sources])).to.deep.equal([
      ["nic", 100, ["203.0.113.0/24"]],
      ["sub", 100, ["203.0.113.0/24"]],
    ]);
    const after = planConnectivity(applyFix(estate, plan));
    expect(firstVerdict(after)?.outcome).to.equal("allowed");
    expect(after.machines[0]?.nics[0]?.publicIp).to.deep.include({ state: "attached", sku: "Standard" });
  });

  it("makes an NSG for a NIC that has none before its public IP, since Azure keeps it closed", () => {
    const access: WantedAccess[] = [{ path: "internet", sources: ["203.0.113.7"] }, { path: "vpn" }];
    const estate = withNsgs(undefined, undefined, { access });
    const plan = planConnectivity(estate);
    expect(firstVerdict(plan)?.decidedBy).to.deep.equal({ scope: "platform" });
    expect(plan.fix.networkSecurityGroups).to.deep.include({
      name: "siterecovery-app-nsg",
      attachTo: [{ machine: "app01", nicId: "00:50:56:01:02:03" }],
      rules: [
        {
          name: "siterecovery-internet-tcp-3389",
          priority: 100,
          direction: "Inbound",
          access: "Allow",
          protocol: "Tcp",
          sources: ["203.0.113.7"],
          sourcePorts: ["*"],
          destinations: ["10.20.1.10"],
          destinationPorts: ["3389"],
          path: "internet",
          machines: ["app01"],
        },
      ],
    });
    const after = planConnectivity(applyFix(estate, plan));
    expect(after.machines[0]?.nics[0]?.access.map(({ outcome }) => outcome)).to.deep.equal(["allowed", "allowed"]);
  });

  it("refuses to open RDP to everybody unless told so by name, and warns even then", () => {
    const wide: WantedAccess = { path: "internet", sources: ["Internet"] };
    const refused = planConnectivity(withNsgs([], undefined, { access: [wide] }));
    expect(refused.fix.rules).to.deep.equal([]);
    expect(ids(refused, "error")).to.deep.equal(["sourceTooWide"]);
    const halves = planConnectivity(
      withNsgs([], undefined, { access: [{ ...wide, sources: ["0.0.0.0/1", "128.0.0.0/1"] }] }),
    );
    expect(ids(halves, "error")).to.deep.equal(["sourceTooWide"]);
    const told = planConnectivity(withNsgs([], undefined, { access: [{ ...wide, allowAnySource: true }] }));
    expect(told.fix.rules.map(({ sources }) => sources)).to.deep.equal([["Internet"]]);
    expect(ids(told, "warning")).to.deep.equal(["anySourceAsked"]);
    const web = planConnectivity(withNsgs([], undefined, { access: [{ ...wide, port: 443 }] }));
    expect(web.fix.rules.map(({ sources, destinationPorts }) => [sources, destinationPorts])).to.deep.equal([
      [["Internet"], ["443"]],
    ]);
  });

  it("finds RDP that is open to the Internet already: an error with a public IP, a warning without", () => {
    const open = rule("OpenRdp", 300, { sources: ["*"] });
    expect(ids(planConnectivity(withNsgs([open], undefined)), "warning")).to.deep.equal(["openToInternet"]);
    const target = { subnetName: "app", staticIp: "10.20.1.10", publicIpId: publicIpId("ip") };
    const exposed = planConnectivity(
      withNsgs([open], undefined, {
        machines: [machine("app01", { nics: [nic({ target })] })],
        publicIps: [{ id: publicIpId("ip"), sku: "Standard" }],
      }),
    );
    expect(exposed.findings.find(({ id }) => id === "openToInternet")).to.deep.include({
      severity: "error",
      machine: "app01",
    });
    expect(ids(planConnectivity(withNsgs([open], [])))).to.not.include("openToInternet");
  });

  it("adds up what single rules open, since many narrow sources make a wide one", () => {
    const parts = Array.from({ length: 8 }, (_, i) =>
      rule(`Part${i}`, 300 + i, { sources: [`${40 + i}.0.0.0/10`] }),
    );
    const { findings } = planConnectivity(withNsgs(parts, undefined));
    expect(findings.find(({ id }) => id === "openToInternet")?.text).to.include(
      "the rules of NSG sub together let the whole Internet in to port 3389",
    );
  });

  it("does not plan on a Basic public IP", () => {
    const target = { subnetName: "app", publicIpId: publicIpId("old") };
    const plan = planConnectivity(
      withNsgs([], undefined, {
        machines: [machine("app01", { nics: [nic({ target })] })],
        publicIps: [{ id: publicIpId("old"), sku: "Basic" }],
      }),
    );
    expect(ids(plan, "error")).to.deep.equal(["basicPublicIp"]);
  });

  it("says that a service tag of unknown range might decide otherwise", () => {
    const deny = rule("DenyStorage", 200, { access: "Deny", sources: ["Storage"] });
    const allow = rule("Admins", 300, { sources: ["203.0.113.0/24"] });
    const access: WantedAccess[] = [{ path: "internet", sources: ["203.0.113.0/24"] }];
    const plan = planConnectivity(withNsgs([deny, allow], undefined, { access }));
    expect(plan.findings.find(({ id }) => id === "tagUndecided")?.text).to.include(
      "rule DenyStorage of NSG sub names Storage",
    );
    const inside = planConnectivity(withNsgs([deny], undefined));
    expect(ids(inside)).to.not.include("tagUndecided");
  });

  it("matches application security groups on the NIC's own side by membership", () => {
    const allow = rule("AllowDb", 200, { destinations: ["asg:db"] });
    const deny = rule("DenyRdp", 300, { access: "Deny" });
    const member = machine("app01", { nics: [nic({ asgIds: ["/x/applicationSecurityGroups/DB"] })] });
    expect(firstVerdict(planConnectivity(withNsgs([allow, deny], undefined)))?.outcome).to.equal("blocked");
    expect(
      firstVerdict(planConnectivity(withNsgs([allow, deny], undefined, { machines: [member] })))?.outcome,
    ).to.equal("allowed");
  });

  it("asks only the machines and NICs that the wanted access names", () => {
    const second = nic({ nicId: "n2", isPrimary: false, target: { subnetName: "web" } });
    const machines = [
      machine("a", { nics: [nic(), second] }),
      machine("b", { nics: [nic({ target: { subnetName: "app" } })] }),
    ];
    const count = (access: WantedAccess[]) =>
      planConnectivity(input({ machines, access })).machines.map(({ nics }) =>
        nics.map((planned) => planned.access.length),
      );
    expect(count([{ path: "vpn", machines: ["A"] }])).to.deep.equal([[1, 0], [0]]);
    expect(
      count([
        { path: "vpn", nics: "all" },
        { path: "vpn", port: 443 },
      ]),
    ).to.deep.equal([[2, 1], [2]]);
  });

  it("leaves its input as it was", () => {
    const estate = withNsgs([rule("DenyRdp", 200, { access: "Deny" })], []);
    const copy = structuredClone(estate);
    planConnectivity(estate);
    expect(estate).to.deep.equal(copy);
  });
});

describe("planConnectivity: paths and routes", () => {
  const table: [string, Partial<ConnectivityInput>, WantedAccess, string, object][] = [
    [
      "VPN without a gateway",
      { networks: [network("prod", { gateways: [] })] },
      { path: "vpn" },
      "blocked",
      { scope: "path" },
    ],
    ["ExpressRoute where only a VPN gateway is", {}, { path: "expressRoute" }, "blocked", { scope: "path" }],
    [
      "VPN from a range that no gateway carries",
      {},
      { path: "vpn", sources: ["172.16.9.0/24"] },
      "blocked",
      { scope: "route", prefix: "172.16.0.0/12", nextHopType: "None" },
    ],
    [
      "VPN from a public range",
      {},
      { path: "vpn", sources: ["203.0.113.0/24"] },
      "blocked",
      { scope: "route", prefix: "0.0.0.0/0", nextHopType: "Internet" },
    ],
    [
      "VPN from the network's own range",
      {},
      { path: "vpn", sources: ["10.20.2.0/24"] },
      "blocked",
      { scope: "route", prefix: "10.20.0.0/16", nextHopType: "VnetLocal" },
    ],
    ["Bastion without its subnet", {}, { path: "bastion" }, "blocked", { scope: "path" }],
    ["private from the network itself", {}, { path: "private" }, "allowed", { scope: "none" }],
    [
      "ExpressRoute with ranges that nobody can read",
      { networks: [network("prod", { gateways: [{ name: "er", kind: "expressRoute" }] })] },
      { path: "expressRoute" },
      "unknown",
      { scope: "path" },
    ],
    [
      "ExpressRoute with ranges that the access names",
      { networks: [network("prod", { gateways: [{ name: "er", kind: "expressRoute" }] })] },
      { path: "expressRoute", sources: ["172.16.9.0/24"] },
      "allowed",
      { scope: "none" },
    ],
  ];
  for (const [title, changes, wanted, outcome, decidedBy] of table) {
    it(`decides ${title}: ${outcome}`, () => {
      const verdict = firstVerdict(planConnectivity(input({ ...changes, access: [wanted] })));
      expect([verdict?.outcome, verdict?.decidedBy]).to.deep.equal([outcome, decidedBy]);
    });
  }

  it("advises no route where the wanted range is the network's own, and one where a gateway could carry it", () => {
    const remedyFor = (source: string) =>
      planConnectivity(input({ access: [{ path: "vpn", sources: [source] }] })).findings.find(
        ({ id }) => id === "routeBlocks",
      )?.remedy;
    expect(remedyFor("10.20.2.0/24")).to.equal("no route mends that: connect from another range, or by Bastion");
    expect(remedyFor("203.0.113.0/24")).to.contain("routed to the gateway");
  });

  const routed = (prefix: string, nextHopType: string, more: object = {}): Partial<ConnectivityInput> => ({
    networks: [
      network("prod", {
        subnets: [subnet("app", "10.20.1.0/24", { routeTableId: routeTableId("rt"), nsgId: nsgId("sub") })],
      }),
    ],
    routeTables: [
      { id: routeTableId("rt").toUpperCase(), name: "rt", routes: [{ prefix, nextHopType }], ...more },
    ],
    nsgs: [nsg("sub", [rule("Admins", 100, { sources: ["203.0.113.0/24"] })])],
  });

  it("blocks access by internet where 0.0.0.0/0 leads to an appliance, and offers no public IP then", () => {
    const plan = planConnectivity(
      input({
        ...routed("0.0.0.0/0", "VirtualAppliance"),
        access: [{ path: "internet", sources: ["203.0.113.0/24"] }],
      }),
    );
    expect(firstVerdict(plan)?.decidedBy).to.deep.equal({
      scope: "route",
      prefix: "0.0.0.0/0",
      nextHopType: "VirtualAppliance",
    });
    expect(plan.fix.publicIps).to.deep.equal([]);
    expect(ids(plan)).to.include("routeBlocks").and.to.include("defaultRoute");
  });

  it("blocks access by VPN where the way back ends at None, also for a part of the range", () => {
    const plan = planConnectivity(input(routed("192.168.50.64/26", "None")));
    expect(firstVerdict(plan)?.decidedBy).to.deep.equal({
      scope: "route",
      prefix: "192.168.50.64/26",
      nextHopType: "None",
    });
  });

  it("blocks access by VPN where the route table keeps gateway routes out", () => {
    const plan = planConnectivity(input(routed("10.99.0.0/16", "None", { disableBgpRoutePropagation: true })));
    expect(firstVerdict(plan)?.decidedBy).to.deep.equal({
      scope: "route",
      prefix: "192.168.0.0/16",
      nextHopType: "None",
    });
  });

  it("lets the way back to on-premises lead through an appliance", () => {
    const plan = planConnectivity(input(routed("192.168.50.0/24", "VirtualAppliance")));
    expect(firstVerdict(plan)?.outcome).to.equal("allowed");
  });

  it("uses the gateway of a peered network, where the peering says so and is connected", () => {
    const hub = network("hub", { addressSpaces: ["10.1.0.0/16"], subnets: [] });
    const spoke = (state: string, useRemoteGateways: boolean) =>
      network("prod", {
        gateways: [],
        peerings: [
          { remoteNetworkId: networkId("HUB"), remoteAddressSpaces: ["10.1.0.0/16"], state, useRemoteGateways },
        ],
      });
    const outcome = (state: string, use: boolean) =>
      firstVerdict(planConnectivity(input({ networks: [hub, spoke(state, use)], access: [{ path: "vpn" }] })))
        ?.outcome;
    expect([outcome("Connected", true), outcome("Connected", false), outcome("Disconnected", true)]).to.deep.equal(
      ["allowed", "blocked", "blocked"],
    );
  });

  it("finds Bastion in the network or a peered one, and lets it through the default rules", () => {
    const bastion = [
      subnet("app", "10.20.1.0/24", { nsgId: nsgId("sub") }),
      subnet("AzureBastionSubnet", "10.20.9.0/26"),
    ];
    const estate = input({
      networks: [network("prod", { subnets: bastion })],
      nsgs: [nsg("sub")],
      access: [{ path: "bastion" }],
    });
    expect(firstVerdict(planConnectivity(estate))).to.deep.include({
      outcome: "allowed",
      sources: ["10.20.9.0/26"],
    });
  });

  it("checks an isolated test network from inside, and says that nobody reaches it from on-premises", () => {
    const plan = planConnectivity(
      input({ purpose: "testFailover", networks: [network("test", { gateways: [] })] }),
    );
    expect(firstVerdict(plan)).to.deep.include({ path: "private", outcome: "allowed", sources: ["10.20.0.0/16"] });
    expect(ids(plan)).to.deep.equal(["noGateway"]);
  });
});

describe("planConnectivity: findings", () => {
  const retained = (changes: Partial<ConnectivityInput>, gatewayPrefixes: string[] | undefined) =>
    planConnectivity(
      input({
        machines: [machine("a", { nics: [nic({ sourceIp: "10.20.1.10", sourcePrefix: "10.20.1.0/24" })] })],
        networks: [
          network("prod", {
            gateways:
              gatewayPrefixes === undefined
                ? []
                : [{ name: "office", kind: "vpn", onPremisesPrefixes: gatewayPrefixes }],
          }),
        ],
        ...changes,
      }),
    ).findings.filter(({ id }) => id === "retainedSubnetOverlap" || id === "gatewayOverlap");

  it("calls a retained subnet an error where a gateway joins it with the live range", () => {
    expect(retained({}, ["10.20.1.0/24"]).map(({ id, severity }) => [id, severity])).to.deep.equal([
      ["retainedSubnetOverlap", "error"],
    ]);
  });

  it("names the machines that stay behind in a retained subnet", () => {
    const [finding] = retained(
      { onPremisesSubnets: [{ prefix: "10.20.1.0/24", remainingMachines: ["printer"] }] },
      ["10.20.0.0/16"],
    );
    expect(finding?.severity).to.equal("error");
    expect(finding?.text).to.include("printer stay there");
  });

  it("only warns of a retained subnet without a gateway, or where the whole subnet moves", () => {
    const whole = { onPremisesSubnets: [{ prefix: "10.20.1.0/24", remainingMachines: [] }] };
    expect(retained({}, undefined).map(({ severity }) => severity)).to.deep.equal(["warning"]);
    expect(retained({}, ["192.168.50.0/24"]).map(({ severity }) => severity)).to.deep.equal(["warning"]);
    expect(retained(whole, ["10.20.1.0/24"]).map(({ severity }) => severity)).to.deep.equal(["warning"]);
  });

  it("knows a retained subnet by a machine's address alone", () => {
    const machines = [machine("a", { nics: [nic({ sourceIp: "10.20.1.10" })] })];
    expect(retained({ machines }, undefined).map(({ id, severity }) => [id, severity])).to.deep.equal([
      ["retainedSubnetOverlap", "warning"],
    ]);
  });

  it("has nothing against a mirrored range in an isolated test network", () => {
    const networks = [network("test", { gateways: [] })];
    expect(retained({ purpose: "testFailover", networks }, undefined)).to.deep.equal([]);
  });

  it("finds a gateway whose on-premises range overlaps the network", () => {
    const plan = planConnectivity(
      input({
        networks: [
          network("prod", { gateways: [{ name: "office", kind: "vpn", onPremisesPrefixes: ["10.20.128.0/17"] }] }),
        ],
      }),
    );
    expect(ids(plan, "error")).to.include("gatewayOverlap");
  });

  it("refuses a test network that is the failover network, and warns where that is allowed", () => {
    const estate = input({ purpose: "testFailover", networkId: networkId("prod") });
    expect(ids(planConnectivity(estate), "error")).to.deep.equal(["testNetworkIsProduction"]);
    const allowed = planConnectivity({ ...estate, allowProductionNetwork: true });
    expect(ids(allowed, "warning")).to.deep.equal(["testNetworkConnected", "testNetworkIsProduction"]);
  });

  it("warns of a private subnet without a way out", () => {
    const closed = (more: object) =>
      ids(
        planConnectivity(
          input({
            networks: [
              network("prod", {
                subnets: [subnet("app", "10.20.1.0/24", { defaultOutboundAccess: false, ...more })],
              }),
            ],
          }),
        ),
      );
    expect(closed({})).to.include("noOutboundInternet");
    expect(closed({ natGatewayId: "nat" })).to.not.include("noOutboundInternet");
  });

  it("promises nothing where an NSG is named that was not read", () => {
    const plan = planConnectivity(
      input({
        networks: [network("prod", { subnets: [subnet("app", "10.20.1.0/24", { nsgId: nsgId("gone") })] })],
      }),
    );
    expect(firstVerdict(plan)?.outcome).to.equal("unknown");
    expect(ids(plan, "warning")).to.deep.equal(["partNotRead"]);
  });

  it("finds rules that cannot be read, and numbers given twice", () => {
    const rules = [
      rule("Bad", 200, { sources: ["10.0.0.300"], destinationPorts: ["80-70"] }),
      rule("Six", 201, { sources: ["fd00::/8"] }),
      rule("Twice", 200),
    ];
    const { findings } = planConnectivity(withNsgs(rules, undefined));
    const about = findings.filter(({ id }) => id === "ruleUnreadable" || id === "priorityTwice");
    expect(about.map(({ id, severity, text }) => [id, severity, /(rules? \S+)/.exec(text)?.[1]])).to.deep.equal([
      ["priorityTwice", "warning", "rules Bad"],
      ["ruleUnreadable", "warning", "rule Bad"],
      ["ruleUnreadable", "warning", "rule Bad"],
    ]);
  });

  it("says that IPv6 does not follow: of an address, of a dual-stack subnet, of wanted sources", () => {
    const dual = [subnet("app", "10.20.1.0/24", { ipv6Prefix: "fd00:1::/64" })];
    const plan = planConnectivity(
      input({
        networks: [network("prod", { subnets: dual })],
        machines: [machine("a", { nics: [nic({ sourceIp: "2001:db8::5" })] })],
        access: [{ path: "vpn", sources: ["2001:db8::/32"] }, { path: "vpn" }],
      }),
    );
    const texts = new Map(plan.findings.map(({ id, text }) => [id, text]));
    expect(texts.get("ipv6NotKept")).to.include("2001:db8::5 is IPv6, which does not follow to Azure");
    expect(texts.get("ipv6NotGiven")).to.include("subnet app has an IPv6 range (fd00:1::/64) too");
    expect(texts.get("wantedAccessInvalid")).to.include("Site Recovery gives machines no IPv6 address");
    expect(plan.machines[0]?.nics[0]?.address.address).to.equal("10.20.1.10");
  });

  it("passes on what was found while the input was read", () => {
    const found = {
      id: "armUnreadable",
      severity: "warning",
      text: "subnet x could not be read",
      remedy: "look",
    } as const;
    expect(planConnectivity(input({ findings: [found] })).findings).to.deep.include(found);
  });

  it("leaves out wanted access that cannot be read, and names every problem of it", () => {
    const bad = [
      { path: "internet", port: 70000 },
      { path: "vpn", sources: ["10.0.0.300"] },
    ] as WantedAccess[];
    const plan = planConnectivity(input({ access: bad }));
    expect(
      plan.findings.filter(({ id }) => id === "wantedAccessInvalid").map(({ text }) => text.split(" ")[0]),
    ).to.deep.equal(["access[0].port", "access[0].sources", "access[1].sources[0]"]);
    expect(plan.machines[0]?.nics[0]?.access).to.deep.equal([]);
  });
});
