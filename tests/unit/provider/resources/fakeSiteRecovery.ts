/**
 * A vault in memory behind the adapter's interface: a small state machine of InMageRcm machines, written from the
 * recordings. It counts what it is asked, refuses what Azure would refuse, and can lose answers on request.
 */

import { setTimeout as delay } from "node:timers/promises";
import {
  Conflict,
  InvalidInput,
  NotAllowedInState,
  NotFound,
  Timeout,
  Unclear,
} from "../../../../provider/siterecovery/errors.js";
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
  WaitOptions,
} from "../../../../provider/siterecovery/siteRecovery.js";
import {
  type FakeStage,
  factsAt,
  group,
  machineIdOf,
  makeFabric,
  makeItem,
  networkIdOf,
  pointsOf,
  policyIdOf,
  policySettings,
  storageId,
  vault,
  vaultPath,
  vmNetworkName,
} from "./fakeEstate.js";

interface FakeJob {
  job: Job;
  /** Items it works on, by lower-case id. */
  itemIds: string[];
  finish: () => void;
}

export type Fault = "unclearNotActed" | "unclearActed";

const key = (id: string) => id.toLowerCase();

export class FakeSiteRecovery implements SiteRecovery {
  readonly vault = vault;
  readonly policies = new Map<string, ReplicationPolicy>();
  readonly mappings = new Map<string, ProtectionContainerMapping>();
  readonly networkMappings = new Map<string, NetworkMapping>();
  readonly items = new Map<string, ReplicatedItem>();
  readonly plans = new Map<string, RecoveryPlan>();
  readonly resources = new Map<string, Record<string, unknown>>();
  readonly jobs: FakeJob[] = [];
  /** Recovery points by item; an item without an entry has the usual three. */
  readonly points = new Map<string, RecoveryPoint[]>();
  /** Every call by name. */
  readonly calls: string[] = [];
  /** Every call that changes something, as `<call> <last segment of the target>`. */
  readonly writes: string[] = [];
  /** Every action that Azure took. */
  readonly starts: { kind: Action["kind"]; target: string; action: Action; mark: string }[] = [];
  /** What happens to the next starts, first come first served. */
  readonly faults: Fault[] = [];
  /** Jobs end by themselves when somebody waits for them, unless held. */
  isHoldingJobs = false;
  /** The next jobs that end, end Failed and change nothing. */
  failingJobs = 0;
  /** Waits for a person, one for each time that a job is waited for. */
  readonly suspensions: { tasks: Job["tasks"] }[] = [];
  readonly fabrics: Fabric[] = [];
  /** What the valid inputs name: fabrics, containers, machines, policies and virtual networks. */
  constructor() {
    this.fabrics.push(makeFabric("site1", "InMageRcm"), makeFabric("vmm1", "VMM"));
    const below = (fabric: string, path: string) => `${vaultPath}/replicationFabrics/${fabric}/${path}`;
    const ids = [
      below("site1", "replicationProtectionContainers/cont1"),
      below("site1", "replicationProtectionContainers/cont2"),
      below("vmm1", `replicationNetworks/${vmNetworkName}`),
      ...["app01", "db01", "web07"].map(machineIdOf),
      group,
      storageId,
    ];
    for (const id of ids) this.resources.set(key(id), { id, name: id.split("/").at(-1), properties: {} });
    for (const name of ["daily", "weekly"]) {
      const id = policyIdOf(name);
      this.policies.set(key(id), { id, name, instanceType: "InMageRcm", settings: policySettings });
    }
    for (const name of ["prod", "test"]) this.addNetwork(networkIdOf(name), "10.9.0.0/16");
  }
  /** Makes a start end at once, before anybody waits for it. */
  isEndingAtOnce = false;
  /** Thrown by the calls named. */
  readonly broken = new Map<string, Error>();
  #time = Date.parse("2024-05-01T10:00:00Z");
  #number = 0;

