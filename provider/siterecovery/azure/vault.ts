import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Conflict, JobFailed, NotFound, SiteRecoveryError, Unclear } from "../errors.js";
import type {
  Action,
  EffectiveRoute,
  EnableReplicationSettings,
  Fabric,
  IpFlowRequest,
  IpFlowResult,
  Job,
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
import { prepareAction, type Send } from "./actions.js";
import type { Accepted, ArmClient } from "./armClient.js";
import type { Doing } from "./failures.js";
import { requireItemId, requireMappingId, requireName, vaultId } from "./ids.js";
import { ItemWatch } from "./itemWatch.js";
import { Batched, JobSearch } from "./jobSearch.js";
import { JobWatch } from "./jobWatch.js";
import { NetworkReader } from "./network.js";
import { type Pacing, pauseMs } from "./pacing.js";
import { readItem } from "./readItem.js";
import { isSuccess, readJob, startedJob, type WireJob } from "./readJob.js";
import { readFabric, readMapping, readPlan, readPolicy, readRecoveryPoint } from "./readVault.js";
import { Collection } from "./snapshot.js";
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

/** How often a resource whose job succeeded is looked for before that counts as an error. */
const LOOKS_AFTER_SUCCESS = 10;

type Word = "replication policy" | "protection container mapping" | "replicated item" | "recovery plan";

/** One vault over the official client: see the interface for what each method promises. */
export class AzureSiteRecovery implements SiteRecovery {
  readonly vault: VaultCoordinates;
  readonly #arm: ArmClient;
  readonly #settings: VaultSettings;
  /** `resourceName` is the vault in the SDK's words. */
  readonly #at: readonly [resourceName: string, resourceGroupName: string];
  readonly #policies: Collection<ReplicationPolicy>;
  readonly #mappings: Collection<ProtectionContainerMapping>;
  readonly #fabrics: Collection<Fabric>;
  readonly #items: Collection<ReplicatedItem>;
  #plans = new Map<string, { readAt: number; answer: Promise<RecoveryPlan | undefined> }>();
  readonly #jobLists = new Map<string, Batched<WireJob[]>>();
  readonly #jobs: JobWatch;
  readonly #itemWatch: ItemWatch;
  readonly #search: JobSearch;
  readonly #network: NetworkReader;
  /** Jobs that this process started, and the id that each works on. */
  readonly #started = new Map<string, string>();

  constructor(arm: ArmClient, settings: VaultSettings) {
    this.#arm = arm;
    this.#settings = settings;
    this.vault = settings.vault;
    this.#at = [settings.vault.vaultName, settings.vault.resourceGroupName];
    const { snapshotMaxAgeMs, pacing, shortPacing, log } = settings;
    this.#policies = new Collection(
      { list: () => this.#listPolicies(), get: (id) => this.#getPolicy(id) },
      snapshotMaxAgeMs,
    );
    this.#mappings = new Collection(
      { list: () => this.#listMappings(), get: (id) => this.#getMapping(id) },
      snapshotMaxAgeMs,
    );
    this.#fabrics = new Collection(
      { list: () => this.#listFabrics(), get: async () => undefined },
      snapshotMaxAgeMs,
    );
    this.#items = new Collection(
      { list: () => this.#listItems(), get: (id) => this.#readItem(id) },
      snapshotMaxAgeMs,
    );
    const getJob = (name: string): Promise<WireJob | undefined> => this.#readJob(name);
    this.#jobs = new JobWatch({ listRunning: () => this.#askJobs("InProgress"), get: getJob }, pacing, {
      log,
      onEnd: (job) => this.#jobEnded(job),
    });
    this.#search = new JobSearch({ list: (state) => this.#askJobs(state), get: getJob }, shortPacing);
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

  forgetSnapshot(): void {
    for (const collection of [this.#policies, this.#mappings, this.#fabrics, this.#items]) collection.forget();
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
    const name = requireName(id, "replicationRecoveryPlans", this.vault);
    const answer = this.#arm
      .read(doing("reading", "recovery plan", id), (client, options) =>
        client.replicationRecoveryPlans.get(...this.#at, name, options),
      )
      .then((found) => (found === undefined ? undefined : readPlan(found, false)));
    const entry = { readAt: Date.now(), answer };
    const key = id.toLowerCase();
    this.#plans.set(key, entry);
    answer.catch(() => {
      if (this.#plans.get(key) === entry) this.#plans.delete(key);
    });
    return answer;
  }

  async getRecoveryPoints(itemId: string): Promise<RecoveryPoint[]> {
    const { fabricName, protectionContainerName, itemName } = requireItemId(itemId, this.vault);
    const found = await this.#arm.list(
      doing("listing recovery points of", "replicated item", itemId),
      ({ recoveryPoints }, options) =>
        recoveryPoints.listByReplicationProtectedItems(
          ...this.#at,
          fabricName,
          protectionContainerName,
          itemName,
          options,
        ),
    );
    return found.flatMap((answer) => readRecoveryPoint(answer) ?? []).sort((a, b) => b.time.localeCompare(a.time));
  }

  async putPolicy(
    name: string,
    settings: ReplicationPolicySettings,
    options: WaitOptions,
  ): Promise<ReplicationPolicy> {
    const id = `${vaultId(this.vault)}/replicationPolicies/${name}`;
    const what = doing("creating", "replication policy", id);
    await this.#write(what, options, ({ replicationPolicies }, call) =>
      replicationPolicies.beginCreateAndWait(...this.#at, name, createPolicyBody(settings), call),
    );
    return this.#written(what, () => this.#policies.afterWrite(id));
  }

  async updatePolicy(
    name: string,
    settings: ReplicationPolicySettings,
    options: WaitOptions,
  ): Promise<ReplicationPolicy> {
    const id = `${vaultId(this.vault)}/replicationPolicies/${name}`;
    const what = doing("updating", "replication policy", id);
    const body = { properties: { replicationProviderSettings: policyInput(settings) } };
    await this.#write(what, options, ({ replicationPolicies }, call) =>
      replicationPolicies.beginUpdateAndWait(...this.#at, name, body, call),
    );
    return this.#written(what, () => this.#policies.afterWrite(id));
  }

  async deletePolicy(id: string, options: WaitOptions): Promise<void> {
    const name = requireName(id, "replicationPolicies", this.vault);
    await this.#delete(doing("deleting", "replication policy", id), options, ({ replicationPolicies }, call) =>
      replicationPolicies.beginDeleteAndWait(...this.#at, name, call),
    );
    this.#policies.markStale(id);
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
    await this.#write(what, options, ({ replicationProtectionContainerMappings: mappings }, call) =>
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
    return this.#written(what, () => this.#mappings.afterWrite(id));
  }

  async removeMapping(id: string, instanceType: string, options: WaitOptions): Promise<void> {
    const { fabricName, protectionContainerName, mappingName } = requireMappingId(id, this.vault);
    const what = doing("removing", "protection container mapping", id);
    const body = { properties: { providerSpecificInput: { instanceType } } };
    const send: Send = ({ replicationProtectionContainerMappings: mappings }, call) =>
      mappings.beginDeleteAndWait(...this.#at, fabricName, protectionContainerName, mappingName, body, call);
    // Removing twice does no harm, so a lost answer is looked after here: the job, else the mapping, else once more.
    const startedAt = Date.now();
    for (;;) {
      try {
        await this.#delete(what, options, send);
        break;
      } catch (error) {
        if (!(error instanceof Unclear) || Date.now() - startedAt > this.#settings.maxOutageMs) throw error;
        if ((await this.#getMapping(id)) === undefined) break;
        await delay(pauseMs(this.#settings.shortPacing, Date.now() - startedAt));
      }
    }
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
    await this.#write(what, options, ({ replicationRecoveryPlans }, call) =>
      replicationRecoveryPlans.beginCreateAndWait(...this.#at, name, body, call),
    );
    return this.#written(what, () => this.getPlan(id));
  }

  async updatePlan(id: string, groups: RecoveryPlanGroup[], options: WaitOptions): Promise<RecoveryPlan> {
    const name = requireName(id, "replicationRecoveryPlans", this.vault);
    const what = doing("updating", "recovery plan", id);
    const body = { properties: { groups: planGroups(groups, await this.#internalIds(groups)) } };
    await this.#write(what, options, ({ replicationRecoveryPlans }, call) =>
      replicationRecoveryPlans.beginUpdateAndWait(...this.#at, name, body, call),
    );
    return this.#written(what, () => this.getPlan(id));
  }

  async deletePlan(id: string, options: WaitOptions): Promise<void> {
    const name = requireName(id, "replicationRecoveryPlans", this.vault);
    await this.#delete(doing("deleting", "recovery plan", id), options, ({ replicationRecoveryPlans }, call) =>
      replicationRecoveryPlans.beginDeleteAndWait(...this.#at, name, call),
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
    await this.#write(what, options, ({ replicationProtectedItems: items }, call) =>
      items.beginUpdateAndWait(...this.#at, fabricName, protectionContainerName, itemName, body, call),
    );
    return this.#written(what, () => this.#items.afterWrite(id));
  }

  async startEnableReplication(id: string, settings: EnableReplicationSettings): Promise<Job> {
    const { fabricName, protectionContainerName, itemName } = requireItemId(id, this.vault);
    const body = enableBody(settings);
    return this.#start(
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
    return this.#start(doing("disabling replication of", "replicated item", id), (client, call) => {
      const items = client.replicationProtectedItems;
      // The SDK types InMage alone here; every other kind has no settings beside its discriminator.
      const input = body as Parameters<typeof items.beginDeleteAndWait>[5];
      return items.beginDeleteAndWait(...this.#at, fabricName, protectionContainerName, itemName, input, call);
    });
  }

  async startAction(target: Target, action: Action, mark: string): Promise<Job> {
    const { id } = target.kind === "replicatedItem" ? target.item : target.plan;
    const kind = target.kind === "replicatedItem" ? "replicated item" : "recovery plan";
    const send = await prepareAction(target, action, {
      vault: this.vault,
      getRecoveryPoints: (itemId) => this.getRecoveryPoints(itemId),
    });
    const job = await this.#start(doing(`starting ${action.kind} of`, kind, id), send, mark);
    if (target.kind === "recoveryPlan") this.#items.forget();
    return job;
  }

  findOpenJob(target: Target): Promise<Job | undefined> {
    const { id } = target.kind === "replicatedItem" ? target.item : target.plan;
    return this.#search.findOpen(target, (jobName) => {
      const other = this.#started.get(jobName);
      return other !== undefined && other.toLowerCase() !== id.toLowerCase();
    });
  }

  listJobs(target: Target, scenarioName?: string): Promise<Job[]> {
    return this.#search.listOf(target, scenarioName);
  }

  getJob(name: string): Promise<Job | undefined> {
    return this.#readJob(name);
  }

  waitForJob(name: string, options: WaitOptions): Promise<Job> {
    return this.#jobs.wait(name, options, this.#started.has(name));
  }

  getResource(id: string): Promise<Record<string, unknown> | undefined> {
    return this.#network.getResource(id);
  }
  listResources(path: string): Promise<Record<string, unknown>[]> {
    return this.#network.listResources(path);
  }
  verifyIpFlow(request: IpFlowRequest): Promise<IpFlowResult | undefined> {
    return this.#network.verifyIpFlow(request);
  }
  getEffectiveRoutes(nicId: string): Promise<EffectiveRoute[]> {
    return this.#network.getEffectiveRoutes(nicId);
  }

  async #listPolicies(): Promise<ReplicationPolicy[]> {
    const found = await this.#arm.list(this.#listing("replication policies"), ({ replicationPolicies }, options) =>
      replicationPolicies.list(...this.#at, options),
    );
    return found.map(readPolicy);
  }
  async #listMappings(): Promise<ProtectionContainerMapping[]> {
    const found = await this.#arm.list(
      this.#listing("protection container mappings"),
      ({ replicationProtectionContainerMappings: mappings }, options) => mappings.list(...this.#at, options),
    );
    return found.map(readMapping);
  }
  async #listFabrics(): Promise<Fabric[]> {
    const found = await this.#arm.list(this.#listing("fabrics"), ({ replicationFabrics }, options) =>
      replicationFabrics.list(...this.#at, options),
    );
    return found.map(readFabric);
  }
  async #listItems(): Promise<ReplicatedItem[]> {
    const found = await this.#arm.list(
      this.#listing("replicated items"),
      ({ replicationProtectedItems }, options) => replicationProtectedItems.list(...this.#at, options),
    );
    return found.map(readItem);
  }

  async #getPolicy(id: string): Promise<ReplicationPolicy | undefined> {
    const name = requireName(id, "replicationPolicies", this.vault);
    const found = await this.#arm.read(
      doing("reading", "replication policy", id),
      ({ replicationPolicies }, options) => replicationPolicies.get(...this.#at, name, options),
    );
    return found === undefined ? undefined : readPolicy(found);
  }
  async #getMapping(id: string): Promise<ProtectionContainerMapping | undefined> {
    const { fabricName, protectionContainerName, mappingName } = requireMappingId(id, this.vault);
    const found = await this.#arm.read(
      doing("reading", "protection container mapping", id),
      ({ replicationProtectionContainerMappings: mappings }, options) =>
        mappings.get(...this.#at, fabricName, protectionContainerName, mappingName, options),
    );
    return found === undefined ? undefined : readMapping(found);
  }
  async #readItem(id: string): Promise<ReplicatedItem | undefined> {
    const { fabricName, protectionContainerName, itemName } = requireItemId(id, this.vault);
    const found = await this.#arm.read(
      doing("reading", "replicated item", id),
      ({ replicationProtectedItems: items }, options) =>
        items.get(...this.#at, fabricName, protectionContainerName, itemName, options),
    );
    return found === undefined ? undefined : readItem(found);
  }
  async #readJob(name: string): Promise<WireJob | undefined> {
    const what: Doing = {
      operation: "reading",
      kind: "job",
      name,
      id: `${vaultId(this.vault)}/replicationJobs/${name}`,
    };
    const found = await this.#arm.read(what, ({ replicationJobs }, options) =>
      replicationJobs.get(...this.#at, name, options),
    );
    return found === undefined ? undefined : readJob(found);
  }

  /** Jobs of one state (`all` without), shared by whoever asks before the list is sent. */
  #askJobs(state?: "NotStarted" | "InProgress"): Promise<WireJob[]> {
    const key = state ?? "all";
    let batched = this.#jobLists.get(key);
    if (batched === undefined) {
      // The one form of filter that real clients were seen to send.
      const filter = state === undefined ? undefined : `( JobStatus eq '${state}' )`;
      batched = new Batched(async () => {
        const found = await this.#arm.list(this.#listing("jobs"), ({ replicationJobs }, options) =>
          replicationJobs.list(...this.#at, { ...options, filter }),
        );
        return found.map(readJob);
      });
      this.#jobLists.set(key, batched);
    }
    return batched.ask();
  }

  #listing(kind: string): Doing {
    return { operation: "listing", kind, name: this.vault.vaultName, id: vaultId(this.vault) };
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

  /** Sends a write that may be repeated, and waits for the end of its job. */
  async #write(what: Doing, options: WaitOptions, send: Send): Promise<void> {
    const { jobName } = await this.#accept(what, send, randomUUID(), true);
    if (jobName !== undefined) await this.#untilDone(what, jobName, options);
  }

  /** The same for a removal: already gone is success. */
  async #delete(what: Doing, options: WaitOptions, send: Send): Promise<void> {
    try {
      await this.#write(what, options, send);
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
    }
  }

  async #start(what: Doing, send: Send, mark?: string): Promise<Job> {
    const { jobName } = await this.#accept(what, send, mark ?? randomUUID(), mark === undefined);
    if (jobName === undefined) {
      throw new Unclear(
        `${what.operation} ${what.kind} "${what.name}": Azure took the request and named no job. Look at the target before it is sent again.`,
        { resourceId: what.id, operation: what.operation, code: "NoJob" },
      );
    }
    return startedJob(jobName, vaultId(this.vault));
  }

  /**
   * Sends a write. Where its answer was lost, or a repetition was refused because the first try had arrived, the job
   * that it started is looked for by its client request id.
   */
  async #accept(what: Doing, send: Send, mark: string, isMarkOurs: boolean): Promise<Accepted> {
    if (what.id !== undefined) this.#touch(what.id);
    const outcome = await this.#arm.send(what, send, mark);
    let accepted: Accepted;
    if (outcome.kind === "accepted") accepted = outcome.accepted;
    else {
      const { error, mayHaveArrived } = outcome;
      const isLost = error instanceof Unclear || (mayHaveArrived && error instanceof SiteRecoveryError);
      // A mark that the caller chose may be that of an earlier run whose job has ended: that one is not ours.
      const own = isLost ? await this.#search.findOwn(mark, isMarkOurs) : undefined;
      if (own === undefined) throw mayHaveArrived && error instanceof Conflict ? unclear(what, error) : error;
      this.#settings.log(
        `${what.operation} ${what.kind} "${what.name}": the answer was lost, job ${own.name} found`,
      );
      accepted = { jobName: own.name };
    }
    if (what.id !== undefined) {
      this.#touch(what.id);
      if (accepted.jobName !== undefined) this.#started.set(accepted.jobName, what.id);
    }
    return accepted;
  }

  /** The end of a job whose success alone means that the write worked. */
  async #untilDone(what: Doing, jobName: string, options: WaitOptions): Promise<void> {
    const job = await this.#jobs.wait(jobName, options, true);
    if (isSuccess(job)) return;
    const [first] = job.errors;
    const reasons =
      job.errors.length === 0
        ? `the job ended ${job.state}`
        : job.errors
            .map(({ message, code }) => `${message.replace(/[.\s]+$/, "")}${code === "" ? "" : ` (${code})`}`)
            .join("; ");
    const causes = first?.possibleCauses === undefined ? "" : ` Possible causes: ${first.possibleCauses}`;
    const advice = first?.recommendedAction ?? `Look at job ${jobName} in the vault.`;
    throw new JobFailed(`${what.operation} ${what.kind} "${what.name}": ${reasons}.${causes} ${advice}`, {
      jobName,
      code: first?.code ?? job.state,
      resourceId: what.id,
      operation: what.operation,
      possibleCauses: first?.possibleCauses,
      recommendedAction: first?.recommendedAction,
    });
  }

  /** What a write made. Azure answers reads of it a moment after its job has ended. */
  async #written<T>(what: Doing, read: () => Promise<T | undefined>): Promise<T> {
    const startedAt = Date.now();
    for (let look = 0; look < LOOKS_AFTER_SUCCESS; look++) {
      if (look > 0) await delay(pauseMs(this.#settings.shortPacing, Date.now() - startedAt));
      const found = await read();
      if (found !== undefined) return found;
    }
    throw new NotFound(
      `${what.operation} ${what.kind} "${what.name}": Azure says that it is done, and it is not there. Run again in a moment.`,
      { resourceId: what.id, operation: what.operation, code: "NotVisible" },
    );
  }

  /** Marks what a write or a job changes as stale in the snapshot. */
  #touch(id: string): void {
    if (/\/replicationProtectedItems\//i.test(id)) this.#items.markStale(id);
    else if (/\/replicationProtectionContainerMappings\//i.test(id)) this.#mappings.markStale(id);
    else if (/\/replicationPolicies\//i.test(id)) this.#policies.markStale(id);
    else this.#plans.delete(id.toLowerCase());
  }

  #jobEnded(job: Job): void {
    const id = this.#started.get(job.name);
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

function doing(operation: string, kind: Word, id: string): Doing {
  return { operation, kind, name: id.split("/").at(-1) ?? id, id };
}

function unclear(what: Doing, error: Conflict): Unclear {
  return new Unclear(`${error.message} An earlier try of the same request may have arrived: look at the target.`, {
    code: error.code,
    resourceId: what.id,
    operation: what.operation,
    requestId: error.requestId,
    cause: error,
  });
}
