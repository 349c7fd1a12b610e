import { InvalidInput } from "../errors.js";
import type {
  Action,
  EncryptionCertificates,
  FailbackSettings,
  ReplicatedItem,
  ReprotectSettings,
  ReverseSettings,
} from "../siteRecovery.js";

/**
 * The provider-specific part of every action on an item, by provider kind: the kinds' bodies differ in nothing but
 * this and the call they belong to.
 *
 * @see https://learn.microsoft.com/rest/api/site-recovery/replication-protected-items
 */

/** To where machines fail over from where they were protected first; a plan's primary site is that place. */
export const FORWARD = "PrimaryToRecovery";
/** The way back. Roles flip on the item when it is reprotected, the words for a direction do not (recorded). */
export const BACK = "RecoveryToPrimary";

/** Kinds that replicate between two VMM sites take the base type, by its own name (recorded). */
export const vmmToVmm = ["HyperVReplica2012R2", "HyperVReplica2012", "HyperVReplica"];

export function isVmmToVmm(instanceType: string): boolean {
  return vmmToVmm.includes(instanceType);
}

/** The certificates as Azure takes them. */
export function kekFields(certificates: EncryptionCertificates | undefined) {
  return {
    ...(certificates?.primary === undefined ? {} : { primaryKekCertificatePfx: certificates.primary }),
    ...(certificates?.secondary === undefined ? {} : { secondaryKekCertificatePfx: certificates.secondary }),
  };
}

/** The network of a drill as items and plans take it. */
export function testNetworkOf({ networkId }: Extract<Action, { kind: "testFailover" }>) {
  return networkId === undefined
    ? { networkType: "NoNetworkAttachAsInput" }
    : { networkType: "VmNetworkAsInput", networkId };
}

export function testFailoverInput(
  item: ReplicatedItem,
  action: Extract<Action, { kind: "testFailover" }>,
  recoveryPointId: string | undefined,
) {
  switch (item.instanceType) {
    case "InMageRcm":
      return { instanceType: "InMageRcm" as const, networkId: action.networkId, recoveryPointId };
    case "InMageAzureV2":
      return { instanceType: "InMageAzureV2" as const, recoveryPointId };
    case "HyperVReplicaAzure":
      return { instanceType: "HyperVReplicaAzure" as const, recoveryPointId, ...kekFields(action.certificates) };
    default:
      if (isVmmToVmm(item.instanceType)) return base("TestFailoverProviderSpecificInput");
      throw notFor("testFailover", item, ["InMageRcm", "InMageAzureV2", "HyperVReplicaAzure", ...vmmToVmm]);
  }
}

export function unplannedFailoverInput(
  item: ReplicatedItem,
  action: Extract<Action, { kind: "unplannedFailover" }>,
  recoveryPointId: string | undefined,
) {
  switch (item.instanceType) {
    case "InMageRcm":
      return {
        instanceType: "InMageRcm" as const,
        performShutdown: action.shutdownSource ? "true" : "false",
        recoveryPointId,
      };
    case "InMageAzureV2":
      return { instanceType: "InMageAzureV2" as const, recoveryPointId };
    case "HyperVReplicaAzure":
      return { instanceType: "HyperVReplicaAzure" as const, recoveryPointId, ...kekFields(action.certificates) };
    default:
      if (isVmmToVmm(item.instanceType)) return base("ProviderSpecificFailoverInput");
      throw notFor("unplannedFailover", item, ["InMageRcm", "InMageAzureV2", "HyperVReplicaAzure", ...vmmToVmm]);
  }
}

export function plannedFailoverInput(item: ReplicatedItem, action: Extract<Action, { kind: "plannedFailover" }>) {
  if (item.instanceType === "HyperVReplicaAzure") {
    return { instanceType: "HyperVReplicaAzure" as const, ...kekFields(action.certificates) };
  }
  if (isVmmToVmm(item.instanceType)) return base("ProviderSpecificFailoverInput");
  throw notFor("plannedFailover", item, ["HyperVReplicaAzure", ...vmmToVmm]);
}

export function applyRecoveryPointInput(
  item: ReplicatedItem,
  { recoveryPointId, certificates }: Extract<Action, { kind: "applyRecoveryPoint" }>,
) {
  switch (item.instanceType) {
    case "InMageRcm":
      return { instanceType: "InMageRcm" as const, recoveryPointId };
    case "InMageAzureV2":
      return { instanceType: "InMageAzureV2" as const };
    case "HyperVReplicaAzure":
      return { instanceType: "HyperVReplicaAzure" as const, ...kekFields(certificates) };
    default:
      throw notFor("applyRecoveryPoint", item, ["InMageRcm", "InMageAzureV2", "HyperVReplicaAzure"]);
  }
}