  now(): string {
    this.#time += 60_000;
    return new Date(this.#time).toISOString();
  }

  addItem(name: string, stage: FakeStage = "protected", changes: Partial<ReplicatedItem> = {}): ReplicatedItem {
    const item = { ...makeItem(name), ...changes };
    this.items.set(key(item.id), item);
    this.setStage(item.id, stage);
    return item;
  }

  /** A virtual network with the subnets `web` and `app`. */
  addNetwork(id: string, prefix: string): void {
    this.resources.set(key(id), {
      id,
      name: id.split("/").at(-1),
      type: "Microsoft.Network/virtualNetworks",
      location: "westeurope",
      properties: {
        addressSpace: { addressPrefixes: [prefix] },
        subnets: ["web", "app"].map((name) => ({
          id: `${id}/subnets/${name}`,
          name,
          properties: { addressPrefix: prefix },
        })),
      },
    });
  }

  setStage(id: string, stage: FakeStage): void {
    const item = this.#item(id);
    Object.assign(item, factsAt(stage, item.instanceType));
    if (stage === "failedOver" || stage === "failedBack") {
      item.lastSuccessfulFailoverTime = this.now();
      item.failoverRecoveryPointId ??= pointsOf(item.id)[0]?.id ?? "";
    }
  }

  /** What a person does by hand, at once, with jobs that carry a mark of their own. */
  portal(id: string, kind: Action["kind"] | "switchProtection" | "plannedFailover" | "reProtect"): void {
    const itemIds = this.#membersOf(id);
    const record = this.#open(id, scenarioOfAction[kind] ?? kind, "portal-by-hand", itemIds, () => {
      for (const itemId of itemIds) this.#effect(itemId, kind);
    });
    this.#end(record, "Succeeded");
  }

  async pause(milliseconds: number): Promise<void> {
    await delay(milliseconds);
  }
  async listPolicies(): Promise<ReplicationPolicy[]> {
    return this.#read("listPolicies", [...this.policies.values()]);
  }
  async listMappings(): Promise<ProtectionContainerMapping[]> {
    return this.#read("listMappings", [...this.mappings.values()]);
  }
  async listFabrics(): Promise<Fabric[]> {
    return this.#read("listFabrics", this.fabrics);
  }
  async findFabric(id: string): Promise<Fabric | undefined> {
    return this.#read(
      "findFabric",
      this.fabrics.find((fabric) => fabric.name === id.split("/").at(-1)),
    );
  }
  async listItems(): Promise<ReplicatedItem[]> {
    return this.#read(
      "listItems",
      [...this.items.values()].map((item) => this.#shown(item)),
    );
  }
  async findPolicy(id: string): Promise<ReplicationPolicy | undefined> {
    return this.#read("findPolicy", this.policies.get(key(id)));
  }
  async findMapping(id: string): Promise<ProtectionContainerMapping | undefined> {
    return this.#read("findMapping", this.mappings.get(key(id)));
  }
  async findItem(id: string): Promise<ReplicatedItem | undefined> {
    const item = this.items.get(key(id));
    return this.#read("findItem", item && this.#shown(item));
  }
  async findPlan(id: string): Promise<RecoveryPlan | undefined> {
    return this.#read("findPlan", this.#plan(id));
  }
  forgetSnapshot(): void {
    this.calls.push("forgetSnapshot");
  }
  async getItem(id: string): Promise<ReplicatedItem | undefined> {
    const item = this.items.get(key(id));
    return this.#read("getItem", item && this.#shown(item));
  }
  async getPlan(id: string): Promise<RecoveryPlan | undefined> {
    return this.#read("getPlan", this.#plan(id));
  }
  async getRecoveryPoints(itemId: string): Promise<RecoveryPoint[]> {
    return this.#read("getRecoveryPoints", this.points.get(key(itemId)) ?? pointsOf(itemId));
  }

  async waitForItem(
    id: string,
    isReached: (item: ReplicatedItem) => boolean,
    options: { timeoutMs: number },
  ): Promise<ReplicatedItem> {
    if (this.isHoldingJobs) throw new Timeout(`waiting for ${id}: ${options.timeoutMs} ms are over`);
    const item = this.items.get(key(id));
    if (!item) throw new NotFound(`waiting for ${id}: it is gone`);
    if (!isReached(this.#shown(item))) this.setStage(id, "protected");
    const now = this.#shown(item);
    if (!isReached(now)) throw new Timeout(`waiting for ${id}: it does not get there`);
    return this.#read("waitForItem", now);
  }

  async putPolicy(name: string, settings: ReplicationPolicySettings): Promise<ReplicationPolicy> {
    return this.#putPolicy("putPolicy", name, settings);
  }
  async updatePolicy(name: string, settings: ReplicationPolicySettings): Promise<ReplicationPolicy> {
    return this.#putPolicy("updatePolicy", name, settings);
  }
  async deletePolicy(id: string): Promise<void> {
    this.#write("deletePolicy", id);
    if ([...this.mappings.values()].some((mapping) => key(mapping.policyId) === key(id)))
      throw new Conflict("the policy is in use", { code: "PolicyInUse" });
    this.policies.delete(key(id));
  }
  async putHyperVSite(id: string): Promise<Fabric> {
    this.#write("putHyperVSite", id);
    const name = id.split("/").at(-1) ?? "";
    const fabric = makeFabric(name, "HyperVSite");
    this.fabrics.push(fabric);
    return fabric;
  }
  async removeFabric(id: string): Promise<void> {
    this.#write("removeFabric", id);
    const index = this.fabrics.findIndex((fabric) => key(fabric.id) === key(id));
    if (index >= 0) this.fabrics.splice(index, 1);
  }
  async findNetworkMapping(id: string): Promise<NetworkMapping | undefined> {
    return this.#read("findNetworkMapping", this.networkMappings.get(key(id)));
  }
  async putNetworkMapping(id: string, settings: { recoveryNetworkId: string }): Promise<NetworkMapping> {
    return this.#putNetworkMapping("putNetworkMapping", id, settings);
  }
  async updateNetworkMapping(id: string, settings: { recoveryNetworkId: string }): Promise<NetworkMapping> {
    return this.#putNetworkMapping("updateNetworkMapping", id, settings);
  }
  async deleteNetworkMapping(id: string): Promise<void> {
    this.#write("deleteNetworkMapping", id);
    this.networkMappings.delete(key(id));
  }
  #putNetworkMapping(call: string, id: string, settings: { recoveryNetworkId: string }): NetworkMapping {
    this.#write(call, id);
    const mapping: NetworkMapping = {
      id,
      name: id.split("/").at(-1) ?? "",
      primaryNetworkId: id.split("/").slice(0, -2).join("/"),
      recoveryNetworkId: settings.recoveryNetworkId.replace("/subscriptions/", "/Subscriptions/"),
      state: "Paired",
    };
    this.networkMappings.set(key(id), mapping);
    return structuredClone(mapping);
  }
  async putMapping(
    id: string,
    settings: { policyId: string; targetProtectionContainerId: string; instanceType: string },
  ): Promise<ProtectionContainerMapping> {
    this.#write("putMapping", id);
    const parts = id.split("/");
    const mapping: ProtectionContainerMapping = {
      id: id.replace("/subscriptions/", "/Subscriptions/"),
      name: parts.at(-1) ?? "",
      fabricName: parts.at(-5) ?? "",
      protectionContainerName: parts.at(-3) ?? "",
      // Azure answers ids in a spelling of its own (recorded).
      policyId: settings.policyId.replace("/subscriptions/", "/Subscriptions/"),
      targetProtectionContainerId: settings.targetProtectionContainerId,
      state: "Paired",
      health: "Normal",
    };
    this.mappings.set(key(id), mapping);
    return structuredClone(mapping);
  }
  async removeMapping(id: string): Promise<void> {
    this.#write("removeMapping", id);
    this.mappings.delete(key(id));
  }
  async putPlan(
    id: string,
    settings: {
      primaryFabricId: string;
      recoveryFabricId: string;
      failoverDeploymentModel: string;
      groups: RecoveryPlanGroup[];
    },
  ): Promise<RecoveryPlan> {
    this.#write("putPlan", id);
    const plan: RecoveryPlan = {
      ...structuredClone(settings),
      id,
      name: id.split("/").at(-1) ?? "",
      replicationProviders: ["InMageRcm"],
      allowedOperations: [],
      isSummary: false,
    };
    for (const group of plan.groups)
      group.replicatedItemIds = group.replicatedItemIds.map((entry) =>
        entry.replace("/subscriptions/", "/Subscriptions/"),
      );
    this.plans.set(key(id), plan);
    return plan;
  }
  async updatePlan(id: string, groups: RecoveryPlanGroup[]): Promise<RecoveryPlan> {
    this.#write("updatePlan", id);
    const plan = this.plans.get(key(id));
    if (!plan) throw new NotFound(`updating ${id}`);
    plan.groups = structuredClone(groups);
    return plan;
  }
  async deletePlan(id: string): Promise<void> {
    this.#write("deletePlan", id);
    this.plans.delete(key(id));
  }
  async updateItem(id: string, _kind: string, update: ReplicatedItemUpdate): Promise<ReplicatedItem> {
    this.#write("updateItem", id);
    const item = this.#item(id);
    const { nics, ...plain } = update;
    Object.assign(item, plain);
    for (const nic of nics ?? []) {
      const found = item.nics.find((entry) => entry.nicId === nic.nicId);
      if (!found) throw new InvalidInput(`updating ${id}: it has no adapter ${nic.nicId}`);
      Object.assign(found, {
        isPrimary: nic.isPrimaryNic,
        isSelectedForFailover: nic.isSelectedForFailover,
        targetSubnetName: nic.targetSubnetName,
        targetIpAddress: nic.targetStaticIpAddress,
        testSubnetName: nic.testSubnetName,
        testIpAddress: nic.testStaticIpAddress,
      });
    }
    return this.#shown(item);
  }

  async startEnableReplication(id: string, settings: EnableReplicationSettings, mark: string): Promise<Job> {
    this.#write("startEnableReplication", id);
    if (this.items.has(key(id))) throw new Conflict(`enabling ${id}: it is there`);
    const { disks, targetSubnetName, ...plain } = structuredClone(settings);
    const { disksDefault, testSubnetName, diskIds, osDiskId, ...others } = {
      disksDefault: undefined,
      testSubnetName: undefined,
      diskIds: undefined,
      osDiskId: undefined,
      ...plain,
    };
    const item = this.addItem(id.split("/").at(-1) ?? "", "replicating", { ...others, id });
    if (diskIds) item.disks = diskIds.map((diskId) => ({ diskId, isOsDisk: diskId === osDiskId }));
    if (disksDefault) item.disks = item.disks.map((disk) => ({ ...disk, ...disksDefault }));
    if (disks) item.disks = disks.map((disk, index) => ({ ...disk, isOsDisk: index === 0 }));
    for (const nic of item.nics) {
      if (targetSubnetName) nic.targetSubnetName = targetSubnetName;
      if (testSubnetName) nic.testSubnetName = testSubnetName;
    }
    return this.#job(this.#open(id, "EnableDr", mark, [key(id)], () => undefined));
  }
  async startDisableReplication(id: string, reason: string): Promise<Job> {
    this.#write(`startDisableReplication:${reason}`, id);
    return this.#job(this.#open(id, "DisableDr", "disable", [key(id)], () => this.items.delete(key(id))));
  }

  async startAction(target: Target, action: Action, mark: string): Promise<Job> {
    const id = target.kind === "replicatedItem" ? target.item.id : target.plan.id;
    this.calls.push("startAction");
    const fault = this.faults.shift();
    if (fault === "unclearNotActed") throw new Unclear("the connection was lost");
    const itemIds = this.#membersOf(id);
    const operations = operationsOf[action.kind];
    if (this.jobs.some((open) => isOpen(open.job) && open.itemIds.some((itemId) => itemIds.includes(itemId))))
      throw new Conflict(`${action.kind} of ${id}: another job is running`);
    const refusing = itemIds.filter(
      (itemId) => !operations.some((operation) => this.#item(itemId).allowedOperations.includes(operation)),
    );
    if (refusing.length > 0)
      throw new NotAllowedInState(`${action.kind} of ${id}: not offered by ${refusing.join()}`);
    this.writes.push(`${action.kind} ${id.split("/").at(-1)}`);
    this.starts.push({ kind: action.kind, target: id, action: structuredClone(action), mark });
    const record = this.#open(id, scenarioOfAction[action.kind] ?? action.kind, mark, itemIds, () => {
      for (const itemId of itemIds) this.#effect(itemId, action.kind, action);
    });
    if (this.isEndingAtOnce) this.#end(record, "Succeeded");
    if (fault === "unclearActed") throw new Unclear("the connection was lost");
    return this.#job(record);
  }

  async findOpenJob(target: Target): Promise<Job | undefined> {
    const id = key(target.kind === "replicatedItem" ? target.item.id : target.plan.id);
    const found = this.jobs.find(
      (entry) => isOpen(entry.job) && (key(entry.job.targetObjectId ?? "") === id || entry.itemIds.includes(id)),
    );
    return this.#read("findOpenJob", found && this.#job(found));
  }
  async listJobs(target: Target, scenarioName?: string): Promise<Job[]> {
    const id = key(target.kind === "replicatedItem" ? target.item.id : target.plan.id);
    const found = this.jobs
      .filter(({ job }) => key(job.targetObjectId ?? "") === id)
      .filter(({ job }) => scenarioName === undefined || job.scenarioName === scenarioName)
      .reverse();
    return this.#read(
      "listJobs",
      found.map((entry) => ({ ...this.#job(entry), tasks: [] })),
    );
  }
  async getJob(name: string): Promise<Job | undefined> {
    const found = this.jobs.find((entry) => entry.job.name === name);
    return this.#read("getJob", found && this.#job(found));
  }
  async resumeJob(name: string): Promise<void> {
    this.calls.push("resumeJob");
    const found = this.jobs.find((entry) => entry.job.name === name);
    if (!found) throw new NotFound(`resuming job ${name}`);
    this.writes.push(`resumeJob ${found.job.scenarioName}`);
    if (found.job.state === "Suspended") found.job.state = "InProgress";
  }
  async waitForJob(name: string, _options: WaitOptions): Promise<Job> {
    const found = this.jobs.find((entry) => entry.job.name === name);
    if (!found) throw new NotFound(`waiting for job ${name}`);
    const suspension = found.job.state === "InProgress" ? this.suspensions.shift() : undefined;
    if (suspension) {
      found.job.state = "Suspended";
      found.job.stateDescription = "WaitingForUserAction";
      found.job.tasks = suspension.tasks;
    }
    if (found.job.state === "InProgress") {
      if (this.isHoldingJobs) throw new Timeout(`waiting for job ${name}: the time is over`, { jobName: name });
      if (this.failingJobs > 0) {
        this.failingJobs -= 1;
        this.#end(found, "Failed");
      } else this.#end(found, "Succeeded");
    }
    return this.#read("waitForJob", this.#job(found));
  }

  async getResource(id: string): Promise<Record<string, unknown> | undefined> {
    return this.#read("getResource", this.resources.get(key(id)));
  }
  async listResources(path: string): Promise<Record<string, unknown>[]> {
    const [scope = "", type = ""] = key(path).split("/providers/");
    if (scope.endsWith("/resourcegroups")) {
      const isGroup = (id: string) => id.startsWith(`${scope}/`) && id.split("/").length === 5;
      const groups = [...this.resources].filter(([id]) => isGroup(id)).map(([, resource]) => resource);
      return this.#read("listResources", groups);
    }
    return this.#read(
      "listResources",
      [...this.resources]
        .filter(([id]) => id.startsWith(`${scope}/`) && id.includes(`/providers/${type}/`))
        .map(([, resource]) => resource),
    );
  }
  async putResource(
    id: string,
    body: Record<string, unknown>,
    ifMatch?: string,
  ): Promise<Record<string, unknown>> {
    const present = this.resources.get(key(id));
    if (ifMatch !== undefined && present?.etag !== ifMatch)
      throw new Conflict(`writing resource "${id}": its etag is not ${ifMatch}`, { resourceId: id });
    this.writes.push(`putResource ${id.slice(id.lastIndexOf("/") + 1)}`);
    const written = { ...body, id, name: id.slice(id.lastIndexOf("/") + 1), etag: `"${this.writes.length}"` };
    this.resources.set(key(id), written);
    return written;
  }
  async deleteResource(id: string): Promise<void> {
    this.writes.push(`deleteResource ${id.slice(id.lastIndexOf("/") + 1)}`);
    this.resources.delete(key(id));
  }
  async askResource(path: string): Promise<Record<string, unknown> | undefined> {
    return this.#read("askResource", this.resources.get(key(path)));
  }
  async verifyIpFlow(_request: IpFlowRequest): Promise<IpFlowResult | undefined> {
    return this.#read("verifyIpFlow", { access: "Allow" as const, ruleName: "AllowVnetInBound" });
  }
  async getEffectiveRoutes(_nicId: string): Promise<EffectiveRoute[]> {
    const everywhere = { source: "Default", state: "Active", nextHopType: "VnetLocal", nextHopIpAddresses: [] };
    return this.#read("getEffectiveRoutes", [{ ...everywhere, addressPrefixes: ["10.0.0.0/8"] }]);
  }

  #read<T>(call: string, value: T): T {
    this.calls.push(call);
    const error = this.broken.get(call);
    if (error) throw error;
    return structuredClone(value);
  }
  #write(call: string, id: string): void {
    this.calls.push(call);
    this.writes.push(`${call} ${id.split("/").at(-1)}`);
    const error = this.broken.get(call);
    if (error) throw error;
  }
  #putPolicy(call: string, name: string, settings: ReplicationPolicySettings): ReplicationPolicy {
    const id = `${vaultPath}/replicationPolicies/${name}`;
    this.#write(call, id);
    const policy = { id, name, instanceType: settings.instanceType, settings: structuredClone(settings) };
    this.policies.set(key(id), policy);
    return policy;
  }
  #item(id: string): ReplicatedItem {
    const item = this.items.get(key(id));
    if (!item) throw new NotFound(`no item ${id}`);
    return item;
  }
  /** An item with an open job offers nothing. */
  #shown(item: ReplicatedItem): ReplicatedItem {
    const open = this.jobs.find((entry) => isOpen(entry.job) && entry.itemIds.includes(key(item.id)));
    if (!open) return structuredClone(item);
    const { scenarioName, id: jobId, name: jobName } = open.job;
    return { ...structuredClone(item), allowedOperations: [], currentScenario: { scenarioName, jobId, jobName } };
  }
  /** A plan offers what all of its machines offer. */
  #plan(id: string): RecoveryPlan | undefined {
    const plan = this.plans.get(key(id));
    if (!plan) return undefined;
    const members = this.#membersOf(id).flatMap((itemId) => {
      const item = this.items.get(itemId);
      return item ? [this.#shown(item)] : [];
    });
    const [first] = members;
    return {
      ...plan,
      allowedOperations: (first?.allowedOperations ?? []).filter((operation) =>
        members.every((item) => item.allowedOperations.includes(operation)),
      ),
    };
  }
  #membersOf(id: string): string[] {
    const plan = this.plans.get(key(id));
    return plan ? plan.groups.flatMap((group) => group.replicatedItemIds.map(key)) : [key(id)];
  }
  #open(id: string, scenarioName: string, mark: string, itemIds: string[], finish: () => void): FakeJob {
    this.#number += 1;
    const name = `job-${this.#number}`;
    const job: Job = {
      id: `${vaultPath}/replicationJobs/${name}`,
      name,
      scenarioName,
      state: "InProgress",
      startTime: this.now(),
      activityId: `${mark} ActivityId: 00000000-0000-0000-0000-00000000000${this.#number % 10}`,
      targetObjectId: id,
      targetObjectName: id.split("/").at(-1) ?? "",
      allowedActions: [],
      tasks: [],
      errors: [],
      protectedItems: [],
    };
    const record = { job, itemIds, finish };
    this.jobs.push(record);
    return record;
  }
  #end(record: FakeJob, state: "Succeeded" | "Failed"): void {
    record.job.state = state;
    record.job.endTime = this.now();
    if (state === "Succeeded") record.finish();
    else record.job.errors = [{ code: "150001", message: "The action failed", recommendedAction: "Try again." }];
  }
  #job(record: FakeJob): Job {
    return structuredClone(record.job);
  }
  #effect(itemId: string, kind: string, action?: Action): void {
    const item = this.#item(itemId);
    const stage = stageAfter(kind, item);
    if (stage) this.setStage(itemId, stage);
    if (kind === "testFailover") this.#makeTestMachine(item);
    if (kind === "testFailoverCleanup") this.resources.delete(key(testMachineId(item)));
    if (action?.kind === "applyRecoveryPoint") item.failoverRecoveryPointId = action.recoveryPointId;
    if (action?.kind === "unplannedFailover" && action.recoveryPoint.kind === "point")
      item.failoverRecoveryPointId = action.recoveryPoint.recoveryPointId;
  }
  #makeTestMachine(item: ReplicatedItem): void {
    const nicId = `${item.targetResourceGroupId}/providers/Microsoft.Network/networkInterfaces/${item.name}-test`;
    this.resources.set(key(testMachineId(item)), {
      id: testMachineId(item),
      properties: { networkProfile: { networkInterfaces: [{ id: nicId, properties: { primary: true } }] } },
    });
    this.resources.set(key(nicId), {
      id: nicId,
      name: `${item.name}-test`,
      properties: {
        ipConfigurations: [{ name: "ip", properties: { primary: true, privateIPAddress: "10.9.0.4" } }],
      },
    });
  }
}

