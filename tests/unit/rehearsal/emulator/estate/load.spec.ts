import { expect } from "chai";
import { emptyEstate } from "../../../../../rehearsal/emulator/estate/defaults.js";
import { EstateError } from "../../../../../rehearsal/emulator/estate/errors.js";
import { checkEstate, loadEstate, parseEstate } from "../../../../../rehearsal/emulator/estate/load.js";

const head = `subscriptionId: 11111111-2222-4333-8444-555555555555
resourceGroup: shop-dr
location: westeurope
vault: { name: shop-vault }
`;

/** The problems of an estate's text, without the first line that counts them. */
function problems(text: string): string[] {
  try {
    parseEstate(text, "e.yaml");
  } catch (error) {
    if (!(error instanceof EstateError)) throw error;
    return error.message
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
}

describe("parseEstate", () => {
  it("fills in every default", () => {
    const estate = parseEstate(
      `${head}machines:\n  - name: web01\n    os: { type: Linux, name: Ubuntu }\n    nics: [{ network: lan, ip: 192.168.1.11 }]\n`,
    );
    expect(estate.machines[0]).to.deep.equal({
      name: "web01",
      kind: "vmware",
      os: { type: "Linux", name: "Ubuntu" },
      size: { cores: 2, memoryMB: 4096 },
      firmware: "bios",
      disks: [{ sizeGB: 64 }],
      nics: [{ network: "lan", ip: "192.168.1.11", ipType: "static" }],
      mobilityAgent: { version: "9.66.0.0" },
      dhcpEnabled: true,
      bootDrivers: ["storvsc", "vmbus", "storflt", "intelide", "atapi"],
      churnMBPerHour: 500,
      powerState: "on",
    });
  });

  it("gives for an estate of nothing the same as a start without one, but for its names", () => {
    const { subscriptionId, resourceGroup, location, vault } = emptyEstate();
    expect(checkEstate({ subscriptionId, resourceGroup, location, vault })).to.deep.equal(emptyEstate());
  });

  it("names every problem at once, each at its line, with the value and what is allowed", () => {
    const found = problems(`${head.replace("westeurope", "West Europe")}colour: blue
networks:
  - name: n1
    addressPrefixes: [10.0.0.0/16]
    subnets:
      - name: a
        addressPrefix: 10.0.0.1/24
      - name: b
        adressPrefix: 10.0.1.0/24
machines:
  - name: web 01
    os: { type: Solaris, name: Sun }
    size: { cores: two }
    nics: [{ network: lan, ip: 192.168.1.300 }]
    mobilityAgent: { version: 9.7 }
`);
    expect(found.join("\n")).to.equal(
      [
        'e.yaml:3: location: "West Europe" is not a region; allowed: lower-case letters and digits, such as westeurope',
        "e.yaml:5: colour: is not a property here",
        'e.yaml:11: networks.0.subnets.0.addressPrefix: "10.0.0.1/24" is not an IPv4 prefix; allowed: a network address and a length, such as 10.20.1.0/24',
        "e.yaml:12: networks.0.subnets.1.addressPrefix: is missing; required: text",
        "e.yaml:13: networks.0.subnets.1.adressPrefix: is not a property here",
        "e.yaml:15: machines.0.name: \"web 01\" is not a valid name; allowed: 1-63 characters, letters, digits, '-', '.', alphanumeric ends",
        'e.yaml:16: machines.0.os.type: "Solaris" is not allowed; allowed: Windows, Linux',
        'e.yaml:17: machines.0.size.cores: must be a whole number of cores, given "two"',
        'e.yaml:18: machines.0.nics.0.ip: "192.168.1.300" is not an IPv4 address; allowed: four numbers 0-255, such as 10.20.1.4',
        'e.yaml:19: machines.0.mobilityAgent.version: must be text in quotes, such as "9.66"',
      ].join("\n"),
    );
  });

  it("names what does not fit together: unknown names, overlaps, addresses out of range, doubles", () => {
    const found = problems(`${head}networks:
  - name: prod
    addressPrefixes: [10.0.0.0/16]
    peerings: [prod2, nowhere]
    subnets:
      - { name: a, addressPrefix: 10.0.0.0/24, networkSecurityGroup: missing }
      - { name: A, addressPrefix: 10.0.0.128/25 }
      - { name: c, addressPrefix: 10.1.0.0/24 }
  - name: prod2
    addressPrefixes: [10.0.128.0/17]
    subnets: [{ name: a, addressPrefix: 10.0.128.0/24 }]
networkSecurityGroups:
  - name: nsg
    rules:
      - { name: one, priority: 100, direction: Inbound, access: Allow, destinationPorts: ["99999"] }
      - { name: two, priority: 100, direction: Inbound, access: Deny, sources: [Internet, 10.0.0.0/8] }
gateways:
  - { name: gw, network: prod, onPremisesPrefixes: [192.168.0.0/16] }
onPremises:
  networks: [{ name: lan, prefix: 192.168.1.0/24 }]
machines:
  - { name: m1, os: { type: Linux, name: Ubuntu }, rdpEnabled: true, nics: [{ network: lan, ip: 192.168.2.5 }] }
  - { name: m2, os: { type: Linux, name: Ubuntu }, nics: [{ network: lan, ip: 192.168.2.5 }] }
policies:
  - { name: p, recoveryPointHistoryInMinutes: 60, appConsistentFrequencyInMinutes: 60 }
replicatedItems:
  - { machine: m1, policy: q, targetNetwork: prod, targetSubnet: a, targetIp: 10.0.0.3 }
  - { machine: m1, name: again, policy: p, targetNetwork: prod, targetSubnet: z }
recoveryPlans:
  - { name: plan, groups: [[m1], [m1, other]] }
`);
    const expected = [
      '"prod2" cannot be peered with "prod": their address prefixes overlap',
      '"nowhere" is not one of networks; allowed: prod, prod2',
      '"missing" is not one of networkSecurityGroups; allowed: nsg',
      '"A" is the name of another subnet too',
      '"10.0.0.128/25" overlaps with subnet "a"',
      '"10.1.0.0/24" lies outside the network; allowed: within 10.0.0.0/16',
      '"99999" is no port or range',
      '100 is used by rule "one" too',
      'the service tag "Internet" must stand alone',
      'network "prod" has no subnet "GatewaySubnet"',
      "is true on Linux; allowed: only on Windows",
      '"192.168.2.5" lies outside network "lan"; allowed: within 192.168.1.0/24',
      '"192.168.2.5" is used by "m1" too',
      "60 is not shorter than the retention of 60 minutes",
      '"q" is not one of policies; allowed: p',
      '"10.0.0.3" cannot be given in 10.0.0.0/24',
      '"m1" is replicated as "m1" already',
      '"z" is not one of subnets of "prod"; allowed: a, A, c',
      '"m1" is in this plan twice',
      '"other" is not one of replicatedItems; allowed: m1, again',
    ];
    const text = found.join("\n");
    for (const part of expected) expect(text).to.contain(part);
    for (const line of found) expect(line).to.match(/^e\.yaml:\d+: /);
  });

  it("finds what does not fit together also where something else is of the wrong type, and invents nothing", () => {
    const found = problems(`${head}networks:
  - name: prod
    addressPrefixes: [10.0.0.0/16]
    subnets:
      - { name: broken, addressPrefix: 10.0.0.0/99 }
      - { name: a, addressPrefix: 10.1.0.0/24, networkSecurityGroup: nsg }
gateways:
  - { name: gw, network: prod, onPremisesPrefixes: [192.168.0.0/16], colour: red }
networkSecurityGroups:
  - { name: nsg, rules: [{ name: r, priority: high, direction: Inbound, access: Allow }] }
machines:
  - { name: m1, os: { type: Linux }, nics: [{ network: lan, ip: 192.168.2.5 }] }
  - { name: m2, os: { type: Linux, name: Ubuntu }, nics: [{ network: lan, ip: 192.168.2.6 }] }
policies:
  - { name: p }
replicatedItems:
  - { machine: m1, policy: p, targetNetwork: prod, targetSubnet: broken }
  - { machine: m2, policy: q, targetNetwork: prod, targetSubnet: a }
`);
    expect(found).to.deep.equal([
      'e.yaml:9: networks.0.subnets.0.addressPrefix: "10.0.0.0/99" is not an IPv4 prefix; allowed: a network address and a length, such as 10.20.1.0/24',
      'e.yaml:10: networks.0.subnets.1.addressPrefix: "10.1.0.0/24" lies outside the network; allowed: within 10.0.0.0/16',
      "e.yaml:12: gateways.0.colour: is not a property here",
      'e.yaml:12: gateways.0.network: network "prod" has no subnet "GatewaySubnet", which this needs',
      'e.yaml:14: networkSecurityGroups.0.rules.0.priority: must be a whole number, given "high"',
      "e.yaml:16: machines.0.os.name: is missing; required: text",
      'e.yaml:22: replicatedItems.1.policy: "q" is not one of policies; allowed: p',
    ]);
  });

  it("says where the YAML itself is wrong", () => {
    expect(problems("vault: {name: x\nlocation: y")[0]).to.match(/^e\.yaml:2: /);
    expect(problems("")[0]).to.contain("must be an object");
    expect(problems("a: 1\na: 2")[0]).to.contain("unique");
  });

  it("reads the estate of the drill, with its troubles", () => {
    const estate = loadEstate("examples/drill/estate.yaml");
    expect(estate.machines).to.have.length(8);
    expect(estate.machines.filter((machine) => machine.kind === "physical").map(({ name }) => name)).to.deep.equal(
      ["shop-legacy01"],
    );
    expect(estate.machines.filter((machine) => !machine.dhcpEnabled)).to.have.length(1);
    expect(estate.machines.find((machine) => machine.mobilityAgent.version === "9.7")?.name).to.equal(
      "shop-app03",
    );
    expect(estate.replicatedItems).to.have.length(0);
  });

  it("says so where there is no such file", () => {
    expect(() => loadEstate("no-such-estate.yaml")).to.throw(EstateError, "no-such-estate.yaml");
  });
});
