import { expect } from "chai";
import { parseAddress } from "../../../../provider/connectivity/address.js";
import { planConnectivity } from "../../../../provider/connectivity/index.js";
import { chooseSubnet, SubnetAddresses } from "../../../../provider/connectivity/placement.js";
import type { AddressKind, NicPlan, Purpose, UsedAddress } from "../../../../provider/connectivity/types.js";
import { input, machine, network, networkId, nic, subnet } from "./shop.js";

describe("SubnetAddresses", () => {
  // Source of the table: azure-docs, virtual-network/virtual-networks-faq and ip-services/private-ip-addresses.
  const table: [prefix: string, address: string, problem: string | undefined][] = [
    ["10.0.0.0/24", "10.0.0.0", "reserved-first-four"],
    ["10.0.0.0/24", "10.0.0.1", "reserved-first-four"],
    ["10.0.0.0/24", "10.0.0.3", "reserved-first-four"],
    ["10.0.0.0/24", "10.0.0.4", undefined],
    ["10.0.0.0/24", "10.0.0.254", undefined],
    ["10.0.0.0/24", "10.0.0.255", "reserved-last"],
    ["10.0.0.0/24", "10.0.1.4", "out-of-range"],
    ["10.0.0.128/25", "10.0.0.131", "reserved-first-four"],
    ["10.0.0.128/25", "10.0.0.132", undefined],
    ["10.0.0.128/25", "10.0.0.127", "out-of-range"],
    ["10.0.0.8/29", "10.0.0.12", undefined],
    ["10.0.0.8/29", "10.0.0.15", "reserved-last"],
    ["10.0.0.0/16", "10.0.255.255", "reserved-last"],
    ["10.0.0.0/16", "10.0.0.255", undefined],
  ];
  for (const [prefix, address, problem] of table) {
    it(`says ${problem ?? "that it is free"} of ${address} in ${prefix}`, () => {
      const state = new SubnetAddresses(subnet("s", prefix));
      expect(state.problem(parseAddress(address) ?? -1)?.code).to.equal(problem);
    });
  }

  it("counts 3 usable addresses in the smallest subnet, a /29, and none in a /30", () => {
    expect(new SubnetAddresses(subnet("s", "10.0.0.8/29")).freeCount()).to.equal(3);
    expect(new SubnetAddresses(subnet("s", "10.0.0.8/30")).freeCount()).to.equal(0);
  });

  it("names who holds a taken address, and counts each held address once", () => {
    const used: UsedAddress[] = [
      { address: "10.0.0.4", owner: "vm1" },
      { address: "10.0.0.4", owner: "vm2" },
      { address: "10.0.0.1" },
    ];
    const state = new SubnetAddresses(subnet("s", "10.0.0.0/24", { used }));
    expect(state.problem(parseAddress("10.0.0.4") ?? -1)).to.deep.equal({ code: "in-use", holder: "vm1" });
    expect(state.freeCount()).to.equal(250);
  });
});

describe("chooseSubnet", () => {
  const subnets = ["web", "App", "AzureBastionSubnet", "GatewaySubnet", "data"].map((name) => ({ name }));
  const table: [
    string,
    Purpose,
    { subnetName?: string; testSubnetName?: string },
    string | undefined,
    string | undefined,
  ][] = [
    ["the item's own subnet in a failover", "failover", { subnetName: "web" }, "web", "setting"],
    ["a name in other letters", "failover", { subnetName: "APP" }, "App", "setting"],
    ["nothing where a failover's subnet is absent", "failover", { subnetName: "shop" }, undefined, undefined],
    ["no test setting in a failover", "failover", { subnetName: "web", testSubnetName: "data" }, "web", "setting"],
    [
      "the test setting before the item's own",
      "testFailover",
      { subnetName: "web", testSubnetName: "data" },
      "data",
      "setting",
    ],
    ["the same name where there is no test setting", "testFailover", { subnetName: "web" }, "web", "sameName"],
    [
      "the same name where the test setting is absent",
      "testFailover",
      { subnetName: "web", testSubnetName: "x" },
      "web",
      "sameName",
    ],
    [
      "the first in order, without Azure's own subnets",
      "testFailover",
      { subnetName: "shop" },
      "App",
      "firstInOrder",
    ],
    ["the first in order where no subnet is named", "testFailover", {}, "App", "firstInOrder"],
  ];
  for (const [title, purpose, wish, name, by] of table) {
    it(`takes ${title}`, () => {
      const choice = chooseSubnet(purpose, wish, subnets);
      expect([choice?.subnet.name, choice?.by]).to.deep.equal([name, by]);
    });
  }
});

