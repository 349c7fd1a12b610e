import { expect } from "chai";
import { card, describeEmulator, network } from "./describeEmulator.js";

const here = { location: "westeurope" };

describeEmulator("Microsoft.Network", ({ send, at }) => {
  const path = (type: string, name: string) => at(`Microsoft.Network/${type}/${name}`);
  const net = () => path("virtualNetworks", "net1");
  const subnet = (name: string) => `${net()}/subnets/${name}`;
  const nic = (name: string) => path("networkInterfaces", name);
  const error = async (method: string, where: string, body?: unknown) => {
    const answer = await send(method, where, body);
    return `${answer.status} ${answer.body?.error?.code}`;
  };
  const rule = (priority: number, more: Record<string, unknown> = {}) => ({
    protocol: "tcp",
    sourceAddressPrefix: "*",
    sourcePortRange: "*",
    destinationAddressPrefix: "*",
    destinationPortRange: "3389",
    access: "deny",
    priority,
    direction: "inbound",
    ...more,
  });

  // Recorded: network vnet create and show, August 2023.
  it("answers a network as recorded, with the address of its finished write", async () => {
    const answer = await send("PUT", net(), {
      location: "eastus",
      properties: {
        addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
        enableDdosProtection: false,
        subnets: [{ name: "MySubnet", properties: { addressPrefix: "10.0.0.0/24" } }],
      },
    });
    expect(answer.status).to.equal(201);
    const { etag } = answer.body;
    const { resourceGuid } = answer.body.properties;
    expect(answer.body).to.deep.equal({
      name: "net1",
      id: net(),
      etag,
      type: "Microsoft.Network/virtualNetworks",
      location: "eastus",
      properties: {
        provisioningState: "Succeeded",
        resourceGuid,
        addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
        subnets: [
          {
            name: "MySubnet",
            id: subnet("MySubnet"),
            etag,
            properties: {
              provisioningState: "Succeeded",
              addressPrefix: "10.0.0.0/24",
              delegations: [],
              privateEndpointNetworkPolicies: "Disabled",
              privateLinkServiceNetworkPolicies: "Enabled",
            },
            type: "Microsoft.Network/virtualNetworks/subnets",
          },
        ],
        virtualNetworkPeerings: [],
        enableDdosProtection: false,
      },
    });
    const operation = await send("GET", answer.headers.get("azure-asyncoperation") ?? "");
    expect(operation.body).to.deep.equal({ status: "Succeeded" });
    expect((await send("GET", net())).body).to.deep.equal(answer.body);
  });

  it("keeps subnets in their network, written inline or on their own path", async () => {
    await send("PUT", net(), network({ a: "10.0.0.0/24" }));
    expect((await send("PUT", subnet("b"), { properties: { addressPrefix: "10.0.1.0/24" } })).status).to.equal(
      201,
    );
    expect((await send("PUT", subnet("B"), { properties: { addressPrefix: "10.0.2.0/24" } })).body.name).to.equal(
      "b",
    );
    const whole = await send("GET", net());
    const names = whole.body.properties.subnets.map((entry: { name: string }) => entry.name);
    expect(names).to.deep.equal(["a", "b"]);
    expect((await send("GET", subnet("b"))).body).to.deep.equal(whole.body.properties.subnets[1]);
    // A write that does not speak of subnets leaves them alone.
    await send("PUT", net(), { ...here, properties: { addressSpace: { addressPrefixes: ["10.0.0.0/16"] } } });
    expect((await send("GET", `${net()}/subnets`)).body.value).to.have.length(2);
    expect((await send("DELETE", subnet("a"))).status).to.equal(200);
    expect(await error("GET", subnet("a"))).to.equal("404 NotFound");
    expect((await send("DELETE", subnet("a"))).status).to.equal(204);
  });

  it("refuses subnets that overlap, lie outside, are too small, or are no prefixes", async () => {
    expect(await error("PUT", net(), network({ a: "10.0.0.0/24", b: "10.0.0.128/25" }))).to.equal(
      "400 NetcfgSubnetRangesOverlap",
    );
    expect(await error("PUT", net(), network({ a: "10.1.0.0/24" }))).to.equal("400 NetcfgInvalidSubnet");
    expect(await error("PUT", net(), network({ a: "10.0.0.0/30" }))).to.equal("400 SubnetTooSmall");
    expect(await error("PUT", net(), network({ a: "10.0.0.1/24" }))).to.equal("400 InvalidCIDRNotation");
    expect(await error("PUT", net(), network({ "a b": "10.0.0.0/24" }))).to.equal("400 InvalidResourceName");
    expect(await error("GET", net())).to.equal("404 ResourceNotFound");
  });

  it("takes IPv6 ranges beside IPv4 ones, /64 subnets within them, and gives cards IPv4 addresses", async () => {
    const dual = (ipv6: string, subnets: string[][]) => ({
      ...here,
      properties: {
        addressSpace: { addressPrefixes: ["10.0.0.0/16", ipv6] },
        subnets: subnets.map((addressPrefixes, index) => ({ name: `s${index}`, properties: { addressPrefixes } })),
      },
    });
    const space = "fd00:20::/56";
    const good = dual(space, [
      ["fd00:20:0:1::/64", "10.0.1.0/24"],
      ["10.0.2.0/24", "fd00:20:0:2::/64"],
    ]);
    expect((await send("PUT", net(), good)).status).to.equal(201);
    expect(
      (await send("PUT", nic("c"), card(subnet("s0")))).body.properties.ipConfigurations[0].properties,
    ).to.include({
      privateIPAddress: "10.0.1.4",
      privateIPAddressVersion: "IPv4",
    });
    const other = path("virtualNetworks", "net2");
    const refusals = [
      dual(space, [["10.0.1.0/24", "fd00:20:0:1::/65"]]),
      dual(space, [["10.0.1.0/24", "fd00:21:0:1::/64"]]),
      dual(space, [
        ["10.0.1.0/24", "fd00:20:0:1::/64"],
        ["10.0.2.0/24", "fd00:20:0:1::/64"],
      ]),
      dual("fd00:20::/129", []),
    ];
    const codes = await Promise.all(refusals.map((body) => error("PUT", other, body)));
    expect(codes).to.deep.equal([
      "400 InvalidIPv6SubnetPrefix",
      "400 NetcfgInvalidSubnet",
      "400 NetcfgSubnetRangesOverlap",
      "400 InvalidCIDRNotation",
    ]);
  });

  it("gives cards addresses: dynamic ones the next free, static ones those asked for, and keeps them", async () => {
    await send("PUT", net(), network({ a: "10.0.0.0/24" }));
    const address = async (name: string, body?: unknown) => {
      const answer = body === undefined ? await send("GET", nic(name)) : await send("PUT", nic(name), body);
      return answer.body.properties?.ipConfigurations[0].properties.privateIPAddress ?? answer.body.error.code;
    };
    expect(await address("n1", card(subnet("a")))).to.equal("10.0.0.4");
    expect(await address("n2", card(subnet("a"), "10.0.0.5"))).to.equal("10.0.0.5");
    expect(await address("n3", card(subnet("a")))).to.equal("10.0.0.6");
    expect(await address("n4", card(subnet("a"), "10.0.0.5"))).to.equal("PrivateIPAddressIsAllocated");
    expect(await address("n4", card(subnet("a"), "10.0.0.3"))).to.equal("PrivateIPAddressInReservedRange");
    expect(await address("n4", card(subnet("a"), "10.0.0.255"))).to.equal("PrivateIPAddressInReservedRange");
    expect(await address("n4", card(subnet("a"), "10.0.1.5"))).to.equal("PrivateIPAddressNotInSubnet");
    expect(await address("n4", card(subnet("none")))).to.equal("InvalidResourceReference");
    expect(await address("n4", card(subnet("a"), undefined, { privateIPAllocationMethod: "Static" }))).to.equal(
      "InvalidRequestFormat",
    );
    // Written again it keeps its address; deleted, the address is free.
    expect(await address("n1", card(subnet("a")))).to.equal("10.0.0.4");
    await send("DELETE", nic("n1"));
    expect(await address("n5", card(subnet("a")))).to.equal("10.0.0.4");
    const used = (await send("GET", subnet("a"))).body.properties.ipConfigurations.map(
      (entry: { id: string }) => entry.id,
    );
    expect(used).to.have.members(["n2", "n3", "n5"].map((name) => `${nic(name)}/ipConfigurations/ipconfig1`));
  });

  it("says that a subnet is full when its last address is given", async () => {
    await send("PUT", net(), network({ a: "10.0.0.0/29" }));
    for (const name of ["n1", "n2", "n3"])
      expect((await send("PUT", nic(name), card(subnet("a")))).status).to.equal(201);
    expect(await error("PUT", nic("n4"), card(subnet("a")))).to.equal("400 SubnetIsFull");
  });

  it("refuses to delete or change what is in use, and lets it go afterwards", async () => {
    await send("PUT", path("networkSecurityGroups", "nsg"), { ...here, properties: {} });
    await send("PUT", path("routeTables", "routes"), { ...here, properties: {} });
    const links = {
      networkSecurityGroup: { id: path("networkSecurityGroups", "nsg") },
      routeTable: { id: path("routeTables", "routes") },
    };
    const body = network({});
    await send("PUT", net(), {
      ...body,
      properties: {
        ...body.properties,
        subnets: [{ name: "a", properties: { addressPrefix: "10.0.0.0/24", ...links } }],
      },
    });
    await send("PUT", path("publicIPAddresses", "ip"), { ...here, sku: { name: "Standard" }, properties: {} });
    await send(
      "PUT",
      nic("n1"),
      card(subnet("a"), undefined, { publicIPAddress: { id: path("publicIPAddresses", "ip") } }),
    );
    expect(await error("DELETE", subnet("a"))).to.equal("400 InUseSubnetCannotBeDeleted");
    expect(await error("DELETE", net())).to.equal("400 InUseSubnetCannotBeDeleted");
    expect(await error("PUT", net(), network({}))).to.equal("400 InUseSubnetCannotBeDeleted");
    expect(await error("PUT", net(), network({ a: "10.0.2.0/24" }))).to.equal("400 InUsePrefixCannotBeDeleted");
    expect(await error("DELETE", path("networkSecurityGroups", "nsg"))).to.equal(
      "400 InUseNetworkSecurityGroupCannotBeDeleted",
    );
    expect(await error("DELETE", path("routeTables", "routes"))).to.equal("400 InUseRouteTableCannotBeDeleted");
    expect(await error("DELETE", path("publicIPAddresses", "ip"))).to.equal("400 PublicIPAddressCannotBeDeleted");
    const taking = card(subnet("a"), undefined, { publicIPAddress: { id: path("publicIPAddresses", "ip") } });
    expect(await error("PUT", nic("n2"), taking)).to.equal("400 PublicIPAddressInUse");
    expect((await send("GET", path("networkSecurityGroups", "nsg"))).body.properties.subnets).to.deep.equal([
      { id: subnet("a") },
    ]);
    expect((await send("GET", path("routeTables", "routes"))).body.properties.subnets).to.deep.equal([
      { id: subnet("a") },
    ]);
    expect((await send("GET", path("publicIPAddresses", "ip"))).body.properties.ipConfiguration.id).to.equal(
      `${nic("n1")}/ipConfigurations/ipconfig1`,
    );
    for (const where of [
      nic("n1"),
      net(),
      path("networkSecurityGroups", "nsg"),
      path("routeTables", "routes"),
      path("publicIPAddresses", "ip"),
    ])
      expect((await send("DELETE", where)).status, where).to.equal(200);
  });

  it("answers a security group with its rules, complete, and with the default rules", async () => {
    const nsg = path("networkSecurityGroups", "nsg");
    await send("PUT", nsg, {
      ...here,
      properties: { securityRules: [{ name: "deny-rdp", properties: rule(100) }] },
    });
    expect((await send("PUT", `${nsg}/securityRules/second`, { properties: rule(200) })).status).to.equal(201);
    const { properties } = (await send("GET", nsg)).body;
    expect(properties.securityRules[0].properties).to.deep.equal({
      provisioningState: "Succeeded",
      protocol: "Tcp",
      sourceAddressPrefix: "*",
      sourcePortRange: "*",
      destinationAddressPrefix: "*",
      destinationPortRange: "3389",
      access: "Deny",
      priority: 100,
      direction: "Inbound",
      sourcePortRanges: [],
      destinationPortRanges: [],
      sourceAddressPrefixes: [],
      destinationAddressPrefixes: [],
    });
    const defaults = properties.defaultSecurityRules.map(
      (entry: { name: string; properties: { priority: number } }) => [entry.name, entry.properties.priority],
    );
    expect(defaults).to.deep.equal([
      ["AllowVnetInBound", 65000],
      ["AllowAzureLoadBalancerInBound", 65001],
      ["DenyAllInBound", 65500],
      ["AllowVnetOutBound", 65000],
      ["AllowInternetOutBound", 65001],
      ["DenyAllOutBound", 65500],
    ]);
    expect((await send("GET", `${nsg}/defaultSecurityRules/DenyAllInBound`)).status).to.equal(200);
    expect(await error("PUT", `${nsg}/defaultSecurityRules/DenyAllInBound`, {})).to.equal("501 NotImplemented");
    expect((await send("DELETE", `${nsg}/securityRules/second`)).status).to.equal(200);
    expect((await send("GET", `${nsg}/securityRules`)).body.value).to.have.length(1);
  });

  it("refuses rules that Azure refuses", async () => {
    const nsg = path("networkSecurityGroups", "nsg");
    await send("PUT", nsg, { ...here, properties: { securityRules: [{ name: "first", properties: rule(100) }] } });
    const put = (properties: Record<string, unknown>) =>
      error("PUT", `${nsg}/securityRules/other`, { properties });
    expect(await put(rule(100))).to.equal("400 SecurityRuleConflict");
    expect(await put(rule(99))).to.equal("400 SecurityRuleInvalidPriority");
    expect(await put(rule(200, { destinationPortRange: "70000" }))).to.equal("400 SecurityRuleInvalidPortRange");
    expect(await put(rule(200, { sourceAddressPrefix: "10.0.0.300" }))).to.equal(
      "400 SecurityRuleInvalidAddressPrefix",
    );
    expect(
      await put(rule(200, { sourceAddressPrefix: undefined, sourceAddressPrefixes: ["Internet", "10.0.0.0/8"] })),
    ).to.equal("400 SecurityRuleInvalidAddressPrefix");
    expect(await put(rule(200, { access: "Maybe" }))).to.equal("400 InvalidRequestFormat");
    expect((await send("GET", `${nsg}/securityRules`)).body.value).to.have.length(1);
  });

  it("gives a Standard public address of a documentation range, and no Basic one", async () => {
    const made = await send("PUT", path("publicIPAddresses", "ip1"), {
      ...here,
      sku: { name: "Standard" },
      properties: { publicIPAllocationMethod: "Static" },
    });
    expect(made.body.properties.ipAddress).to.equal("203.0.113.1");
    expect(made.body.properties.idleTimeoutInMinutes).to.equal(4);
    const second = await send("PUT", path("publicIPAddresses", "ip2"), {
      ...here,
      sku: { name: "Standard" },
      properties: {},
    });
    expect(second.body.properties.ipAddress).to.equal("203.0.113.2");
    const basic = { ...here, sku: { name: "Basic" }, properties: {} };
    expect(await error("PUT", path("publicIPAddresses", "ip3"), basic)).to.equal(
      "400 IPv4BasicSkuPublicIpCountLimitReached",
    );
  });

  it("connects a peering when both sides have it, and says when the other is gone", async () => {
    const other = path("virtualNetworks", "net2");
    await send("PUT", net(), network({ a: "10.0.0.0/24" }));
    await send("PUT", other, { ...here, properties: { addressSpace: { addressPrefixes: ["10.1.0.0/16"] } } });
    const state = async (where: string) =>
      (await send("GET", where)).body.properties.virtualNetworkPeerings[0]?.properties.peeringState;
    const link = (to: string) => ({ properties: { remoteVirtualNetwork: { id: to } } });
    await send("PUT", `${net()}/virtualNetworkPeerings/there`, link(other));
    expect(await state(net())).to.equal("Initiated");
    await send("PUT", `${other}/virtualNetworkPeerings/back`, link(net()));
    expect([await state(net()), await state(other)]).to.deep.equal(["Connected", "Connected"]);
    await send("DELETE", `${other}/virtualNetworkPeerings/back`);
    expect(await state(net())).to.equal("Disconnected");
    const overlapping = path("virtualNetworks", "net3");
    await send("PUT", overlapping, network({}));
    expect(await error("PUT", `${net()}/virtualNetworkPeerings/bad`, link(overlapping))).to.equal(
      "400 VnetAddressSpacesOverlap",
    );
  });

  it("exchanges tags by PATCH and refuses another location", async () => {
    await send("PUT", net(), { ...network({ a: "10.0.0.0/24" }), tags: { old: "1" } });
    const answer = await send("PATCH", net(), { tags: { drill: "yes" } });
    expect(answer.body.tags).to.deep.equal({ drill: "yes" });
    expect(answer.body.properties.subnets).to.have.length(1);
    expect(await error("PUT", net(), { ...network({}), location: "North Europe" })).to.equal(
      "409 InvalidResourceLocation",
    );
    expect(
      (await send("PUT", net(), { ...network({ a: "10.0.0.0/24" }), location: "West Europe" })).status,
    ).to.equal(200);
    const { location: _, ...placeless } = network({});
    expect(await error("PUT", path("virtualNetworks", "net9"), placeless)).to.equal("400 LocationRequired");
  });
});