function testMachineId(item: ReplicatedItem): string {
  return `${item.targetResourceGroupId}/providers/Microsoft.Compute/virtualMachines/${item.targetVmName ?? item.friendlyName}-test`;
}

function isOpen(job: Job): boolean {
  return job.state === "InProgress" || job.state === "Suspended";
}

const operationsOf: Record<Action["kind"], string[]> = {
  testFailover: ["TestFailover"],
  testFailoverCleanup: ["TestFailoverCleanup"],
  unplannedFailover: ["UnplannedFailover"],
  plannedFailover: ["PlannedFailover"],
  applyRecoveryPoint: ["ChangePit"],
  failoverCommit: ["Commit"],
  failoverCancel: ["CancelFailover"],
  reprotect: ["SwitchProtection", "ReverseReplicate"],
  failback: ["PlannedFailover", "UnplannedFailover", "Failback"],
  reverseReplicate: ["SwitchProtection", "ReverseReplicate"],
};

const scenarioOfAction: Record<string, string> = {
  testFailover: "TestFailover",
  testFailoverCleanup: "TestFailoverCleanup",
  unplannedFailover: "UnplannedFailover",
  plannedFailover: "PlannedFailover",
  applyRecoveryPoint: "ChangePit",
  failoverCommit: "CommitFailover",
  failoverCancel: "CancelFailover",
  reprotect: "SwitchReplicationGroupProtection",
  failback: "PlannedFailover",
  reverseReplicate: "SwitchReplicationGroupProtection",
  switchProtection: "SwitchReplicationGroupProtection",
  reProtect: "SwitchReplicationGroupProtection",
};

/** The stage that an action ends at; a commit ends where its leg of the ring does. */
function stageAfter(kind: string, item: ReplicatedItem): FakeStage | undefined {
  if (kind === "failoverCommit") return isFailedBack(item) ? "failbackCommitted" : "committed";
  if (kind === "plannedFailover") return isForwardHyperV(item) ? "failedOver" : "failedBack";
  return stagesAfter[kind];
}

function isForwardHyperV(item: ReplicatedItem): boolean {
  return item.instanceType === "HyperVReplicaAzure" && item.allowedOperations.includes("UnplannedFailover");
}

function isFailedBack(item: ReplicatedItem): boolean {
  return item.instanceType === "InMageRcmFailback" || item.instanceType === "InMage"
    ? item.activeLocation === "Recovery"
    : item.activeLocation === "Primary";
}

const stagesAfter: Record<string, FakeStage> = {
  testFailover: "drill",
  testFailoverCleanup: "protected",
  unplannedFailover: "failedOver",
  failoverCancel: "reprotected",
  reprotect: "reprotected",
  switchProtection: "reprotected",
  failback: "failedBack",
  reverseReplicate: "protected",
  reProtect: "protected",
};
