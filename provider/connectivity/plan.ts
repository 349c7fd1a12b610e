import { managementPorts } from "./access.js";
import { checklistsOf } from "./checklist.js";
import { Findings, listSome } from "./findings.js";
import { FixBuilder } from "./fix.js";
import { lastSegment } from "./ids.js";
import { checkLimits } from "./limits.js";
import { findInNetworks } from "./networkFindings.js";
import { OpenDoors } from "./openDoors.js";
import { Outbound } from "./outbound.js";
import { type PlacedNic, placeMachines } from "./placeMachines.js";
import { Questions } from "./questions.js";
import { Surroundings } from "./surroundings.js";
import type {
  ConnectivityInput,
  ConnectivityPlan,
  MachineInput,
  NicInput,
  NicPlan,
  NicSettings,
  PublicIpInput,
  PublicIpPlan,
} from "./types.js";
import { isUnknown, knownAfterApply } from "./unknown.js";
import { type AccessQuestion, type Answer, decideAccess, type NicPosition, unplacedAnswer } from "./verdict.js";

/**
 * The day after, in advance: for every NIC that a failover makes, its subnet and address, whether the wanted access
 * works and what decides it, and the smallest fix. Pure and deterministic: the same input gives the same plan, in the
 * same order, without times. Bad parts of the input become findings; nothing throws.
 */
export function planConnectivity(input: ConnectivityInput): ConnectivityPlan {
  return new Planner(input).plan();
}

class Planner {
  private readonly findings = new Findings();
  private readonly surroundings: Surroundings;
  private readonly questions: Questions;
  private readonly fix: FixBuilder;
  private readonly openDoors: OpenDoors;
  private readonly outbound: Outbound;
  private readonly blocked = new Map<string, { text: string; remedy: string; machines: string[] }>();

  constructor(private readonly input: ConnectivityInput) {
    for (const finding of input.findings ?? []) this.findings.add(finding);
    this.surroundings = new Surroundings(input);
    this.questions = new Questions(this.surroundings, input, this.findings);
    this.fix = new FixBuilder(this.surroundings, this.findings);
    this.openDoors = new OpenDoors(this.surroundings, this.findings);
    this.outbound = new Outbound(this.surroundings, this.findings);
  }

  plan(): ConnectivityPlan {
    const placed = placeMachines(this.input, this.surroundings, this.findings);
    const machines = [...placed].map(([machine, nics]) => ({
      name: machine.name,
      ...(machine.osType === undefined ? {} : { osType: machine.osType }),
      nics: nics.map((nic) => this.planNic(machine, nic)),
    }));
    const nics = [...placed.values()].flat();
    findInNetworks(this.input, nics, this.surroundings, this.findings);
    this.outbound.report();
    for (const [key, { text, remedy, machines: names }] of this.blocked)
      this.findings.add({
        id: key.slice(0, key.indexOf(" ")),
        severity: "error",
        text: `${text} (${listSome([...new Set(names)])})`,
        remedy,
      });
    const fix = this.fix.build();
    checkLimits(this.input, nics, this.surroundings, fix, this.findings);
    return {
      purpose: this.input.purpose,
      machines,
      fix,
      findings: this.findings.sorted(),
      checklists: checklistsOf(machines),
    };
  }

  private planNic(machine: MachineInput, placed: PlacedNic): NicPlan {
    const { nic, network, subnet, address } = placed;
    const settings = this.settingsOf(nic);
    const asked =
      network === undefined || subnet === undefined ? [] : this.questions.forMachine(machine, network, subnet);
    const relevant = asked.filter(({ nics }) => nics === "all" || nic.isPrimary).map(({ question }) => question);
    const position = this.positionOf(machine, placed, settings);
    const unread = position === undefined ? undefined : this.unreadParts(machine, nic, placed, settings);
    const answers = relevant.map((question) => {
      if (position === undefined) return unplacedAnswer(question, address.kind === "unknown", address.why);
      if (unread !== undefined) return unplacedAnswer(question, true, unread);
      return decideAccess(position, question);
    });
    let publicIp: PublicIpPlan = this.publicIpOf(machine, nic, settings);
    if (position !== undefined && unread === undefined) {
      this.gatherFix(position, relevant, answers);
      const wantsOne = machine.needsPublicIp === true && nic.isPrimary && settings.publicIpId === undefined;
      if (wantsOne || answers.some((answer) => answer.needsPublicIp)) {
        this.fix.addPublicIp(machine.name, nic.nicId);
        publicIp = { state: "needed", sku: "Standard" };
      }
      this.openDoors.check(position, publicIp);
      if (publicIp.state !== "none") this.notePrivateWays(machine, nic, position);
      if (this.input.purpose === "failover" && nic.isPrimary) this.outbound.add(machine, position, publicIp);
    }
    this.noteAnswers(machine, nic, placed, relevant, answers);
    return {
      nicId: nic.nicId,
      isPrimary: nic.isPrimary,
      ...(placed.networkId === undefined ? {} : { networkId: placed.networkId }),
      ...(network === undefined ? {} : { networkName: network.input.name }),
      ...(subnet === undefined
        ? {}
        : { subnetName: subnet.addresses.input.name, subnetPrefix: subnet.addresses.input.prefix }),
      ...(nic.sourceIp === undefined || isUnknown(nic.sourceIp) ? {} : { addressNow: nic.sourceIp }),
      address,
      publicIp,
      access: answers.map(({ verdict }) => verdict),
    };
  }

