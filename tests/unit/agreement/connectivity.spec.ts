import { expect } from "chai";
import fc from "fast-check";
import type { NetworkModel } from "../../../provider/connectivity/index.js";
import { evaluateFlow, fromArm, planConnectivity } from "../../../provider/connectivity/index.js";
import { effectiveRoutes as plannedRoutes, RouteTable } from "../../../provider/connectivity/routes.js";
import { createVirtualMachine } from "../../../rehearsal/emulator/compute.js";
import { checkEstate } from "../../../rehearsal/emulator/estate/load.js";
import {
  networkSecurityGroupId,
  resourceGroupId,
  virtualNetworkId,
} from "../../../rehearsal/emulator/estate/names.js";
import { seedResources } from "../../../rehearsal/emulator/estate/seed.js";
import { parseAddress } from "../../../rehearsal/emulator/network/addresses.js";
import {
  AddressUnavailable,
  allocateAddress,
  findSubnet,
} from "../../../rehearsal/emulator/network/allocation.js";
import { cardContext, verifyFlow } from "../../../rehearsal/emulator/network/flows.js";
import { effectiveRoutes, nextHop } from "../../../rehearsal/emulator/network/routes.js";
import { virtualNetworkKind } from "../../../rehearsal/emulator/resources/virtualNetworks.js";
import { EmulatorWorld } from "../../../rehearsal/emulator/world.js";

/**
 * The planner and the emulator were written apart, so that one mistake does not pass on both sides: here they are asked
 * the same of random estates.
 */

const prefixes = [
  "10.0.0.0/16",
  "10.0.0.0/24",
  "10.0.0.4",
  "10.0.1.0/28",
  "10.0.0.0/8",
  "192.168.0.0/16",
  "192.168.50.0/24",
  "192.168.50.128/25",
  "203.0.113.0/24",
  "203.0.113.64/26",
  "20.40.0.0/16",
  "10.1.0.0/24",
  "172.31.0.0/24",
  "168.63.129.16",
  "0.0.0.0/0",
];
const alone = ["*", "Internet", "VirtualNetwork", "AzureLoadBalancer", "AzurePlatformDNS", "AzurePlatformIMDS"];
const places: fc.Arbitrary<string[]> = fc.oneof(
  fc.constantFrom(...alone).map((place) => [place]),
  fc.uniqueArray(fc.constantFrom(...prefixes), { minLength: 1, maxLength: 3 }),
);

const rules = fc.uniqueArray(fc.integer({ min: 100, max: 4096 }), { maxLength: 6 }).chain((priorities) =>
  fc.tuple(
    ...priorities.map((priority, index) =>
      fc.record({
        name: fc.constant(`rule-${index}`),
        priority: fc.constant(priority),
        direction: fc.constantFrom("Inbound" as const, "Outbound" as const),
        access: fc.constantFrom("Allow" as const, "Deny" as const),
        protocol: fc.constantFrom("Tcp" as const, "Udp" as const, "*" as const, "Icmp" as const),
        sources: places,
        sourcePorts: fc.constantFrom<string[][]>(["*"], ["*"], ["1024-65535"]),
        destinations: places,
        destinationPorts: fc.constantFrom<string[][]>(
          ["*"],
          ["3389"],
          ["22"],
          ["20-25", "3389"],
          ["80", "443"],
          ["0-65535"],
        ),
      }),
    ),
  ),
);

const addresses = [
  "10.0.0.4",
  "10.0.0.9",
  "10.0.1.5",
  "10.1.0.7",
  "10.9.0.1",
  "192.168.50.20",
  "192.168.50.200",
  "192.168.60.1",
  "203.0.113.7",
  "203.0.113.70",
  "20.40.1.1",
  "8.8.8.8",
  "172.31.0.5",
  "172.31.1.5",
  "168.63.129.16",
  "169.254.169.254",
  "100.64.1.1",
];

const hops = ["VirtualAppliance", "None", "Internet", "VnetLocal", "VirtualNetworkGateway"] as const;
const routes = fc.uniqueArray(
  fc.record({
    prefix: fc.constantFrom("172.31.0.0/24", "203.0.113.64/26", "192.168.50.0/24", "20.40.0.0/16", "10.0.1.0/28"),
    hop: fc.constantFrom(...hops),
  }),
  { maxLength: 3, selector: ({ prefix }) => prefix },
);

