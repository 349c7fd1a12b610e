import { z } from "zod";
import { machineSchema } from "./schema/machine.js";
import {
  bastionSchema,
  gatewaySchema,
  networkManagerSchema,
  networkSchema,
  networkSecurityGroupSchema,
  routeTableSchema,
} from "./schema/network.js";
import {
  classicVMwareSchema,
  hyperVSiteSchema,
  networkMappingSchema,
  vmmServerSchema,
} from "./schema/onPremises.js";
import {
  classicPolicySchema,
  hyperVPolicySchema,
  policySchema,
  recoveryPlanSchema,
  replicatedItemSchema,
  vmmPolicySchema,
} from "./schema/replication.js";
import {
  guid,
  instant,
  itemName,
  prefix,
  resourceGroupName,
  shown,
  storageName,
  stringList,
  vaultName,
  wholeNumber,
} from "./schema/values.js";

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

const namedInAzure = z.strictObject({ name: itemName, resourceGroup: resourceGroupName.optional() });

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
  networkManagers: z.array(networkManagerSchema).default([]),
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
  /** What settings of replicated items may name. */
  availabilitySets: z.array(namedInAzure).default([]),
  proximityPlacementGroups: z.array(namedInAzure).default([]),
  diskEncryptionSets: z.array(namedInAzure).default([]),
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
  vmmPolicies: z.array(vmmPolicySchema).default([]),
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
export type EstateReplicatedItem = Estate["replicatedItems"][number];
