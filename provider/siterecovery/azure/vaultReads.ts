import type {
  Fabric,
  NetworkMapping,
  ProtectionContainerMapping,
  RecoveryPlan,
  RecoveryPoint,
  ReplicatedItem,
  ReplicationPolicy,
  VaultCoordinates,
} from "../siteRecovery.js";
import type { ArmClient } from "./armClient.js";
import { type Doing, doing } from "./failures.js";
import { requireItemId, requireMappingId, requireName, requireNetworkMappingId, segment, vaultId } from "./ids.js";
import { Batched } from "./jobSearch.js";
import { readItem } from "./readItem.js";
import { readJob, type WireJob } from "./readJob.js";
import {
  readFabric,
  readMapping,
  readNetworkMapping,
  readPlan,
  readPolicy,
  readRecoveryPoint,
} from "./readVault.js";

export type OpenJobState = "NotStarted" | "InProgress";

/** Every read of a vault, fresh from Azure and in our words; not there is undefined. */
export class VaultReads {
  readonly #arm: ArmClient;
  readonly #vault: VaultCoordinates;
  /** `resourceName` is the vault in the SDK's words. */
  readonly #at: readonly [resourceName: string, resourceGroupName: string];
  readonly #jobLists = new Map<string, Batched<WireJob[]>>();

  constructor(arm: ArmClient, vault: VaultCoordinates) {
    this.#arm = arm;
    this.#vault = vault;
    this.#at = [vault.vaultName, vault.resourceGroupName];
  }

  async listPolicies(): Promise<ReplicationPolicy[]> {
    return this.#all("replication policies", "replicationPolicies", readPolicy);
  }

  async listMappings(): Promise<ProtectionContainerMapping[]> {
    return this.#all("protection container mappings", "replicationProtectionContainerMappings", readMapping);
  }

  async listFabrics(): Promise<Fabric[]> {
    return this.#all("fabrics", "replicationFabrics", readFabric);
  }

  async listItems(): Promise<ReplicatedItem[]> {
    return this.#all("replicated items", "replicationProtectedItems", readItem);
  }

  /** Jobs of one state, or all of the vault: one list for all who ask before it is sent. */
  listJobs(state?: OpenJobState): Promise<WireJob[]> {
    const key = state ?? "all";
    let batched = this.#jobLists.get(key);
    if (batched === undefined) {
      // The one form of filter that real clients were seen to send.
      const filter = state === undefined ? undefined : `( JobStatus eq '${state}' )`;
      batched = new Batched(async () => {
        const found = await this.#arm.list(this.#listing("jobs"), (client, options) =>
          client.replicationJobs.list(...this.#at, { ...options, filter }),
        );
        return found.map(readJob);
      });
      this.#jobLists.set(key, batched);
    }
    return batched.ask();
  }

  async getPolicy(id: string): Promise<ReplicationPolicy | undefined> {
    const name = requireName(id, "replicationPolicies", this.#vault);
    const found = await this.#arm.read(doing("reading", "replication policy", id), (client, options) =>
      client.replicationPolicies.get(...this.#at, name, options),
    );
    return found === undefined ? undefined : readPolicy(found);
  }

  async getMapping(id: string): Promise<ProtectionContainerMapping | undefined> {
    const { fabricName, protectionContainerName, mappingName } = requireMappingId(id, this.#vault);
    const found = await this.#arm.read(doing("reading", "protection container mapping", id), (client, options) =>
      client.replicationProtectionContainerMappings.get(
        ...this.#at,
        fabricName,
        protectionContainerName,
        mappingName,
        options,
      ),
    );
    return found === undefined ? undefined : readMapping(found);
  }

  async getFabric(id: string): Promise<Fabric | undefined> {
    const name = segment(id, "replicationFabrics");
    if (name === undefined) return undefined;
    const found = await this.#arm.read(doing("reading", "fabric", id), (client, options) =>
      client.replicationFabrics.get(...this.#at, name, options),
    );
    return found === undefined ? undefined : readFabric(found);
  }

  async listNetworkMappings(): Promise<NetworkMapping[]> {
    return this.#all("network mappings", "replicationNetworkMappings", readNetworkMapping);
  }

  async getNetworkMapping(id: string): Promise<NetworkMapping | undefined> {
    const { fabricName, networkName, networkMappingName } = requireNetworkMappingId(id, this.#vault);
    const found = await this.#arm.read(doing("reading", "network mapping", id), (client, options) =>
      client.replicationNetworkMappings.get(...this.#at, fabricName, networkName, networkMappingName, options),
    );
    return found === undefined ? undefined : readNetworkMapping(found);
  }

  async getItem(id: string): Promise<ReplicatedItem | undefined> {
    const { fabricName, protectionContainerName, itemName } = requireItemId(id, this.#vault);
    const found = await this.#arm.read(doing("reading", "replicated item", id), (client, options) =>
      client.replicationProtectedItems.get(...this.#at, fabricName, protectionContainerName, itemName, options),
    );
    return found === undefined ? undefined : readItem(found);
  }

  async getPlan(id: string): Promise<RecoveryPlan | undefined> {
    const name = requireName(id, "replicationRecoveryPlans", this.#vault);
    const found = await this.#arm.read(doing("reading", "recovery plan", id), (client, options) =>
      client.replicationRecoveryPlans.get(...this.#at, name, options),
    );
    return found === undefined ? undefined : readPlan(found, false);
  }

  async getJob(name: string): Promise<WireJob | undefined> {
    const what = doing("reading", "job", `${vaultId(this.#vault)}/replicationJobs/${name}`);
    const found = await this.#arm.read(what, (client, options) =>
      client.replicationJobs.get(...this.#at, name, options),
    );
    return found === undefined ? undefined : readJob(found);
  }

  /** Newest first. */
  async getRecoveryPoints(itemId: string): Promise<RecoveryPoint[]> {
    const { fabricName, protectionContainerName, itemName } = requireItemId(itemId, this.#vault);
    const what = doing("listing recovery points of", "replicated item", itemId);
    const found = await this.#arm.list(what, ({ recoveryPoints }, options) =>
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

  #all<T>(kind: string, collection: string, read: (answer: unknown) => T): Promise<T[]> {
    return this.#arm.listAll(this.#listing(kind), `${vaultId(this.#vault)}/${collection}`, read);
  }

  #listing(kind: string): Doing {
    return doing("listing", kind, vaultId(this.#vault));
  }
}
