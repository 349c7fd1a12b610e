/** Protection container mappings: which policy a container's machines replicate by. */

import { z } from "zod";
import type { Operation } from "../core.js";
import { invalidInput, notAllowed, notFound } from "./errors.js";
import type { Step } from "./jobs/scenario.js";
import { startJob, type TaskSpec } from "./jobs/start.js";
import { namedKind } from "./kinds/index.js";
import type { Problem } from "./kinds/kind.js";
import { accepted } from "./longRunning.js";
import {
  containerId,
  containerPath,
  friendlyNamesOf,
  keyOf,
  lastSegment,
  microsoftAzure,
  policyId,
  sameName,
  segmentsOf,
  vaultPath,
  vaultType,
} from "./names.js";
import { type Call, containerOf, operation, param, propertiesOf } from "./operation.js";
import { page } from "./paging.js";
import type { FabricState, MappingState, PolicyState, VaultState } from "./state.js";

const collection = `${containerPath}/replicationProtectionContainerMappings`;
export const mappingPath = `${collection}/{mappingName}`;

/** The kinds of this slice say what they map by their name; the base type stands for "nothing special". */
const baseInput = "ReplicationProviderSpecificContainerMappingInput";

/** What a container of a fabric maps to Azure. */
const kindsOfFabric: Record<FabricState["kind"], string> = {
  InMageRcm: "InMageRcm",
  HyperVSite: "HyperVReplicaAzure",
  VMM: "HyperVReplicaAzure",
  VMware: "InMageAzureV2",
};

const createFields = z.object({
  targetProtectionContainerId: z.string(),
  policyId: z.string(),
  providerSpecificInput: z.looseObject({ instanceType: z.string().optional() }).nullish(),
});
/** Recorded: an older client writes `PolicyId`. */
const createSchema = z.preprocess(
  (input) =>
    typeof input === "object" && input !== null && "PolicyId" in input
      ? { policyId: input.PolicyId, ...input }
      : input,
  createFields,
);
const updateSchema = z.object({ providerSpecificInput: z.looseObject({ instanceType: z.string() }) });
const removeSchema = z.object({
  providerSpecificInput: z.looseObject({ instanceType: z.string().nullish() }).nullish(),
});

function mappingOf(call: Call): MappingState {
  const { fabric, container } = containerOf(call);
  const name = param(call.request, "mappingName");
  const mapping = call.vault.mappings[keyOf(fabric.name, container.name, name)];
  if (mapping === undefined) throw notFound("protection container mapping", name);
  return mapping;
}

function idOf(vault: VaultState, mapping: MappingState): string {
  const container = containerId(vault, mapping.fabricName, mapping.containerName);
  return `${container}/replicationProtectionContainerMappings/${mapping.name}`;
}

function render(vault: VaultState, mapping: MappingState): unknown {
  const policy = vault.policies[keyOf(mapping.policyName)];
  const names = friendlyNamesOf(vault, mapping);
  const target = targetNames(vault, mapping);
  return {
    id: idOf(vault, mapping),
    name: mapping.name,
    type: `${vaultType}/replicationFabrics/replicationProtectionContainers/replicationProtectionContainerMappings`,
    properties: {
      targetProtectionContainerId: mapping.targetContainer,
      targetProtectionContainerFriendlyName: target.container,
      providerSpecificDetails: mapping.details,
      health: "Normal",
      healthErrorDetails: [],
      policyId: policyId(vault, policy?.name ?? mapping.policyName),
      state: "Paired",
      sourceProtectionContainerFriendlyName: names.container,
      sourceFabricFriendlyName: names.fabric,
      targetFabricFriendlyName: target.fabric,
      policyFriendlyName: policy?.name ?? mapping.policyName,
    },
  };
}

function targetNames(vault: VaultState, mapping: MappingState): { fabric: string; container: string } {
  if (sameName(mapping.targetContainer, microsoftAzure)) {
    return { fabric: microsoftAzure, container: microsoftAzure };
  }
  const { replicationfabrics: fabricName = "", replicationprotectioncontainers: containerName = "" } = segmentsOf(
    mapping.targetContainer,
  );
  return friendlyNamesOf(vault, { fabricName, containerName });
}

/** Whether the mapping leads to a cloud of a VMM server; the others lead to Azure, or back from there. */
export function isOtherCloud(vault: VaultState, mapping: MappingState): boolean {
  const { replicationfabrics = "" } = segmentsOf(mapping.targetContainer);
  return vault.fabrics[keyOf(replicationfabrics)]?.kind === "VMM";
}

export function getMapping(call: Call) {
  return { status: 200, body: render(call.vault, mappingOf(call)) };
}

