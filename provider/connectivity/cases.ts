import { z } from "zod";
import { formatAddress, parseAddress, parsePrefix, staticAddressProblem, usableAddresses } from "./address.js";
import {
  type ConnectivityCase,
  caseShape,
  fileShape,
  type PlacementQuestion,
  problemsOf,
  type StaticQuestion,
} from "./caseShapes.js";
import { evaluateFlow, evaluateReachability, isClosedByPlatform } from "./flow.js";
import { type Ipv6Prefix, ipv6StaticProblem, parseIpv6, parseIpv6Prefix } from "./ipv6.js";
import { chooseSubnet, SubnetAddresses } from "./placement.js";
import { contains, type RangeSet, sizeOf } from "./rangeSet.js";

/**
 * Questions to the planner with their known answers, as data: `{schemaVersion: 1, cases: [...]}`. Names of rules,
 * subnets and words compare without case; an answer is compared in those keys that `expected` has.
 */

/** What became of one case: no differences = passed. */
export interface CaseResult {
  id: string;
  title: string;
  /** `key: expected X, the planner says Y`, or why the case cannot be read. */
  differences: string[];
}

/**
 * Asks the planner every case of a file. A case that cannot be read has failed; the others are asked all the same.
 *
 * @param file the parsed JSON
 * @throws RangeError where it is no file of cases, with every problem
 */
export function checkCases(file: unknown): CaseResult[] {
  const parsed = fileShape.safeParse(file);
  if (!parsed.success) throw new RangeError(problemsOf(parsed.error));
  return parsed.data.cases.map((given, index) => {
    const read = caseShape.safeParse(given);
    if (read.success) return checkCase(read.data);
    const names = z
      .object({ id: z.union([z.string(), z.number()]).transform(String), title: z.string().nullish() })
      .safeParse(given).data;
    return {
      id: names?.id ?? `cases[${index}]`,
      title: names?.title ?? "",
      differences: [`cases[${index}] cannot be read: ${problemsOf(read.error)}`],
    };
  });
}

/** Asks the planner one case. */
function checkCase(given: ConnectivityCase): CaseResult {
  const { id, title } = given;
  let answer: Record<string, unknown>;
  try {
    answer = answerCase(given);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { id, title, differences: [error.message] };
  }
  const differences = Object.entries(given.expected).flatMap(([key, wanted]) => {
    const said = answer[key];
    return JSON.stringify(comparable(wanted)) === JSON.stringify(comparable(said, wanted))
      ? []
      : [`${key}: expected ${JSON.stringify(wanted)}, the planner says ${JSON.stringify(said ?? null)}`];
  });
  return { id, title, differences };
}

/** What the planner says to a case, in the words of its `expected`. @throws RangeError for a flow that cannot be read */
function answerCase(given: ConnectivityCase): Record<string, unknown> {
  if (given.kind === "ip")
    return given.input.operation === "validateStatic"
      ? answerStatic(given.input, given.expected)
      : answerPlacement(given.input, given.expected);
  const { publicIpAddress, ...ranges } = given.context;
  const { connectionState, ...asked } = given.flow;
  const place = { ...ranges, ...(publicIpAddress == null ? {} : { publicIpAddress }) };
  const question = { ...asked, connectionState: connectionState ?? ("new" as const) };
  const { subnetRules, nicRules } = given;
  if (given.kind === "nsg") {
    const answer = evaluateFlow(place, subnetRules, nicRules, question);
    return isClosedByPlatform(place, subnetRules, nicRules, question)
      ? { ...answer, verdict: "deny" }
      : { ...answer };
  }
  const routes = given.routes.map(({ nextHopIp, ...route }) => ({
    ...route,
    ...(nextHopIp == null ? {} : { nextHopIp }),
  }));
  const answer = evaluateReachability(place, subnetRules, nicRules, routes, question);
  const isUndecided = answer.nsgDecidedBy.scope === "none" && given.expected.nsgDecidedBy === null;
  return { ...answer, ...(isUndecided ? { nsgDecidedBy: null } : {}) };
}

/** Texts in lower case, nothing instead of null, and of objects the keys that are asked for, in one order. */
function comparable(value: unknown, wanted: unknown = value): unknown {
  if (typeof value === "string") return value.toLowerCase();
  if (Array.isArray(value))
    return value.map((item, index) => comparable(item, Array.isArray(wanted) ? wanted[index] : item));
  if (typeof value !== "object" || value === null) return value ?? null;
  const keys = typeof wanted === "object" && wanted !== null ? Object.keys(wanted) : Object.keys(value);
  const entries = new Map(Object.entries(value));
  const asked = new Map(typeof wanted === "object" && wanted !== null ? Object.entries(wanted) : []);
  return Object.fromEntries(keys.sort().map((key) => [key, comparable(entries.get(key), asked.get(key))]));
}

