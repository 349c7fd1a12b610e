import { z } from "zod";
import { formatAddress, parseAddress, parsePrefix, staticAddressProblem, usableAddresses } from "./address.js";
import { evaluateFlow, evaluateReachability } from "./flow.js";
import { chooseSubnet, SubnetAddresses } from "./placement.js";
import { contains, type RangeSet, sizeOf } from "./rangeSet.js";

/**
 * Questions to the planner with their known answers, as data: `{schemaVersion: 1, cases: [...]}`. Names of rules,
 * subnets and words compare without case; an answer is compared in those keys that `expected` has.
 */

const word = <const T extends readonly [string, ...string[]]>(...allowed: T) =>
  z.preprocess(
    (value) =>
      typeof value === "string"
        ? (allowed.find((candidate) => candidate.toLowerCase() === value.toLowerCase()) ?? value)
        : value,
    z.enum(allowed),
  );

const ports = z.array(z.union([z.string(), z.number().transform(String)]));

const rules = z
  .array(
    z.object({
      name: z.string(),
      priority: z.number(),
      direction: word("Inbound", "Outbound"),
      access: word("Allow", "Deny"),
      protocol: z.string(),
      sources: z.array(z.string()),
      sourcePorts: ports,
      destinations: z.array(z.string()),
      destinationPorts: ports,
    }),
  )
  .nullish()
  .transform((value) => value ?? null);

/** Protocols without ports say null: such a flow meets only rules that leave the port open. */
const port = z.coerce.number().int().min(0).max(65_535);

const flow = z.object({
  direction: word("Inbound", "Outbound"),
  protocol: z.string(),
  source: z.string(),
  sourcePort: port.default(0),
  destination: z.string(),
  destinationPort: port.default(0),
  connectionState: z.enum(["new", "reply-of-allowed-inbound"]).nullish(),
});

const prefixes = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);

const context = z.object({
  vnetSpaces: z.array(z.string()),
  subnetPrefix: z.string(),
  peeredSpaces: prefixes,
  gatewaySpaces: prefixes,
  udrPrefixes: prefixes,
  asgs: z
    .record(z.string(), z.array(z.string()))
    .nullish()
    .transform((value) => value ?? {}),
  publicIpSku: z
    .string()
    .nullish()
    .transform((value) => value ?? null),
  publicIpAddress: z.string().nullish(),
});

const base = { id: z.string(), title: z.string().default("") };
const expected = z.record(z.string(), z.unknown());
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);

const validateStatic = z.object({
  operation: z.literal("validateStatic"),
  subnetPrefix: z.string(),
  inUse: prefixes,
  requested: z.string(),
});

const placement = z.object({
  operation: z.literal("testFailoverPlacement"),
  item: z.object({ subnetName: text, staticIp: text, testSubnetName: text, testStaticIp: text }),
  testVnet: z.object({
    subnets: z.array(z.object({ name: z.string(), prefix: z.string(), inUse: prefixes })),
  }),
});

const caseShape = z.discriminatedUnion("kind", [
  z.object({ ...base, kind: z.literal("nsg"), context, subnetRules: rules, nicRules: rules, flow, expected }),
  z.object({
    ...base,
    kind: z.literal("ip"),
    input: z.discriminatedUnion("operation", [validateStatic, placement]),
    expected,
  }),
  z.object({
    ...base,
    kind: z.literal("reachability"),
    context,
    subnetRules: rules,
    nicRules: rules,
    routes: z
      .array(
        z.object({
          source: z.string(),
          prefix: z.string(),
          nextHopType: z.string(),
          nextHopIp: z.string().nullish(),
        }),
      )
      .nullish()
      .transform((value) => value ?? []),
    flow,
    expected,
  }),
]);

const fileShape = z.object({ schemaVersion: z.literal(1), cases: z.array(z.unknown()) });

export type ConnectivityCase = z.infer<typeof caseShape>;

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
    const names = z.object({ id: z.coerce.string(), title: z.string().optional() }).safeParse(given).data;
    return {
      id: names?.id ?? `cases[${index}]`,
      title: names?.title ?? "",
      differences: [`cases[${index}] cannot be read: ${problemsOf(read.error)}`],
    };
  });
}

/** Asks the planner one case. */
export function checkCase(given: ConnectivityCase): CaseResult {
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
export function answerCase(given: ConnectivityCase): Record<string, unknown> {
  if (given.kind === "ip")
    return given.input.operation === "validateStatic"
      ? answerStatic(given.input, given.expected)
      : answerPlacement(given.input, given.expected);
  const { publicIpAddress, ...ranges } = given.context;
  const { connectionState, ...asked } = given.flow;
  const place = { ...ranges, ...(publicIpAddress == null ? {} : { publicIpAddress }) };
  const question = { ...asked, connectionState: connectionState ?? ("new" as const) };
  if (given.kind === "nsg") return { ...evaluateFlow(place, given.subnetRules, given.nicRules, question) };
  const routes = given.routes.map(({ nextHopIp, ...route }) => ({
    ...route,
    ...(nextHopIp == null ? {} : { nextHopIp }),
  }));
  return { ...evaluateReachability(place, given.subnetRules, given.nicRules, routes, question) };
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
function answerStatic(
  input: z.infer<typeof validateStatic>,
  wanted: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
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

/**
 * Where a test machine lands. A dynamic address is never foretold: `ipMustBe` is answered only where one address is
 * possible, and `ipMustNotBe` where the one asked about is not.
 */
function answerPlacement(
  { item, testVnet }: z.infer<typeof placement>,
  wanted: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const wish = {
    ...(item.subnetName === undefined ? {} : { subnetName: item.subnetName }),
    ...(item.testSubnetName === undefined ? {} : { testSubnetName: item.testSubnetName }),
  };
  const choice = chooseSubnet("testFailover", wish, testVnet.subnets);
  if (choice === undefined) return {};
  const { name, prefix, inUse } = choice.subnet;
  const state = stateOf(name, prefix, inUse);
  const asked = item.testStaticIp ?? item.staticIp;
  const requested = asked === undefined ? undefined : parseAddress(asked);
  const isGranted = requested !== undefined && state.problem(requested) === undefined;
  const possible: RangeSet = isGranted ? [requested, requested] : state.freeAddresses();
  const only = sizeOf(possible) === 1 ? possible[0] : undefined;
  return {
    subnet: name,
    requestedIpGranted: asked === undefined && wanted.requestedIpGranted === null ? null : isGranted,
    ipFrom: prefix,
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

function problemsOf(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => `${path.map(String).join(".") || "the file"}: ${message}`)
    .join("; ");
}
