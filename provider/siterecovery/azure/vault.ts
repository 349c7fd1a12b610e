import { NotFound } from "../errors.js";
import type {
  Action,
  EffectiveRoute,
  EnableReplicationSettings,
  Fabric,
  IpFlowRequest,
  IpFlowResult,
  Job,
  NetworkMapping,
  ProtectionContainerMapping,
  RecoveryPlan,
  RecoveryPlanGroup,
  RecoveryPoint,
  ReplicatedItem,
  ReplicatedItemUpdate,
  ReplicationPolicy,
  ReplicationPolicySettings,
  SiteRecovery,
  Target,
  VaultCoordinates,
  WaitOptions,
} from "../siteRecovery.js";
import { prepareAction } from "./actions.js";
import type { ArmClient, Send } from "./armClient.js";
import { doing } from "./failures.js";
import { requireItemId, requireMappingId, requireName, requireNetworkMappingId, vaultId } from "./ids.js";
import { ItemWatch } from "./itemWatch.js";
import { JobSearch } from "./jobSearch.js";
import { JobWatch } from "./jobWatch.js";
import { NetworkReader } from "./network.js";
import type { Pacing } from "./pacing.js";
import { isSuspended, type WireJob } from "./readJob.js";
import { Collection } from "./snapshot.js";
import { VaultReads } from "./vaultReads.js";
import { VaultWrites } from "./vaultWrites.js";
import { createPolicyBody, enableBody, planBody, planGroups, policyInput, updateItemBody } from "./writeBodies.js";

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
}

/** One vault over the official client: see the interface for what each method promises. */
export class AzureSiteRecovery implements SiteRecovery {
  readonly vault: VaultCoordinates;
  readonly #settings: VaultSettings;
  readonly #reads: VaultReads;
  /** `resourceName` is the vault in the SDK's words. */
  readonly #at: readonly [resourceName: string, resourceGroupName: string];
  readonly #policies: Collection<ReplicationPolicy>;
  readonly #mappings: Collection<ProtectionContainerMapping>;
  readonly #fabrics: Collection<Fabric>;
  readonly #networkMappings: Collection<NetworkMapping>;
  readonly #items: Collection<ReplicatedItem>;
  #plans = new Map<string, { readAt: number; answer: Promise<RecoveryPlan | undefined> }>();
  #fabricDetails = new Map<string, { readAt: number; answer: Promise<Fabric | undefined> }>();
  readonly #jobs: JobWatch;
  readonly #itemWatch: ItemWatch;
  readonly #search: JobSearch;
  readonly #network: NetworkReader;
  readonly #writes: VaultWrites;

