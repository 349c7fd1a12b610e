/**
 * Whether what inputs name is in Azure. A preview asks it of inputs that are new or have changed since the last `up`, from
 * lists that all resources of a run share; what is unknown, or what a resource of the same program makes, is not asked for.
 */

import { z } from "zod";
import { containsUnknown } from "../connectivity/unknown.js";
import { type NotFound, SiteRecoveryError } from "../siterecovery/errors.js";
import { type SiteRecovery, sameId, type VaultCoordinates } from "../siterecovery/siteRecovery.js";
import { changedKeys } from "./compare.js";
import { discoveredMachines } from "./declared.js";
import type { CheckFailure, Context, Properties } from "./handler.js";
import { fabricId, nameOf, parseTarget, policyId, vaultId } from "./ids.js";
import { didYouMean } from "./nearest.js";
import { isKnownVault } from "./placeRules.js";
import { vaultOf } from "./schema.js";
import { sharedList } from "./sharedLists.js";
import { show } from "./validate.js";

/** A check that asks: the inputs with their vault filled in, and where its failures go. */
export interface Asking {
  context: Context;
  olds: Properties;
  inputs: Properties;
  failures: CheckFailure[];
}

/** How many of the things that exist a message names. */
const mostNames = 20;

/** A fabric by its name. @returns true where what lies in it can be asked for: not where this program makes it */
export async function requireFabric(
  asking: Asking,
  property: "fabricName" | "recoveryFabricName" = "fabricName",
  kind?: { instanceType: string; words: string },
): Promise<boolean> {
  const { context, inputs } = asking;
  const name = given(asking, property);
  if (name === undefined || !isKnownVault(inputs)) return false;
  const id = fabricId(vaultOf(inputs), name);
  if (context.claims.isDeclared(id)) return false;
  if (!isNew(asking, property)) return true;
  const siteRecovery = context.connect(vaultOf(inputs));
  const fabrics = await ifAnswered(() => siteRecovery.listFabrics());
  if (fabrics === undefined) return false;
  const listed = fabrics.find((fabric) => sameText(fabric.name, name));
  // Made since the list, or by somebody else: one that looks missing is asked for by itself.
  const found = listed ?? (await ifAnswered(() => siteRecovery.findFabric(id)));
  const fitting = fabrics.filter(({ instanceType }) => kind === undefined || instanceType === kind.instanceType);
  if (found && (kind === undefined || found.instanceType === kind.instanceType)) return true;
  const { vaultName } = vaultOf(inputs);
  const what = found ? `is no ${kind?.words}` : `is no ${kind?.words ?? "fabric"} of vault ${show(vaultName)}`;
  refuse(asking, property, { what, things: fitting, none: `none: the vault has no ${kind?.words ?? "fabric"}` });
  return false;
}

/** A protection container of a fabric that is there. */
export async function requireContainer(asking: Asking): Promise<void> {
  await requireInFabricList(asking, "protectionContainerName", "replicationProtectionContainers", {
    what: `is no protection container of fabric ${show(asking.inputs.fabricName)}`,
    none: "none: the fabric has no container yet",
  });
}

/** A VM network of a VMM server that is there. */
export async function requireVmNetwork(asking: Asking): Promise<void> {
  await requireInFabricList(asking, "networkName", "replicationNetworks", {
    what: `is no network of VMM server ${show(asking.inputs.fabricName)}`,
    none: "none: the server has no network",
  });
}

async function requireInFabricList(
  asking: Asking,
  property: string,
  list: string,
  refusal: Pick<Refusal, "what" | "none">,
): Promise<void> {
  const { context, inputs } = asking;
  const wanted = given(asking, property);
  if (wanted === undefined || !isNew(asking, property, "fabricName")) return;
  const path = `${fabricId(vaultOf(inputs), String(inputs.fabricName))}/${list}`;
  const listed = await ifAnswered(() => sharedList(context.connect(vaultOf(inputs)), path, namedShape));
  if (listed === undefined) return;
  const things = listed.map(({ name, properties }) => ({ name, friendlyName: properties?.friendlyName }));
  if (!things.some(({ name }) => sameText(name, wanted))) refuse(asking, property, { ...refusal, things });
}