const estates = fc.record({
  subnetRules: fc.option(rules, { nil: undefined }),
  cardRules: fc.option(rules, { nil: undefined }),
  hasPeer: fc.boolean(),
  onPremises: fc.constantFrom(undefined, ["192.168.50.0/24"], ["192.168.0.0/16"]),
  routes: fc.option(routes, { nil: undefined }),
  /** The last octets of addresses that others hold. */
  taken: fc.uniqueArray(fc.integer({ min: 4, max: 14 }), { maxLength: 11 }),
  wish: fc.constantFrom(
    undefined,
    "10.0.1.3",
    "10.0.1.4",
    "10.0.1.9",
    "10.0.1.14",
    "10.0.1.15",
    "10.0.2.5",
    "10.0.1.300",
  ),
  flows: fc.array(
    fc.record({
      direction: fc.constantFrom("Inbound" as const, "Outbound" as const),
      protocol: fc.constantFrom("Tcp", "Udp", "Icmp"),
      remote: fc.constantFrom(...addresses),
      localPort: fc.constantFrom(22, 3389, 80, 9999, 50_000),
      remotePort: fc.constantFrom(22, 443, 1024, 60_000),
    }),
    { minLength: 4, maxLength: 8 },
  ),
});
type Drawn = typeof estates extends fc.Arbitrary<infer T> ? T : never;

function build(drawn: Drawn) {
  const { subnetRules, cardRules, hasPeer, onPremises, taken } = drawn;
  const table = drawn.routes?.map(({ prefix, hop }, index) => ({
    name: `route-${index}`,
    addressPrefix: prefix,
    nextHopType: hop,
    ...(hop === "VirtualAppliance" ? { nextHopIpAddress: "10.0.0.200" } : {}),
  }));
  const attached = {
    ...(subnetRules && { networkSecurityGroup: "subnetNsg" }),
    ...(table && { routeTable: "routes" }),
  };
  const estate = checkEstate({
    subscriptionId: "11111111-2222-4333-8444-555555555555",
    resourceGroup: "rg",
    location: "westeurope",
    vault: { name: "vault" },
    networkSecurityGroups: [
      ...(subnetRules ? [{ name: "subnetNsg", rules: subnetRules }] : []),
      ...(cardRules ? [{ name: "cardNsg", rules: cardRules }] : []),
    ],
    routeTables: table ? [{ name: "routes", routes: table }] : [],
    networks: [
      {
        name: "net",
        addressPrefixes: ["10.0.0.0/16"],
        peerings: hasPeer ? ["peer"] : [],
        subnets: [
          { name: "work", addressPrefix: "10.0.0.0/24", ...attached },
          { name: "small", addressPrefix: "10.0.1.0/28", ...attached },
          { name: "GatewaySubnet", addressPrefix: "10.0.255.0/27" },
        ],
      },
      ...(hasPeer
        ? [
            {
              name: "peer",
              addressPrefixes: ["10.1.0.0/16"],
              subnets: [{ name: "a", addressPrefix: "10.1.0.0/24" }],
            },
          ]
        : []),
    ],
    gateways: onPremises ? [{ name: "gw", network: "net", onPremisesPrefixes: onPremises }] : [],
  });
  const world = new EmulatorWorld({ siteRecovery: { vaults: {} }, startTime: 0, frozen: true });
  seedResources(world, estate);
  const group = resourceGroupId(estate);
  const networkId = virtualNetworkId(estate, "net");
  const machine = (name: string, subnet: string, privateIpAddress: string, nsgId?: string) => {
    const made = createVirtualMachine(world, {
      resourceGroupId: group,
      name,
      size: "Standard_D2s_v3",
      location: "westeurope",
      osType: "Linux",
      nics: [
        {
          name: `${name}-nic`,
          subnetId: `${networkId}/subnets/${subnet}`,
          privateIpAddress,
          ...(nsgId && { networkSecurityGroupId: nsgId }),
        },
      ],
    });
    const card = world.arm.get(made.networkInterfaces[0]?.id ?? "");
    if (!card) throw new Error("the machine has no card");
    return card;
  };
  const nsgId = cardRules && networkSecurityGroupId(estate, "cardNsg");
  const card = machine("target", "work", "10.0.0.4", nsgId);
  for (const last of taken) machine(`other${last}`, "small", `10.0.1.${last}`);
  const list = (type: string) => world.arm.list(`Microsoft.Network/${type}`);
  const model = fromArm({
    virtualNetworks: list("virtualNetworks").map(
      (network) => virtualNetworkKind.render?.(network, world) ?? network,
    ),
    networkSecurityGroups: list("networkSecurityGroups"),
    routeTables: list("routeTables"),
    networkInterfaces: list("networkInterfaces"),
    publicIPAddresses: list("publicIPAddresses"),
    virtualNetworkGateways: list("virtualNetworkGateways"),
    localNetworkGateways: list("localNetworkGateways"),
    connections: list("connections"),
  });
  return { world, card, model, networkId };
}

