import { prefixSet } from "./address.js";
import { compareText, type Findings, listSome } from "./findings.js";
import { anyPorts } from "./nsg.js";
import { unionOf } from "./rangeSet.js";
import type { Surroundings } from "./surroundings.js";
import type { MachineInput, PublicIpPlan } from "./types.js";
import type { NicPosition } from "./verdict.js";

/** What a failed-over machine must reach by itself. */
interface Need {
  id: string;
  what: string;
  port: number;
  tags: readonly string[];
  windowsOnly?: boolean;
}

const needs: readonly Need[] = [
  {
    id: "agentRegistration",
    what: "Site Recovery's services, which reprotect needs",
    port: 443,
    tags: [
      "AzureSiteRecovery",
      "Storage",
      "AzureActiveDirectory",
      "AzureKeyVault",
      "EventHub",
      "GuestAndHybridManagement",
    ],
  },
  {
    id: "windowsActivation",
    what: "Windows activation (KMS)",
    port: 1688,
    tags: ["AzurePlatformLKM"],
    windowsOnly: true,
  },
];

interface Group {
  position: NicPosition;
  machines: Set<string>;
  windows: Set<string>;
}

/** The way out after a failover: agent registration, activation, updates. Asked once per subnet and pair of NSGs. */
export class Outbound {
  private readonly groups = new Map<string, Group>();
  private readonly byDefault = new Map<string, Set<string>>();

  constructor(
    private readonly surroundings: Surroundings,
    private readonly findings: Findings,
  ) {}

  add(machine: MachineInput, position: NicPosition, publicIp: PublicIpPlan): void {
    const { network, subnet } = position;
    const { name, nsgId = "", natGatewayId, defaultOutboundAccess } = subnet.addresses.input;
    const key = [network.input.id, name, nsgId, position.nicNsg?.input.id ?? ""].join("|").toLowerCase();
    const group = this.groups.get(key) ?? { position, machines: new Set<string>(), windows: new Set<string>() };
    this.groups.set(key, group);
    group.machines.add(machine.name);
    if (machine.osType === "Windows") group.windows.add(machine.name);
    const isImplicit = defaultOutboundAccess === undefined && natGatewayId === undefined;
    if (!isImplicit || publicIp.state !== "none" || hasOwnDefaultRoute(position)) return;
    const subnets = this.byDefault.get(network.input.name) ?? new Set<string>();
    this.byDefault.set(network.input.name, subnets.add(name));
  }

  report(): void {
    for (const group of this.groups.values()) for (const need of needs) this.ask(group, need);
    for (const [network, subnets] of this.byDefault)
      this.findings.add({
        id: "defaultOutboundAccess",
        severity: "info",
        text: `machines in ${listSome([...subnets].sort(compareText))} of network ${network} reach the Internet by Azure's default outbound access only, which subnets made since 2026-03-31 may lack`,
        remedy: "a NAT gateway makes the way out certain (agent registration, Windows activation, updates)",
      });
  }

  private ask({ position, machines, windows }: Group, need: Need): void {
    const concerned = need.windowsOnly === true ? windows : machines;
    const { network, subnet, nicNsg, subnetNsg } = position;
    const range = subnet.addresses.prefix;
    if (concerned.size === 0 || range === undefined) return;
    const destinations = unionOf(...need.tags.map((tag) => this.surroundings.tags.setOf(tag)));
    const where = `machines in subnet ${subnet.addresses.input.name} from ${need.what}: Tcp ${need.port} (${listSome([...concerned].sort(compareText))})`;
    const admin = network.adminRules?.decide(
      {
        direction: "Outbound",
        protocol: "Tcp",
        sources: prefixSet(range),
        sourcePorts: anyPorts,
        destinations,
        port: need.port,
      },
      subnet.view.context,
    );
    if (admin?.denied !== undefined) {
      this.findings.add({
        id: "outboundBlocked",
        severity: "warning",
        text: `rule ${admin.denied.rule} (${admin.denied.priority}) of Virtual Network Manager keeps ${where}`,
        remedy: "ask those who run Virtual Network Manager for an exception: no NSG rule helps",
      });
      return;
    }
    if (admin !== undefined && admin.forNsgs.length === 0) return;
    for (const nsg of [nicNsg, subnetNsg]) {
      const denied = nsg?.evaluator
        .decide(
          {
            direction: "Outbound",
            protocol: "Tcp",
            sources: prefixSet(range),
            sourcePorts: anyPorts,
            destinations,
            destinationPort: need.port,
          },
          subnet.view.context,
          position.asgs,
        )
        .parts.find(({ access }) => access === "Deny");
      if (nsg === undefined || denied === undefined) continue;
      this.findings.add({
        id: "outboundBlocked",
        severity: "warning",
        text: `rule ${denied.rule} (${denied.priority}) of NSG ${nsg.input.name} keeps ${where}`,
        remedy: `allow outbound Tcp ${need.port} to ${need.tags.join(", ")} before that rule`,
      });
      return;
    }
  }
}

/** True where the subnet's own default route leads elsewhere: then Azure's default way out is not taken. */
function hasOwnDefaultRoute({ subnet }: NicPosition): boolean {
  return subnet.view.routeTable?.routes.some(({ prefix }) => prefix === "0.0.0.0/0") === true;
}
