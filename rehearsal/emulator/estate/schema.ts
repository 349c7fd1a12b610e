import { z } from "zod";
import { parseAddress, parsePrefix } from "../network/addresses.js";

/**
 * The estate file: what stands on-premises and what is prepared in Azure before anything is replicated. YAML, one
 * document, every property below; an unknown property is refused. Smallest estate that replicates one machine:
 *
 * ```yaml
 * subscriptionId: 11111111-2222-4333-8444-555555555555
 * resourceGroup: shop-dr
 * location: westeurope
 * vault: { name: shop-vault }
 * networks:
 *   - name: shop-prod
 *     addressPrefixes: [10.20.0.0/16]
 *     subnets: [{ name: web, addressPrefix: 10.20.1.0/24 }]
 * machines:
 *   - name: web01
 *     os: { type: Linux, name: Ubuntu 22.04 }
 *     nics: [{ network: shop-lan, ip: 192.168.10.11 }]
 * ```
 */

const name = (least: number, most: number, pattern: RegExp, allowed: string) =>
  z
    .string({ error: (issue) => `must be text, given ${shown(issue.input)}` })
    .refine((value) => value.length >= least && value.length <= most && pattern.test(value), {
      error: (issue) =>
        `${shown(issue.input)} is not a valid name; allowed: ${least}-${most} characters, ${allowed}`,
    });

