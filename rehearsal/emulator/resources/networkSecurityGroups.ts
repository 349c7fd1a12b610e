import { z } from "zod";
import type { ArmResource, Operation, World } from "../core.js";
import { ArmError } from "../errors.js";
import { parsePorts, parseSecurityAddress } from "../network/securityRules.js";
import { childOperations, networkName, type ResourceKind, resourceOperations, type Write } from "./operations.js";
import { member, parseProperties, reference, requireReferences } from "./shapes.js";

const ruleBody = member(
  z.looseObject({
    protocol: z.string(),
    sourcePortRange: z.string().nullish(),
    sourcePortRanges: z.array(z.string()).nullish(),
    destinationPortRange: z.string().nullish(),
    destinationPortRanges: z.array(z.string()).nullish(),
    sourceAddressPrefix: z.string().nullish(),
    sourceAddressPrefixes: z.array(z.string()).nullish(),
    sourceApplicationSecurityGroups: z.array(reference).nullish(),
    destinationAddressPrefix: z.string().nullish(),
    destinationAddressPrefixes: z.array(z.string()).nullish(),
    destinationApplicationSecurityGroups: z.array(reference).nullish(),
    access: z.string(),
    priority: z.int(),
    direction: z.string(),
  }),
);
type RuleBody = z.output<typeof ruleBody>;

const groupBody = z.looseObject({ securityRules: z.array(ruleBody).optional() });

const type = "Microsoft.Network/networkSecurityGroups";
const protocols = ["Tcp", "Udp", "Icmp", "Esp", "Ah", "*"];

export const networkSecurityGroupKind: ResourceKind = {
  type,
  operations: "NetworkSecurityGroups",
  parameter: "networkSecurityGroupName",
  name: networkName,
  hasEtag: true,
  hasOperation: true,
  write(write, world) {
    const body = parseProperties(groupBody, write.properties);
    const {
      securityRules: _r,
      defaultSecurityRules: _d,
      provisioningState: _,
      resourceGuid: _g,
      networkInterfaces: _n,
      subnets: _s,
      ...rest
    } = body;
    const old = write.existing?.properties.securityRules;
    return {
      properties: {
        provisioningState: "Succeeded",
        resourceGuid: write.existing?.properties.resourceGuid ?? world.newGuid(),
        ...rest,
        securityRules: body.securityRules
          ? readRules(body.securityRules, write, world)
          : Array.isArray(old)
            ? old
            : [],
        defaultSecurityRules: defaultRules(write.id),
      },
    };
  },
  render(group, world) {
    const users = world.arm.referrers(group.id);
    const interfaces = users.filter((user) => user.type === "Microsoft.Network/networkInterfaces");
    const subnets = users
      .filter((user) => user.type === "Microsoft.Network/virtualNetworks")
      .flatMap((network) =>
        Array.isArray(network.properties.subnets) ? (network.properties.subnets as ArmResource[]) : [],
      )
      .filter((subnet) => {
        const own = subnet.properties.networkSecurityGroup;
        return reference.safeParse(own).data?.id.toLowerCase() === group.id.toLowerCase();
      });
    const withEtag = (rules: unknown) =>
      Array.isArray(rules)
        ? rules.map(({ name, id, ...rule }: ArmResource) => ({ name, id, etag: group.etag, ...rule }))
        : [];
    return {
      ...group,
      properties: {
        ...group.properties,
        securityRules: withEtag(group.properties.securityRules),
        defaultSecurityRules: withEtag(group.properties.defaultSecurityRules),
        ...(interfaces.length > 0 && { networkInterfaces: interfaces.map(({ id }) => ({ id })) }),
        ...(subnets.length > 0 && { subnets: subnets.map(({ id }) => ({ id })) }),
      },
    };
  },
  refuseDeletion(group, world) {
    const users = world.arm.referrers(group.id);
    if (users.length === 0) return;
    throw new ArmError(
      400,
      "InUseNetworkSecurityGroupCannotBeDeleted",
      `Network security group ${group.id} cannot be deleted because it is in use by the following resources: ${users.map((user) => user.id).join(", ")}. In order to delete the Network security group, remove the association with the resource(s). To learn how to do this, see aka.ms/deletensg.`,
    );
  },
};

