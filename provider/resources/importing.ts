/**
 * Taking existing things over by their ARM id alone: the inputs that a program would have declared for them, read from
 * Azure. A program with exactly these inputs sees no difference afterwards.
 */

import { describeObservation, observe } from "../lifecycle/stages.js";
import { InvalidInput, NotAllowedInState } from "../siterecovery/errors.js";
import type { RecoveryPlanGroup, VaultCoordinates } from "../siterecovery/siteRecovery.js";
import { defined } from "./compare.js";
import { fabric } from "./fabric.js";
import { failover } from "./failover.js";
import { type Context, type Handler, importedMarker, type Properties, type ReadResult } from "./handler.js";
import { parseTarget } from "./ids.js";
import { declaredSettings } from "./importedSettings.js";
import { networkMapping, networkMappingSchema } from "./networkMapping.js";
import { digestOf } from "./preview.js";
import { protectionContainerMapping } from "./protectionContainerMapping.js";
import { recoveryPlan } from "./recoveryPlan.js";
import { replicatedItem } from "./replicatedItem.js";
import { kindRules } from "./replicatedItemSettings.js";
import { replicationPolicy } from "./replicationPolicy.js";
import { policyKindNames } from "./replicationPolicyKinds.js";
import { describeTarget, loadTarget } from "./target.js";

/** Reads one thing by its id; undefined = it is not there. */
export type Importer = (context: Context, id: string) => Promise<ReadResult | undefined>;

/** Which resources can be taken over; a drill is what one run made, so that it cannot. */
export const importers: ReadonlyMap<string, Importer> = new Map([
  [replicationPolicy.token, importPolicy],
  [fabric.token, importFabric],
  [networkMapping.token, importNetworkMapping],
  [protectionContainerMapping.token, importMapping],
  [replicatedItem.token, importItem],
  [recoveryPlan.token, importPlan],
  [failover.token, importFailover],
]);

interface Place {
  vault: VaultCoordinates;
  /** The last names of the path, in its order. */
  names: string[];
}

/** @throws InvalidInput saying what the id must look like */
function placeOf(id: string, types: string): Place {
  const path = types
    .split("/")
    .map((type) => `${type}/([^/]+)`)
    .join("/");
  const found = new RegExp(
    `^/subscriptions/([^/]+)/resourceGroups/([^/]+)/providers/Microsoft\\.RecoveryServices/vaults/([^/]+)/${path}$`,
    "i",
  ).exec(id);
  if (!found) {
    throw new InvalidInput(
      `importing ${id}: it is not an id of this kind. Allowed: /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.RecoveryServices/vaults/<name>/${types
        .split("/")
        .map((type) => `${type}/<name>`)
        .join("/")}`,
      { resourceId: id, operation: "importing" },
    );
  }
  const [, subscriptionId = "", resourceGroupName = "", vaultName = "", ...names] = found;
  return { vault: { subscriptionId, resourceGroupName, vaultName }, names };
}

/** Fills defaults and what `check` computes, as for a program that declares these inputs. */
async function imported(context: Context, handler: Handler, given: Properties): Promise<ReadResult> {
  const { inputs: checked } = await handler.check(context, {}, defined(given));
  const inputs = Object.fromEntries(Object.entries(checked).filter(([key]) => key in handler.schema.shape));
  return { inputs, outputs: { ...checked } };
}

async function importPolicy(context: Context, id: string): Promise<ReadResult | undefined> {
  const { vault, names } = placeOf(id, "replicationPolicies");
  const policy = await context.connect(vault).findPolicy(id);
  if (!policy) return undefined;
  if (!policy.settings)
    throw undeclarable(`replication policy "${policy.name}"`, policy.instanceType, policyKindNames, id);
  return imported(context, replicationPolicy, { ...vault, name: names[0], ...policy.settings });
}

async function importFabric(context: Context, id: string): Promise<ReadResult | undefined> {
  const { vault, names } = placeOf(id, "replicationFabrics");
  const found = await context.connect(vault).findFabric(id);
  if (!found) return undefined;
  if (found.instanceType !== "HyperVSite") {
    throw new NotAllowedInState(
      `importing fabric "${found.name}": it is of kind ${found.instanceType || "unknown"}, and registers itself with the vault. Allowed: HyperVSite; whatever else a program names by its name`,
      { resourceId: id, operation: "importing" },
    );
  }
  const { inputs = {}, outputs } = await imported(context, fabric, { ...vault, name: names[0] });
  const read = await fabric.read(context, id, outputs);
  return read ? { inputs, outputs: read.outputs } : undefined;
}

async function importNetworkMapping(context: Context, id: string): Promise<ReadResult | undefined> {
  const { vault, names } = placeOf(id, "replicationFabrics/replicationNetworks/replicationNetworkMappings");
  const mapping = await context.connect(vault).findNetworkMapping(id);
  if (!mapping) return undefined;
  const [fabricName, networkName, name] = names;
  const { recoveryNetworkId } = mapping;
  if (!networkMappingSchema.shape.recoveryNetworkId.safeParse(recoveryNetworkId).success) {
    throw new NotAllowedInState(
      `importing network mapping "${mapping.name}": it leads to ${recoveryNetworkId}, a network of another VMM server. Allowed: mappings to virtual networks of Azure`,
      { resourceId: id, operation: "importing" },
    );
  }
  return imported(context, networkMapping, { ...vault, name, fabricName, networkName, recoveryNetworkId });
}