const networkName = name(
  1,
  80,
  /^[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/,
  "letters, digits, '_', '.', '-', beginning with a letter or digit and ending with one or '_'",
);
const virtualNetworkName = name(
  2,
  64,
  /^[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/,
  "letters, digits, '_', '.', '-', beginning with a letter or digit and ending with one or '_'",
);
const resourceGroupName = name(
  1,
  90,
  /^[\w().-]*[\w()-]$/,
  "letters, digits, '_', '-', '.', '(', ')', not ending in '.'",
);
const vaultName = name(2, 50, /^[A-Za-z][A-Za-z0-9-]*$/, "letters, digits, '-', beginning with a letter");
const itemName = name(1, 128, /^[^/\\?#%&<>\s][^/\\?#%&<>]*$/, "no '/', '\\', '?', '#', '%', '&', '<', '>'");
const machineName = name(
  1,
  63,
  /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/,
  "letters, digits, '-', '.', alphanumeric ends",
);
const storageName = name(3, 24, /^[a-z0-9]+$/, "lower-case letters and digits");

const address = z.string().refine((value) => parseAddress(value) !== undefined, {
  error: (issue) => `${shown(issue.input)} is not an IPv4 address; allowed: four numbers 0-255, such as 10.20.1.4`,
});
const prefix = z.string().refine((value) => parsePrefix(value) !== undefined, {
  error: (issue) =>
    `${shown(issue.input)} is not an IPv4 prefix; allowed: a network address and a length, such as 10.20.1.0/24`,
});
const wholeNumber = (least: number, most: number, unit?: string) =>
  z
    .int({
      error: (issue) =>
        `must be a whole number${unit === undefined ? "" : ` of ${unit}`}, given ${shown(issue.input)}`,
    })
    .refine((value) => value >= least && value <= most, {
      error: (issue) =>
        `${shown(issue.input)} is out of range; allowed: ${least}-${most}${unit === undefined ? "" : ` ${unit}`}`,
    });
const guid = z.string().refine((value) => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value), {
  error: (issue) => `${shown(issue.input)} is not a GUID; allowed: 8-4-4-4-12 hexadecimal digits`,
});
const instant = z.union([z.string(), z.date()]).transform((value, context) => {
  const time = value instanceof Date ? value.getTime() : Date.parse(value);
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  context.addIssue({
    code: "custom",
    message: `${shown(value)} is not a time; allowed: ISO 8601 such as 2026-01-31T08:00:00Z`,
  });
  return z.NEVER;
});
const stringList = z
  .array(z.string().min(1, { error: "must not be empty" }))
  .min(1, { error: "must name at least one" });

/** What an error message shows of a value: short, on one line. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** A rule of a network security group; priority 100-4096, unique per direction. `*`, tags and prefixes as in Azure. */
export const securityRuleSchema = z.strictObject({
  name: networkName,
  /** 100-4096, lower is evaluated first. */
  priority: wholeNumber(100, 4096),
  direction: z.enum(["Inbound", "Outbound"]),
  access: z.enum(["Allow", "Deny"]),
  /** Default `*`. */
  protocol: z.enum(["Tcp", "Udp", "Icmp", "Esp", "Ah", "*"]).default("*"),
  /** Addresses, prefixes or one service tag (`Internet`); default `["*"]`. */
  sources: stringList.default(["*"]),
  /** `"*"`, `"443"`, `"10000-10005"`; default `["*"]`. */
  sourcePorts: stringList.default(["*"]),
  destinations: stringList.default(["*"]),
  destinationPorts: stringList.default(["*"]),
});

export const networkSecurityGroupSchema = z.strictObject({
  name: networkName,
  /** Default: the estate's. */
  resourceGroup: resourceGroupName.optional(),
  rules: z.array(securityRuleSchema).default([]),
});

export const routeTableSchema = z.strictObject({
  name: networkName,
  resourceGroup: resourceGroupName.optional(),
  routes: z
    .array(
      z.strictObject({
        name: networkName,
        addressPrefix: prefix,
        nextHopType: z.enum(["VirtualNetworkGateway", "VnetLocal", "Internet", "VirtualAppliance", "None"]),
        /** Only with VirtualAppliance, and then required. */
        nextHopIpAddress: address.optional(),
      }),
    )
    .default([]),
});

export const subnetSchema = z.strictObject({
  name: networkName,
  addressPrefix: prefix,
  /** Name of one of `networkSecurityGroups`. */
  networkSecurityGroup: networkName.optional(),
  /** Name of one of `routeTables`. */
  routeTable: networkName.optional(),
});

/** A virtual network in Azure: `{ name, addressPrefixes: [10.20.0.0/16], subnets: [{ name, addressPrefix }] }`. */
export const networkSchema = z.strictObject({
  name: virtualNetworkName,
  resourceGroup: resourceGroupName.optional(),
  addressPrefixes: z.array(prefix).min(1, { error: "must name at least one prefix" }),
  subnets: z.array(subnetSchema).min(1, { error: "must name at least one subnet" }),
  /** Names of other networks of this file; each becomes a connected peering in both directions. */
  peerings: z.array(virtualNetworkName).default([]),
});

/** A VPN gateway that joins a network with on-premises ranges; the network needs a subnet `GatewaySubnet`. */
export const gatewaySchema = z.strictObject({
  name: networkName,
  network: virtualNetworkName,
  onPremisesPrefixes: z.array(prefix).min(1, { error: "must name at least one prefix" }),
});

/** A Bastion host; the network needs a subnet `AzureBastionSubnet`. */
export const bastionSchema = z.strictObject({ name: networkName, network: virtualNetworkName });

export const machineSchema = z.strictObject({
  name: machineName,
  /** Default `vmware`; a physical server is known to the physical site and has no vCenter; `hyperv` stands on a Hyper-V host; `classic` belongs to `classicVMware`. */
  kind: z.enum(["vmware", "physical", "hyperv", "classic"]).default("vmware"),
  /** Only with kind `classic`: a VMware machine or physical server of `classicVMware`. */
  classic: z
    .strictObject({
      /** Its id there; default: a GUID made from its name. */
      id: guid.optional(),
      isPhysical: z.boolean().default(false),
    })
    .optional(),
  /** Only with kind `hyperv`, and then required: the site, or the VMM server and the cloud, in which it stands. */
  hyperV: z
    .strictObject({
      /** Name of one of `hyperVSites`. */
      site: itemName.optional(),
      /** Name of one of `vmmServers`, with a cloud of it. */
      vmmServer: itemName.optional(),
      cloud: itemName.optional(),
      /** Name of a host of the site or server; default: the first. */
      host: itemName.optional(),
      generation: z.union([z.literal(1), z.literal(2)]).default(1),
      /** The id of the machine as a protectable item; default: a GUID made from its name. */
      id: guid.optional(),
    })
    .optional(),
  os: z.strictObject({
    type: z.enum(["Windows", "Linux"]),
    name: z.string().min(1),
    version: z.string().optional(),
  }),
  size: z
    .strictObject({
      cores: wholeNumber(1, 416, "cores").default(2),
      memoryMB: wholeNumber(256, 12_582_912, "MB").default(4096),
    })
    .default({ cores: 2, memoryMB: 4096 }),
  firmware: z.enum(["bios", "uefi"]).default("bios"),
  disks: z
    .array(
      z.strictObject({
        /** Default: a GUID made from the machine's and the disk's place. */
        id: z.string().min(1).optional(),
        /** Of the virtual hard disk, on Hyper-V; default `<machine>_disk_<n>`. */
        name: z.string().min(1).optional(),
        sizeGB: wholeNumber(1, 32_767, "GB"),
        /** Default: the first disk is the operating system's. */
        isOs: z.boolean().optional(),
      }),
    )
    .min(1, { error: "must name at least one disk" })
    .default([{ sizeGB: 64 }]),
  nics: z
    .array(
      z.strictObject({
        /** Default: one made from the machine's and the card's place. */
        mac: z
          .string()
          .regex(/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i, {
            error: (issue) => `${shown(issue.input)} is not a MAC address; allowed: 00:50:56:01:02:03`,
          })
          .optional(),
        /** Of the card on Hyper-V; default: a GUID made from the machine's and the card's place. */
        id: z.string().min(1).optional(),
        /** Name of one of `onPremises.networks`, or any name where that list is empty. */
        network: z.string().min(1),
        ip: address,
        /** Default `static`. */
        ipType: z.enum(["static", "dynamic"]).default("static"),
      }),
    )
    .min(1, { error: "must name at least one network card" }),
  /** The replication agent on the machine; versions older than 9.8 make a failover take minutes longer. Default 9.66.0.0. */
  mobilityAgent: z
    .strictObject({
      version: z.string({ error: 'must be text in quotes, such as "9.66"' }).regex(/^\d+(?:\.\d+){1,3}$/, {
        error: (issue) => `${shown(issue.input)} is not a version; allowed: such as "9.66" or "9.66.7264.1"`,
      }),
    })
    .default({ version: "9.66.0.0" }),
  /** Whether the guest takes its address by DHCP when asked to; default true. */
  dhcpEnabled: z.boolean().default(true),
  /** Drivers that start with the machine; default: the ones Azure needs. */
  bootDrivers: z.array(z.string().min(1)).default(["storvsc", "vmbus", "storflt", "intelide", "atapi"]),
  /** Windows: whether remote desktop answers; default true on Windows, false on Linux. */
  rdpEnabled: z.boolean().optional(),
  /** Whether SSH answers; default false on Windows, true on Linux. */
  sshEnabled: z.boolean().optional(),
  /** Changed data in MB an hour, 0-1,000,000; default 500. */
  churnMBPerHour: z.number().min(0).max(1_000_000).default(500),
  powerState: z.enum(["on", "off"]).default("on"),
});

/** An InMageRcm policy that exists from the start: the names and units of Azure. */
export const policySchema = z.strictObject({
  name: itemName,
  recoveryPointHistoryInMinutes: wholeNumber(0, 21_600, "minutes").default(1440),
  crashConsistentFrequencyInMinutes: wholeNumber(1, 60, "minutes").default(5),
  appConsistentFrequencyInMinutes: wholeNumber(0, 720, "minutes").default(0),
  enableMultiVmSync: z.boolean().default(true),
});

/** A HyperVReplicaAzure policy that exists from the start, mapped to the containers of the items that use it. */
export const hyperVPolicySchema = z.strictObject({
  name: itemName,
  recoveryPointHistoryInHours: wholeNumber(0, 24, "hours").default(2),
  /** 0 = off. */
  applicationConsistentFrequencyInHours: wholeNumber(0, 12, "hours").default(1),
  copyFrequencySeconds: z.union([z.literal(30), z.literal(300)]).default(300),
  /** Whether data is encrypted in Azure, so that failovers need the VMM server's certificate. */
  encryption: z.boolean().default(false),
  /** Sites, or clouds as `server/cloud`, that it is mapped to beside those of its items. */
  mappedTo: z.array(z.string().min(1)).default([]),
});

const hyperVHostsSchema = z
  .array(z.strictObject({ name: itemName, id: guid.optional(), version: z.string().default("5.1.8000.0") }))
  .min(1, { error: "must name at least one host" });

/** A Hyper-V site with its hosts. */
export const hyperVSiteSchema = z.strictObject({
  name: itemName,
  id: guid.optional(),
  /** Default true; false: the hosts stand ready, and register as soon as somebody creates the fabric of this name. */
  registered: z.boolean().default(true),
  hosts: hyperVHostsSchema,
});

/** A VMM server with its clouds and VM networks. */
export const vmmServerSchema = z.strictObject({
  name: itemName,
  /** Default: a GUID made from the name. */
  id: guid.optional(),
  /** Name of the fabric; default: 64 hexadecimal digits made from the name. */
  fabricName: itemName.optional(),
  clouds: z
    .array(z.strictObject({ name: itemName, id: guid.optional() }))
    .min(1, { error: "must name at least one cloud" }),
  networks: z.array(z.strictObject({ name: itemName, id: guid.optional() })).default([]),
  hosts: hyperVHostsSchema.default([{ name: "host1", version: "5.1.8000.0" }]),
});

export const networkMappingSchema = z.strictObject({
  /** Default: the VM network's name. */
  name: itemName.optional(),
  vmmServer: itemName,
  /** A VM network of that server. */
  network: itemName,
  /** Name of one of `networks`. */
  targetNetwork: virtualNetworkName,
});

const classicServer = {
  name: itemName,
  id: z.string().min(1).optional(),
  ipAddress: address.default("192.0.2.20"),
};

/** The configuration server of classic VMware and physical machines: existing ones can be driven, none can be added. */
export const classicVMwareSchema = z.strictObject({
  name: itemName,
  id: guid.optional(),
  /** Name of the fabric; default: 64 hexadecimal digits made from the name. */
  fabricName: itemName.optional(),
  version: z.string().default("9.12.0.0"),
  processServers: z
    .array(z.strictObject(classicServer))
    .min(1, { error: "must name at least one process server" })
    .default([{ name: "process-server", ipAddress: "192.0.2.20" }]),
  masterTargets: z
    .array(
      z.strictObject({
        ...classicServer,
        retentionVolumes: stringList.default(["R"]),
        datastores: stringList.default(["datastore1"]),
      }),
    )
    .default([
      { name: "master-target", ipAddress: "192.0.2.21", retentionVolumes: ["R"], datastores: ["datastore1"] },
    ]),
  runAsAccounts: z.array(z.strictObject({ name: itemName, id: z.string().min(1) })).default([]),
});

/** An InMageAzureV2 policy, mapped to the classic container; `<name>-failback` comes with it. */
export const classicPolicySchema = z.strictObject({
  name: itemName,
  recoveryPointHistoryInMinutes: wholeNumber(0, 21_600, "minutes").default(1440),
  crashConsistentFrequencyInMinutes: wholeNumber(1, 60, "minutes").default(5),
  appConsistentFrequencyInMinutes: wholeNumber(0, 900, "minutes").default(60),
  recoveryPointThresholdInMinutes: wholeNumber(1, 1440, "minutes").default(15),
  multiVmSync: z.boolean().default(false),
  /** Name of a mapping of the container to itself by the failback policy; default: none. */
  reverseMapping: itemName.optional(),
});

/** A machine that is replicated from the start. */
export const replicatedItemSchema = z.strictObject({
  machine: machineName,
  /** Default: the machine's name. */
  name: itemName.optional(),
  policy: itemName,
  targetNetwork: virtualNetworkName,
  targetSubnet: networkName,
  targetIp: address.optional(),
  testNetwork: virtualNetworkName.optional(),
  testSubnet: networkName.optional(),
  testIp: address.optional(),
  targetVmName: machineName.optional(),
  targetVmSize: z.string().min(1).optional(),
  resourceGroup: resourceGroupName.optional(),
  /** Only with machines on Hyper-V: the storage account that the data goes to; default: the first of `storageAccounts`. */
  storageAccount: storageName.optional(),
  /** Only with machines on Hyper-V: whether a failover makes managed disks, from which there is no way back. */
  managedDisks: z.boolean().default(false),
  /** Only with classic machines: a group that is consistent together. */
  multiVmGroup: z.string().min(1).optional(),
  /** How far the item is; the stages behind `protected` are reached by failing it over at the start. */
  state: z
    .enum([
      "initialReplication",
      "protected",
      "failedOver",
      "committed",
      "reprotected",
      "failedBack",
      "failbackCommitted",
    ])
    .default("protected"),
  /** Default: 24 hours before the clock's start. */
  protectedSince: instant.optional(),
});

/** `{ name: shop, groups: [[db01], [app01, app02]] }`: boot groups in order, each a list of replicated items' names. */
export const recoveryPlanSchema = z.strictObject({
  name: itemName,
  groups: z
    .array(z.array(itemName))
    .min(1, { error: "must name at least one group" })
    .max(7, { error: "has more than 7 boot groups" }),
});

export const estateSchema = z.strictObject({
  subscriptionId: guid,
  /** The vault's resource group, and the default for everything else. */
  resourceGroup: resourceGroupName,
  /** Azure's name of the region, such as `westeurope`. */
  location: z.string().regex(/^[a-z0-9]+$/, {
    error: (issue) =>
      `${shown(issue.input)} is not a region; allowed: lower-case letters and digits, such as westeurope`,
  }),
  vault: z.strictObject({ name: vaultName }),
  /** Further resource groups; the ones that something else names exist anyway. */
  resourceGroups: z.array(resourceGroupName).default([]),
  /** Makes every GUID; 0-2,147,483,647, default 1. */
  seed: wholeNumber(0, 2_147_483_647).default(1),
  /** Where the simulated clock starts; default: now. */
  clock: z.strictObject({ start: instant.optional() }).default({}),
  networks: z.array(networkSchema).default([]),
  networkSecurityGroups: z.array(networkSecurityGroupSchema).default([]),
  routeTables: z.array(routeTableSchema).default([]),
  gateways: z.array(gatewaySchema).default([]),
  bastions: z.array(bastionSchema).default([]),
  storageAccounts: z
    .array(
      z.strictObject({
        name: storageName,
        resourceGroup: resourceGroupName.optional(),
        sku: z.string().default("Standard_LRS"),
      }),
    )
    .default([]),
  /** The replication appliance on-premises. */
  appliance: z
    .strictObject({
      name: itemName,
      version: z.string({ error: 'must be text in quotes, such as "9.66.0.0"' }).default("9.66.0.0"),
      processServerId: guid.optional(),
      /** Those that the appliance may write to, so that machines can be failed back there; default `["datastore1"]`. */
      datastores: stringList.default(["datastore1"]),
    })
    .default({ name: "appliance", version: "9.66.0.0", datastores: ["datastore1"] }),
  /** Name of the fabric; default `<vault>-vmwarefabric`. */
  fabric: z
    .strictObject({ name: itemName, vmwareSite: itemName.optional(), physicalSite: itemName.optional() })
    .optional(),
  /** Name of the container; default `<vault>-replicationcontainer`. */
  protectionContainer: z.strictObject({ name: itemName }).optional(),
  onPremises: z
    .strictObject({ networks: z.array(z.strictObject({ name: z.string().min(1), prefix })).default([]) })
    .default({ networks: [] }),
  /** Accounts by which the appliance signs in to the machines; no secrets here, Azure keeps none either. */
  runAsAccounts: z
    .array(
      z.strictObject({
        name: itemName,
        id: guid.optional(),
        credentialType: z
          .enum([
            "VMwareFabric",
            "CredentialLessAccount",
            "LinuxGuest",
            "WindowsGuest",
            "LinuxServer",
            "WindowsServer",
          ])
          .default("WindowsGuest"),
      }),
    )
    .default([]),
  hyperVSites: z.array(hyperVSiteSchema).default([]),
  vmmServers: z.array(vmmServerSchema).default([]),
  networkMappings: z.array(networkMappingSchema).default([]),
  machines: z.array(machineSchema).default([]),
  policies: z.array(policySchema).default([]),
  hyperVPolicies: z.array(hyperVPolicySchema).default([]),
  classicVMware: classicVMwareSchema.optional(),
  classicPolicies: z.array(classicPolicySchema).default([]),
  replicatedItems: z.array(replicatedItemSchema).default([]),
  recoveryPlans: z.array(recoveryPlanSchema).default([]),
  /** What scripts and runbooks of recovery plans do; one that is not here takes a minute and succeeds. */
  scripts: z
    .array(
      z.strictObject({
        /** Path of a script, or id of a runbook. */
        name: z.string().min(1),
        seconds: wholeNumber(0, 86_400, "seconds").default(60),
        fails: z.boolean().default(false),
      }),
    )
    .default([]),
});

/** A checked estate, every default filled in. */
export type Estate = z.output<typeof estateSchema>;
/** An estate as it may be written: what has a default may be left out. */
export type EstateInput = z.input<typeof estateSchema>;
export type EstateMachine = Estate["machines"][number];
export type EstateNetwork = Estate["networks"][number];
export type EstateHyperVSite = Estate["hyperVSites"][number];
export type EstateVmmServer = Estate["vmmServers"][number];
export type EstateReplicatedItem = Estate["replicatedItems"][number];