/** A replication policy of the vault, of the kind that the inputs are of. */
export async function requirePolicy(asking: Asking): Promise<void> {
  const { context, inputs } = asking;
  const id = given(asking, "policyId");
  if (id === undefined || !isKnownVault(inputs) || !isNew(asking, "policyId", "instanceType")) return;
  if (context.claims.isDeclared(id) || context.declared.has(id.toLowerCase())) return;
  const siteRecovery = context.connect(vaultOf(inputs));
  const policies = await ifAnswered(() => siteRecovery.listPolicies());
  if (policies === undefined) return;
  const found = policies.find((policy) => sameId(policy.id, id));
  // Of a kind that was refused no policy is asked for.
  const isRefused = asking.failures.some(({ property }) => property === "instanceType");
  if (found && (isRefused || found.instanceType === inputs.instanceType)) return;
  const kind = show(inputs.instanceType);
  const fitting = policies.filter(({ instanceType }) => isRefused || instanceType === inputs.instanceType);
  refuse(asking, "policyId", {
    what: found ? `is for ${found.instanceType}, and instanceType is ${kind}` : "is not in the vault",
    things: fitting.map(({ name }) => ({ name: policyId(vaultOf(inputs), name) })),
    none: `a policy for ${kind}, and the vault has none`,
  });
}

/** The appliance's process server, and the machine as the appliance discovered it. */
export async function requireDiscovered(asking: Asking): Promise<void> {
  const { context, inputs } = asking;
  const siteRecovery = context.connect(vaultOf(inputs));
  const serverId = given(asking, "processServerId");
  if (serverId !== undefined && isNew(asking, "processServerId", "fabricName")) {
    const id = fabricId(vaultOf(inputs), String(inputs.fabricName));
    const fabric = await ifAnswered(() => siteRecovery.findFabric(id));
    const servers = fabric?.processServers ?? [];
    if (servers.length > 0 && !servers.some(({ id }) => sameText(id, serverId))) {
      refuse(asking, "processServerId", {
        what: `is no process server of fabric ${show(inputs.fabricName)}`,
        things: servers.map(({ id, name }) => ({ name: id, friendlyName: name })),
        none: "none",
      });
    }
  }
  const machineId = given(asking, "fabricDiscoveryMachineId");
  if (machineId === undefined || !isNew(asking, "fabricDiscoveryMachineId")) return;
  const machines = await ifAnswered(() => discoveredMachines(siteRecovery, machineId));
  if (machines === undefined || machines.has(machineId.toLowerCase())) return;
  refuse(asking, "fabricDiscoveryMachineId", {
    what: "is no machine that the appliance's site has discovered",
    things: [...machines.values()].map(({ id, properties }) => ({
      name: nameOf(id),
      friendlyName: properties.displayName,
    })),
    none: "none: the site has discovered no machine",
  });
}

const namedShape = z.object({
  name: z.string(),
  properties: z.object({ friendlyName: z.string().nullish() }).nullish(),
});
/** A known text that nothing was said of yet. */
export function given({ inputs, failures }: Asking, property: string): string | undefined {
  const value = inputs[property];
  if (typeof value !== "string" || containsUnknown(value)) return undefined;
  return failures.some((failure) => failure.property === property) ? undefined : value;
}

/** What stood there in the last `up` is left alone: a preview must not end over what somebody took away since. */
export function isNew({ olds, inputs }: Asking, ...keys: string[]): boolean {
  return changedKeys(olds, inputs, keys).length > 0;
}

/** The machines of a recovery plan's groups, in whose fabric they were looked for already. */
export async function requireMembers(asking: Asking): Promise<void> {
  const { context, inputs } = asking;
  if (!isNew(asking, "bootGroups") || !isKnownVault(inputs) || !Array.isArray(inputs.bootGroups)) return;
  const siteRecovery = context.connect(vaultOf(inputs));
  const items = await ifAnswered(() => siteRecovery.listItems());
  if (items === undefined) return;
  const present = new Set(items.map(({ id }) => id.toLowerCase()));
  const fabric = `${fabricId(vaultOf(inputs), String(inputs.fabricName))}/`.toLowerCase();
  const ofFabric = items.filter(({ id }) => id.toLowerCase().startsWith(fabric));
  for (const [group, { replicatedItemIds }] of (inputs.bootGroups as Properties[]).entries()) {
    for (const [index, id] of (Array.isArray(replicatedItemIds) ? replicatedItemIds : []).entries()) {
      if (typeof id !== "string" || containsUnknown(id) || present.has(id.toLowerCase())) continue;
      if (context.claims.isDeclared(id) || context.declared.has(id.toLowerCase())) continue;
      refuse(asking, `bootGroups[${group}].replicatedItemIds[${index}]`, {
        what: "does not replicate, and no ReplicatedItem before this plan declares it",
        things: ofFabric.map(({ name }) => ({ name })),
        none: "none: no machine of the fabric replicates",
        value: id,
      });
    }
  }
}

/**
 * The thing of this id that a create comes to; undefined where there is none, or where it is the stack's own: Pulumi checks
 * a replacement a second time as if it were new.
 */
