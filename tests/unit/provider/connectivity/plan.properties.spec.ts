import { expect } from "chai";
import fc from "fast-check";
import { type Prefix, parseAddress, parsePrefix } from "../../../../provider/connectivity/address.js";
import { describePlan, evaluateFlow, planConnectivity } from "../../../../provider/connectivity/index.js";
import { applyFix } from "./applyFix.js";
import { estateArb } from "./estates.js";

function isIn(address: number | undefined, range: Prefix | undefined): boolean {
  return address !== undefined && range !== undefined && address >= range.first && address <= range.last;
}

const runs = { numRuns: 250 };

describe("planConnectivity, over random estates", function () {
  // Deep comparison of hundreds of plans: far below this on an idle machine, near it on a loaded one.
  this.timeout(120_000);

  it("gives no two NICs one address, and none that is out of range, reserved or taken", () => {
    fc.assert(
      fc.property(estateArb, (estate) => {
        const given = new Set<string>();
        for (const { nics } of planConnectivity(estate).machines) {
          for (const { address, subnetPrefix, subnetName } of nics) {
            if (address.address === undefined) continue;
            expect(given.has(address.address), `${address.address} twice`).to.equal(false);
            given.add(address.address);
            const number = parseAddress(address.address) ?? -1;
            const range = parsePrefix(subnetPrefix ?? "");
            expect(range).to.not.equal(undefined);
            expect(number - (range?.first ?? 0)).to.be.greaterThan(3);
            expect(number).to.be.lessThan(range?.last ?? 0);
            const subnet = estate.networks[0]?.subnets.find(({ name }) => name === subnetName);
            expect(subnet?.used.map((used) => used.address)).to.not.include(address.address);
          }
        }
      }),
      runs,
    );
  });

  it("gives an address only to kept and chosen, never to dynamic", () => {
    fc.assert(
      fc.property(estateArb, (estate) => {
        for (const { nics } of planConnectivity(estate).machines)
          for (const { address } of nics)
            expect(address.address !== undefined).to.equal(address.kind === "kept" || address.kind === "chosen");
      }),
      runs,
    );
  });

  it("gives the same plan twice, and one that survives JSON unchanged", () => {
    fc.assert(
      fc.property(estateArb, (estate) => {
        const plan = planConnectivity(estate);
        expect(planConnectivity(structuredClone(estate))).to.deep.equal(plan);
        expect(JSON.parse(JSON.stringify(plan))).to.deep.equal(plan);
        expect(JSON.stringify(plan)).to.not.include("null");
      }),
      runs,
    );
  });

  it("gives the same plan whatever the order of rules, subnets, machines and networks in the input", () => {
    fc.assert(
      fc.property(estateArb, (estate) => {
        const turned = {
          ...estate,
          machines: [...estate.machines]
            .reverse()
            .map((machine) => ({ ...machine, nics: [...machine.nics].reverse() })),
          networks: [...estate.networks]
            .reverse()
            .map((network) => ({ ...network, subnets: [...network.subnets].reverse() })),
          nsgs: [...estate.nsgs].reverse().map((nsg) => ({ ...nsg, rules: [...nsg.rules].reverse() })),
          publicIps: [...estate.publicIps].reverse(),
        };
        expect(planConnectivity(turned)).to.deep.equal(planConnectivity(estate));
      }),
      runs,
    );
  });

  it("says of each set address what packets to it meet, one by one", () => {
    const probes = [
      "192.168.50.20",
      "192.168.50.200",
      "203.0.113.7",
      "203.0.113.70",
      "20.40.1.1",
      "10.20.1.9",
      "8.8.8.8",
    ];
    fc.assert(
      fc.property(estateArb, (estate) => {
        for (const machine of planConnectivity(estate).machines) {
          for (const planned of machine.nics) {
            const nic = estate.machines
              .find(({ name }) => name === machine.name)
              ?.nics.find(({ nicId }) => nicId === planned.nicId);
            const subnet = estate.networks[0]?.subnets.find(({ name }) => name === planned.subnetName);
            const routes = estate.routeTables.find(({ id }) => id === subnet?.routeTableId)?.routes ?? [];
            const [network, hub] = estate.networks;
            const peers = (network?.peerings ?? []).filter(({ state }) => state === "Connected");
            const lent = peers.some(({ useRemoteGateways }) => useRemoteGateways === true) ? hub?.gateways : [];
            const gateways = [...(network?.gateways ?? []), ...(lent ?? [])];
            const adminRules = network?.adminRules ?? [];
            const settings = estate.purpose === "failover" ? nic?.target : nic?.test;
            if (planned.address.address === undefined || subnet === undefined) continue;
            // Behind a gateway of unknown ranges the sources of VPN and ExpressRoute are assumed: another question.
            if (gateways.some(({ onPremisesPrefixes }) => onPremisesPrefixes === undefined)) continue;
            if (nic?.asgIds !== undefined) continue;
            const context = {
              vnetSpaces: ["10.20.0.0/16"],
              subnetPrefix: subnet.prefix,
              peeredSpaces: peers.flatMap(({ remoteAddressSpaces }) => remoteAddressSpaces),
              gatewaySpaces: gateways.flatMap(({ onPremisesPrefixes }) => onPremisesPrefixes ?? []),
              udrPrefixes: routes.map(({ prefix }) => prefix),
              asgs: { web: ["10.20.1.5"], db: ["10.20.2.6"] },
              publicIpSku: null,
              adminRules,
            };
            const rulesOf = (id: string | undefined) => estate.nsgs.find((nsg) => nsg.id === id)?.rules ?? null;
            for (const verdict of planned.access) {
              const isDecidedByNsg = ["admin", "subnet", "nic", "none"].includes(verdict.decidedBy.scope);
              const ranges = verdict.sources
                .filter((source) => /^\d/.test(source))
                .map((source) => parsePrefix(source));
              if (!isDecidedByNsg || ranges.length !== verdict.sources.length) continue;
              const outcomes = probes
                .filter((probe) => ranges.some((range) => isIn(parseAddress(probe), range)))
                .map((source) => {
                  const { port: destinationPort, protocol } = verdict;
                  const destination = planned.address.address ?? "";
                  const flow = {
                    direction: "Inbound",
                    protocol,
                    source,
                    sourcePort: 50000,
                    destination,
                    destinationPort,
                  } as const;
                  return evaluateFlow(context, rulesOf(subnet.nsgId), rulesOf(settings?.nsgId), flow).verdict;
                });
              if (verdict.outcome === "allowed") expect(outcomes).to.not.include("deny");
              // A rule of Virtual Network Manager may refuse or open a part only.
              else if (adminRules.length === 0 && verdict.nsgs.every(({ partial }) => partial !== true))
                expect(outcomes).to.not.include("allow");
            }
          }
        }
      }),
      { numRuns: 600 },
    );
  });

  it("leaves nothing to fix once its fix is applied, and what a rule blocked is then allowed", () => {
    fc.assert(
      fc.property(estateArb, (estate) => {
        const plan = planConnectivity(estate);
        const after = planConnectivity(applyFix(estate, plan));
        // Where an NSG is full below the refusing rule no rule can be added: that is said, not mended.
        if (plan.findings.some(({ id }) => id === "noFreePriority")) return;
        expect(after.fix).to.deep.equal({ rules: [], networkSecurityGroups: [], publicIps: [] });
        for (const rule of plan.fix.rules) {
          for (const name of rule.machines) {
            const verdicts = after.machines
              .find((machine) => machine.name === name)
              ?.nics.flatMap((nic) => nic.access)
              .filter(
                ({ path, port, protocol, sources }) =>
                  path === rule.path &&
                  String(port) === rule.destinationPorts[0] &&
                  protocol === rule.protocol &&
                  rule.sources.every((source) => sources.includes(source)),
              );
            expect(verdicts?.some(({ outcome }) => outcome === "allowed")).to.equal(true);
          }
        }
      }),
      runs,
    );
  });

  it("never opens 22 or 3389 to everybody, unless allowAnySource says so by name", () => {
    const everybody = new Set(["*", "internet", "0.0.0.0/0", "storage.westeurope"]);
    fc.assert(
      fc.property(estateArb, (estate) => {
        if (estate.access?.some(({ allowAnySource }) => allowAnySource === true)) return;
        const { fix } = planConnectivity(estate);
        for (const rule of [...fix.rules, ...fix.networkSecurityGroups.flatMap((nsg) => nsg.rules)]) {
          if (rule.destinationPorts[0] === "443") continue;
          expect(rule.sources.filter((source) => everybody.has(source.toLowerCase()))).to.deep.equal([]);
        }
      }),
      runs,
    );
  });

  it("offers only rules that Azure takes: name, priority, direction, one port, TCP or UDP", () => {
    fc.assert(
      fc.property(estateArb, (estate) => {
        const { fix } = planConnectivity(estate);
        for (const rule of fix.rules) {
          expect(rule.name).to.match(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,78}[A-Za-z0-9_]$/);
          expect(rule.priority).to.be.within(100, 4096);
          const others = estate.nsgs.find(({ id }) => id === rule.nsgId)?.rules ?? [];
          const inbound = others.filter(({ direction }) => direction === "Inbound");
          expect(inbound.map(({ priority }) => priority)).to.not.include(rule.priority);
          expect(others.map(({ name }) => name.toLowerCase())).to.not.include(rule.name.toLowerCase());
        }
        const keys = fix.rules.map((rule) => `${rule.nsgId} ${rule.priority}`);
        expect(new Set(keys).size).to.equal(keys.length);
      }),
      runs,
    );
  });

  it("tells every plan in ASCII, one line at least per machine", () => {
    fc.assert(
      fc.property(estateArb, (estate) => {
        const lines = describePlan(planConnectivity(estate));
        expect(lines.join("")).to.match(/^[\x20-\x7e]*$/);
        for (const { name } of estate.machines) expect(lines.some((line) => line.startsWith(name))).to.equal(true);
      }),
      runs,
    );
  });
});
