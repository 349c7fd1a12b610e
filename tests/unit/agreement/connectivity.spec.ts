import { expect } from "chai";
import fc from "fast-check";
import { isClosedByPlatform } from "../../../provider/connectivity/flow.js";
import { evaluateFlow, planConnectivity } from "../../../provider/connectivity/index.js";
import { effectiveRoutes as plannedRoutes, RouteTable } from "../../../provider/connectivity/routes.js";
import { parseAddress } from "../../../rehearsal/emulator/network/addresses.js";
import {
  AddressUnavailable,
  allocateAddress,
  findSubnet,
} from "../../../rehearsal/emulator/network/allocation.js";
import { cardContext, verifyFlow } from "../../../rehearsal/emulator/network/flows.js";
import { effectiveRoutes, nextHop } from "../../../rehearsal/emulator/network/routes.js";
import { addresses, build, estates, localIpv6, sourcesOf } from "./estates.js";

/**
 * The planner and the emulator were written apart, so that one mistake does not pass on both sides: here they are asked
 * the same of random estates.
 */

const numRuns = process.env.SITERECOVERY_FULL_TESTS === "1" ? 10_000 : 250;

/** The emulator's words for where a flow was decided, in the planner's. */
const scopes = {
  networkManager: "admin",
  subnet: "subnet",
  networkInterface: "nic",
  platform: "platform",
  none: "none",
} as const;

describe("planner and emulator", function () {
  this.timeout(600_000);

  it(`agree on NSGs, with the deciding rule, over ${numRuns} random estates`, () => {
    fc.assert(
      fc.property(estates, (drawn) => {
        const { world, card, model } = build(drawn);
        const { userRoutes, disableBgpRoutePropagation: _, ...ranges } = sourcesOf(model);
        const context = {
          ...ranges,
          subnetPrefix: "10.0.0.0/24",
          udrPrefixes: userRoutes.map(({ prefix }) => prefix),
          asgs: Object.fromEntries(model.asgs.map((asg) => [asg.id, asg.addresses])),
          publicIpSku: drawn.publicIp ? "Standard" : null,
        };
        const rulesOf = (name: string) => model.nsgs.find((nsg) => nsg.name === name)?.rules ?? null;
        for (const { direction, protocol, remote, localPort, remotePort } of drawn.flows) {
          const local = remote.includes(":") ? localIpv6 : "10.0.0.4";
          const emulated = verifyFlow(
            cardContext(card, world),
            {
              direction,
              protocol: protocol.toLowerCase(),
              localAddress: local,
              localPort,
              remoteAddress: remote,
              remotePort,
            },
            world,
          );
          const ends =
            direction === "Inbound"
              ? { source: remote, sourcePort: remotePort, destination: local, destinationPort: localPort }
              : { source: local, sourcePort: localPort, destination: remote, destinationPort: remotePort };
          const asked = { direction, protocol, ...ends };
          const rules = [rulesOf("subnetNsg"), rulesOf("cardNsg")] as const;
          const planned = evaluateFlow(context, ...rules, asked);
          // An admin rule that always allows opens what the platform closes.
          const isClosed = planned.decidedBy.scope !== "admin" && isClosedByPlatform(context, ...rules, asked);
          expect(
            {
              access: isClosed ? "deny" : planned.verdict,
              scope: isClosed ? "platform" : planned.decidedBy.scope,
              rule: planned.decidedBy.rule?.toLowerCase() ?? null,
            },
            `${direction} ${protocol} ${remote}`,
          ).to.deep.equal({
            access: emulated.access.toLowerCase(),
            scope: scopes[emulated.decidedAt],
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
        const table = new RouteTable(plannedRoutes(sourcesOf(model)));
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
