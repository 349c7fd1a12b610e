import { z } from "zod";
import { parsePrefix } from "./address.js";
import { parseIpv6Prefix } from "./ipv6.js";
import { parsePorts, priorityRange } from "./nsg.js";
import { isServiceTag, parseEndpoint, TagTable } from "./serviceTags.js";

/**
 * How a file of cases is written. Words and names compare without case; a list that may be left out may also be null;
 * every value that cannot be read is refused with its place, so that a typing error never passes for an answer.
 */

const word = <const T extends readonly [string, ...string[]]>(...allowed: T) =>
  z.preprocess(
    (value) =>
      typeof value === "string"
        ? (allowed.find((candidate) => candidate.toLowerCase() === value.toLowerCase()) ?? value)
        : value,
    z.enum(allowed),
  );

const text = (what: string, isReadable: (text: string) => boolean) =>
  z.string().refine(isReadable, { error: ({ input }) => `is ${JSON.stringify(input)}, allowed: ${what}` });

const isRange = (value: string): boolean =>
  parsePrefix(value) !== undefined || parseIpv6Prefix(value) !== undefined;
const range = text("a CIDR or an address", isRange);
const subnet = text("a CIDR", (value) => value.includes("/") && isRange(value));

const place = text(
  "a CIDR, an address, *, a service tag or asg:<name>",
  (value) => parseEndpoint([value], new TagTable()).unreadable.length === 0,
);
const places = z.array(place).min(1);

const ports = z
  .array(
    z.preprocess(
      (value) => (typeof value === "number" ? String(value) : value),
      text("*, a port 0-65535, or a range such as 80-90", (value) =>
        value.split(",").every((part) => parsePorts(part.trim()) !== undefined),
      ),
    ),
  )
  .min(1);

const priorityFrom = (lowest: number) =>
  z.number().refine((value) => Number.isInteger(value) && value >= lowest && value <= priorityRange.highest, {
    error: ({ input }) => `is ${String(input)}, allowed: ${lowest}-${priorityRange.highest}`,
  });

const rule = z.object({
  name: z.string(),
  priority: priorityFrom(priorityRange.lowest),
  direction: word("Inbound", "Outbound"),
  access: word("Allow", "Deny"),
  protocol: word("Tcp", "Udp", "Icmp", "Esp", "Ah", "*", "Any"),
  sources: places,
  sourcePorts: ports,
  destinations: places,
  destinationPorts: ports,
});

/** Which of two rules with one number Azure would ask first nobody can tell: it takes no such NSG. */
const rules = z
  .array(rule)
  .nullish()
  .transform((value) => value ?? null)
  .superRefine((list, { addIssue }) => {
    const holders = new Map<string, string>();
    for (const [index, { name, direction, priority }] of (list ?? []).entries()) {
      const holder = holders.get(`${direction} ${priority}`);
      if (holder === undefined) holders.set(`${direction} ${priority}`, name);
      else
        addIssue({
          code: "custom",
          path: [index, "priority"],
          message: `is ${priority}, which rule ${holder} has too, allowed: once per direction`,
        });
    }
  });

const port = z.preprocess(
  (value) => (typeof value === "string" && /^\d{1,5}$/.test(value) ? Number(value) : value),
  z
    .number()
    .nullish()
    .refine((value) => value == null || (Number.isInteger(value) && value >= 0 && value <= 65_535), {
      error: ({ input }) => `is ${String(input)}, allowed: 0-65535`,
    }),
);

/** A protocol without ports says null, and so may a client's own port. */
const flow = z
  .object({
    direction: word("Inbound", "Outbound"),
    protocol: word("Tcp", "Udp", "Icmp", "Esp", "Ah"),
    source: place,
    sourcePort: port,
    destination: place,
    destinationPort: port,
    connectionState: word("new", "reply-of-allowed-inbound").nullish(),
  })
  .superRefine(({ protocol, destinationPort }, { addIssue }) => {
    if (destinationPort != null || (protocol !== "Tcp" && protocol !== "Udp")) return;
    addIssue({
      code: "custom",
      path: ["destinationPort"],
      message: `is missing, allowed for ${protocol}: 0-65535`,
    });
  })
  .transform(({ sourcePort, destinationPort, ...rest }) => ({
    ...rest,
    sourcePort: sourcePort ?? 0,
    destinationPort: destinationPort ?? 0,
  }));

const ranges = z
  .array(range)
  .nullish()
  .transform((value) => value ?? []);

/** User-defined routes may lead to a service tag; it covers no address that is known here. */
const routePrefix = text("a CIDR, an address or a service tag", (value) => isRange(value) || isServiceTag(value));

const context = z.object({
  vnetSpaces: z.array(range),
  subnetPrefix: subnet.nullish().transform((value) => value ?? ""),
  peeredSpaces: ranges,
  gatewaySpaces: ranges,
  udrPrefixes: z
    .array(routePrefix)
    .nullish()
    .transform((value) => value ?? []),
  asgs: z
    .record(z.string(), z.array(range))
    .nullish()
    .transform((value) => value ?? {}),
  publicIpSku: word("Standard", "Basic")
    .nullish()
    .transform((value) => value ?? null),
  publicIpAddress: range.nullish(),
  /** Rules of Virtual Network Manager; beyond the documented keys. */
  adminRules: z
    .array(rule.extend({ priority: priorityFrom(1), access: word("Allow", "Deny", "AlwaysAllow") }))
    .nullish()
    .transform((value) => value ?? []),
});

const base = {
  id: z.union([z.string(), z.number()]).transform(String),
  title: z
    .string()
    .nullish()
    .transform((value) => value ?? ""),
};
/** A case that asks for nothing would always pass. */
const expected = z.record(z.string(), z.unknown()).refine((value) => Object.keys(value).length > 0, {
  error: "is empty, allowed: at least one answer",
});
const optional = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);

const validateStatic = z.object({
  operation: z.literal("validateStatic"),
  subnetPrefix: subnet,
  inUse: ranges,
  requested: z.string(),
});

const placement = z.object({
  operation: z.literal("testFailoverPlacement"),
  item: z.object({ subnetName: optional, staticIp: optional, testSubnetName: optional, testStaticIp: optional }),
  testVnet: z.object({
    subnets: z.array(z.object({ name: z.string(), prefix: subnet, inUse: ranges })),
  }),
});

const routes = z
  .array(
    z.object({
      source: z
        .string()
        .nullish()
        .transform((value) => value ?? "Default"),
      prefix: routePrefix,
      nextHopType: z.string(),
      nextHopIp: z.string().nullish(),
    }),
  )
  .nullish()
  .transform((value) => value ?? []);

export const caseShape = z.discriminatedUnion("kind", [
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
    routes,
    flow,
    expected,
  }),
]);

export const fileShape = z.object({ schemaVersion: z.literal(1), cases: z.array(z.unknown()) });

export type ConnectivityCase = z.infer<typeof caseShape>;
export type StaticQuestion = z.infer<typeof validateStatic>;
export type PlacementQuestion = z.infer<typeof placement>;

/** Every problem of a value that is not of its shape, each with its place. */
export function problemsOf(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => `${path.map(String).join(".") || "the file"}: ${message}`)
    .join("; ");
}