/** Recorded: five seconds, and two minutes where a VMM server has to take part. */
function pairing(fabric: FabricState): TaskSpec[] {
  const [check, prepare, pair] = fabric.kind === "VMM" ? [4, 60, 64] : [1, 1, 2.4];
  return [
    {
      taskId: "CloudPairingWfPreflightChecksTask",
      name: "CloudPairingPrerequisitesCheck",
      friendlyName: "Check protection prerequisites",
      seconds: check,
    },
    {
      taskId: "CloudPairingWfPrepareSiteTask",
      name: "CloudPairingPrepareSite",
      friendlyName: "Prepare the server",
      seconds: 0,
      isSkipped: true,
    },
    {
      taskId: "CloudPairingWfPrepareCloudForPairingTask",
      name: "CloudPairingPrepareCloud",
      friendlyName: "Prepare for configuring protection",
      seconds: prepare,
    },
    {
      taskId: "CloudPairingWfPairCloudsTask",
      name: "CloudPairingPairClouds",
      friendlyName: "Configure the protection settings",
      seconds: pair,
      step: "mapping.save",
    },
  ];
}

const unpairing: TaskSpec[] = [
  {
    taskId: "CloudUnpairingWfPreflightChecksTask",
    name: "CloudUnpairingPrerequisitesCheck",
    friendlyName: "Check prerequisites",
    seconds: 1,
  },
  {
    taskId: "CloudUnpairingWfUnpairCloudsTask",
    name: "CloudUnpairingUnpairClouds",
    friendlyName: "Remove the protection settings",
    seconds: 10,
    step: "mapping.remove",
  },
];

interface MappingJob {
  scenario: string;
  friendlyName: string;
  tasks: TaskSpec[];
  removesResource?: boolean;
  startDelaySeconds?: number;
}

/** Recorded: pairing is NotStarted for most of a second, then takes five; unpairing has its name at once. */
function startMappingJob(call: Call, mapping: MappingState, what: MappingJob) {
  const policy = call.vault.policies[keyOf(mapping.policyName)];
  const job = startJob(call.world, call.vault, {
    ...what,
    clientRequestId: call.request.clientRequestId,
    resourceId: idOf(call.vault, mapping),
    targetObjectId: policy?.internalIdentifier ?? "",
    targetObjectName: mapping.policyName,
    targetInstanceType: "ProtectionProfile",
    startDelaySeconds: what.startDelaySeconds ?? (what.removesResource === true ? 0 : 0.7),
    isRestartable: true,
    affectedObjects: {
      primaryCloudName: mapping.containerName,
      primaryVmmName: mapping.fabricName,
      recoveryCloudName: microsoftAzure,
    },
    input: { mapping: { ...mapping } },
  });
  return accepted(call, job);
}

function policyById(vault: VaultState, id: string): PolicyState | undefined {
  const policy = vault.policies[keyOf(lastSegment(id))];
  return policy !== undefined && sameName(id, policyId(vault, policy.name)) ? policy : undefined;
}

/** Classic machines go back by a mapping of the container to itself; a cloud replicates to Azure or to another cloud. */
function otherTargets(vault: VaultState, fabric: FabricState, own: string): string[] {
  if (fabric.kind === "VMware") return [own];
  if (fabric.kind !== "VMM") return [];
  return Object.values(vault.fabrics)
    .filter((each) => each.kind === "VMM")
    .flatMap((each) =>
      Object.values(each.containers).map((container) => containerId(vault, each.name, container.name)),
    )
    .filter((id) => id !== own);
}

function isCloudPolicy(policy: PolicyState | undefined): policy is PolicyState {
  return policy !== undefined && /^HyperVReplica(2012)/.test(policy.details.instanceType);
}

function create(call: Call) {
  const { fabric, container } = containerOf(call);
  const { vault, request } = call;
  const body = propertiesOf(request, createSchema);
  const problems: Problem[] = [];
  const own = containerId(vault, fabric.name, container.name);
  const targets = [microsoftAzure, ...otherTargets(vault, fabric, own)];
  const target = targets.find((each) => sameName(each, body.targetProtectionContainerId));
  if (target === undefined) {
    const message = `"${body.targetProtectionContainerId}" is not a target of this fabric; allowed: ${targets.join(", ")}`;
    problems.push({ path: "properties.targetProtectionContainerId", message });
  }
  const policy = policyById(vault, body.policyId);
  if (policy === undefined) {
    problems.push({ path: "properties.policyId", message: `"${body.policyId}" is not a policy of this vault` });
  }
  const given = body.providerSpecificInput;
  const isToCloud = fabric.kind === "VMM" && target !== microsoftAzure;
  const usual = isToCloud && isCloudPolicy(policy) ? policy.details.instanceType : kindsOfFabric[fabric.kind];
  const input =
    given?.instanceType === undefined || given.instanceType === baseInput ? { instanceType: usual } : given;
  const kind = namedKind(input, "properties.providerSpecificInput");
  const wantedKind = target === own ? "InMage" : kind.instanceType;
  if (
    policy !== undefined &&
    (policy.details.instanceType !== wantedKind || isCloudPolicy(policy) !== isToCloud)
  ) {
    const message = `"${wantedKind}" does not fit the policy '${policy.name}' of kind ${policy.details.instanceType}`;
    problems.push({ path: "properties.providerSpecificInput.instanceType", message });
  }
  const name = param(request, "mappingName");
  const before = vault.mappings[keyOf(fabric.name, container.name, name)];
  const details = kind.mappingDetails(input, before, problems);
  if (policy === undefined || problems.length > 0) throw invalidInput(problems);
  if (before !== undefined && !sameName(before.policyName, policy.name)) {
    throw notAllowed(
      "ProtectionContainerAlreadyPaired",
      `The mapping '${before.name}' already exists with the policy '${before.policyName}'.`,
      "Remove the mapping before you create one of this name with another policy.",
      409,
    );
  }
  const mapping: MappingState = {
    name: before?.name ?? name,
    fabricName: fabric.name,
    containerName: container.name,
    policyName: policy.name,
    targetContainer: target ?? microsoftAzure,
    details,
  };
  const isSame =
    before !== undefined &&
    sameName(before.targetContainer, mapping.targetContainer) &&
    JSON.stringify(before.details) === JSON.stringify(details);
  return startMappingJob(call, mapping, {
    scenario: "AssociateProtectionProfile",
    friendlyName: "Associate replication policy",
    // Recorded: a mapping that is there already is checked, and the rest left out.
    tasks: isSame ? pairing(fabric).map((task, index) => ({ ...task, isSkipped: index > 0 })) : pairing(fabric),
    ...(fabric.kind === "VMM" || isSame ? { startDelaySeconds: 0 } : {}),
  });
}