  private positionOf(machine: MachineInput, placed: PlacedNic, settings: NicSettings): NicPosition | undefined {
    const { network, subnet, nic, address } = placed;
    if (network === undefined || subnet === undefined) return undefined;
    if (address.kind === "impossible" || address.kind === "unknown") return undefined;
    const subnetNsg = this.surroundings.nsg(subnet.addresses.input.nsgId);
    const nicNsg = this.surroundings.nsg(settings.nsgId);
    const publicIp: PublicIpInput | undefined =
      settings.publicIpId === undefined
        ? undefined
        : (this.surroundings.publicIp(settings.publicIpId) ?? { id: settings.publicIpId, sku: "Standard" });
    return {
      machine: machine.name,
      nicId: nic.nicId,
      network,
      subnet,
      destinations: placed.staticAddress ?? subnet.addresses.freeAddresses(),
      isDynamic: placed.staticAddress === undefined,
      asgs: asgNames(nic.asgIds),
      ...(subnetNsg === undefined ? {} : { subnetNsg }),
      ...(nicNsg === undefined ? {} : { nicNsg }),
      ...(publicIp === undefined ? {} : { publicIp }),
    };
  }

  /** An NSG or route table that is named but was not read could decide either way: then nothing is promised. */
  private unreadParts(
    machine: MachineInput,
    nic: NicInput,
    placed: PlacedNic,
    settings: NicSettings,
  ): string | undefined {
    const subnet = placed.subnet;
    const named = [
      {
        what: "NSG",
        id: subnet?.addresses.input.nsgId,
        isRead: this.surroundings.nsg(subnet?.addresses.input.nsgId),
      },
      { what: "NSG", id: settings.nsgId, isRead: this.surroundings.nsg(settings.nsgId) },
      { what: "route table", id: subnet?.addresses.input.routeTableId, isRead: subnet?.view.routeTable },
    ].filter(({ id, isRead }) => id !== undefined && isRead === undefined);
    const [first] = named;
    if (first === undefined) return undefined;
    const isLater = named.some(({ id }) => isUnknown(id));
    const why = isLater
      ? `the ${first.what} is ${knownAfterApply}`
      : `${first.what} ${first.id ?? ""} was not read`;
    if (!isLater)
      this.findings.add({
        id: "partNotRead",
        severity: "warning",
        machine: machine.name,
        nic: nic.nicId,
        text: `${why}, so whether access works is not known`,
        remedy: "check that it exists and may be read",
      });
    return why;
  }

  private gatherFix(
    position: NicPosition,
    questions: readonly AccessQuestion[],
    answers: readonly Answer[],
  ): void {
    if (answers.some((answer) => answer.needsNsg)) {
      const open = questions.filter(
        (_, index) => answers[index]?.verdict.outcome === "allowed" || answers[index]?.needsNsg === true,
      );
      this.fix.addNsg(position, open);
    }
    answers.forEach((answer, index) => {
      const question = questions[index];
      if (question !== undefined) for (const need of answer.needs) this.fix.addRule(position, question, need);
    });
  }

  private publicIpOf(machine: MachineInput, nic: NicInput, settings: NicSettings): PublicIpPlan {
    const id = settings.publicIpId;
    if (id === undefined) return { state: "none" };
    if (isUnknown(id)) return { state: "attached" };
    const publicIp = this.surroundings.publicIp(id);
    if (publicIp?.sku.toLowerCase() === "basic")
      this.findings.add({
        id: "basicPublicIp",
        severity: "error",
        machine: machine.name,
        nic: nic.nicId,
        text: `public IP ${lastSegment(id)} is of SKU Basic, which Azure retired on 2025-09-30`,
        remedy: "use a Standard public IP; it is closed until an NSG allows",
      });
    if (publicIp === undefined)
      this.findings.add({
        id: "publicIpNotRead",
        severity: "warning",
        machine: machine.name,
        nic: nic.nicId,
        text: `public IP ${id} was not read; it is taken for Standard`,
        remedy: "check that it exists and may be read",
      });
    return { state: "attached", id, ...(publicIp === undefined ? {} : { sku: publicIp.sku }) };
  }

  /** A public IP is the last resort: where another way leads to the machine, it is worth a word. */
  private notePrivateWays(machine: MachineInput, nic: NicInput, { network }: NicPosition): void {
    const ways = [
      ...network.gateways.map((gateway) => `gateway ${gateway.name}`),
      ...(this.surroundings.bastionPrefixes(network).length > 0 ? ["Bastion"] : []),
    ];
    if (ways.length === 0) return;
    this.findings.add({
      id: "publicIpNotNeeded",
      severity: "info",
      machine: machine.name,
      nic: nic.nicId,
      text: `a public IP is wanted for it, although ${listSome(ways)} reaches network ${network.input.name}`,
      remedy: "connect that way, and leave the public IP out",
    });
  }