function sourcesOf(model: NetworkModel) {
  const net = model.networks.find(({ name }) => name === "net");
  if (net === undefined) throw new Error("the network was not read");
  const peeredSpaces = net.peerings.flatMap(({ remoteAddressSpaces }) => remoteAddressSpaces);
  const gatewaySpaces = net.gateways.flatMap(({ onPremisesPrefixes }) => onPremisesPrefixes ?? []);
  const userRoutes = model.routeTables[0]?.routes ?? [];
  return { vnetSpaces: net.addressSpaces, peeredSpaces, gatewaySpaces, userRoutes };
}

const numRuns = process.env.SITERECOVERY_FULL_TESTS === "1" ? 10_000 : 400;

describe("planner and emulator", function () {
  this.timeout(600_000);

  it(`agree on NSGs, with the deciding rule, over ${numRuns} random estates`, () => {
    fc.assert(
      fc.property(estates, (drawn) => {
        const { world, card, model } = build(drawn);
        const { vnetSpaces, peeredSpaces, gatewaySpaces, userRoutes } = sourcesOf(model);
        const context = {
          vnetSpaces,
          subnetPrefix: "10.0.0.0/24",
          peeredSpaces,
          gatewaySpaces,
          udrPrefixes: userRoutes.map(({ prefix }) => prefix),
          asgs: {},
          publicIpSku: null,
        };
        const rulesOf = (name: string) => model.nsgs.find((nsg) => nsg.name === name)?.rules ?? null;
        for (const { direction, protocol, remote, localPort, remotePort } of drawn.flows) {
          const emulated = verifyFlow(
            cardContext(card, world),
            {
              direction,
              protocol: protocol.toLowerCase(),
              localAddress: "10.0.0.4",
              localPort,
              remoteAddress: remote,
              remotePort,
            },
            world,
          );
          const ends =
            direction === "Inbound"
              ? { source: remote, sourcePort: remotePort, destination: "10.0.0.4", destinationPort: localPort }
              : { source: "10.0.0.4", sourcePort: localPort, destination: remote, destinationPort: remotePort };
          const planned = evaluateFlow(context, rulesOf("subnetNsg"), rulesOf("cardNsg"), {
            direction,
            protocol,
            ...ends,
          });
          expect(
            { access: planned.verdict, rule: planned.decidedBy.rule?.toLowerCase() ?? null },
            `${direction} ${protocol} ${remote}`,
          ).to.deep.equal({
            access: emulated.access.toLowerCase(),
            rule: emulated.rule?.name.toLowerCase() ?? null,
          });
        }
      }),
      { numRuns },
    );
  });

  it(`agree on the next hop, over ${numRuns} random estates`, () => {
    fc.assert(
      fc.property(estates, (drawn) => {
        const { world, card, model } = build(drawn);
        const table = new RouteTable(plannedRoutes({ ...sourcesOf(model), disableBgpRoutePropagation: false }));
        const emulated = effectiveRoutes(cardContext(card, world), world);
        for (const address of addresses) {
          const number = parseAddress(address) ?? 0;
          const route = table.lookUp([number, number])[0]?.route;
          expect(route?.nextHopType, address).to.equal(nextHop(emulated, number)?.nextHopType);
        }
      }),
      { numRuns },
    );
  });

  it(`agree on addresses, over ${numRuns} random estates`, () => {
    fc.assert(
      fc.property(estates, (drawn) => {
        const { world, model, networkId } = build(drawn);
        const subnet = findSubnet(world, `${networkId}/subnets/small`, "the test");
        const plan = planConnectivity({
          ...model,
          purpose: "failover",
          machines: [
            {
              name: "new",
              osType: "Linux",
              targetNetworkId: networkId,
              nics: [
                {
                  nicId: "nic",
                  isPrimary: true,
                  selected: true,
                  target: { subnetName: "small", ...(drawn.wish === undefined ? {} : { staticIp: drawn.wish }) },
                  test: {},
                },
              ],
            },
          ],
        });
        const planned = plan.machines[0]?.nics[0]?.address;
        let given: string | undefined;
        try {
          given = allocateAddress(world, subnet, "new", drawn.wish);
        } catch (error) {
          if (!(error instanceof AddressUnavailable)) throw error;
        }
        if (given === undefined) expect(planned?.kind).to.equal("impossible");
        else if (drawn.wish !== undefined) expect(planned?.address).to.equal(given);
        else {
          expect(planned?.kind).to.equal("dynamic");
          expect(drawn.taken).to.not.include(Number(given.split(".")[3]));
          if (drawn.taken.length === 10) expect(planned?.why).to.include("the only free address is");
        }
      }),
      { numRuns },
    );
  });
});
