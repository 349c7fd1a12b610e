/** What has to be there before a machine replicates: policies, fabrics and mappings, and how they are written. */

import type { WaitOptions } from "./jobs.js";

/** Settings of a policy, discriminated by provider; each name carries its unit. */
export type ReplicationPolicySettings =
  | {
      instanceType: "InMageRcm";
      recoveryPointRetentionMinutes: number;
      crashConsistentFrequencyMinutes: number;
      appConsistentFrequencyMinutes: number;
      multiVmSync: boolean;
    }
  | {
      instanceType: "InMageRcmFailback";
      crashConsistentFrequencyMinutes: number;
      appConsistentFrequencyMinutes: number;
    }
  | {
      instanceType: "InMageAzureV2" | "InMage";
      recoveryPointThresholdMinutes: number;
      recoveryPointRetentionMinutes: number;
      /** InMageAzureV2 only. */
      crashConsistentFrequencyMinutes?: number;
      appConsistentFrequencyMinutes: number;
      multiVmSync: boolean;
    }
  | {
      instanceType: "HyperVReplicaAzure";
      recoveryPointRetentionHours: number;
      appConsistentFrequencyHours: number;
      replicationIntervalSeconds: number;
      /** UTC time of day, `HH:MM:SS`; absent = at once. */
      initialReplicationStartTime?: string;
      storageAccountId?: string;
    };

export interface ReplicationPolicy {
  id: string;
  name: string;
  /** undefined for a kind this version cannot describe. */
  settings?: ReplicationPolicySettings;
  instanceType: string;
}

export interface ProtectionContainerMapping {
  id: string;
  name: string;
  fabricName: string;
  protectionContainerName: string;
  policyId: string;
  targetProtectionContainerId: string;
  state: string;
  health: string;
}

export interface ProtectionContainerMappingSettings {
  policyId: string;
  targetProtectionContainerId: string;
  instanceType: string;
}

/** A server of an appliance or a configuration server. */
export interface ApplianceServer {
  id: string;
  name: string;
  health?: string;
  version?: string;
  /** ISO 8601. */
  lastHeartbeat?: string;
}

/** The vault's fabrics, as far as resources need them; the lists are empty where a kind has none, and in the list call. */
export interface Fabric {
  id: string;
  name: string;
  friendlyName: string;
  /** InMageRcm, VMware (configuration server), HyperVSite, VMM, Azure, ... */
  instanceType: string;
  health: string;
  processServers: ApplianceServer[];
  /** What takes classic machines back, with its datastores and retention volumes. */
  masterTargets: (ApplianceServer & { datastores: string[]; retentionVolumes: string[] })[];
  /** What takes machines back, with the datastores that it reaches. */
  reprotectAgents: (ApplianceServer & { accessibleDatastores: string[]; vcenterId?: string })[];
  runAsAccounts: { id: string; name: string }[];
  hyperVHosts: ApplianceServer[];
  /** ARM ids of a modernised appliance's sites: Microsoft.OffAzure/VMwareSites and ServerSites. */
  vmwareSiteId?: string;
  physicalSiteId?: string;
}

/** Maps a network of a VMM cloud to a virtual network of Azure. */
export interface NetworkMapping {
  id: string;
  name: string;
  primaryNetworkId: string;
  recoveryNetworkId: string;
  state: string;
}

export interface NetworkMappingSettings {
  recoveryNetworkId: string;
  recoveryFabricName?: string;
}

/** Each ends when its job ended well, else throws `JobFailed` with Azure's causes. */
export interface SetUpWrites {
  putPolicy(name: string, settings: ReplicationPolicySettings, options: WaitOptions): Promise<ReplicationPolicy>;
  updatePolicy(
    name: string,
    settings: ReplicationPolicySettings,
    options: WaitOptions,
  ): Promise<ReplicationPolicy>;
  deletePolicy(id: string, options: WaitOptions): Promise<void>;

  /** Makes a Hyper-V site. */
  putHyperVSite(id: string, options: WaitOptions): Promise<Fabric>;
  removeFabric(id: string, options: WaitOptions): Promise<void>;

  putNetworkMapping(id: string, settings: NetworkMappingSettings, options: WaitOptions): Promise<NetworkMapping>;
  /** Maps the network to another one of Azure. */
  updateNetworkMapping(
    id: string,
    settings: NetworkMappingSettings,
    options: WaitOptions,
  ): Promise<NetworkMapping>;
  deleteNetworkMapping(id: string, options: WaitOptions): Promise<void>;

  putMapping(
    id: string,
    settings: ProtectionContainerMappingSettings,
    options: WaitOptions,
  ): Promise<ProtectionContainerMapping>;
  removeMapping(id: string, instanceType: string, options: WaitOptions): Promise<void>;
}
