/**
 * Taking existing things over by their ARM id alone: the inputs that a program would have declared for them, read from
 * Azure. A program with exactly these inputs sees no difference afterwards.
 */

import { describeObservation, observe } from "../lifecycle/stages.js";
import { InvalidInput, NotAllowedInState } from "../siterecovery/errors.js";
import type { RecoveryPlanGroup, ReplicatedItem, VaultCoordinates } from "../siterecovery/siteRecovery.js";
import { defined } from "./compare.js";
import { failover } from "./failover.js";
import { type Context, type Handler, importedMarker, type Properties, type ReadResult } from "./handler.js";
import { parseTarget } from "./ids.js";
import { digestOf } from "./preview.js";
import { protectionContainerMapping } from "./protectionContainerMapping.js";
import { recoveryPlan } from "./recoveryPlan.js";
import { replicatedItem } from "./replicatedItem.js";
import { replicationPolicy } from "./replicationPolicy.js";
import { describeTarget, loadTarget } from "./target.js";

/** Reads one thing by its id; undefined = it is not there. */
export type Importer = (context: Context, id: string) => Promise<ReadResult | undefined>;

/** Which resources can be taken over; a drill is what one run made, so that it cannot. */
export const importers: ReadonlyMap<string, Importer> = new Map([
  [replicationPolicy.token, importPolicy],
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
  if (!policy.settings) throw unsupported(`replication policy "${policy.name}"`, policy.instanceType, id);
  return imported(context, replicationPolicy, { ...vault, name: names[0], ...policy.settings });
}

async function importMapping(context: Context, id: string): Promise<ReadResult | undefined> {
  const { vault, names } = placeOf(
    id,
    "replicationFabrics/replicationProtectionContainers/replicationProtectionContainerMappings",
  );
  const mapping = await context.connect(vault).findMapping(id);
  if (!mapping) return undefined;
  const [fabricName, protectionContainerName, name] = names;
  return imported(context, protectionContainerMapping, {
    ...vault,
    name,
    fabricName,
    protectionContainerName,
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
  if (item.instanceType !== "InMageRcm")
    throw unsupported(`replicated item "${item.name}"`, item.instanceType, id);
  const observation = observe(item);
  if (observation.kind !== "stage" || observation.stage !== "protected") {
    throw new NotAllowedInState(
      `importing replicated item "${item.name}": its machine is ${describeObservation(item)}, and its settings can be read while it is at \`protected\` only`,
      { resourceId: id, operation: "importing" },
    );
  }
  const [fabricName, protectionContainerName, name] = names;
  const { inputs = {}, outputs } = await imported(context, replicatedItem, {
    ...vault,
    name,
    fabricName,
    protectionContainerName,
    ...settingsOf(item),
  });
  // The rest of the outputs is what a read makes of them.
  const read = await replicatedItem.read(context, id, outputs);
  return read ? { inputs, outputs: read.outputs } : undefined;
}

function settingsOf(item: ReplicatedItem): Properties {
  return defined({
    policyId: item.policyId,
    fabricDiscoveryMachineId: item.fabricDiscoveryMachineId,
    processServerId: item.processServerId,
    runAsAccountId: item.runAsAccountId,
    targetResourceGroupId: item.targetResourceGroupId,
    targetNetworkId: item.targetNetworkId,
    testNetworkId: item.testNetworkId,
    targetVmName: item.targetVmName,
    targetVmSize: item.targetVmSize,
    licenseType: item.licenseType,
    targetAvailabilitySetId: item.targetAvailabilitySetId,
    targetAvailabilityZone: item.targetAvailabilityZone,
    targetProximityPlacementGroupId: item.targetProximityPlacementGroupId,
    targetBootDiagnosticsStorageAccountId: item.targetBootDiagnosticsStorageAccountId,
    multiVmGroupName: item.multiVmGroupName,
    disks: item.disks.map(({ diskId, logStorageAccountId, diskType, diskEncryptionSetId }) =>
      defined({ diskId, logStorageAccountId, diskType, diskEncryptionSetId }),
    ),
    nics: item.nics.map((nic) =>
      defined({
        nicId: nic.nicId,
        isPrimary: nic.isPrimary,
        isSelectedForFailover: nic.isSelectedForFailover,
        targetSubnetName: nic.targetSubnetName,
        targetStaticIpAddress: nic.targetIpAddress,
        testSubnetName: nic.testSubnetName,
        testStaticIpAddress: nic.testIpAddress,
      }),
    ),
  });
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
  const { inputs, outputs } = await imported(context, failover, { targetId: id, stage });
  const read = await failover.read(context, id, {
    ...outputs,
    previewDigest: digestOf(outputs),
    lastAppliedStage: stage,
    appliedRecoveryPoint: outputs.recoveryPoint,
    items: loaded.items.map((item) => item.id),
  });
  return read ? { inputs: { ...inputs, [importedMarker]: true }, outputs: read.outputs } : undefined;
}

function unsupported(what: string, instanceType: string, id: string): NotAllowedInState {
  return new NotAllowedInState(
    `importing ${what}: it replicates as ${instanceType}, which this version does not describe. Allowed: InMageRcm`,
    { resourceId: id, operation: "importing" },
  );
}
