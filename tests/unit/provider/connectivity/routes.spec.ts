import { expect } from "chai";
import { prefixesSet, setToPrefixes } from "../../../../provider/connectivity/address.js";
import { effectiveRoutes, type RouteSources, RouteTable } from "../../../../provider/connectivity/routes.js";

// Source of the rules: azure-docs, virtual-network/virtual-networks-udr-overview.

function hops(changes: Partial<RouteSources>, addresses: string[]): string[] {
  const routes = effectiveRoutes({
    vnetSpaces: ["10.20.0.0/16"],
    peeredSpaces: [],
    gatewaySpaces: [],
    userRoutes: [],
    disableBgpRoutePropagation: false,
    ...changes,
  });
  return new RouteTable(routes)
    .lookUp(prefixesSet(addresses))
    .map(({ route, addresses: part }) => `${setToPrefixes(part).join("+")} ${route.nextHopType}`)
    .sort();
}

describe("RouteTable", () => {
  it("sends the network to itself, private ranges that nothing holds to None, the rest to the Internet", () => {
    expect(
      hops({}, ["10.20.3.4", "10.99.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "8.8.8.8"]),
    ).to.deep.equal([
      "10.20.3.4 VnetLocal",
      "10.99.0.1 None",
      "100.64.0.1 None",
      "172.16.0.1 None",
      "192.168.0.1 None",
      "8.8.8.8 Internet",
    ]);
  });

  it("takes the longest prefix, and at equal length user-defined before gateway before system", () => {
    const gatewaySpaces = ["192.168.50.0/24", "0.0.0.0/0"];
    const userRoutes = [
      { prefix: "192.168.50.128/25", nextHopType: "VirtualAppliance" },
      { prefix: "192.168.50.0/24", nextHopType: "None" },
    ];
    expect(hops({ gatewaySpaces }, ["192.168.50.0/24", "8.8.8.8"])).to.deep.equal([
      "192.168.50.0/24 VirtualNetworkGateway",
      "8.8.8.8 VirtualNetworkGateway",
    ]);
    expect(hops({ gatewaySpaces, userRoutes }, ["192.168.50.0/24"])).to.deep.equal([
      "192.168.50.0/25 None",
      "192.168.50.128/25 VirtualAppliance",
    ]);
  });

  it("prefers the network's and a peering's system routes even over a longer gateway route, but not over a user's", () => {
    const gatewaySpaces = ["10.20.1.0/24", "10.30.1.0/24"];
    expect(hops({ gatewaySpaces, peeredSpaces: ["10.30.0.0/16"] }, ["10.20.1.4", "10.30.1.4"])).to.deep.equal([
      "10.20.1.4 VnetLocal",
      "10.30.1.4 VNetPeering",
    ]);
    const userRoutes = [{ prefix: "10.20.1.0/24", nextHopType: "VirtualAppliance" }];
    expect(hops({ gatewaySpaces, userRoutes }, ["10.20.1.4"])).to.deep.equal(["10.20.1.4 VirtualAppliance"]);
  });

  it("keeps gateway routes out where the route table says so", () => {
    expect(
      hops({ gatewaySpaces: ["192.168.50.0/24"], disableBgpRoutePropagation: true }, ["192.168.50.1"]),
    ).to.deep.equal(["192.168.50.1 None"]);
  });
});