  constructor(arm: ArmClient, settings: VaultSettings) {
    this.#settings = settings;
    this.vault = settings.vault;
    this.#at = [settings.vault.vaultName, settings.vault.resourceGroupName];
    const { snapshotMaxAgeMs, pacing, shortPacing, log } = settings;
    const reads = new VaultReads(arm, settings.vault);
    this.#reads = reads;
    this.#policies = new Collection(
      { list: () => reads.listPolicies(), get: (id) => reads.getPolicy(id) },
      snapshotMaxAgeMs,
    );
    this.#mappings = new Collection(
      { list: () => reads.listMappings(), get: (id) => reads.getMapping(id) },
      snapshotMaxAgeMs,
    );
    this.#fabrics = new Collection(
      { list: () => reads.listFabrics(), get: (id) => reads.getFabric(id) },
      snapshotMaxAgeMs,
    );
    this.#networkMappings = new Collection(
      { list: () => reads.listNetworkMappings(), get: (id) => reads.getNetworkMapping(id) },
      snapshotMaxAgeMs,
    );
    this.#items = new Collection(
      { list: () => reads.listItems(), get: (id) => reads.getItem(id) },
      snapshotMaxAgeMs,
    );
    const get = (name: string): Promise<WireJob | undefined> => reads.getJob(name);
    this.#jobs = new JobWatch(
      { listRunning: () => reads.listJobs("InProgress"), listWaiting: () => reads.listJobs("NotStarted"), get },
      pacing,
      { log, onEnd: (job) => this.#jobEnded(job) },
    );
    this.#search = new JobSearch({ list: (state) => reads.listJobs(state), get }, shortPacing);
    this.#writes = new VaultWrites(arm, this.#jobs, this.#search, {
      vaultId: vaultId(settings.vault),
      shortPacing,
      maxOutageMs: settings.maxOutageMs,
      log,
      touch: (id) => this.#touch(id),
    });
    this.#itemWatch = new ItemWatch(
      { relist: () => this.#items.relist(), get: (id) => this.#items.fresh(id) },
      pacing,
      log,
    );
    this.#network = new NetworkReader(arm, shortPacing, settings.vault.subscriptionId);
  }

  listPolicies(): Promise<ReplicationPolicy[]> {
    return this.#policies.all();
  }
  listMappings(): Promise<ProtectionContainerMapping[]> {
    return this.#mappings.all();
  }
  listFabrics(): Promise<Fabric[]> {
    return this.#fabrics.all();
  }
  listItems(): Promise<ReplicatedItem[]> {
    return this.#items.all();
  }
  async findPolicy(id: string): Promise<ReplicationPolicy | undefined> {
    requireName(id, "replicationPolicies", this.vault);
    return this.#policies.find(id);
  }
  async findMapping(id: string): Promise<ProtectionContainerMapping | undefined> {
    requireMappingId(id, this.vault);
    return this.#mappings.find(id);
  }
  async findItem(id: string): Promise<ReplicatedItem | undefined> {
    requireItemId(id, this.vault);
    return this.#items.find(id);
  }

  async findPlan(id: string): Promise<RecoveryPlan | undefined> {
    requireName(id, "replicationRecoveryPlans", this.vault);
    const key = id.toLowerCase();
    const known = this.#plans.get(key);
    if (known !== undefined && Date.now() - known.readAt <= this.#settings.snapshotMaxAgeMs) return known.answer;
    return this.getPlan(id);
  }

  async findFabric(id: string): Promise<Fabric | undefined> {
    requireName(id, "replicationFabrics", this.vault);
    const key = id.toLowerCase();
    const known = this.#fabricDetails.get(key);
    if (known !== undefined && Date.now() - known.readAt <= this.#settings.snapshotMaxAgeMs) return known.answer;
    const entry = { readAt: Date.now(), answer: this.#reads.getFabric(id) };
    this.#fabricDetails.set(key, entry);
    entry.answer.catch(() => {
      if (this.#fabricDetails.get(key) === entry) this.#fabricDetails.delete(key);
    });
    return entry.answer;
  }

  forgetSnapshot(): void {
    this.#fabricDetails = new Map();
    const collections = [this.#policies, this.#mappings, this.#fabrics, this.#networkMappings, this.#items];
    for (const collection of collections) collection.forget();
    this.#plans = new Map();
  }

  waitForItem(
    id: string,
    isReached: (item: ReplicatedItem) => boolean,
    options: { timeoutMs: number; onProgress?: (item: ReplicatedItem) => void; signal?: AbortSignal },
  ): Promise<ReplicatedItem> {
    return this.#itemWatch.wait(id, isReached, options);
  }

  async getItem(id: string): Promise<ReplicatedItem | undefined> {
    requireItemId(id, this.vault);
    return this.#items.fresh(id);
  }

  async getPlan(id: string): Promise<RecoveryPlan | undefined> {
    const answer = this.#reads.getPlan(id);
    const entry = { readAt: Date.now(), answer };
    const key = id.toLowerCase();
    this.#plans.set(key, entry);
    answer.catch(() => {
      if (this.#plans.get(key) === entry) this.#plans.delete(key);
    });
    return answer;
  }

  getRecoveryPoints(itemId: string): Promise<RecoveryPoint[]> {
    return this.#reads.getRecoveryPoints(itemId);
  }

  async putPolicy(
    name: string,
    settings: ReplicationPolicySettings,
    options: WaitOptions,
  ): Promise<ReplicationPolicy> {
    const id = `${vaultId(this.vault)}/replicationPolicies/${name}`;
    const what = doing("creating", "replication policy", id);
    await this.#writes.write(what, options, ({ replicationPolicies }, call) =>
      replicationPolicies.beginCreateAndWait(...this.#at, name, createPolicyBody(settings), call),
    );
    return this.#writes.written(what, () => this.#policies.afterWrite(id));
  }

  async updatePolicy(
    name: string,
    settings: ReplicationPolicySettings,
    options: WaitOptions,
  ): Promise<ReplicationPolicy> {
    const id = `${vaultId(this.vault)}/replicationPolicies/${name}`;
    const what = doing("updating", "replication policy", id);
    const body = { properties: { replicationProviderSettings: policyInput(settings) } };
    await this.#writes.write(what, options, ({ replicationPolicies }, call) =>
      replicationPolicies.beginUpdateAndWait(...this.#at, name, body, call),
    );
    return this.#writes.written(what, () => this.#policies.afterWrite(id));
  }

  async deletePolicy(id: string, options: WaitOptions): Promise<void> {
    const name = requireName(id, "replicationPolicies", this.vault);
    await this.#writes.remove(
      doing("deleting", "replication policy", id),
      options,
      ({ replicationPolicies }, call) => replicationPolicies.beginDeleteAndWait(...this.#at, name, call),
    );
    this.#policies.markStale(id);
  }

  async putHyperVSite(id: string, options: WaitOptions): Promise<Fabric> {
    const name = requireName(id, "replicationFabrics", this.vault);
    const what = doing("creating", "fabric", id);
    // A Hyper-V site is the base type under its own name (published example): Azure answers it as HyperVSite.
    const body = { properties: { customDetails: { instanceType: "FabricSpecificCreationInput" } } };
    await this.#writes.write(what, options, ({ replicationFabrics: fabrics }, call) =>
      fabrics.beginCreateAndWait(
        ...this.#at,
        name,
        body as Parameters<typeof fabrics.beginCreateAndWait>[3],
        call,
      ),
    );
    this.#fabricDetails.delete(id.toLowerCase());
    return this.#writes.written(what, () => this.#fabrics.afterWrite(id));
  }

  async removeFabric(id: string, options: WaitOptions): Promise<void> {
    const name = requireName(id, "replicationFabrics", this.vault);
    const what = doing("removing", "fabric", id);
    const send: Send = ({ replicationFabrics }, call) =>
      replicationFabrics.beginDeleteAndWait(...this.#at, name, call);
    const job = await this.#writes.startRemoval(what, send, async () =>
      (await this.#reads.getFabric(id)) === undefined ? "gone" : undefined,
    );
    await this.#writes.finishRemoval(what, options, job);
    this.#fabricDetails.delete(id.toLowerCase());
    this.#fabrics.markStale(id);
  }

  async findNetworkMapping(id: string): Promise<NetworkMapping | undefined> {
    requireNetworkMappingId(id, this.vault);
    return this.#networkMappings.find(id);
  }

  async putNetworkMapping(
    id: string,
    settings: { recoveryNetworkId: string; recoveryFabricName?: string },
    options: WaitOptions,
  ): Promise<NetworkMapping> {
    return this.#writeNetworkMapping("creating", id, settings, options);
  }

  async updateNetworkMapping(
    id: string,
    settings: { recoveryNetworkId: string; recoveryFabricName?: string },
    options: WaitOptions,
  ): Promise<NetworkMapping> {
    return this.#writeNetworkMapping("updating", id, settings, options);
  }

  async #writeNetworkMapping(
    how: "creating" | "updating",
    id: string,
    settings: { recoveryNetworkId: string; recoveryFabricName?: string },
    options: WaitOptions,
  ): Promise<NetworkMapping> {
    const { fabricName, networkName, networkMappingName } = requireNetworkMappingId(id, this.vault);
    const what = doing(how, "network mapping", id);
    const at = [...this.#at, fabricName, networkName, networkMappingName] as const;
    const body = { properties: { ...settings, fabricSpecificDetails: { instanceType: "VmmToAzure" as const } } };
    await this.#writes.write(what, options, ({ replicationNetworkMappings: mappings }, call) =>
      how === "creating"
        ? mappings.beginCreateAndWait(...at, body, call)
        : mappings.beginUpdateAndWait(...at, body, call),
    );
    return this.#writes.written(what, () => this.#networkMappings.afterWrite(id));
  }

  async deleteNetworkMapping(id: string, options: WaitOptions): Promise<void> {
    const { fabricName, networkName, networkMappingName } = requireNetworkMappingId(id, this.vault);
    await this.#writes.remove(
      doing("deleting", "network mapping", id),
      options,
      ({ replicationNetworkMappings: mappings }, call) =>
        mappings.beginDeleteAndWait(...this.#at, fabricName, networkName, networkMappingName, call),
    );
    this.#networkMappings.markStale(id);
  }

  async putMapping(
    id: string,
    settings: { policyId: string; targetProtectionContainerId: string; instanceType: string },
    options: WaitOptions,
  ): Promise<ProtectionContainerMapping> {
    const { fabricName, protectionContainerName, mappingName } = requireMappingId(id, this.vault);
    const { policyId, targetProtectionContainerId, instanceType } = settings;
    const what = doing("creating", "protection container mapping", id);
    const body = {
      properties: { policyId, targetProtectionContainerId, providerSpecificInput: { instanceType } },
    };
    await this.#writes.write(what, options, ({ replicationProtectionContainerMappings: mappings }, call) =>
      // The SDK knows no settings of this kind here; the discriminator alone says which it is.
      mappings.beginCreateAndWait(
        ...this.#at,
        fabricName,
        protectionContainerName,
        mappingName,
        body as Parameters<typeof mappings.beginCreateAndWait>[5],
        call,
      ),
    );
    return this.#writes.written(what, () => this.#mappings.afterWrite(id));
  }

  async removeMapping(id: string, instanceType: string, options: WaitOptions): Promise<void> {
    const { fabricName, protectionContainerName, mappingName } = requireMappingId(id, this.vault);
    const what = doing("removing", "protection container mapping", id);
    const body = { properties: { providerSpecificInput: { instanceType } } };
    const send: Send = ({ replicationProtectionContainerMappings: mappings }, call) =>
      mappings.beginDeleteAndWait(...this.#at, fabricName, protectionContainerName, mappingName, body, call);
    const job = await this.#writes.startRemoval(what, send, async () =>
      (await this.#reads.getMapping(id)) === undefined ? "gone" : undefined,
    );
    await this.#writes.finishRemoval(what, options, job);
    this.#mappings.markStale(id);
  }

  async putPlan(
    id: string,
    settings: {
      primaryFabricId: string;
      recoveryFabricId: string;
      failoverDeploymentModel: string;
      groups: RecoveryPlanGroup[];
    },
    options: WaitOptions,
  ): Promise<RecoveryPlan> {
    const name = requireName(id, "replicationRecoveryPlans", this.vault);
    const what = doing("creating", "recovery plan", id);
    const body = planBody(settings, await this.#internalIds(settings.groups));
    await this.#writes.write(what, options, ({ replicationRecoveryPlans }, call) =>
      replicationRecoveryPlans.beginCreateAndWait(...this.#at, name, body, call),
    );
    return this.#writes.written(what, () => this.getPlan(id));
  }

  async updatePlan(id: string, groups: RecoveryPlanGroup[], options: WaitOptions): Promise<RecoveryPlan> {
    const name = requireName(id, "replicationRecoveryPlans", this.vault);
    const what = doing("updating", "recovery plan", id);
    const body = { properties: { groups: planGroups(groups, await this.#internalIds(groups)) } };
    await this.#writes.write(what, options, ({ replicationRecoveryPlans }, call) =>
      replicationRecoveryPlans.beginUpdateAndWait(...this.#at, name, body, call),
    );
    return this.#writes.written(what, () => this.getPlan(id));
  }

  async deletePlan(id: string, options: WaitOptions): Promise<void> {
    const name = requireName(id, "replicationRecoveryPlans", this.vault);
    await this.#writes.remove(
      doing("deleting", "recovery plan", id),
      options,
      ({ replicationRecoveryPlans }, call) => replicationRecoveryPlans.beginDeleteAndWait(...this.#at, name, call),
    );
    this.#plans.delete(id.toLowerCase());
  }

  async updateItem(
    id: string,
    instanceType: string,
    update: ReplicatedItemUpdate,
    options: WaitOptions,
  ): Promise<ReplicatedItem> {
    const { fabricName, protectionContainerName, itemName } = requireItemId(id, this.vault);
    const what = doing("updating", "replicated item", id);
    const body = updateItemBody(instanceType, update);
    await this.#writes.write(what, options, ({ replicationProtectedItems: items }, call) =>
      items.beginUpdateAndWait(...this.#at, fabricName, protectionContainerName, itemName, body, call),
    );
    return this.#writes.written(what, () => this.#items.afterWrite(id));
  }

  async startEnableReplication(id: string, settings: EnableReplicationSettings): Promise<Job> {
    const { fabricName, protectionContainerName, itemName } = requireItemId(id, this.vault);
    const body = enableBody(settings);
    return this.#writes.start(
      doing("enabling replication of", "replicated item", id),
      ({ replicationProtectedItems }, call) =>
        replicationProtectedItems.beginCreateAndWait(
          ...this.#at,
          fabricName,
          protectionContainerName,
          itemName,
          body,
          call,
        ),
    );
  }

  async startDisableReplication(
    id: string,
    reason: "NotSpecified" | "MigrationComplete",
    instanceType: string,
  ): Promise<Job> {
    const { fabricName, protectionContainerName, itemName } = requireItemId(id, this.vault);
    const body = { properties: { disableProtectionReason: reason, replicationProviderInput: { instanceType } } };
    const what = doing("disabling replication of", "replicated item", id);
    const send: Send = ({ replicationProtectedItems: items }, call) => {
      // The SDK types InMage alone here; every other kind has no settings beside its discriminator.
      const input = body as Parameters<typeof items.beginDeleteAndWait>[5];
      return items.beginDeleteAndWait(...this.#at, fabricName, protectionContainerName, itemName, input, call);
    };
    const job = await this.#writes.startRemoval(what, send, async () => {
      const item = await this.getItem(id);
      return item === undefined ? "gone" : this.findOpenJob({ kind: "replicatedItem", item });
    });
    if (job !== undefined) return job;
    throw new NotFound(`${what.operation} ${what.kind} "${what.name}": it is not there any more.`, {
      resourceId: id,
      operation: what.operation,
      code: "ItemNotFound",
    });
  }

  async startAction(target: Target, action: Action, mark: string): Promise<Job> {
    const { id } = target.kind === "replicatedItem" ? target.item : target.plan;
    const kind = target.kind === "replicatedItem" ? "replicated item" : "recovery plan";
    const send = await prepareAction(target, action, {
      vault: this.vault,
      getRecoveryPoints: (itemId) => this.getRecoveryPoints(itemId),
    });
    const job = await this.#writes.start(doing(`starting ${action.kind} of`, kind, id), send, mark);
    if (target.kind === "recoveryPlan") this.#items.forget();
    return job;
  }

  findOpenJob(target: Target): Promise<Job | undefined> {
    const { id } = target.kind === "replicatedItem" ? target.item : target.plan;
    return this.#search.findOpen(target, (jobName) => {
      const other = this.#writes.started.get(jobName);
      return other !== undefined && other.toLowerCase() !== id.toLowerCase();
    });
  }

  listJobs(target: Target, scenarioName?: string): Promise<Job[]> {
    return this.#search.listOf(target, scenarioName);
  }

  getJob(name: string): Promise<Job | undefined> {
    return this.#reads.getJob(name);
  }

  async resumeJob(name: string, comments: string): Promise<void> {
    const what = doing("resuming", "job", `${vaultId(this.vault)}/replicationJobs/${name}`);
    const isWaiting = async (): Promise<boolean> => {
      const job = await this.#reads.getJob(name);
      return job !== undefined && isSuspended(job);
    };
    const send: Send = ({ replicationJobs }, call) =>
      replicationJobs.beginResumeAndWait(...this.#at, name, { properties: { comments } }, call);
    await this.#writes.resume(what, send, isWaiting);
  }

  waitForJob(name: string, options: WaitOptions): Promise<Job> {
    return this.#jobs.wait(name, options, this.#writes.started.has(name));
  }

  getResource(id: string): Promise<Record<string, unknown> | undefined> {
    return this.#network.getResource(id);
  }
  listResources(path: string): Promise<Record<string, unknown>[]> {
    return this.#network.listResources(path);
  }
  putResource(id: string, body: Record<string, unknown>, ifMatch?: string): Promise<Record<string, unknown>> {
    return this.#network.putResource(id, body, ifMatch);
  }
  deleteResource(id: string): Promise<void> {
    return this.#network.deleteResource(id);
  }
  askResource(path: string, body: Record<string, unknown>): Promise<Record<string, unknown> | undefined> {
    return this.#network.askResource(path, body);
  }
  verifyIpFlow(request: IpFlowRequest): Promise<IpFlowResult | undefined> {
    return this.#network.verifyIpFlow(request);
  }
  getEffectiveRoutes(nicId: string): Promise<EffectiveRoute[]> {
    return this.#network.getEffectiveRoutes(nicId);
  }

  /** A plan names its machines by id and by internal id. */
  async #internalIds(groups: RecoveryPlanGroup[]): Promise<Map<string, string>> {
    const ids = new Map<string, string>();
    const members = groups.flatMap(({ replicatedItemIds }) => replicatedItemIds);
    if (members.length === 0) return ids;
    await Promise.all(
      members.map(async (id) => {
        const internalId = (await this.findItem(id))?.internalId;
        if (internalId !== undefined) ids.set(id.toLowerCase(), internalId);
      }),
    );
    return ids;
  }

  /** Marks what a write or a job changes as stale in the snapshot. */
  #touch(id: string): void {
    if (/\/replicationProtectedItems\//i.test(id)) this.#items.markStale(id);
    else if (/\/replicationProtectionContainerMappings\//i.test(id)) this.#mappings.markStale(id);
    else if (/\/replicationPolicies\//i.test(id)) this.#policies.markStale(id);
    else if (/\/replicationNetworkMappings\//i.test(id)) this.#networkMappings.markStale(id);
    else if (/\/replicationFabrics\/[^/]+$/i.test(id)) this.#fabrics.markStale(id);
    else this.#plans.delete(id.toLowerCase());
  }

  #jobEnded(job: Job): void {
    const id = this.#writes.started.get(job.name);
    if (id === undefined) {
      // A job of an earlier run: what it changed is not known here.
      this.#items.forget();
      this.#plans = new Map();
      return;
    }
    this.#touch(id);
    if (/\/replicationRecoveryPlans\//i.test(id) && !/RecoveryPlan$/.test(job.scenarioName)) this.#items.forget();
  }
}