export async function presentOnCreate<T>(
  { context, olds, inputs }: Asking,
  id: string,
  find: (siteRecovery: SiteRecovery) => Promise<T | undefined>,
): Promise<T | undefined> {
  if (Object.keys(olds).length > 0 || containsUnknown(id) || context.claims.isOfStack(id)) return undefined;
  return ifAnswered(() => find(context.connect(vaultOf(inputs))));
}

/** A target that is neither in the vault nor declared by the program, with what there is instead. */
export async function missingTarget(context: Context, inputs: Properties, error: NotFound): Promise<CheckFailure> {
  const id = String(inputs.targetId);
  const target = parseTarget(id);
  const plain = { property: "targetId", reason: `value ${show(id)}: ${error.message}` };
  // A plan may be there, and a machine of it not.
  if (!target || !sameId(error.resourceId, id)) return plain;
  const siteRecovery = context.connect(target.vault);
  const things = await ifAnswered<{ name: string }[]>(() =>
    target.kind === "replicatedItem" ? siteRecovery.listItems() : listPlans(siteRecovery, target.vault),
  );
  if (!things) return plain;
  const failures: CheckFailure[] = [];
  refuse({ context, olds: {}, inputs, failures }, "targetId", {
    what: `is not in vault ${show(target.vault.vaultName)}, and nothing before this resource declares it`,
    things: things.map(({ name }) => ({ name })),
    none: `a ${target.kind === "replicatedItem" ? "replicated item" : "recovery plan"}, and the vault has none`,
  });
  return failures[0] ?? plain;
}

/** The recovery plans of a vault by their names: the list does not tell their groups. */
export function listPlans(siteRecovery: SiteRecovery, vault: VaultCoordinates): Promise<{ name: string }[]> {
  return sharedList(siteRecovery, `${vaultId(vault)}/replicationRecoveryPlans`, namedShape);
}

/** Why a value is refused, and what there is instead. */
export interface Refusal {
  /** What is wrong with the value. */
  what: string;
  /** What could be named, each once more as people call it. */
  things: readonly { name: string; friendlyName?: string | null | undefined }[];
  /** What is said where there is nothing. */
  none: string;
  /** What follows the things. Default nothing. */
  more?: string;
  /** The value, where it stands deeper than the property's first part. */
  value?: unknown;
}

/** Notes that a value is refused, once. */
export function refuse({ inputs, failures }: Asking, property: string, refusal: Refusal): void {
  if (failures.some((failure) => failure.property === property)) return;
  const { what, things, none, more = "", value = inputs[property] } = refusal;
  const names = things
    .map(({ name, friendlyName: own }) => (own && !sameText(own, name) ? `${name} (${own})` : name))
    .sort((a, b) => (a < b ? -1 : 1));
  const left = names.length > mostNames ? ` and ${names.length - mostNames} more` : "";
  const legal = names.length > 0 ? `${names.slice(0, mostNames).join(", ")}${left}` : none;
  // Of an id it is the last part that is misspelt.
  const meant = didYouMean(
    nameOf(String(value)),
    things.map(({ name }) => nameOf(name)),
  );
  failures.push({ property, reason: `value ${show(value)} ${what}${meant}; allowed: ${legal}${more}` });
}

/** An ARM id among the inputs of something that Azure does not have. */
export interface Absent {
  property: string;
  id: string;
  /** What people call it. */
  word: string;
  /** Those that there are in its subscription: the ones in its own resource group are named, else all. */
  listed: readonly { id: string }[];
  /** True where it lies in no resource group. */
  isGroup?: boolean;
}

/** Notes that something is not there, with what there is near it. */
export function refuseAbsent(asking: Asking, { property, id, word, listed, isGroup = false }: Absent): void {
  const near = isGroup ? listed : listed.filter((each) => sameText(groupOf(each.id), groupOf(id)));
  const place = !isGroup && near.length > 0 ? ` of resource group ${show(groupOf(id))}` : "";
  refuse(asking, property, {
    what: "is not in Azure",
    things:
      near.length > 0
        ? near.map((each) => ({ name: nameOf(each.id) }))
        : listed.map((each) => ({ name: each.id })),
    none: "none is there",
    more: `${place}${madeHere(word, "id")}`,
    value: id,
  });
}

/** How a preview learns that something is still to be made. */
export function madeHere(what: string, output: string): string {
  return `; a ${what} that this program makes is given as its output ${output}, not as a text`;
}

function groupOf(id: string): string {
  return /\/resourceGroups\/([^/]+)/i.exec(id)?.[1] ?? "";
}

/**
 * What Azure answers, or undefined: a vault that is not there may be one that the same program makes, and what cannot be
 * read refuses nothing.
 */
export async function ifAnswered<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof SiteRecoveryError) return undefined;
    throw error;
  }
}

/** Azure's names are equal whatever their case. */
export function sameText(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
