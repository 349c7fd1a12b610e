import { formatAddress, looksLikeIpv6 } from "./address.js";
import { compareText, type Findings } from "./findings.js";
import { chooseSubnet, isForMachines, requestStatic } from "./placement.js";
import type { RangeSet } from "./rangeSet.js";
import type { NetworkState, SubnetState, Surroundings } from "./surroundings.js";
import type { AddressPlan, ConnectivityInput, MachineInput, NicInput } from "./types.js";
import { containsUnknown, isUnknown, knownAfterApply } from "./unknown.js";

/** A NIC that Azure will make, with the place that it gets; no `destinations` = it gets none, or none that is known. */
export interface PlacedNic {
  machine: MachineInput;
  nic: NicInput;
  networkId?: string;
  network?: NetworkState;
  subnet?: SubnetState;
  address: AddressPlan;
  /** A static address; for a dynamic NIC all free ones are asked for later, when the static ones are given out. */
  staticAddress?: RangeSet;
}

/**
 * Gives every selected NIC its network, subnet and address: static wishes first, in the order of names, then the dynamic
 * ones by count only, since nobody can foretell which free address Azure picks.
 */
export function placeMachines(
  input: ConnectivityInput,
  surroundings: Surroundings,
  findings: Findings,
): Map<MachineInput, PlacedNic[]> {
  const machines = [...input.machines].sort((a, b) => compareText(a.name, b.name));
  const placed = new Map<MachineInput, PlacedNic[]>();
  for (const machine of machines) {
    const nics = machine.nics
      .filter((nic) => nic.selected)
      .sort((a, b) => Number(b.isPrimary) - Number(a.isPrimary) || compareText(a.nicId, b.nicId))
      .map((nic) => locate(input, surroundings, findings, machine, nic));
    checkNics(machine, nics, findings);
    placed.set(machine, nics);
  }
  const all = [...placed.values()].flat();
  for (const nic of all) noteIpv6(nic, findings);
  for (const nic of all) giveStatic(input, nic, findings);
  for (const nic of all) giveDynamic(nic, findings);
  return placed;
}

function locate(
  input: ConnectivityInput,
  surroundings: Surroundings,
  findings: Findings,
  machine: MachineInput,
  nic: NicInput,
): PlacedNic {
  const isTest = input.purpose === "testFailover";
  const own = isTest ? nic.test : nic.target;
  const networkId = input.networkId ?? own.networkId ?? (isTest ? machine.testNetworkId : machine.targetNetworkId);
  const base = { machine, nic };
  if (isUnknown(networkId)) return { ...base, address: unknownAddress("the network") };
  if (networkId === undefined)
    return impossible(
      base,
      findings,
      "networkNotSet",
      "no network is set",
      `set the ${isTest ? "test" : "target"} network`,
    );
  const network = surroundings.network(networkId);
  if (network === undefined)
    return impossible(
      { ...base, networkId },
      findings,
      "networkNotFound",
      `network ${networkId} was not found`,
      "correct the network's id, or create the network",
    );
  const at = { ...base, networkId, network };
  const wish = {
    ...(nic.target.subnetName === undefined ? {} : { subnetName: nic.target.subnetName }),
    ...(nic.test.subnetName === undefined ? {} : { testSubnetName: nic.test.subnetName }),
  };
  if (containsUnknown(isTest ? wish : wish.subnetName)) return { ...at, address: unknownAddress("the subnet") };
  const candidates = network.subnets.map((state) => ({ name: state.addresses.input.name, state }));
  const choice = chooseSubnet(input.purpose, wish, candidates);
  const names =
    candidates
      .map(({ name }) => name)
      .filter(isForMachines)
      .sort(compareText)
      .join(", ") || "(none)";
  if (choice === undefined)
    return impossible(
      at,
      findings,
      "subnetMissing",
      wish.subnetName === undefined || isTest
        ? `network ${network.input.name} has no subnet for machines`
        : `network ${network.input.name} has no subnet "${wish.subnetName}"`,
      `choose one of: ${names}`,
    );
  const { subnet, by } = choice;
  const asked = (isTest ? wish.testSubnetName : undefined) ?? wish.subnetName;
  if (asked === undefined || asked.toLowerCase() !== subnet.name.toLowerCase())
    findings.add({
      id: asked === undefined ? "subnetNotSet" : "subnetFallback",
      severity: "warning",
      machine: machine.name,
      nic: nic.nicId,
      text:
        asked === undefined
          ? `no subnet is set; "${subnet.name}" of network ${network.input.name} is taken, the first in order`
          : `network ${network.input.name} has no subnet "${asked}"; "${subnet.name}" is taken, ${by === "sameName" ? "named like the item's own" : "the first in order"}`,
      remedy: `set one of: ${names}`,
    });
  return { ...at, subnet: subnet.state, address: { kind: "dynamic", why: "" } };
}

function noteIpv6({ machine, nic }: PlacedNic, findings: Findings): void {
  if (nic.sourceIp === undefined || !looksLikeIpv6(nic.sourceIp)) return;
  findings.add({
    id: "ipv6NotKept",
    severity: "warning",
    machine: machine.name,
    nic: nic.nicId,
    text: `its address ${nic.sourceIp} is IPv6, which does not follow to Azure: the machine gets an IPv4 address only`,
    remedy: "let its clients use IPv4, or add an IPv6 configuration to the NIC after the failover",
  });
}

/**
 * Gives the set address. A test machine asks for its test address, then for the item's own, and gets some free one where
 * neither can be given; a failover asks once.
 */
