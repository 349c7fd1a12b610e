import {
  formatAddress,
  looksLikeIpv6,
  type Prefix,
  parseAddress,
  parsePrefix,
  type StaticAddressProblem,
  staticAddressProblem,
  usableAddresses,
} from "./address.js";
import { contains, type RangeSet, sizeOf, subtract, unionOf } from "./rangeSet.js";
import type { AddressPlan, Purpose, SubnetInput } from "./types.js";

/** Subnets that Azure keeps for itself: no machine is ever placed in one. */
const reservedSubnetNames = new Set([
  "gatewaysubnet",
  "azurebastionsubnet",
  "azurefirewallsubnet",
  "azurefirewallmanagementsubnet",
  "routeserversubnet",
]);

/** True for a subnet that machines can be placed in. */
export function isForMachines(subnetName: string): boolean {
  return !reservedSubnetNames.has(subnetName.toLowerCase());
}

export interface SubnetWish {
  /** The item's own (failover) subnet name. */
  subnetName?: string;
  /** The item's own test setting. */
  testSubnetName?: string;
}

export interface SubnetChoice<S extends { name: string }> {
  subnet: S;
  by: "setting" | "sameName" | "firstInOrder";
}

/**
 * The subnet that a machine gets. Failover: the item's own. Test failover: the item's test setting, else the subnet with
 * the name of the item's own, else the first in alphabetical order, names compared without case.
 * @returns undefined where there is none; a failover never falls back.
 * @see https://learn.microsoft.com/azure/site-recovery/site-recovery-test-failover-to-azure
 */
export function chooseSubnet<S extends { name: string }>(
  purpose: Purpose,
  wish: SubnetWish,
  subnets: readonly S[],
): SubnetChoice<S> | undefined {
  const find = (name: string | undefined): S | undefined =>
    name === undefined ? undefined : subnets.find((subnet) => subnet.name.toLowerCase() === name.toLowerCase());
  const bySetting = find(purpose === "testFailover" ? wish.testSubnetName : wish.subnetName);
  if (bySetting !== undefined) return { subnet: bySetting, by: "setting" };
  if (purpose === "failover" && wish.subnetName !== undefined) return undefined;
  const bySameName = find(wish.subnetName);
  if (bySameName !== undefined) return { subnet: bySameName, by: "sameName" };
  const [first] = subnets
    .filter((subnet) => isForMachines(subnet.name))
    .sort((a, b) => compare(a.name.toLowerCase(), b.name.toLowerCase()));
  return first === undefined ? undefined : { subnet: first, by: "firstInOrder" };
}

/** One subnet and what is taken in it, while addresses are given out. */
export class SubnetAddresses {
  readonly prefix: Prefix | undefined;
  readonly usable: RangeSet;
  private readonly holders = new Map<number, string>();
  private usableTaken = 0;
  private free: RangeSet | undefined;
  private dynamic = 0;

  constructor(readonly input: SubnetInput) {
    this.prefix = parsePrefix(input.prefix);
    this.usable = this.prefix === undefined ? [] : usableAddresses(this.prefix);
    for (const { address, owner } of input.used) {
      const number = parseAddress(address);
      if (number !== undefined) this.hold(number, owner ?? "another NIC");
    }
  }

  /** Why a static address cannot be given, with who holds it; undefined where it can. */
  problem(address: number): { code: StaticAddressProblem; holder?: string } | undefined {
    if (this.prefix === undefined) return { code: "out-of-range" };
    const code = staticAddressProblem(this.prefix, address, (number) => this.holders.has(number));
    if (code === undefined) return undefined;
    const holder = this.holders.get(address);
    return holder === undefined || code !== "in-use" ? { code } : { code, holder };
  }

  hold(address: number, holder: string): void {
    if (this.holders.has(address)) return;
    this.holders.set(address, holder);
    if (contains(this.usable, address)) this.usableTaken++;
    this.free = undefined;
  }

  /** Promises "some free address": counted, never chosen. False where none is left. */
  reserveDynamic(): boolean {
    if (this.dynamic >= this.freeCount()) return false;
    this.dynamic++;
    return true;
  }

  /** Usable addresses that nobody holds; dynamic promises are not taken off. */
  freeCount(): number {
    return sizeOf(this.usable) - this.usableTaken;
  }

  freeAddresses(): RangeSet {
    if (this.free === undefined) {
      const held = [...this.holders.keys()].map((address): RangeSet => [address, address]);
      this.free = subtract(this.usable, unionOf(...held));
    }
    return this.free;
  }
}

/** The words for why a static address cannot be given. */
function describeProblem(
  address: string,
  problem: { code: StaticAddressProblem; holder?: string },
  subnet: SubnetInput,
): string {
  const where = `subnet ${subnet.name} (${subnet.prefix})`;
  switch (problem.code) {
    case "out-of-range":
      return `${address} is not in ${where}`;
    case "reserved-first-four":
      return `${address} is one of the first four addresses of ${where}, which Azure keeps`;
    case "reserved-last":
      return `${address} is the last address of ${where}, which Azure keeps`;
    case "in-use":
      return `${address} is taken in ${where} by ${problem.holder ?? "another NIC"}`;
  }
}

export type StaticAnswer =
  | { granted: true; address: number; plan: AddressPlan }
  | { granted: false; code: StaticAddressProblem | "unreadable"; why: string };

/** Asks for a static address and holds it where it is granted. */
export function requestStatic(
  subnet: SubnetAddresses,
  requested: string,
  sourceIp: string | undefined,
  holder: string,
): StaticAnswer {
  const address = parseAddress(requested);
  if (address === undefined) {
    const form = looksLikeIpv6(requested) ? "Site Recovery gives IPv4 addresses only" : "not an IPv4 address";
    return { granted: false, code: "unreadable", why: `"${requested}" was asked for: ${form}` };
  }
  const problem = subnet.problem(address);
  if (problem !== undefined)
    return { granted: false, code: problem.code, why: describeProblem(requested, problem, subnet.input) };
  subnet.hold(address, holder);
  const text = formatAddress(address);
  const plan: AddressPlan =
    text === sourceIp
      ? { kind: "kept", address: text, why: "the on-premises address is set and free" }
      : { kind: "chosen", address: text, why: "set on the item and free" };
  return { granted: true, address, plan };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
