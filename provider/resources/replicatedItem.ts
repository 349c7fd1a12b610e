/** `ReplicatedItem`: an on-premises machine that replicates to Azure, and the settings of the machine a failover makes. */

import { z } from "zod";
import { containsUnknown, isUnknown } from "../connectivity/unknown.js";
import { observe } from "../lifecycle/stages.js";
import { JobFailed, Timeout } from "../siterecovery/errors.js";
import type { Job, ReplicatedItem, SiteRecovery } from "../siterecovery/siteRecovery.js";
import { changedKeys, defined, diffOf } from "./compare.js";
import { presentOnCreate, requireContainer, requireDiscovered, requireFabric, requirePolicy } from "./existing.js";
import { requireParts } from "./existingMachine.js";
import { type NetworkUse, requireAddresses, requireNetworks } from "./existingNetworks.js";
import { requirePlaces } from "./existingPlaces.js";
import {
  type CheckFailure,
  type Context,
  type Handler,
  isKept,
  keep,
  PartialFailure,
  type Properties,
} from "./handler.js";
import { itemId } from "./ids.js";
import { isKnownVault, requireInFabric, requireInVault } from "./placeRules.js";
import { enableMark, isNewToStack, refuseAdoption, requireEqual } from "./replicatedItemAdoption.js";
import { refuseInPlan, refuseRestart } from "./replicatedItemRestart.js";
import { rules } from "./replicatedItemRules.js";
import {
  differences,
  enableSettings,
  inPlace,
  nicSchema,
  observedInputs,
  restarting,
  settingsSchema,
  updateFor,
} from "./replicatedItemSettings.js";
import { isReady, isUnchanged, offStage, requireProtected } from "./replicatedItemStage.js";
import {
  computedId,
  existingName,
  inputsIn,
  resourceName,
  timeoutMinutes,
  timeoutOf,
  vaultFields,
  vaultKeys,
  vaultOf,
  withVault,
} from "./schema.js";
import { failureOf } from "./start.js";
import { validate } from "./validate.js";

export const replicatedItemSchema = z.strictObject({
  ...vaultFields,
  /** Name of the replicated item. It cannot be changed: Azure protects a machine once. */
  name: resourceName,
  /** Name of the fabric (the appliance's site). */
  fabricName: existingName,
  /** Name of the protection container in that fabric. */
  protectionContainerName: existingName,
  ...settingsSchema,
  /** Settings per network adapter; adapters left out keep Azure's defaults. */
  nics: z.array(nicSchema).optional(),
  /**
   * Allows a change that needs replication to be disabled and enabled again (machine, container, kind, policy, disks,
   * log storage, multi-VM group): all recovery points are lost and full replication runs again. Default false.
   */
  restartReplication: z.boolean({ error: "allowed: true, false" }).default(false),
  /**
   * Allows this resource to be deleted while its machine runs in Azure: replication ends for good, the machine stays in
   * Azure and cannot fail back. Default false.
   */
  completeMigration: z.boolean({ error: "allowed: true, false" }).default(false),
  /** `protected` (default): wait until initial replication is complete. `started`: until Azure took the request. */
  waitUntil: z.enum(["started", "protected"]).default("protected"),
  timeoutMinutes: timeoutMinutes(480),
});

const identity = [...vaultKeys, "name", "fabricName", "protectionContainerName"];