  /** What a fix cannot mend: the remedy is somebody's decision. */
  private noteAnswers(
    machine: MachineInput,
    nic: NicInput,
    placed: PlacedNic,
    questions: readonly AccessQuestion[],
    answers: readonly Answer[],
  ): void {
    answers.forEach((answer, index) => {
      const question = questions[index];
      if (question === undefined) return;
      const { path, port, decidedBy, why } = answer.verdict;
      if (question.missingPath !== undefined)
        this.noteBlocked(`pathMissing ${question.missingPath}`, machine, question.missingPath, pathRemedy[path]);
      else if (decidedBy.scope === "route")
        this.noteBlocked(
          `routeBlocks ${path} ${why}`,
          machine,
          `${why}; access by ${path} fails`,
          liesInNetwork(decidedBy.nextHopType) ? ownRangeRemedy : routeRemedy[path],
        );
      else if (decidedBy.scope === "admin" && answer.verdict.outcome === "blocked")
        this.noteBlocked(
          `adminRuleBlocks ${path} ${port} ${decidedBy.rule ?? ""}`,
          machine,
          `${why}; access by ${path} to port ${port} fails`,
          "ask those who run Virtual Network Manager for an exception: no NSG rule helps",
        );
      if (answer.refusedAsWide && answer.verdict.outcome === "blocked")
        this.noteBlocked(
          `sourceTooWide ${path} ${port}`,
          machine,
          `access by ${path} to port ${port} names a source as wide as the Internet (${question.sources.texts.join(", ")}); no rule is offered for it`,
          "name the ranges of the people who administer the machine, or say allowAnySource: true",
        );
      else if (question.sources.isWide && managementPorts.has(port) && question.allowAnySource)
        this.findings.add({
          id: "anySourceAsked",
          severity: "warning",
          text: `allowAnySource lets a source as wide as the Internet (${question.sources.texts.join(", ")}) reach port ${port}`,
          remedy: "name the ranges of the people who administer the machine",
        });
      for (const { nsg, rule, tags } of answer.undecided)
        this.findings.add({
          id: "tagUndecided",
          severity: "warning",
          text: `rule ${rule} of NSG ${nsg} names ${tags.join(", ")}, whose addresses are not known here; if they cover ${question.sources.texts.join(", ")}, access by ${path} to port ${port} is decided by it`,
          remedy: "check with Network Watcher's IP flow verify after the failover",
        });
    });
    if (placed.subnet !== undefined && machine.needsPublicIp === true && nic.isPrimary) {
      const settings = this.settingsOf(nic);
      if (placed.subnet.addresses.input.nsgId === undefined && settings.nsgId === undefined)
        this.findings.add({
          id: "publicIpClosed",
          severity: "info",
          machine: machine.name,
          nic: nic.nicId,
          text: "a Standard public IP stays closed until an NSG allows, and there is no NSG",
          remedy: "name the wanted access by internet with its sources",
        });
    }
  }

  private noteBlocked(key: string, machine: MachineInput, text: string, remedy: string): void {
    const entry = this.blocked.get(key) ?? { text, remedy, machines: [] };
    entry.machines.push(machine.name);
    this.blocked.set(key, entry);
  }

  private settingsOf(nic: NicInput): NicSettings {
    return this.input.purpose === "testFailover" ? nic.test : nic.target;
  }
}

const pathRemedy: Record<NicPlan["access"][number]["path"], string> = {
  vpn: "connect a VPN gateway to the network or to a peered one, or choose another path",
  expressRoute: "connect an ExpressRoute gateway to the network or to a peered one, or choose another path",
  bastion: "deploy Bastion in a subnet named AzureBastionSubnet, or choose another path",
  internet: "name the sources",
  private: "name the sources",
};

const routeRemedy: Record<NicPlan["access"][number]["path"], string> = {
  vpn: "let the range be routed to the gateway: add it to the connection, or change the route table",
  expressRoute: "let the range be routed to the gateway: advertise it, or change the route table",
  bastion: "change the route that catches AzureBastionSubnet",
  internet: "connect by the appliance, Bastion or VPN instead, or exempt the sources from the route",
  private: "change the route, or name sources inside the network",
};

/** No route leads to a range that the network holds itself: Azure delivers it inside. */
const ownRangeRemedy = "no route mends that: connect from another range, or by Bastion";

function liesInNetwork(nextHopType: string | undefined): boolean {
  return ["vnetlocal", "vnetpeering"].includes(nextHopType?.toLowerCase() ?? "");
}

function asgNames(ids: readonly string[] | undefined): ReadonlySet<string> {
  return new Set((ids ?? []).flatMap((id) => [id.toLowerCase(), lastSegment(id).toLowerCase()]));
}
