/** What can be made before a failover so that people can connect on the day after. */

import { createRequire } from "node:module";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { ConnectivityPlan, FixRule } from "../provider/connectivity/types.js";
import { preparedDescription, preparedTag } from "../provider/resources/preparedParts.js";

export interface PreparedConnectivityArgs {
  /**
   * The plan whose fix is prepared: of `planConnectivity({ ..., ignorePrepared: true })`, so that what was prepared before
   * stays in the plan.
   */
  plan: ConnectivityPlan;
  /** Resource group of the public IPs. */
  resourceGroupName: pulumi.Input<string>;
  /** Region of the public IPs, the one of the network. Default: azure-native's own. */
  location?: pulumi.Input<string>;
  /** Tags of the public IPs. */
  tags?: Record<string, pulumi.Input<string>>;
}

type ResourceClass = new (
  name: string,
  args: Record<string, unknown>,
  options?: pulumi.CustomResourceOptions,
) => pulumi.CustomResource & { ipAddress?: pulumi.Output<string | undefined> };

/** The part of `@pulumi/azure-native/network` that is used: an optional peer, so its types may not be there. */
interface AzureNetwork {
  SecurityRule: ResourceClass;
  PublicIPAddress: ResourceClass;
}

/**
 * The part of a connectivity plan's fix that can exist before a failover: rules in the NSGs that are there, and reserved
 * Standard public IPs, as azure-native resources that a preview shows. A failover with `connectivity.apply` attaches the
 * public IPs to their machines, and takes them off again without deleting them.
 *
 * @throws RunError where `@pulumi/azure-native` is not installed beside the program
 * @example
 * const plan = await planConnectivity({ targetId, ignorePrepared: true });
 * new PreparedConnectivity("shop", { plan, resourceGroupName: "shop-dr" });
 */
export class PreparedConnectivity extends pulumi.ComponentResource {
  /** Ids of the rules, by NSG and rule name. */
  readonly securityRuleIds: pulumi.Output<Record<string, string>>;
  /** Addresses of the public IPs, by machine; what DNS names can point to. */
  readonly publicIpAddresses: pulumi.Output<Record<string, string | undefined>>;
  /** What only can be made once the machines exist, a sentence each. */
  readonly remaining: string[];

  constructor(name: string, args: PreparedConnectivityArgs, options?: pulumi.ComponentResourceOptions) {
    super("siterecovery:index:PreparedConnectivity", name, {}, options);
    const { rules, publicIps, networkSecurityGroups } = args.plan.fix;
    const network = rules.length + publicIps.length === 0 ? undefined : loadNetwork();
    const parent = { parent: this };
    const ids: Record<string, pulumi.Output<string>> = {};
    const addresses: Record<string, pulumi.Output<string | undefined>> = {};
    if (network !== undefined) {
      for (const rule of rules) {
        const made = new network.SecurityRule(`${name}-${rule.nsgName}-${rule.name}`, ruleArgs(rule), parent);
        ids[`${rule.nsgName}/${rule.name}`] = made.id;
      }
      for (const { machine, nicId } of publicIps) {
        const label = `${name}-${machine}${publicIps.some((other) => other.machine === machine && other.nicId !== nicId) ? `-${nicId.replace(/[^A-Za-z0-9]/g, "")}` : ""}`;
        const made = new network.PublicIPAddress(
          label,
          {
            publicIpAddressName: `${label}-ip`,
            resourceGroupName: args.resourceGroupName,
            ...(args.location === undefined ? {} : { location: args.location }),
            sku: { name: "Standard" },
            publicIPAllocationMethod: "Static",
            publicIPAddressVersion: "IPv4",
            tags: { ...args.tags, [preparedTag]: machine },
          },
          parent,
        );
        addresses[label] = made.ipAddress ?? pulumi.output(undefined);
      }
    }
    this.securityRuleIds = pulumi.output(ids);
    this.publicIpAddresses = pulumi.output(addresses);
    this.remaining = networkSecurityGroups.map(
      (nsg) =>
        `NSG ${nsg.name} hangs on network interfaces that a failover makes (${nsg.attachTo.map(({ machine }) => machine).join(", ")}): let connectivity.apply make it, or bind an NSG to the subnet`,
    );
    this.registerOutputs({
      securityRuleIds: this.securityRuleIds,
      publicIpAddresses: this.publicIpAddresses,
      remaining: this.remaining,
    });
  }
}

const nsgPattern =
  /^\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Network\/networkSecurityGroups\/([^/]+)$/i;

function ruleArgs(rule: FixRule): Record<string, unknown> {
  const [, resourceGroupName, networkSecurityGroupName] = nsgPattern.exec(rule.nsgId) ?? [];
  if (resourceGroupName === undefined || networkSecurityGroupName === undefined)
    throw new pulumi.RunError(
      `plan.fix.rules: nsgId "${rule.nsgId}" is not the ARM id of a network security group`,
    );
  const { priority, direction, access, protocol } = rule;
  return {
    resourceGroupName,
    networkSecurityGroupName,
    securityRuleName: rule.name,
    description: `${preparedDescription}: access by ${rule.path} for ${rule.machines.join(", ")}`.slice(0, 140),
    priority,
    direction,
    access,
    protocol,
    ...side("source", rule.sources, rule.sourcePorts),
    ...side("destination", rule.destinations, rule.destinationPorts),
  };
}

function side(name: "source" | "destination", places: readonly string[], ports: readonly string[]): object {
  const groups = places.filter((place) => place.startsWith("asg:")).map((place) => ({ id: place.slice(4) }));
  const prefixes = places.filter((place) => !place.startsWith("asg:"));
  return {
    ...(prefixes.length === 1 ? { [`${name}AddressPrefix`]: prefixes[0] } : {}),
    ...(prefixes.length > 1 ? { [`${name}AddressPrefixes`]: prefixes } : {}),
    ...(groups.length > 0 ? { [`${name}ApplicationSecurityGroups`]: groups } : {}),
    ...(ports.length === 1 ? { [`${name}PortRange`]: ports[0] } : { [`${name}PortRanges`]: ports }),
  };
}

/** Beside this package, else beside the program: a linked package does not see the program's modules. */
function loadNetwork(): AzureNetwork {
  const specifier = "@pulumi/azure-native/network";
  for (const load of [require, createRequire(path.join(process.cwd(), "index.js"))]) {
    try {
      return load(specifier) as AzureNetwork;
    } catch (error) {
      const isMissing = error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND";
      if (!isMissing) throw error;
    }
  }
  // Pulumi shows the message of this error alone; of any other it prints the stack and every field.
  throw new pulumi.RunError(
    "PreparedConnectivity makes azure-native resources, and @pulumi/azure-native is not installed: run `npm install @pulumi/azure-native` in the program's directory",
  );
}