export const replicatedItem: Handler = {
  token: "ReplicatedItem",
  schema: replicatedItemSchema,

  async check(context, olds, news) {
    const { inputs, failures } = validate(replicatedItemSchema, news);
    const filled = withVault(context, inputs, failures);
    rules(filled, failures);
    requireInVault(filled, "policyId", filled.policyId, failures);
    requireInFabric(filled, "protectableItemId", filled.protectableItemId, failures);
    if (Object.keys(olds).length > 0) {
      const restarts = refuseRestart(olds, filled, failures);
      if (failures.length === 0) await refuseInPlan({ context, olds, inputs: filled, failures }, restarts);
      if (restarts.length > 0 && failures.length === 0) {
        context.log(
          "warning",
          `replicated item "${String(filled.name)}": ${restarts.join(", ")} changes, so replication is disabled and enabled again: all recovery points lost, full replication again.`,
        );
      }
    }
    const replicatedItemId = computedId(filled, ["fabricName", "protectionContainerName", "name"], () =>
      idOf(filled),
    );
    context.declared.set(replicatedItemId.toLowerCase(), filled);
    const asking = { context, olds, inputs: filled, failures };
    const present = await presentOnCreate(asking, replicatedItemId, (vault) => vault.findItem(replicatedItemId));
    if (present) await refuseAdoption(asking, present);
    else {
      if (failures.length === 0) await refuseOffStage(context, replicatedItemId, olds, filled, failures);
      if (await requireFabric(asking)) {
        await requireContainer(asking);
        await requireDiscovered(asking);
        await requireParts(asking, context.connect(vaultOf(filled)), replicatedItemId);
      }
      await requirePolicy(asking);
      if (isKnownVault(filled)) {
        await requireNetworks(asking, context.connect(vaultOf(filled)), networkUses(filled));
        await requireAddresses(asking, context.connect(vaultOf(filled)));
        await requirePlaces(asking, context.connect(vaultOf(filled)));
      }
    }
    return { inputs: { ...filled, replicatedItemId }, failures };
  },

  diff(_id, olds, news) {
    const changes = changedKeys(olds, news, Object.keys(replicatedItemSchema.shape));
    const isUnfinished = Array.isArray(olds.pending) && olds.pending.length > 0;
    return {
      ...diffOf(changes, news, identity, restarting),
      hasChanges: changes.length > 0 || isUnfinished,
    };
  },

  async reconcile(context, news, prior) {
    const siteRecovery = context.connect(vaultOf(news));
    const id = idOf(news);
    const { timeoutMs } = timeoutOf(news, 480);
    const deadline = Date.now() + timeoutMs;
    const left = () => ({ timeoutMs: Math.max(1, deadline - Date.now()) });
    try {
      // A create looks in the shared snapshot: 1,000 machines must not cost 1,000 reads to learn that none is there.
      let item = prior ? await siteRecovery.getItem(id) : await siteRecovery.findItem(id);
      if (item && isUnchanged(news, item, prior)) {
        keep(context, id);
        return { id, outputs: outputsOf(news, item) };
      }
      if (item) requireProtected(item, prior ? "updating" : "creating");
      const isForeign = item !== undefined && !prior && (await isNewToStack(context, siteRecovery, item));
      if (item && isForeign) requireEqual(news, item);
      let job = item ? await siteRecovery.findOpenJob({ kind: "replicatedItem", item }) : undefined;
      if (!item)
        job = await siteRecovery.startEnableReplication(id, enableSettings(news), enableMark(id).clientRequestId);
      keep(context, id);
      if (news.waitUntil === "started" && job) {
        item = await siteRecovery.getItem(id);
        // What Azure does not show yet (adapters appear with replication) is compared and set by the next `up`.
        const isSettled = item !== undefined && differences(news, item).length === 0;
        return { id, outputs: outputsOf(news, item, isSettled ? undefined : ["settings"]) };
      }
      if (job) requireSuccess(await siteRecovery.waitForJob(job.name, left()), news);
      item = await siteRecovery.getItem(id);
      if (!item)
        throw new JobFailed(
          `enabling replication of "${String(news.name)}": the job ended well, but the item is not there`,
        );
      // Adapters show with replication: those of an item that was only just taken over are compared now.
      if (isForeign) requireEqual(news, item);
      const update = updateFor(news, item);
      if (update) item = await siteRecovery.updateItem(id, item.instanceType, update, left());
      if (news.waitUntil !== "started") item = await waitUntilProtected(siteRecovery, id, item, left());
      return { id, outputs: outputsOf(news, item) };
    } catch (error) {
      const made = context.kept.has(id.toLowerCase())
        ? await siteRecovery.getItem(id).catch(() => undefined)
        : undefined;
      if (!made || error instanceof PartialFailure) throw error;
      const reasons = [error instanceof Error ? error.message : String(error)];
      if (error instanceof Timeout)
        reasons.push("Nothing was stopped: replication goes on in Azure. Run `pulumi up` again to go on waiting.");
      throw new PartialFailure(id, outputsOf(news, made, ["initial replication"]), reasons);
    }
  },

  async read(context, id, outputs) {
    const item = await context.connect(vaultOf(outputs)).findItem(id);
    if (!item) return undefined;
    const stored = inputsIn(replicatedItemSchema, outputs, "replicatedItemId");
    const observation = observe(item);
    // After a failover the same item answers another provider kind and policy, with the roles flipped: the settings
    // that hold for the next failover are the last ones seen at `protected`.
    const isForward = observation.kind === "stage" && observation.stage === "protected";
    const inputs = isForward ? observedInputs(stored, item) : stored;
    const pending = outputs.pending;
    return {
      inputs,
      outputs: {
        ...outputsOf(inputs, item),
        ...(Array.isArray(pending) && !isReady(item) ? { pending } : {}),
      },
    };
  },

  async delete(context, id, outputs) {
    const name = String(outputs.name);
    if (isKept(context, id, `replicated item "${name}"`)) return;
    const siteRecovery = context.connect(vaultOf(outputs));
    const item = await siteRecovery.getItem(id);
    if (!item) return;
    const isMigration = outputs.completeMigration === true && item.allowedOperations.includes("CompleteMigration");
    if (!isMigration) requireProtected(item, "deleting");
    if (isMigration) {
      context.log(
        "warning",
        `replicated item "${name}": replication ends for good (completeMigration). The machine stays in Azure and cannot fail back; its recovery points are gone.`,
      );
    }
    const open = await siteRecovery.findOpenJob({ kind: "replicatedItem", item });
    const job =
      open?.scenarioName === "DisableDr"
        ? open
        : await siteRecovery.startDisableReplication(
            id,
            isMigration ? "MigrationComplete" : "NotSpecified",
            item.instanceType,
          );
    const ended = await siteRecovery.waitForJob(job.name, timeoutOf(outputs, 480));
    if (ended.state === "Failed" || ended.state === "Cancelled")
      throw failureOf(ended, `disabling replication of replicated item "${name}"`);
  },
};