/** Network security groups, and their rules on their own paths. */
export const networkSecurityGroupOperations: Operation[] = [
  ...resourceOperations(networkSecurityGroupKind),
  ...childOperations({
    parent: networkSecurityGroupKind,
    collection: "securityRules",
    operations: "SecurityRules",
    parameter: "securityRuleName",
  }),
  ...childOperations({
    parent: networkSecurityGroupKind,
    collection: "defaultSecurityRules",
    operations: "DefaultSecurityRules",
    parameter: "defaultSecurityRuleName",
    readOnly: true,
  }),
];

function readRules(bodies: RuleBody[], write: Write, world: World): ArmResource[] {
  const rules = bodies.map((body): ArmResource => {
    const id = `${write.id}/securityRules/${body.name}`;
    checkRule(body, id, world);
    const { provisioningState: _, protocol, access, direction, ...rest } = body.properties;
    const kept = Object.fromEntries(
      Object.entries(rest).filter(([, value]) => value !== null && value !== undefined),
    );
    return {
      name: body.name,
      id,
      type: `${type}/securityRules`,
      properties: {
        provisioningState: "Succeeded",
        protocol: canonical(protocol, protocols) ?? protocol,
        sourcePortRanges: [],
        destinationPortRanges: [],
        sourceAddressPrefixes: [],
        destinationAddressPrefixes: [],
        access: canonical(access, ["Allow", "Deny"]) ?? access,
        direction: canonical(direction, ["Inbound", "Outbound"]) ?? direction,
        ...kept,
      },
    };
  });
  for (const [index, rule] of rules.entries()) {
    const { priority, direction } = rule.properties;
    const other = rules
      .slice(0, index)
      .find(
        (candidate) => candidate.properties.priority === priority && candidate.properties.direction === direction,
      );
    if (other)
      throw new ArmError(
        400,
        "SecurityRuleConflict",
        `Security rule ${rule.name} conflicts with rule ${other.name}. Rules cannot have the same Priority and Direction.`,
      );
    if (rules.findIndex((candidate) => candidate.name.toLowerCase() === rule.name.toLowerCase()) !== index)
      throw new ArmError(
        400,
        "DuplicateResourceName",
        `Resource ${write.id} has two child resources with the same name (${rule.name}).`,
      );
  }
  return rules;
}

