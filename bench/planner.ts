import { planConnectivity } from "../provider/connectivity/index.js";
import type { ConnectivityInput, NsgInput } from "../provider/connectivity/types.js";
import { groupId } from "./estate.js";
import { atMost, median, type Row, report } from "./rows.js";

const id = (type: string, name: string) => `${groupId}/providers/Microsoft.Network/${type}/${name}`;

/** NICs spread over subnets with an NSG of 200 rules each, and another one of 200 rules on the NIC. */
export function measurePlanner(isQuick: boolean): Row[] {
  const [few, full, many] = isQuick ? [100, 1_000, 2_000] : [1_000, 10_000, 50_000];
  // The first plan pays for compilation.
  time(100);
  const fewTime = time(few);
  const fullTime = time(full);
  const manyTime = time(many);
  const memory = process.memoryUsage();
  return [
    report(`planner: ${few} NICs, 2 NSGs of 200 rules each`, `${fewTime.toFixed(0)} ms`),
    atMost(`planner: ${full} NICs, 2 NSGs of 200 rules each`, fullTime, 2_000, " ms"),
    report(`planner: ${many} NICs, 2 NSGs of 200 rules each`, `${manyTime.toFixed(0)} ms`),
    atMost(
      `planner: ${many} NICs for each of ${full} (linear: ${many / full})`,
      manyTime / fullTime,
      (many / full) * 1.5,
      "x",
      2,
    ),
    report(
      `planner: memory after ${many} NICs, resident and heap`,
      `${Math.round(memory.rss / 1e6)} MB, ${Math.round(memory.heapUsed / 1e6)} MB`,
    ),
  ];
}

function time(count: number): number {
  const input = inputOf(count);
  const runs = Array.from({ length: 3 }, () => {
    const started = performance.now();
    const plan = planConnectivity(input);
    const milliseconds = performance.now() - started;
    if (plan.machines.length !== count)
      throw new Error(`the plan has ${plan.machines.length} of ${count} machines`);
    return milliseconds;
  });
  return median(runs);
}

function inputOf(count: number): ConnectivityInput {
  const subnets = 16;
  return {
    purpose: "failover",
    machines: Array.from({ length: count }, (_, index) => ({
      name: `m${index}`,
      osType: index % 2 === 0 ? ("Windows" as const) : ("Linux" as const),
      targetNetworkId: id("virtualNetworks", "recovery"),
      nics: [
        {
          nicId: `nic${index}`,
          isPrimary: true,
          selected: true,
          sourceIp: `172.${16 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`,
          target: {
            subnetName: `s${index % subnets}`,
            nsgId: id("networkSecurityGroups", `nic${index % 10}`),
          },
          test: {},
        },
      ],
    })),
    networks: [
      {
        id: id("virtualNetworks", "recovery"),
        name: "recovery",
        addressSpaces: ["10.0.0.0/8"],
        subnets: Array.from({ length: subnets }, (_, index) => ({
          name: `s${index}`,
          prefix: `10.${index}.0.0/16`,
          nsgId: id("networkSecurityGroups", `subnet${index}`),
          used: [],
        })),
        peerings: [],
        gateways: [{ name: "office", kind: "vpn", onPremisesPrefixes: ["192.168.0.0/16"] }],
      },
    ],
    nsgs: [
      ...Array.from({ length: subnets }, (_, index) => nsg(`subnet${index}`)),
      ...Array.from({ length: 10 }, (_, index) => nsg(`nic${index}`)),
    ],
    routeTables: [],
    asgs: [],
    publicIps: [],
  };
}

function nsg(name: string): NsgInput {
  return {
    id: id("networkSecurityGroups", name),
    name,
    rules: Array.from({ length: 200 }, (_, index) => ({
      name: `rule-${index}`,
      priority: 100 + index * 10,
      direction: "Inbound" as const,
      access: index % 3 === 0 ? ("Deny" as const) : ("Allow" as const),
      protocol: "Tcp",
      sources: [`192.168.${index}.0/24`, `172.20.${index}.0/24`],
      sourcePorts: ["*"],
      destinations: [`10.${index % 16}.${index}.0/24`],
      destinationPorts: [index % 2 === 0 ? "3389" : "22", `${1000 + index}`],
    })),
  };
}
