import type { SiteRecovery, SnapshotReads, VaultCoordinates } from "../siteRecovery.js";
import type { ArmClient } from "./armClient.js";
import { requireItemId, requireMappingId, requireName, requireNetworkMappingId, vaultId } from "./ids.js";
import { ItemWatch } from "./itemWatch.js";
import { JobSearch } from "./jobSearch.js";
import { JobWatch } from "./jobWatch.js";
import { NetworkReader } from "./network.js";
import { type Pacing, pause } from "./pacing.js";
import type { WireJob } from "./readJob.js";
import { recoveryPlanWrites } from "./recoveryPlanWrites.js";
import { replicatedItemWrites } from "./replicatedItemWrites.js";
import { setUpWrites } from "./setUpWrites.js";
import { vaultActions } from "./vaultActions.js";
import type { VaultParts } from "./vaultParts.js";
import { VaultReads } from "./vaultReads.js";
import { VaultSnapshot } from "./vaultSnapshot.js";
import { VaultWrites } from "./vaultWrites.js";

export interface VaultSettings {
  vault: VaultCoordinates;
  /** For what runs long: jobs, and states of items. */
  pacing: Pacing;
  /** For what shows in a moment: a job's name, a resource after its job. */
  shortPacing: Pacing;
  snapshotMaxAgeMs: number;
  /** How long a removal whose answer was lost is looked after and sent again. */
  maxOutageMs: number;
  log: (message: string) => void;
  /** Ends every wait; what runs in Azure goes on. */
  signal?: AbortSignal;
}

/** One vault over the official client: see the interface for what each method promises. */
export function openVault(arm: ArmClient, settings: VaultSettings): SiteRecovery {
  const { vault, pacing, shortPacing, snapshotMaxAgeMs, maxOutageMs, log, signal } = settings;
  const reads = new VaultReads(arm, vault);
  const snapshot = new VaultSnapshot(reads, snapshotMaxAgeMs);
  const get = (name: string): Promise<WireJob | undefined> => reads.getJob(name);
  const jobs = new JobWatch(
    { listRunning: () => reads.listJobs("InProgress"), listWaiting: () => reads.listJobs("NotStarted"), get },
    pacing,
    { log, signal, onEnd: (job) => snapshot.jobEnded(job, writes.started.get(job.name)) },
  );
  const search = new JobSearch({ list: (state) => reads.listJobs(state), get }, shortPacing);
  const writes = new VaultWrites(arm, jobs, search, {
    vaultId: vaultId(vault),
    shortPacing,
    maxOutageMs,
    log,
    touch: (id) => snapshot.touch(id),
  });
  const itemWatch = new ItemWatch(
    { relist: () => snapshot.items.relist(), get: (id) => snapshot.items.fresh(id) },
    pacing,
    { log, signal },
  );
  const network = new NetworkReader(arm, shortPacing, vault.subscriptionId);
  const parts: VaultParts = {
    vault,
    at: [vault.vaultName, vault.resourceGroupName],
    reads,
    snapshot,
    writes,
  };
  const actions = vaultActions(parts, search, jobs);
  return {
    vault,
    pause: (milliseconds) => pause(milliseconds, signal),
    ...snapshotReads(parts, itemWatch),
    ...setUpWrites(parts),
    ...recoveryPlanWrites(parts),
    ...replicatedItemWrites(parts, actions),
    ...actions,
    getResource: (id) => network.getResource(id),
    listResources: (path) => network.listResources(path),
    putResource: (id, body, ifMatch) => network.putResource(id, body, ifMatch),
    deleteResource: (id) => network.deleteResource(id),
    askResource: (path, body) => network.askResource(path, body),
    verifyIpFlow: (request) => network.verifyIpFlow(request),
    getEffectiveRoutes: (nicId) => network.getEffectiveRoutes(nicId),
  };
}

/** An id of another vault is refused before anything is asked. */
function snapshotReads({ vault, reads, snapshot }: VaultParts, itemWatch: ItemWatch): SnapshotReads {
  return {
    listPolicies: () => snapshot.policies.all(),
    listMappings: () => snapshot.mappings.all(),
    listFabrics: () => snapshot.fabrics.all(),
    listItems: () => snapshot.items.all(),
    async findPolicy(id) {
      requireName(id, "replicationPolicies", vault);
      return snapshot.policies.find(id);
    },
    async findNetworkMapping(id) {
      requireNetworkMappingId(id, vault);
      return snapshot.networkMappings.find(id);
    },
    async findMapping(id) {
      requireMappingId(id, vault);
      return snapshot.mappings.find(id);
    },
    async findItem(id) {
      requireItemId(id, vault);
      return snapshot.items.find(id);
    },
    async findPlan(id) {
      requireName(id, "replicationRecoveryPlans", vault);
      return snapshot.plans.find(id);
    },
    async findFabric(id) {
      requireName(id, "replicationFabrics", vault);
      return snapshot.fabricDetails.find(id);
    },
    forgetSnapshot: () => snapshot.forget(),
    waitForItem: (id, isReached, options) => itemWatch.wait(id, isReached, options),
    async getItem(id) {
      requireItemId(id, vault);
      return snapshot.items.fresh(id);
    },
    getPlan: (id) => snapshot.plans.fresh(id),
    getRecoveryPoints: (itemId) => reads.getRecoveryPoints(itemId),
  };
}
