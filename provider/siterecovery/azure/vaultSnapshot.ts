import type {
  Fabric,
  Job,
  NetworkMapping,
  ProtectionContainerMapping,
  RecoveryPlan,
  ReplicatedItem,
  ReplicationPolicy,
} from "../siteRecovery.js";
import { Collection, SingleReads } from "./snapshot.js";
import type { VaultReads } from "./vaultReads.js";

/** What is known of a vault, shared by all who ask, and what of it a write or a job has made stale. */
export class VaultSnapshot {
  readonly policies: Collection<ReplicationPolicy>;
  readonly mappings: Collection<ProtectionContainerMapping>;
  /** Without their servers, as the list gives them. */
  readonly fabrics: Collection<Fabric>;
  readonly fabricDetails: SingleReads<Fabric>;
  readonly networkMappings: Collection<NetworkMapping>;
  readonly items: Collection<ReplicatedItem>;
  /** With their groups, which no list has. */
  readonly plans: SingleReads<RecoveryPlan>;

  constructor(reads: VaultReads, maxAgeMs: number) {
    this.policies = new Collection(
      { list: () => reads.listPolicies(), get: (id) => reads.getPolicy(id) },
      maxAgeMs,
    );
    this.mappings = new Collection(
      { list: () => reads.listMappings(), get: (id) => reads.getMapping(id) },
      maxAgeMs,
    );
    this.fabrics = new Collection({ list: () => reads.listFabrics(), get: (id) => reads.getFabric(id) }, maxAgeMs);
    this.fabricDetails = new SingleReads((id) => reads.getFabric(id), maxAgeMs);
    this.networkMappings = new Collection(
      { list: () => reads.listNetworkMappings(), get: (id) => reads.getNetworkMapping(id) },
      maxAgeMs,
    );
    this.items = new Collection(
      { list: (tell) => reads.listItems(tell), get: (id) => reads.getItem(id) },
      maxAgeMs,
    );
    this.plans = new SingleReads((id) => reads.getPlan(id), maxAgeMs);
  }

  forget(): void {
    const lists = [this.policies, this.mappings, this.fabrics, this.networkMappings, this.items];
    for (const list of [...lists, this.fabricDetails, this.plans]) list.forget();
  }

  /** Marks what a write or a job changes as stale. */
  touch(id: string): void {
    if (/\/replicationProtectedItems\//i.test(id)) this.items.markStale(id);
    else if (/\/replicationProtectionContainerMappings\//i.test(id)) this.mappings.markStale(id);
    else if (/\/replicationPolicies\//i.test(id)) this.policies.markStale(id);
    else if (/\/replicationNetworkMappings\//i.test(id)) this.networkMappings.markStale(id);
    else if (/\/replicationFabrics\/[^/]+$/i.test(id)) this.fabrics.markStale(id);
    else this.plans.markStale(id);
  }

  /** @param startedOn the id that the job works on; undefined for a job that this process did not start */
  jobEnded(job: Job, startedOn: string | undefined): void {
    if (startedOn === undefined) {
      // A job of an earlier run: what it changed is not known here.
      this.items.forget();
      this.plans.forget();
      return;
    }
    this.touch(startedOn);
    const isOfPlan = /\/replicationRecoveryPlans\//i.test(startedOn);
    if (isOfPlan && !/RecoveryPlan$/.test(job.scenarioName)) this.items.forget();
  }
}