/** The virtual networks that a failover and a drill make the machine in, with the subnets of its adapters. */
function networkUses(inputs: Properties): NetworkUse[] {
  const nics = Array.isArray(inputs.nics) ? (inputs.nics as Properties[]) : [];
  return (["target", "test"] as const).map((side) => ({
    property: `${side}NetworkId`,
    subnets: [
      { property: `${side}SubnetName`, name: inputs[`${side}SubnetName`] },
      ...nics.map((nic, index) => ({
        property: `nics[${index}].${side}SubnetName`,
        name: (nic as Properties | null)?.[`${side}SubnetName`],
      })),
    ],
  }));
}

function idOf(inputs: Properties): string {
  return itemId(
    vaultOf(inputs),
    String(inputs.fabricName),
    String(inputs.protectionContainerName),
    String(inputs.name),
  );
}

/** In a preview already: settings change while the machine is at `protected`, and only then. */
async function refuseOffStage(
  context: Context,
  id: string,
  olds: Properties,
  news: Properties,
  failures: CheckFailure[],
): Promise<void> {
  if (Object.keys(olds).length === 0 || isUnknown(id)) return;
  const changed = changedKeys(olds, news, [...inPlace, ...restarting]).filter(
    (key) => !containsUnknown(news[key]),
  );
  if (changed.length === 0) return;
  const item = await context.connect(vaultOf(news)).findItem(id);
  const reason = item && offStage(item, "updating");
  if (reason)
    failures.push(...changed.map((property) => ({ property, reason: `cannot be changed now: ${reason}` })));
}

async function waitUntilProtected(
  siteRecovery: SiteRecovery,
  id: string,
  item: ReplicatedItem,
  options: { timeoutMs: number },
): Promise<ReplicatedItem> {
  return isReady(item) ? item : siteRecovery.waitForItem(id, isReady, options);
}

function requireSuccess(job: Job, news: Properties): void {
  if (job.state === "Failed" || job.state === "Cancelled")
    throw failureOf(job, `enabling replication of replicated item "${String(news.name)}"`);
}

function outputsOf(inputs: Properties, item: ReplicatedItem | undefined, pending?: string[]): Properties {
  return {
    ...inputs,
    ...defined({
      friendlyName: item?.friendlyName,
      osType: item?.osType,
      protectionState: item?.protectionState,
      replicationHealth: item?.replicationHealth,
      mobilityAgentVersion: item?.mobilityAgentVersion,
      failoverVmName: item?.targetVmName,
      pending,
    }),
  };
}