/** `usable` is what Azure leaves of the subnet, whoever holds it; `freeAfter` what is left of that once it was given. */
function answerStatic(input: StaticQuestion, wanted: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const ipv6 = parseIpv6Prefix(input.subnetPrefix);
  if (ipv6 !== undefined) return answerStaticIpv6(input, ipv6);
  const subnet = parsePrefix(input.subnetPrefix);
  if (subnet === undefined)
    throw new RangeError(`input.subnetPrefix is "${input.subnetPrefix}", allowed: an IPv4 CIDR`);
  const requested = parseAddress(input.requested);
  const state = stateOf("subnet", input.subnetPrefix, input.inUse);
  const reason =
    requested === undefined
      ? "out-of-range"
      : staticAddressProblem(subnet, requested, (address) => state.problem(address)?.code === "in-use");
  const usable = usableAddresses(subnet);
  const usableTotal = sizeOf(usable);
  if (requested !== undefined && reason === undefined) state.hold(requested, "the request");
  return {
    valid: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
    usableTotal,
    usable: Array.isArray(wanted.usable) ? addressesIn(usable) : usableTotal,
    freeAfter: Array.isArray(wanted.freeAfter) ? addressesIn(state.freeAddresses()) : state.freeCount(),
  };
}

/** An IPv6 subnet holds more addresses than a number counts: only the address itself is judged. */
function answerStaticIpv6(input: StaticQuestion, subnet: Ipv6Prefix): Record<string, unknown> {
  const requested = parseIpv6(input.requested);
  const reason = requested === undefined ? "out-of-range" : ipv6StaticProblem(subnet, requested, input.inUse);
  return { valid: reason === undefined, ...(reason === undefined ? {} : { reason }) };
}

/**
 * Where a test machine lands. A dynamic address is never foretold: `ipMustBe` is answered only where one address is
 * possible, and `ipMustNotBe` where the one asked about is not.
 */
function answerPlacement(
  { item, testVnet }: PlacementQuestion,
  wanted: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const wish = {
    ...(item.subnetName === undefined ? {} : { subnetName: item.subnetName }),
    ...(item.testSubnetName === undefined ? {} : { testSubnetName: item.testSubnetName }),
  };
  const choice = chooseSubnet("testFailover", wish, testVnet.subnets);
  const asked = item.testStaticIp ?? item.staticIp;
  if (choice === undefined)
    return { requestedIpGranted: asked === undefined && wanted.requestedIpGranted === null ? null : false };
  const { name, prefix, inUse } = choice.subnet;
  const state = stateOf(name, prefix, inUse);
  const requested = asked === undefined ? undefined : parseAddress(asked);
  const isGranted = requested !== undefined && state.problem(requested) === undefined;
  const possible: RangeSet = isGranted ? [requested, requested] : state.freeAddresses();
  const only = sizeOf(possible) === 1 ? possible[0] : undefined;
  return {
    subnet: name,
    requestedIpGranted: asked === undefined && wanted.requestedIpGranted === null ? null : isGranted,
    ipFrom: possible.length === 0 && wanted.ipFrom === null ? null : prefix,
    ...(only === undefined ? {} : { ipMustBe: formatAddress(only) }),
    ...impossible(wanted.ipMustNotBe, asked, isGranted, possible),
  };
}

/** Every address that must not be given and cannot be; without a question, the wish that was not granted. */
function impossible(
  wanted: unknown,
  asked: string | undefined,
  isGranted: boolean,
  possible: RangeSet,
): { ipMustNotBe?: unknown } {
  if (wanted === undefined || wanted === null)
    return asked === undefined || isGranted ? {} : { ipMustNotBe: asked };
  const cannotBe = (address: unknown): boolean => {
    const number = typeof address === "string" ? parseAddress(address) : undefined;
    return number !== undefined && !contains(possible, number);
  };
  if (Array.isArray(wanted)) return { ipMustNotBe: wanted.filter(cannotBe) };
  return cannotBe(wanted) ? { ipMustNotBe: wanted } : {};
}

function stateOf(name: string, prefix: string, inUse: readonly string[]): SubnetAddresses {
  return new SubnetAddresses({ name, prefix, used: inUse.map((address) => ({ address })) });
}

function addressesIn(set: RangeSet): string[] {
  const texts: string[] = [];
  for (let i = 0; i < set.length; i += 2)
    for (let address = set[i] ?? 0; address <= (set[i + 1] ?? -1); address++) texts.push(formatAddress(address));
  return texts;
}