export function reprotectInput(item: ReplicatedItem, settings: ReprotectSettings) {
  const need = (key: keyof ReprotectSettings): string => required("reprotect", item, key, settings[key]);
  switch (item.instanceType) {
    case "InMageRcm":
      return {
        instanceType: "InMageRcm" as const,
        reprotectAgentId: need("reprotectAgentId"),
        datastoreName: need("datastoreName"),
        logStorageAccountId: need("logStorageAccountId"),
        policyId: settings.policyId,
      };
    case "InMageAzureV2":
      return {
        instanceType: "InMage" as const,
        masterTargetId: need("masterTargetId"),
        processServerId: need("processServerId"),
        retentionDrive: need("retentionDrive"),
        profileId: need("policyId"),
        runAsAccountId: settings.runAsAccountId,
        datastoreName: settings.datastoreName,
        // As recorded: Azure's own temporary disk is not worth copying.
        diskExclusionInput: {
          volumeOptions: [{ volumeLabel: "Temporary Storage", onlyExcludeIfSingleVolume: "Yes" }],
        },
      };
    default:
      if (isVmmToVmm(item.instanceType)) return base("ReverseReplicationProviderSpecificInput");
      throw notFor("reprotect", item, ["InMageRcm", "InMageAzureV2", ...vmmToVmm]);
  }
}

export function reverseInput(item: ReplicatedItem, settings: ReverseSettings) {
  const need = (key: keyof ReverseSettings): string => required("reverseReplicate", item, key, settings[key]);
  const { masterTargetId, processServerId, runAsAccountId, policyId } = settings;
  const { storageAccountId, logStorageAccountId } = settings;
  switch (item.instanceType) {
    case "InMageRcmFailback":
      return {
        instanceType: "InMageRcmFailback" as const,
        processServerId: need("processServerId"),
        policyId: need("policyId"),
        runAsAccountId,
      };
    case "InMage":
      return {
        instanceType: "InMageAzureV2" as const,
        ...{ masterTargetId, processServerId, storageAccountId, runAsAccountId, policyId, logStorageAccountId },
      };
    case "HyperVReplicaAzure":
    case "HyperVReplicaAzureFailback":
      return {
        instanceType: "HyperVReplicaAzure" as const,
        ...{ storageAccountId, logStorageAccountId },
        vmName: item.friendlyName,
        osType: item.osType,
      };
    default:
      if (isVmmToVmm(item.instanceType)) return base("ReverseReplicationProviderSpecificInput");
      throw notFor("reverseReplicate", item, [
        "InMageRcmFailback",
        "InMage",
        "HyperVReplicaAzure",
        "HyperVReplicaAzureFailback",
        ...vmmToVmm,
      ]);
  }
}

/** The call that a failback is for a kind, and its input. */
export function failbackInput(
  item: ReplicatedItem,
  settings: FailbackSettings,
):
  | { call: "planned"; input: { instanceType: string } & Record<string, unknown>; hasDirection: boolean }
  | { call: "unplanned"; input: { instanceType: string } & Record<string, unknown> } {
  const { recoveryPointType, dataSyncOption, recoveryVmCreationOption, providerIdForAlternateRecovery } = settings;
  switch (item.instanceType) {
    case "InMageRcmFailback":
      // The recorded body names no direction.
      return {
        call: "planned",
        hasDirection: false,
        input: { instanceType: "InMageRcmFailback", recoveryPointType },
      };
    case "InMage":
      return {
        call: "unplanned",
        input: {
          instanceType: "InMage",
          recoveryPointType: recoveryPointType === "ApplicationConsistent" ? "LatestTag" : "LatestTime",
        },
      };
    case "HyperVReplicaAzure":
      return {
        call: "planned",
        hasDirection: true,
        input: {
          instanceType: "HyperVReplicaAzureFailback",
          dataSyncOption,
          recoveryVmCreationOption,
          ...(providerIdForAlternateRecovery === undefined ? {} : { providerIdForAlternateRecovery }),
        },
      };
    default:
      if (!isVmmToVmm(item.instanceType))
        throw notFor("failback", item, ["InMageRcmFailback", "InMage", "HyperVReplicaAzure", ...vmmToVmm]);
      return settings.isPlanned
        ? { call: "planned", hasDirection: true, input: base("ProviderSpecificFailoverInput") }
        : { call: "unplanned", input: base("ProviderSpecificFailoverInput") };
  }
}

/** The base type under its own name: the SDK has no class for these kinds, and Azure takes them so (recorded). */
function base(instanceType: string): { instanceType: never } {
  return { instanceType: instanceType as never };
}

function required(action: string, item: ReplicatedItem, key: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw new InvalidInput(
    `starting ${action} of replicated item "${item.name}": ${key} is required for a machine that is replicated by ${item.instanceType}. Nothing was sent.`,
    { resourceId: item.id },
  );
}

function notFor(action: string, item: ReplicatedItem, allowed: readonly string[]): InvalidInput {
  return new InvalidInput(
    `starting ${action} of replicated item "${item.name}": replicated by ${item.instanceType || "nothing"}, which cannot be driven so. Allowed: ${allowed.join(", ")}.`,
    { resourceId: item.id },
  );
}