describe("planConnectivity: addresses", () => {
  const used = [{ address: "10.20.1.10", owner: "old-vm" }];
  const plan = (
    purpose: Purpose,
    staticIp: string | undefined,
    sourceIp = "192.168.10.5",
  ): [NicPlan, string[]] => {
    const settings = { subnetName: "app", ...(staticIp === undefined ? {} : { staticIp }) };
    const made = planConnectivity(
      input({
        purpose,
        machines: [machine("app01", { nics: [nic({ sourceIp, target: settings })] })],
        networks: [
          network("prod", { subnets: [subnet("app", "10.20.1.0/24", { used })] }),
          network("test", { subnets: [subnet("app", "10.20.1.0/24", { used })], gateways: [] }),
        ],
      }),
    );
    const [first] = made.machines[0]?.nics ?? [];
    if (first === undefined) throw new Error("the plan has no NIC");
    return [first, made.findings.map(({ id, severity }) => `${severity} ${id}`)];
  };

  const table: [Purpose, string | undefined, string, AddressKind, string | undefined, string | undefined][] = [
    ["failover", "10.20.1.20", "192.168.10.5", "chosen", "10.20.1.20", undefined],
    ["failover", "10.20.1.20", "10.20.1.20", "kept", "10.20.1.20", undefined],
    ["failover", undefined, "192.168.10.5", "dynamic", undefined, undefined],
    ["failover", "10.20.1.10", "192.168.10.5", "impossible", undefined, "error addressTaken"],
    ["failover", "10.20.1.3", "192.168.10.5", "impossible", undefined, "error addressReserved"],
    ["failover", "10.20.1.255", "192.168.10.5", "impossible", undefined, "error addressReserved"],
    ["failover", "10.21.1.4", "192.168.10.5", "impossible", undefined, "error addressOutOfRange"],
    ["failover", "10.20.1", "192.168.10.5", "impossible", undefined, "error addressUnreadable"],
    ["failover", "fd00::5", "192.168.10.5", "impossible", undefined, "error addressUnreadable"],
    ["testFailover", "10.20.1.20", "192.168.10.5", "chosen", "10.20.1.20", undefined],
    ["testFailover", "10.20.1.10", "192.168.10.5", "dynamic", undefined, "warning addressTaken"],
    ["testFailover", "10.21.1.4", "192.168.10.5", "dynamic", undefined, "info addressOutOfRange"],
    ["testFailover", "10.20.1.0", "192.168.10.5", "dynamic", undefined, "warning addressReserved"],
  ];
  for (const [purpose, staticIp, sourceIp, kind, address, finding] of table) {
    it(`makes ${staticIp ?? "no set address"} ${kind} in a ${purpose} of a machine at ${sourceIp}`, () => {
      const [planned, findings] = plan(purpose, staticIp, sourceIp);
      expect([planned.address.kind, planned.address.address]).to.deep.equal([kind, address]);
      const about = findings.filter((id) => /address(Taken|Reserved|OutOfRange|Unreadable)/.test(id));
      expect(about).to.deep.equal(finding === undefined ? [] : [finding]);
    });
  }

  it("gives one address to the first of two machines that ask for it, and tells the other who has it", () => {
    const { machines, findings } = planConnectivity(input({ machines: [machine("b"), machine("a")] }));
    expect(machines.map(({ name, nics }) => [name, nics[0]?.address.kind])).to.deep.equal([
      ["a", "chosen"],
      ["b", "impossible"],
    ]);
    expect(findings.find(({ id }) => id === "addressTaken")?.text).to.include(
      "taken in subnet app (10.20.1.0/24) by a",
    );
  });

  it("counts dynamic machines against the free addresses of the subnet", () => {
    const dynamic = (name: string) => machine(name, { nics: [nic({ target: { subnetName: "app" } })] });
    const { machines, findings } = planConnectivity(
      input({
        machines: [dynamic("a"), dynamic("b"), dynamic("c"), dynamic("d")],
        networks: [network("prod", { subnets: [subnet("app", "10.20.1.0/29")] })],
      }),
    );
    expect(machines.map(({ nics }) => nics[0]?.address.kind)).to.deep.equal([
      "dynamic",
      "dynamic",
      "dynamic",
      "impossible",
    ]);
    expect(findings.filter(({ id }) => id === "subnetFull")).to.have.length(1);
  });

  it("prefers the item's own test subnet and test address", () => {
    const settings = {
      target: { subnetName: "app", staticIp: "10.20.1.10" },
      test: { subnetName: "web", staticIp: "10.20.2.7" },
    };
    const { machines } = planConnectivity(
      input({
        purpose: "testFailover",
        machines: [machine("app01", { nics: [nic(settings)] })],
        networks: [network("test", { gateways: [] })],
      }),
    );
    const planned = machines[0]?.nics[0];
    expect([planned?.subnetName, planned?.address.address]).to.deep.equal(["web", "10.20.2.7"]);
  });

  it("asks for the item's own address where the test address cannot be given, and names both that fail", () => {
    const drill = (taken: string[]) => {
      const used = taken.map((address): UsedAddress => ({ address, owner: "squatter" }));
      const settings = { target: { subnetName: "app", staticIp: "10.20.1.10" }, test: { staticIp: "10.20.1.7" } };
      const { machines, findings } = planConnectivity(
        input({
          purpose: "testFailover",
          machines: [machine("app01", { nics: [nic(settings)] })],
          networks: [network("test", { gateways: [], subnets: [subnet("app", "10.20.1.0/24", { used })] })],
        }),
      );
      const about = findings.filter(({ id }) => id === "addressTaken").map(({ text }) => text);
      return { address: machines[0]?.nics[0]?.address, about };
    };
    const one = drill(["10.20.1.7"]);
    expect(one.address?.address).to.equal("10.20.1.10");
    expect(one.about).to.deep.equal([
      "10.20.1.7 is taken in subnet app (10.20.1.0/24) by squatter; the test machine gets 10.20.1.10",
    ]);
    const both = drill(["10.20.1.7", "10.20.1.10"]);
    expect(both.address?.kind).to.equal("dynamic");
    expect(both.about).to.have.length(2);
    expect(both.about[0]).to.include("the test machine gets some free address");
  });

  it("takes the network that the run names before the item's own", () => {
    const { machines } = planConnectivity(
      input({
        purpose: "testFailover",
        networkId: networkId("other").toUpperCase(),
        networks: [network("other")],
      }),
    );
    expect(machines[0]?.nics[0]?.networkName).to.equal("other");
  });

  it("plans each selected NIC, and says what is wrong with the set of them", () => {
    const second = nic({
      nicId: "n2",
      isPrimary: false,
      target: { networkId: networkId("far"), subnetName: "app" },
    });
    const third = nic({ nicId: "n3", isPrimary: false, selected: false });
    const { machines, findings } = planConnectivity(
      input({
        machines: [machine("a", { nics: [third, second, nic()] }), machine("b", { nics: [third] })],
        networks: [network("prod"), network("far")],
      }),
    );
    expect(machines[0]?.nics.map(({ nicId }) => nicId)).to.deep.equal(["00:50:56:01:02:03", "n2"]);
    expect(
      findings.filter(({ severity }) => severity === "error").map(({ id, machine: name }) => [id, name]),
    ).to.deep.equal([
      ["noNic", "b"],
      ["severalNetworks", "a"],
    ]);
  });

  it("names the missing network or subnet, and what there is instead", () => {
    const { findings } = planConnectivity(
      input({
        machines: [
          machine("a", { nics: [nic({ target: { subnetName: "data" } })] }),
          machine("b", { targetNetworkId: networkId("gone") }),
        ],
      }),
    );
    expect(findings.find(({ id }) => id === "subnetMissing")?.remedy).to.equal("choose one of: app, web");
    expect(findings.find(({ id }) => id === "networkNotFound")?.text).to.include(
      "virtualNetworks/gone was not found",
    );
  });
});