function checkRule(body: RuleBody, id: string, world: World): void {
  const rule = body.properties;
  const refuse = (code: string, message: string) => new ArmError(400, code, message);
  if (body.name.length > networkName.most || !networkName.pattern.test(body.name))
    throw refuse(
      "InvalidResourceName",
      `Resource name ${body.name} is invalid. The name can be up to 80 characters long. ${networkName.allowed}`,
    );
  const closed: [string, string, string[]][] = [
    ["protocol", rule.protocol, protocols],
    ["access", rule.access, ["Allow", "Deny"]],
    ["direction", rule.direction, ["Inbound", "Outbound"]],
  ];
  for (const [property, value, allowed] of closed)
    if (canonical(value, allowed) === undefined)
      throw refuse(
        "InvalidRequestFormat",
        `Security rule ${id} has the invalid ${property} '${value}'. Allowed: ${allowed.join(", ")}.`,
      );
  if (rule.priority < 100 || rule.priority > 4096)
    throw refuse(
      "SecurityRuleInvalidPriority",
      `Security rule ${id} has invalid priority. Value provided: ${rule.priority}. The value must be between 100 and 4096.`,
    );
  const sides = [
    [
      "source",
      rule.sourceAddressPrefix,
      rule.sourceAddressPrefixes,
      rule.sourceApplicationSecurityGroups,
      rule.sourcePortRange,
      rule.sourcePortRanges,
    ],
    [
      "destination",
      rule.destinationAddressPrefix,
      rule.destinationAddressPrefixes,
      rule.destinationApplicationSecurityGroups,
      rule.destinationPortRange,
      rule.destinationPortRanges,
    ],
  ] as const;
  for (const [side, prefix, prefixes, groups, port, ports] of sides) {
    const addresses = [...(prefix ? [prefix] : []), ...(prefixes ?? [])];
    if (addresses.length === 0 && (groups ?? []).length === 0)
      throw refuse(
        "SecurityRuleParameterAddressPrefixMissing",
        `Security rule ${id} names no ${side} address prefix or application security group.`,
      );
    for (const address of addresses)
      if (!parseSecurityAddress(address))
        throw refuse(
          "SecurityRuleInvalidAddressPrefix",
          `Security rule ${id} has invalid Address prefix. Value provided: ${address}`,
        );
    const tags = addresses.filter((address) => parseSecurityAddress(address)?.kind === "tag");
    if (tags.length > 0 && addresses.length > 1)
      throw refuse(
        "SecurityRuleInvalidAddressPrefix",
        `Security rule ${id} has the service tag ${tags[0]} in a list; a tag stands alone in its field.`,
      );
    const ranges = [...(port ? [port] : []), ...(ports ?? [])];
    if (ranges.length === 0)
      throw refuse("SecurityRuleParameterPortRangeMissing", `Security rule ${id} names no ${side} port range.`);
    for (const range of ranges)
      if (!parsePorts(range))
        throw refuse(
          "SecurityRuleInvalidPortRange",
          `Security rule ${id} has invalid Port range. Value provided: ${range}. Value should be an integer OR integer range with '-' delimiter. Valid range 0-65535.`,
        );
    if ((groups ?? []).length > 10)
      throw refuse(
        "SecurityRuleTooManyApplicationSecurityGroups",
        `Security rule ${id} names more than 10 application security groups.`,
      );
    requireReferences(world, id, ...(groups ?? []).map((group) => group.id));
  }
}

/** The rules that every group has and that can be overridden only, as Azure answers them. */
function defaultRules(groupId: string): ArmResource[] {
  const rule = (
    name: string,
    description: string,
    direction: string,
    priority: number,
    access: string,
    source: string,
    destination: string,
  ): ArmResource => ({
    name,
    id: `${groupId}/defaultSecurityRules/${name}`,
    type: `${type}/defaultSecurityRules`,
    properties: {
      provisioningState: "Succeeded",
      description,
      protocol: "*",
      sourcePortRange: "*",
      destinationPortRange: "*",
      sourceAddressPrefix: source,
      destinationAddressPrefix: destination,
      access,
      priority,
      direction,
      sourcePortRanges: [],
      destinationPortRanges: [],
      sourceAddressPrefixes: [],
      destinationAddressPrefixes: [],
    },
  });
  return [
    rule(
      "AllowVnetInBound",
      "Allow inbound traffic from all VMs in VNET",
      "Inbound",
      65000,
      "Allow",
      "VirtualNetwork",
      "VirtualNetwork",
    ),
    rule(
      "AllowAzureLoadBalancerInBound",
      "Allow inbound traffic from azure load balancer",
      "Inbound",
      65001,
      "Allow",
      "AzureLoadBalancer",
      "*",
    ),
    rule("DenyAllInBound", "Deny all inbound traffic", "Inbound", 65500, "Deny", "*", "*"),
    rule(
      "AllowVnetOutBound",
      "Allow outbound traffic from all VMs to all VMs in VNET",
      "Outbound",
      65000,
      "Allow",
      "VirtualNetwork",
      "VirtualNetwork",
    ),
    rule(
      "AllowInternetOutBound",
      "Allow outbound traffic from all VMs to Internet",
      "Outbound",
      65001,
      "Allow",
      "*",
      "Internet",
    ),
    rule("DenyAllOutBound", "Deny all outbound traffic", "Outbound", 65500, "Deny", "*", "*"),
  ];
}

function canonical(value: string, allowed: string[]): string | undefined {
  return allowed.find((candidate) => candidate.toLowerCase() === value.toLowerCase());
}