function giveStatic(input: ConnectivityInput, placed: PlacedNic, findings: Findings): void {
  const { machine, nic, subnet } = placed;
  if (subnet === undefined) return;
  const isTest = input.purpose === "testFailover";
  const wishes = [isTest ? nic.test.staticIp : undefined, nic.target.staticIp].filter((ip) => ip !== undefined);
  const refused: { requested: string; code: keyof typeof problemWord; why: string }[] = [];
  for (const requested of new Set(wishes)) {
    if (isUnknown(requested)) {
      placed.address = unknownAddress("the address");
      break;
    }
    const answer = requestStatic(subnet.addresses, requested, nic.sourceIp, machine.name);
    if (answer.granted) {
      placed.address = answer.plan;
      placed.staticAddress = [answer.address, answer.address];
      noteLinuxGuest(placed, requested, findings);
      break;
    }
    refused.push({ requested, ...answer });
  }
  const given =
    placed.address.kind === "dynamic"
      ? "some free address"
      : (placed.address.address ?? "one that is known after apply");
  for (const { requested, code, why } of refused)
    findings.add({
      id: `address${problemWord[code]}`,
      // A test network of another range is common, and then no item's own address fits: worth knowing, not worth a warning.
      severity: !isTest
        ? "error"
        : requested !== nic.test.staticIp && code === "out-of-range"
          ? "info"
          : "warning",
      machine: machine.name,
      nic: nic.nicId,
      text: isTest
        ? `${why}; the test machine gets ${given}`
        : `${why}; the failover fails its prerequisites check`,
      remedy: `set a free address of ${subnet.addresses.input.prefix}, or let Azure choose`,
    });
  const [first] = refused;
  if (first === undefined || placed.address.kind !== "dynamic") return;
  placed.address = isTest ? { kind: "dynamic", why: first.why } : { kind: "impossible", why: first.why };
}

function noteLinuxGuest({ machine, nic }: PlacedNic, address: string, findings: Findings): void {
  if (machine.instanceType?.toLowerCase() !== "hypervreplicaazure" || machine.osType !== "Linux") return;
  findings.add({
    id: "staticNotForLinux",
    severity: "warning",
    machine: machine.name,
    nic: nic.nicId,
    text: `address ${address} is set, but Site Recovery sets no address inside a Linux guest that comes from Hyper-V`,
    remedy: "let the guest use DHCP: Azure's DHCP gives it the address of the NIC",
  });
}

const problemWord = {
  "out-of-range": "OutOfRange",
  "reserved-first-four": "Reserved",
  "reserved-last": "Reserved",
  "in-use": "Taken",
  unreadable: "Unreadable",
} as const;

function giveDynamic(placed: PlacedNic, findings: Findings): void {
  const { machine, nic, subnet } = placed;
  if (subnet === undefined || placed.address.kind !== "dynamic") return;
  const { name, prefix } = subnet.addresses.input;
  if (subnet.addresses.prefix === undefined) {
    const why = `the range "${prefix}" of subnet ${name} is not IPv4`;
    const unread = isUnknown(prefix);
    placed.address = unread ? unknownAddress("the subnet's range") : { kind: "impossible", why };
    if (!unread)
      findings.add({
        id: "subnetUnreadable",
        severity: "error",
        machine: machine.name,
        nic: nic.nicId,
        text: why,
        remedy: "use a subnet with an IPv4 range: Site Recovery gives machines no IPv6 address",
      });
    return;
  }
  const reason = placed.address.why;
  if (subnet.addresses.reserveDynamic()) {
    const free = subnet.addresses.freeCount();
    const only = subnet.addresses.freeAddresses()[0];
    const what =
      free === 1 && only !== undefined
        ? `the only free address is ${formatAddress(only)}`
        : `some free address of ${prefix}`;
    placed.address = { kind: "dynamic", why: reason === "" ? what : `${what}: ${reason}` };
    return;
  }
  const why = `subnet ${name} (${prefix}) has no free address left for it`;
  placed.address = { kind: "impossible", why };
  findings.add({
    id: "subnetFull",
    severity: "error",
    text: `subnet ${name} (${prefix}) has ${subnet.addresses.freeCount()} free addresses, fewer than the machines that need one`,
    remedy: "use a larger subnet, spread the machines, or free addresses; which machine gets none cannot be told",
  });
}

function checkNics(machine: MachineInput, nics: readonly PlacedNic[], findings: Findings): void {
  const note = (id: string, text: string, remedy: string): void =>
    findings.add({ id, severity: "error", machine: machine.name, text, remedy });
  if (nics.length === 0) {
    note("noNic", "no NIC is selected for failover", "select the primary NIC");
    return;
  }
  const primaries = nics.filter(({ nic }) => nic.isPrimary).length;
  if (primaries !== 1)
    note(
      "primaryNic",
      `${primaries} of the selected NICs are primary, allowed: exactly one`,
      "mark one NIC as primary",
    );
  const networks = new Set(
    nics.flatMap(({ networkId }) => (networkId === undefined ? [] : [networkId.toLowerCase()])),
  );
  if (networks.size > 1)
    note("severalNetworks", "its NICs name different networks", "all NICs of a machine must be in one network");
}

function unknownAddress(what: string): AddressPlan {
  return { kind: "unknown", why: `${what} is ${knownAfterApply}` };
}

function impossible(
  base: Omit<PlacedNic, "address">,
  findings: Findings,
  id: string,
  why: string,
  remedy: string,
): PlacedNic {
  findings.add({ id, severity: "error", machine: base.machine.name, nic: base.nic.nicId, text: why, remedy });
  return { ...base, address: { kind: "impossible", why } };
}
