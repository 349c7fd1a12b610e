import { z } from "zod";
import { parseAddress, parsePrefix, staticAddressProblem } from "../../../../provider/connectivity/address.js";
import { evaluateFlow, evaluateReachability } from "../../../../provider/connectivity/flow.js";
import { chooseSubnet, SubnetAddresses } from "../../../../provider/connectivity/placement.js";
import { sizeOf } from "../../../../provider/connectivity/rangeSet.js";

/** Cases as data: `{schemaVersion: 1, cases: [...]}`. Rule names compare without case. */

const rules = z
  .array(
    z.strictObject({
      name: z.string(),
      priority: z.number(),
      direction: z.enum(["Inbound", "Outbound"]),
      access: z.enum(["Allow", "Deny"]),
      protocol: z.string(),
      sources: z.array(z.string()),
      sourcePorts: z.array(z.string()),
      destinations: z.array(z.string()),
      destinationPorts: z.array(z.string()),
    }),
  )
  .nullable();

const flow = z.strictObject({
  direction: z.enum(["Inbound", "Outbound"]),
  protocol: z.string(),
  source: z.string(),
  sourcePort: z.coerce.number(),
  destination: z.string(),
  destinationPort: z.coerce.number(),
  connectionState: z.enum(["new", "reply-of-allowed-inbound"]).default("new"),
});

const context = z.object({
  vnetSpaces: z.array(z.string()),
  subnetPrefix: z.string(),
  peeredSpaces: z.array(z.string()),
  gatewaySpaces: z.array(z.string()),
  udrPrefixes: z.array(z.string()),
  asgs: z.record(z.string(), z.array(z.string())),
  publicIpSku: z.string().nullable(),
  publicIpAddress: z.string().nullish(),
});

const base = {
  id: z.string(),
  title: z.string(),
  context,
  subnetRules: rules.default(null),
  nicRules: rules.default(null),
};

const decidedBy = z.strictObject({ scope: z.string(), rule: z.string().nullable() });

const validateStatic = z.strictObject({
  operation: z.literal("validateStatic"),
  subnetPrefix: z.string(),
  inUse: z.array(z.string()),
  requested: z.string(),
});

const placement = z.strictObject({
  operation: z.literal("testFailoverPlacement"),
  item: z.strictObject({
    subnetName: z.string().nullable(),
    staticIp: z.string().nullable(),
    testSubnetName: z.string().nullable(),
    testStaticIp: z.string().nullable(),
  }),
  testVnet: z.strictObject({
    subnets: z.array(z.strictObject({ name: z.string(), prefix: z.string(), inUse: z.array(z.string()) })),
  }),
});

const caseShape = z.discriminatedUnion("kind", [
  z.object({
    ...base,
    kind: z.literal("nsg"),
    flow,
    expected: z.strictObject({
      verdict: z.enum(["allow", "deny"]),
      decidedBy,
      evaluated: z.array(z.strictObject({ scope: z.string(), rule: z.string(), access: z.string() })),
    }),
  }),
  z.object({
    ...base,
    kind: z.literal("ip"),
    input: z.discriminatedUnion("operation", [validateStatic, placement]),
    expected: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  }),
  z.object({
    ...base,
    kind: z.literal("reachability"),
    routes: z.array(
      z.object({
        source: z.string(),
        prefix: z.string(),
        nextHopType: z.string(),
        nextHopIp: z.string().nullish(),
      }),
    ),
    flow,
    expected: z.strictObject({
      nsgVerdict: z.enum(["allow", "deny", "none"]),
      nsgDecidedBy: decidedBy,
      directlyReachableFromInternet: z.boolean(),
      blockedBy: z.record(z.string(), z.string()).nullable(),
    }),
  }),
]);

export const casesFile = z.object({ schemaVersion: z.literal(1), cases: z.array(caseShape) });

export type ConnectivityCase = z.infer<typeof caseShape>;

/** What the planner says to a case, in the words of its `expected`. */
export function answerCase(given: ConnectivityCase): unknown {
  if (given.kind === "ip")
    return given.input.operation === "validateStatic" ? answerStatic(given.input) : answerPlacement(given.input);
  const { publicIpAddress, ...rest } = given.context;
  const place = { ...rest, ...(publicIpAddress == null ? {} : { publicIpAddress }) };
  if (given.kind === "nsg") return evaluateFlow(place, given.subnetRules, given.nicRules, given.flow);
  const routes = given.routes.map(({ nextHopIp, ...route }) => ({
    ...route,
    ...(nextHopIp == null ? {} : { nextHopIp }),
  }));
  return evaluateReachability(place, given.subnetRules, given.nicRules, routes, given.flow);
}

/** The parts of an answer that a case speaks of, comparable: names in lower case. */
export function comparable(value: unknown, expected: unknown): unknown {
  if (typeof value === "string") return value.toLowerCase();
  if (Array.isArray(value))
    return value.map((item, index) => comparable(item, Array.isArray(expected) ? expected[index] : undefined));
  if (typeof value !== "object" || value === null) return value ?? null;
  const keys = typeof expected === "object" && expected !== null ? Object.keys(expected) : Object.keys(value);
  return Object.fromEntries(keys.map((key) => [key, comparable(property(value, key), property(expected, key))]));
}

function property(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
}

function answerStatic(input: z.infer<typeof validateStatic>): Record<string, unknown> {
  const subnet = parsePrefix(input.subnetPrefix);
  const requested = parseAddress(input.requested);
  if (subnet === undefined || requested === undefined) return { valid: false };
  const state = stateOf("subnet", input.subnetPrefix, input.inUse);
  const reason = staticAddressProblem(subnet, requested, (address) => state.problem(address)?.code === "in-use");
  const usable = state.freeCount();
  const usableTotal = sizeOf(state.usable);
  return reason === undefined
    ? { valid: true, usableTotal, usable, freeAfter: usable - 1 }
    : { valid: false, reason, usableTotal, usable, freeAfter: usable };
}

function answerPlacement({ item, testVnet }: z.infer<typeof placement>): Record<string, unknown> {
  const wish = {
    ...(item.subnetName === null ? {} : { subnetName: item.subnetName }),
    ...(item.testSubnetName === null ? {} : { testSubnetName: item.testSubnetName }),
  };
  const choice = chooseSubnet("testFailover", wish, testVnet.subnets);
  if (choice === undefined) return {};
  const { name, prefix, inUse } = choice.subnet;
  const state = stateOf(name, prefix, inUse);
  const asked = item.testStaticIp ?? item.staticIp;
  const requested = asked === null ? undefined : parseAddress(asked);
  const granted = requested !== undefined && state.problem(requested) === undefined;
  const only = state.freeCount() === 1 ? state.freeAddresses()[0] : undefined;
  const mustBe = granted ? requested : only;
  return {
    subnet: name,
    requestedIpGranted: granted,
    ipFrom: prefix,
    ...(mustBe === undefined ? {} : { ipMustBe: formatted(mustBe) }),
    ...(asked === null || granted ? {} : { ipMustNotBe: asked }),
  };
}

function stateOf(name: string, prefix: string, inUse: readonly string[]): SubnetAddresses {
  return new SubnetAddresses({ name, prefix, used: inUse.map((address) => ({ address })) });
}

function formatted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address / 2 ** shift) & 255).join(".");
}