/** Items that replicate by the mapping: it cannot go before them, not even by force. */
function refuseInUse(call: Call, mapping: MappingState): void {
  const items = Object.values(call.vault.items).filter(
    (item) =>
      sameName(item.policyName, mapping.policyName) &&
      sameName(item.fabricName, mapping.fabricName) &&
      sameName(item.containerName, mapping.containerName),
  );
  if (items.length === 0) return;
  const names = items.slice(0, 10).map((item) => `'${item.name}'`);
  if (items.length > 10) names.push(`${items.length - 10} more`);
  throw notAllowed(
    "ProtectionContainerMappingInUse",
    `The mapping '${mapping.name}' is in use by the replication protected items ${names.join(", ")}.`,
    "Disable the replication of these items first.",
    409,
  );
}

export const mappingOperations: Operation[] = [
  operation(
    "ReplicationProtectionContainerMappings_List",
    "GET",
    `${vaultPath}/replicationProtectionContainerMappings`,
    ({ request, vault }) => page(request, Object.values(vault.mappings), (mapping) => render(vault, mapping)),
  ),
  operation(
    "ReplicationProtectionContainerMappings_ListByReplicationProtectionContainers",
    "GET",
    collection,
    (call) => {
      const { fabric, container } = containerOf(call);
      const mappings = Object.values(call.vault.mappings).filter(
        (mapping) => sameName(mapping.fabricName, fabric.name) && sameName(mapping.containerName, container.name),
      );
      return page(call.request, mappings, (mapping) => render(call.vault, mapping));
    },
  ),
  operation("ReplicationProtectionContainerMappings_Get", "GET", mappingPath, getMapping),
  operation("ReplicationProtectionContainerMappings_Create", "PUT", mappingPath, create),
  operation("ReplicationProtectionContainerMappings_Update", "PATCH", mappingPath, (call) => {
    const mapping = mappingOf(call);
    const { providerSpecificInput } = propertiesOf(call.request, updateSchema);
    const kind = namedKind(providerSpecificInput, "properties.providerSpecificInput");
    const problems: Problem[] = [];
    const details = kind.mappingDetails(providerSpecificInput, mapping, problems);
    if (problems.length > 0) throw invalidInput(problems);
    return startMappingJob(
      call,
      { ...mapping, details },
      {
        scenario: "UpdateProtectionContainerMapping",
        friendlyName: "Update the protection container mapping",
        tasks: pairing(containerOf(call).fabric).slice(-1),
      },
    );
  }),
  operation("ReplicationProtectionContainerMappings_Delete", "POST", `${mappingPath}/remove`, (call) => {
    const mapping = mappingOf(call);
    propertiesOf(call.request, removeSchema);
    refuseInUse(call, mapping);
    return startMappingJob(call, mapping, {
      scenario: "DissociateProtectionProfile",
      friendlyName: "Dissociate replication policy",
      tasks: unpairing,
      removesResource: true,
    });
  }),
  operation("ReplicationProtectionContainerMappings_Purge", "DELETE", mappingPath, (call) => {
    const mapping = mappingOf(call);
    refuseInUse(call, mapping);
    return startMappingJob(call, mapping, {
      scenario: "PurgeProtectionProfileAssociation",
      friendlyName: "Purge the association of the replication policy",
      tasks: unpairing,
      removesResource: true,
    });
  }),
];

export const mappingSteps: Record<string, Step> = {
  "mapping.save": ({ vault, job }) => {
    const mapping = job.input.mapping as unknown as MappingState;
    vault.mappings[keyOf(mapping.fabricName, mapping.containerName, mapping.name)] = mapping;
    return "done";
  },
  "mapping.remove": ({ vault, job }) => {
    const mapping = job.input.mapping as unknown as MappingState;
    delete vault.mappings[keyOf(mapping.fabricName, mapping.containerName, mapping.name)];
    return "done";
  },
};