async function importMapping(context: Context, id: string): Promise<ReadResult | undefined> {
  const { vault, names } = placeOf(
    id,
    "replicationFabrics/replicationProtectionContainers/replicationProtectionContainerMappings",
  );
  const siteRecovery = context.connect(vault);
  const mapping = await siteRecovery.findMapping(id);
  if (!mapping) return undefined;
  // A mapping does not say its kind; its policy does.
  const { instanceType = "" } = (await siteRecovery.findPolicy(mapping.policyId)) ?? {};
  if (kindRules[instanceType] === undefined)
    throw undeclarable(`protection container mapping "${mapping.name}"`, instanceType, Object.keys(kindRules), id);
  const [fabricName, protectionContainerName, name] = names;
  return imported(context, protectionContainerMapping, {
    ...vault,
    name,
    fabricName,
    protectionContainerName,
    instanceType,
    policyId: mapping.policyId,
    targetProtectionContainerId: mapping.targetProtectionContainerId,
  });
}

async function importItem(context: Context, id: string): Promise<ReadResult | undefined> {
  const { vault, names } = placeOf(
    id,
    "replicationFabrics/replicationProtectionContainers/replicationProtectedItems",
  );
  const item = await context.connect(vault).findItem(id);
  if (!item) return undefined;
  const observation = observe(item);
  if (observation.kind !== "stage" || observation.stage !== "protected") {
    throw new NotAllowedInState(
      `importing replicated item "${item.name}": its machine is ${describeObservation(item)}, and its settings can be read while it is at \`protected\` only`,
      { resourceId: id, operation: "importing" },
    );
  }
  const settings = declaredSettings(item);
  if (!settings)
    throw undeclarable(`replicated item "${item.name}"`, item.instanceType, Object.keys(kindRules), id);
  const [fabricName, protectionContainerName, name] = names;
  const { inputs = {}, outputs } = await imported(context, replicatedItem, {
    ...vault,
    name,
    fabricName,
    protectionContainerName,
    ...settings,
  });
  // The rest of the outputs is what a read makes of them.
  const read = await replicatedItem.read(context, id, outputs);
  return read ? { inputs, outputs: read.outputs } : undefined;
}

async function importPlan(context: Context, id: string): Promise<ReadResult | undefined> {
  const { vault, names } = placeOf(id, "replicationRecoveryPlans");
  const plan = await context.connect(vault).findPlan(id);
  if (!plan) return undefined;
  const groups = (groupType: RecoveryPlanGroup["groupType"]) =>
    plan.groups.filter((group) => group.groupType === groupType);
  const actionsOf = (group: RecoveryPlanGroup | undefined): Properties | undefined => {
    const { startGroupActions = [], endGroupActions = [] } = group ?? {};
    const actions = defined({
      startGroupActions: startGroupActions.length > 0 ? startGroupActions : undefined,
      endGroupActions: endGroupActions.length > 0 ? endGroupActions : undefined,
    });
    return Object.keys(actions).length > 0 ? actions : undefined;
  };
  return imported(context, recoveryPlan, {
    ...vault,
    name: names[0],
    fabricName: plan.primaryFabricId.slice(plan.primaryFabricId.lastIndexOf("/") + 1),
    recoveryFabricId: plan.recoveryFabricId,
    failoverDeploymentModel: plan.failoverDeploymentModel,
    shutdownGroup: actionsOf(groups("Shutdown")[0]),
    failoverGroup: actionsOf(groups("Failover")[0]),
    bootGroups: groups("Boot").map((group) => ({
      replicatedItemIds: group.replicatedItemIds,
      ...actionsOf(group),
    })),
  });
}

/** A `Failover` is imported at the stage that its machines are at; where they differ there is none to import. */
async function importFailover(context: Context, id: string): Promise<ReadResult | undefined> {
  if (!parseTarget(id)) {
    throw new InvalidInput(
      `importing ${id}: a Failover has the id of its target. Allowed: the ARM id of a replicated item or of a recovery plan`,
      { resourceId: id, operation: "importing" },
    );
  }
  const loaded = await loadTarget(context, id, { isFresh: true });
  const observations = loaded.items.map((item) => observe(item));
  const stages = new Set(observations.map((seen) => (seen.kind === "stage" ? seen.stage : undefined)));
  const [stage] = stages;
  if (stages.size !== 1 || stage === undefined) {
    throw new NotAllowedInState(
      `importing the Failover of ${describeTarget(loaded)}: its machines are at no common stage (${loaded.items
        .map((item) => `${item.friendlyName} is ${describeObservation(item)}`)
        .join("; ")}). Bring them to one stage first, or wait for what is running`,
      { resourceId: id, operation: "importing" },
    );
  }
  const { inputs: filled = {}, outputs } = await imported(context, failover, { targetId: id, stage });
  // The default names the stack that imports: printed into a program it would hold for every stack.
  const { evidenceDirectory: _default, ...inputs } = filled;
  const read = await failover.read(context, id, {
    ...outputs,
    previewDigest: digestOf(outputs),
    lastAppliedStage: stage,
    appliedRecoveryPoint: outputs.recoveryPoint,
    items: loaded.items.map((item) => item.id),
  });
  return read ? { inputs: { ...inputs, [importedMarker]: true }, outputs: read.outputs } : undefined;
}

/** Something of Azure's that no program can declare: it is driven by a Failover all the same. */
function undeclarable(what: string, kind: string, allowed: readonly string[], id: string): NotAllowedInState {
  return new NotAllowedInState(
    `importing ${what}: it is of kind ${kind || "unknown"}, which no program can declare. Allowed: ${allowed.join(", ")}. A Failover drives machines of every kind by the ARM id of the machine or its plan`,
    { resourceId: id, operation: "importing" },
  );
}
