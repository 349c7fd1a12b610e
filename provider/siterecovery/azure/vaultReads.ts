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
import { doing } from "./failures.js";
import {
  type ContainerPlace,
  requireItemId,
  requireMappingId,
  requireName,
  requireNetworkMappingId,
  segment,
  vaultId,
} from "./ids.js";
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
  readonly #jobLists = new Map<string, Batched<WireJob[]>>();

  constructor(arm: ArmClient, vault: VaultCoordinates) {
    this.#arm = arm;
    this.#vault = vault;
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

  /** @param tell is told the items of each page as soon as it is there */
  async listItems(tell?: (page: readonly ReplicatedItem[]) => void): Promise<ReplicatedItem[]> {
    return this.#all("replicated items", "replicationProtectedItems", readItem, tell);
  }

  /** Jobs of one state, or all of the vault: one list for all who ask before it is sent. */
  listJobs(state?: OpenJobState): Promise<WireJob[]> {
    const key = state ?? "all";
    let batched = this.#jobLists.get(key);
    if (batched === undefined) {
      // The one form of filter that real clients were seen to send.
      const query = state === undefined ? "" : `?$filter=${encodeURIComponent(`( JobStatus eq '${state}' )`)}`;
      batched = new Batched(() => this.#all("jobs", `replicationJobs${query}`, readJob));
      this.#jobLists.set(key, batched);
    }
    return batched.ask();
  }

  async getPolicy(id: string): Promise<ReplicationPolicy | undefined> {
    const name = requireName(id, "replicationPolicies", this.#vault);
    return this.#one("replication policy", id, ["replicationPolicies", name], readPolicy);
  }

  async getMapping(id: string): Promise<ProtectionContainerMapping | undefined> {
    const { mappingName, ...container } = requireMappingId(id, this.#vault);
    const path = [...inContainer(container), "replicationProtectionContainerMappings", mappingName];
    return this.#one("protection container mapping", id, path, readMapping);
  }

  async getFabric(id: string): Promise<Fabric | undefined> {
    const name = segment(id, "replicationFabrics");
    if (name === undefined) return undefined;
    return this.#one("fabric", id, ["replicationFabrics", name], readFabric);
  }

  async listNetworkMappings(): Promise<NetworkMapping[]> {
    return this.#all("network mappings", "replicationNetworkMappings", readNetworkMapping);
  }

  async getNetworkMapping(id: string): Promise<NetworkMapping | undefined> {
    const { fabricName, networkName, networkMappingName } = requireNetworkMappingId(id, this.#vault);
    const network = ["replicationFabrics", fabricName, "replicationNetworks", networkName];
    const path = [...network, "replicationNetworkMappings", networkMappingName];
    return this.#one("network mapping", id, path, readNetworkMapping);
  }

  async getItem(id: string): Promise<ReplicatedItem | undefined> {
    return this.#one("replicated item", id, this.#itemPath(id), readItem);
  }

  async getPlan(id: string): Promise<RecoveryPlan | undefined> {
    const name = requireName(id, "replicationRecoveryPlans", this.#vault);
    return this.#one("recovery plan", id, ["replicationRecoveryPlans", name], (answer) => readPlan(answer, false));
  }

  async getJob(name: string): Promise<WireJob | undefined> {
    const id = `${vaultId(this.#vault)}/replicationJobs/${name}`;
    return this.#one("job", id, ["replicationJobs", name], readJob);
  }

  /** Newest first. */
  async getRecoveryPoints(itemId: string): Promise<RecoveryPoint[]> {
    const found = await this.#arm.list(
      doing("listing recovery points of", "replicated item", itemId),
      this.#path([...this.#itemPath(itemId), "recoveryPoints"]),
      readRecoveryPoint,
    );
    return found.flatMap((point) => point ?? []).sort((a, b) => b.time.localeCompare(a.time));
  }

  #itemPath(id: string): string[] {
    const { itemName, ...container } = requireItemId(id, this.#vault);
    return [...inContainer(container), "replicationProtectedItems", itemName];
  }

  #one<T>(kind: string, id: string, path: string[], read: (answer: unknown) => T): Promise<T | undefined> {
    return this.#arm.get(doing("reading", kind, id), this.#path(path), read);
  }

  #all<T>(
    kind: string,
    collection: string,
    read: (answer: unknown) => T,
    tell?: (page: readonly T[]) => void,
  ): Promise<T[]> {
    const vault = vaultId(this.#vault);
    return this.#arm.list(doing("listing", kind, vault), `${vault}/${collection}`, read, tell);
  }

  /** A path below the vault; names hold what Azure allows, and are written as addresses need them. */
  #path(segments: readonly string[]): string {
    return [vaultId(this.#vault), ...segments.map(encodeURIComponent)].join("/");
  }
}

function inContainer({ fabricName, protectionContainerName }: ContainerPlace): string[] {
  return ["replicationFabrics", fabricName, "replicationProtectionContainers", protectionContainerName];
}
