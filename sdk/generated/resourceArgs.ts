// Generated from the schemas in provider/ by `npm run generate`. Change those.

/** Arguments of the resources. */

import type * as pulumi from "@pulumi/pulumi";

/** In which vault; what is left out comes from the stack's configuration. */
export interface VaultArgs {
  /** Subscription of the vault: a GUID. Default: config `siterecovery:subscriptionId`. */
  subscriptionId?: pulumi.Input<string | undefined>;
  /**
   * Resource group of the vault. Default: config `siterecovery:resourceGroupName`. Allowed: 1-90 letters,
   * digits, '_', '-', '.' and parentheses, not ending with '.'.
   */
  resourceGroupName?: pulumi.Input<string | undefined>;
  /**
   * Name of the Recovery Services vault. Default: config `siterecovery:vaultName`. Allowed: 2-50 letters,
   * digits and '-', beginning with a letter.
   */
  vaultName?: pulumi.Input<string | undefined>;
}

/** Arguments of `ReplicationPolicy`. */
export interface ReplicationPolicyArgs extends VaultArgs {
  /**
   * Name of the policy in the vault. Allowed: 1-80 letters, digits, '_', '.' and '-', beginning with a letter
   * or digit, not ending with '.' or '-'.
   */
  name: pulumi.Input<string>;
  /**
   * Provider kind: InMageRcm = modernised VMware and physical machines, HyperVReplicaAzure = Hyper-V.
   * Policies of InMageRcmFailback, InMageAzureV2 and InMage are Azure's own or of classic machines: they can
   * be taken over as they are, never made or changed.
   */
  instanceType: pulumi.Input<
    "InMageRcm" | "HyperVReplicaAzure" | "InMageRcmFailback" | "InMageAzureV2" | "InMage"
  >;
  /**
   * VMware and physical: how long recovery points are kept: minutes, 0-21600 (15 days), default 1440 (1 day);
   * 0 keeps none but the latest.
   */
  recoveryPointRetentionMinutes?: pulumi.Input<number | undefined>;
  /**
   * VMware and physical: interval of crash-consistent points: minutes, 5-60, default 5, Azure's fixed
   * interval.
   */
  crashConsistentFrequencyMinutes?: pulumi.Input<number | undefined>;
  /**
   * VMware and physical: interval of application-consistent points: minutes, 0 (off, default) or 60-720;
   * shorter than the retention.
   */
  appConsistentFrequencyMinutes?: pulumi.Input<number | undefined>;
  /** VMware and physical: whether machines of one multi-VM group share consistent points. Default true. */
  multiVmSync?: pulumi.Input<boolean | undefined>;
  /**
   * Classic VMware and physical: recovery point age that raises an alert: minutes. It changes nothing else.
   * Allowed: a whole number of minutes, 1-1440.
   */
  recoveryPointThresholdMinutes?: pulumi.Input<number | undefined>;
  /** Hyper-V: how long recovery points are kept: hours, 0-24, default 2. */
  recoveryPointRetentionHours?: pulumi.Input<number | undefined>;
  /**
   * Hyper-V: interval of application-consistent points: hours, 0 (off, default) to 12; shorter than the
   * retention. Allowed: a whole number of hours, 0-12.
   */
  appConsistentFrequencyHours?: pulumi.Input<number | undefined>;
  /**
   * Hyper-V: how often changes are copied: 30 or 300 (default) seconds; 30 is not for premium storage.
   * Allowed: 30, 300 (seconds).
   */
  replicationIntervalSeconds?: pulumi.Input<number | undefined>;
  /**
   * Hyper-V: time of day at which initial replication starts, UTC, `HH:MM:SS`. Default: at once. Allowed: a
   * time of day, HH:MM:SS, UTC.
   */
  initialReplicationStartTime?: pulumi.Input<string | undefined>;
  /**
   * Hyper-V: ARM id of the storage account that machines replicate to. Allowed: an ARM id:
   * /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Storage/storageAccounts/<name>.
   */
  storageAccountId?: pulumi.Input<string | undefined>;
  /**
   * How long a create, update or delete waits before it ends with what still runs; nothing is ever stopped.
   * On the plugin the resource's `customTimeouts` win over it. Allowed: a whole number of minutes, 1-10080.
   * Default 15.
   */
  timeoutMinutes?: pulumi.Input<number | undefined>;
}

/** Arguments of `ProtectionContainerMapping`. */
export interface ProtectionContainerMappingArgs extends VaultArgs {
  /**
   * Name of the mapping. Allowed: 1-80 letters, digits, '_', '.' and '-', beginning with a letter or digit,
   * not ending with '.' or '-'.
   */
  name: pulumi.Input<string>;
  /** Name of the fabric that the container belongs to. Allowed: a name of 1-128 characters without '/'. */
  fabricName: pulumi.Input<string>;
  /**
   * Name of the protection container whose machines replicate by the policy. Allowed: a name of 1-128
   * characters without '/'.
   */
  protectionContainerName: pulumi.Input<string>;
  /**
   * ARM id of the replication policy. Allowed: an ARM id:
   * /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.RecoveryServices/vaults/<name>/replicationPolicies/<name>.
   */
  policyId: pulumi.Input<string>;
  /**
   * Where machines replicate to. Default `Microsoft Azure`, Azure's own literal for Azure as a target.
   * Allowed: `Microsoft Azure` or the ARM id of a container.
   */
  targetProtectionContainerId?: pulumi.Input<string | undefined>;
  /**
   * Provider kind. InMageRcm (default) = modernised VMware and physical machines, HyperVReplicaAzure =
   * Hyper-V.
   */
  instanceType?: pulumi.Input<"InMageRcm" | "HyperVReplicaAzure" | undefined>;
  /**
   * How long a create, update or delete waits before it ends with what still runs; nothing is ever stopped.
   * On the plugin the resource's `customTimeouts` win over it. Allowed: a whole number of minutes, 1-10080.
   * Default 15.
   */
  timeoutMinutes?: pulumi.Input<number | undefined>;
}

/** Arguments of `Fabric`. */
export interface FabricArgs extends VaultArgs {
  /**
   * Name of the site. Allowed: 1-80 letters, digits, '_', '.' and '-', beginning with a letter or digit, not
   * ending with '.' or '-'.
   */
  name: pulumi.Input<string>;
  /** Kind of fabric. HyperVSite (default) is the only one that a program can make. */
  instanceType?: pulumi.Input<"HyperVSite" | undefined>;
  /**
   * How long a create, update or delete waits before it ends with what still runs; nothing is ever stopped.
   * On the plugin the resource's `customTimeouts` win over it. Allowed: a whole number of minutes, 1-10080.
   * Default 15.
   */
  timeoutMinutes?: pulumi.Input<number | undefined>;
}

/** Arguments of `NetworkMapping`. */
export interface NetworkMappingArgs extends VaultArgs {
  /**
   * Name of the mapping. Allowed: 1-80 letters, digits, '_', '.' and '-', beginning with a letter or digit,
   * not ending with '.' or '-'.
   */
  name: pulumi.Input<string>;
  /** Name of the VMM server's fabric. Allowed: a name of 1-128 characters without '/'. */
  fabricName: pulumi.Input<string>;
  /**
   * Name of the network in that fabric: a GUID, as the vault lists it. Allowed: a name of 1-128 characters
   * without '/'.
   */
  networkName: pulumi.Input<string>;
  /**
   * ARM id of the virtual network of a failover. Can be changed in place; machines that failed over stay
   * where they are. Allowed: an ARM id:
   * /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Network/virtualNetworks/<name>.
   */
  recoveryNetworkId: pulumi.Input<string>;
  /** Name of the fabric to map to. Left out = Azure. Allowed: a name of 1-128 characters without '/'. */
  recoveryFabricName?: pulumi.Input<string | undefined>;
  /**
   * How long a create, update or delete waits before it ends with what still runs; nothing is ever stopped.
   * On the plugin the resource's `customTimeouts` win over it. Allowed: a whole number of minutes, 1-10080.
   * Default 15.
   */
  timeoutMinutes?: pulumi.Input<number | undefined>;
}

/** Arguments of `ReplicatedItem`. */
export interface ReplicatedItemArgs extends VaultArgs {
  /**
   * Name of the replicated item. It cannot be changed: Azure protects a machine once. Allowed: 1-80 letters,
   * digits, '_', '.' and '-', beginning with a letter or digit, not ending with '.' or '-'.
   */
  name: pulumi.Input<string>;
  /** Name of the fabric (the appliance's site). Allowed: a name of 1-128 characters without '/'. */
  fabricName: pulumi.Input<string>;
  /** Name of the protection container in that fabric. Allowed: a name of 1-128 characters without '/'. */
  protectionContainerName: pulumi.Input<string>;
  /**
   * Provider kind. InMageRcm (default) = modernised VMware and physical machines, HyperVReplicaAzure =
   * Hyper-V with and without VMM. Allowed: "InMageRcm", "HyperVReplicaAzure"; replication of classic machines
   * (InMageAzureV2) and between VMM sites (HyperVReplica2012R2) cannot be enabled, what exists of it is
   * driven by Failover.
   */
  instanceType?: pulumi.Input<"InMageRcm" | "HyperVReplicaAzure" | undefined>;
  /**
   * ARM id of the replication policy. Allowed: an ARM id:
   * /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.RecoveryServices/vaults/<name>/replicationPolicies/<name>.
   */
  policyId: pulumi.Input<string>;
  /**
   * VMware and physical, required: ARM id of the discovered machine: Microsoft.OffAzure/VMwareSites (or
   * ServerSites) .../machines/<name>. Allowed: the ARM id of a machine that the appliance discovered:
   * .../providers/Microsoft.OffAzure/VMwareSites|ServerSites/<site>/machines/<name>.
   */
  fabricDiscoveryMachineId?: pulumi.Input<string | undefined>;
  /** VMware and physical, required: id of the appliance's process server: a GUID. */
  processServerId?: pulumi.Input<string | undefined>;
  /**
   * Hyper-V, required: ARM id of the protectable item, as the vault lists it. Allowed: an ARM id:
   * /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.RecoveryServices/vaults/<name>/replicationFabrics/<name>/replicationProtectionContainers/<name>/replicationProtectableItems/<name>.
   */
  protectableItemId?: pulumi.Input<string | undefined>;
  /** Hyper-V, required: the machine's operating system. */
  guestOsType?: pulumi.Input<"Windows" | "Linux" | undefined>;
  /** Hyper-V, required: id of the disk that holds the operating system. */
  osDiskId?: pulumi.Input<string | undefined>;
  /**
   * Hyper-V: ids of the disks to replicate to the storage account. Give this, or `disks` for managed disks,
   * which cannot fail back.
   */
  diskIds?: pulumi.Input<pulumi.Input<string>[] | undefined>;
  /**
   * Hyper-V: ARM id of the storage account that the disks replicate to; required unless `disks` are given.
   * Allowed: an ARM id:
   * /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Storage/storageAccounts/<name>.
   */
  targetStorageAccountId?: pulumi.Input<string | undefined>;
  /**
   * Hyper-V: ARM id of the storage account for replication logs, where the other one is premium storage.
   * Allowed: an ARM id:
   * /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Storage/storageAccounts/<name>.
   */
  logStorageAccountId?: pulumi.Input<string | undefined>;
  /** Hyper-V: whether Azure opens remote desktop in the failed-over machine. Default: Azure's, Never. */
  enableRdpOnTarget?: pulumi.Input<"Never" | "OnlyOnTestFailover" | "Always" | undefined>;
  /**
   * VMware and physical: ARM id of the run-as account that installs the mobility agent; used when replication
   * is enabled, not changed later.
   */
  runAsAccountId?: pulumi.Input<string | undefined>;
  /**
   * ARM id of the resource group that the failed-over machine is made in. Allowed: the ARM id of a resource
   * group: /subscriptions/<id>/resourceGroups/<name>.
   */
  targetResourceGroupId: pulumi.Input<string>;
  /**
   * ARM id of the virtual network of a failover. Of a network that the same program makes, the output `id`: a
   * text is looked up in the preview. Allowed: an ARM id:
   * /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Network/virtualNetworks/<name>.
   */
  targetNetworkId?: pulumi.Input<string | undefined>;
  /**
   * ARM id of the virtual network of a test failover; best another one: a drill in the network of a failover
   * needs `allowProductionNetwork`. Allowed: an ARM id:
   * /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Network/virtualNetworks/<name>.
   */
  testNetworkId?: pulumi.Input<string | undefined>;
  /**
   * Subnet of the target network for every adapter without a setting of its own. Allowed: a name of 1-128
   * characters without '/'.
   */
  targetSubnetName?: pulumi.Input<string | undefined>;
  /**
   * Subnet of the test network for every adapter without a setting of its own. Allowed: a name of 1-128
   * characters without '/'.
   */
  testSubnetName?: pulumi.Input<string | undefined>;
  /**
   * Name of the machine that a failover makes. Default: Azure takes the source machine's. Allowed: 1-63
   * letters, digits and '-', beginning and ending with a letter or digit.
   */
  targetVmName?: pulumi.Input<string | undefined>;
  /**
   * Azure VM size, e.g. Standard_D4s_v5. Default: Azure chooses by the source's cores and memory. Allowed: an
   * Azure VM size such as Standard_D4s_v5.
   */
  targetVmSize?: pulumi.Input<string | undefined>;
  /** Azure Hybrid Benefit of the machine that a failover makes. Default NotSpecified. */
  licenseType?: pulumi.Input<"NotSpecified" | "NoLicenseType" | "WindowsServer" | undefined>;
  /**
   * ARM id of the availability set of the machine that a failover makes. Allowed: an ARM id:
   * /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Compute/availabilitySets/<name>.
   */
  targetAvailabilitySetId?: pulumi.Input<string | undefined>;
  /** Availability zone of the machine that a failover makes: 1, 2 or 3. Default none. */
  targetAvailabilityZone?: pulumi.Input<"1" | "2" | "3" | undefined>;
  /**
   * ARM id of the proximity placement group of the machine that a failover makes. Allowed: an ARM id:
   * /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Compute/proximityPlacementGroups/<name>.
   */
  targetProximityPlacementGroupId?: pulumi.Input<string | undefined>;
  /**
   * ARM id of the storage account for boot diagnostics of the machine that a failover makes. Allowed: an ARM
   * id: /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Storage/storageAccounts/<name>.
   */
  targetBootDiagnosticsStorageAccountId?: pulumi.Input<string | undefined>;
  /** Machines of one group get consistent recovery points at the same instant. */
  multiVmGroupName?: pulumi.Input<string | undefined>;
  /** The disks to replicate, one by one. Give this or `disksDefault`. */
  disks?: pulumi.Input<pulumi.Input<ReplicatedItemDiskArgs>[] | undefined>;
  /** Settings for all disks of the machine. Give this or `disks`. */
  disksDefault?: pulumi.Input<ReplicatedItemDisksDefaultArgs | undefined>;
  /** Settings per network adapter; adapters left out keep Azure's defaults. */
  nics?: pulumi.Input<pulumi.Input<ReplicatedItemNicArgs>[] | undefined>;
  /**
   * Allows a change that needs replication to be disabled and enabled again (machine, container, kind,
   * policy, disks, log storage, multi-VM group): all recovery points are lost and full replication runs
   * again. Default false.
   */
  restartReplication?: pulumi.Input<boolean | undefined>;
  /**
   * Allows this resource to be deleted while its machine runs in Azure: replication ends for good, the
   * machine stays in Azure and cannot fail back. Default false.
   */
  completeMigration?: pulumi.Input<boolean | undefined>;
  /**
   * `protected` (default): wait until initial replication is complete. `started`: until Azure took the
   * request.
   */
  waitUntil?: pulumi.Input<"started" | "protected" | undefined>;
  /**
   * How long a create, update or delete waits before it ends with what still runs; nothing is ever stopped.
   * On the plugin the resource's `customTimeouts` win over it. Allowed: a whole number of minutes, 1-10080.
   * Default 480.
   */
  timeoutMinutes?: pulumi.Input<number | undefined>;
}

/** Replicated item disk. */
export interface ReplicatedItemDiskArgs {
  /** Azure's id of the disk on the source machine. */
  diskId: pulumi.Input<string>;
  /**
   * ARM id of the storage account that replication writes its log to. Allowed: an ARM id:
   * /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Storage/storageAccounts/<name>.
   */
  logStorageAccountId: pulumi.Input<string>;
  /** Kind of managed disk that the replica is kept on. */
  diskType: pulumi.Input<"Standard_LRS" | "Premium_LRS" | "StandardSSD_LRS">;
  /**
   * ARM id of the disk encryption set of the replica. Allowed: an ARM id:
   * /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Compute/diskEncryptionSets/<name>.
   */
  diskEncryptionSetId?: pulumi.Input<string | undefined>;
}

/** Settings for all disks of the machine. Give this or `disks`. */
export interface ReplicatedItemDisksDefaultArgs {
  /**
   * ARM id of the storage account that replication writes its log to. Allowed: an ARM id:
   * /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Storage/storageAccounts/<name>.
   */
  logStorageAccountId: pulumi.Input<string>;
  /** Kind of managed disk that the replica is kept on. */
  diskType: pulumi.Input<"Standard_LRS" | "Premium_LRS" | "StandardSSD_LRS">;
  /**
   * ARM id of the disk encryption set of the replica. Allowed: an ARM id:
   * /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Compute/diskEncryptionSets/<name>.
   */
  diskEncryptionSetId?: pulumi.Input<string | undefined>;
}

/** Replicated item nic. */
export interface ReplicatedItemNicArgs {
  /** Azure's id of the adapter: its MAC address for VMware and physical machines. */
  nicId: pulumi.Input<string>;
  /** Whether this is the machine's primary adapter. */
  isPrimary?: pulumi.Input<boolean | undefined>;
  /** Whether the failed-over machine gets this adapter. Default true. */
  isSelectedForFailover?: pulumi.Input<boolean | undefined>;
  /**
   * Names that exist already (fabrics, containers, subnets): anything that can be one segment of a path.
   * Allowed: a name of 1-128 characters without '/'.
   */
  targetSubnetName?: pulumi.Input<string | undefined>;
  /**
   * Static address in the target subnet; left out = Azure chooses. Allowed: an IPv4 address such as 10.0.0.4.
   */
  targetStaticIpAddress?: pulumi.Input<string | undefined>;
  /**
   * Names that exist already (fabrics, containers, subnets): anything that can be one segment of a path.
   * Allowed: a name of 1-128 characters without '/'.
   */
  testSubnetName?: pulumi.Input<string | undefined>;
  /**
   * Static address in the test subnet; left out = Azure chooses. Allowed: an IPv4 address such as 10.0.0.4.
   */
  testStaticIpAddress?: pulumi.Input<string | undefined>;
}

/** Arguments of `RecoveryPlan`. */
export interface RecoveryPlanArgs extends VaultArgs {
  /**
   * Name of the recovery plan. Allowed: 3-65 letters, digits and '-', beginning with a letter, ending with a
   * letter or digit.
   */
  name: pulumi.Input<string>;
  /**
   * Name of the fabric that the machines are protected in. Allowed: a name of 1-128 characters without '/'.
   */
  fabricName: pulumi.Input<string>;
  /** Where the plan fails over to. Default `Microsoft Azure`. */
  recoveryFabricId?: pulumi.Input<string | undefined>;
  /** Default `ResourceManager`. */
  failoverDeploymentModel?: pulumi.Input<"ResourceManager" | "Classic" | "NotApplicable" | undefined>;
  /** Actions around the shutdown of the source machines. */
  shutdownGroup?: pulumi.Input<RecoveryPlanGroupActionsArgs | undefined>;
  /** Actions around the failover of all machines, which runs in parallel. */
  failoverGroup?: pulumi.Input<RecoveryPlanGroupActionsArgs | undefined>;
  /**
   * Machines in boot order: 1-7 groups, at most 100 machines in all, each in one group; a group boots after
   * the one before.
   */
  bootGroups: pulumi.Input<pulumi.Input<RecoveryPlanBootGroupArgs>[]>;
  /**
   * How long a create, update or delete waits before it ends with what still runs; nothing is ever stopped.
   * On the plugin the resource's `customTimeouts` win over it. Allowed: a whole number of minutes, 1-10080.
   * Default 15.
   */
  timeoutMinutes?: pulumi.Input<number | undefined>;
}

/** Actions around the shutdown of the source machines. */
export interface RecoveryPlanGroupActionsArgs {
  /** Run before the group, in order. */
  startGroupActions?: pulumi.Input<pulumi.Input<RecoveryPlanActionArgs>[] | undefined>;
  /** Run after the group, in order. */
  endGroupActions?: pulumi.Input<pulumi.Input<RecoveryPlanActionArgs>[] | undefined>;
}

/** Recovery plan action. */
export interface RecoveryPlanActionArgs {
  /** Name, unique in the plan. */
  name: pulumi.Input<string>;
  /** For which kinds of run the action is meant. */
  failoverTypes: pulumi.Input<
    pulumi.Input<
      | "TestFailover"
      | "UnplannedFailover"
      | "PlannedFailover"
      | "Commit"
      | "TestFailoverCleanup"
      | "ReverseReplicate"
      | "Failback"
      | "CancelFailover"
    >[]
  >;
  /** In which direction of a failover the action runs. */
  failoverDirections: pulumi.Input<pulumi.Input<"PrimaryToRecovery" | "RecoveryToPrimary">[]>;
  /**
   * manual: the run stops until somebody completes it; script: of a VMM server; runbook: of an Automation
   * account. Allowed: an object of kind "manual", "script" or "runbook".
   */
  details: pulumi.Input<RecoveryPlanActionDetailsArgs>;
}

/**
 * manual: the run stops until somebody completes it; script: of a VMM server; runbook: of an Automation
 * account.
 */
export type RecoveryPlanActionDetailsArgs =
  | RecoveryPlanActionDetailsManualArgs
  | RecoveryPlanActionDetailsScriptArgs
  | RecoveryPlanActionDetailsRunbookArgs;

/** `RecoveryPlanAction.details` of kind `manual`. */
export interface RecoveryPlanActionDetailsManualArgs {
  /** What runs; it decides which of the other properties count. */
  kind: pulumi.Input<"manual">;
  /** What the person has to do; for kind manual. */
  description?: pulumi.Input<string | undefined>;
}

/** `RecoveryPlanAction.details` of kind `script`. */
export interface RecoveryPlanActionDetailsScriptArgs {
  /** What runs; it decides which of the other properties count. */
  kind: pulumi.Input<"script">;
  /** Path of the script on the VMM server's library share; for kind script. */
  path: pulumi.Input<string>;
  /** Azure's form of a timeout in actions. Allowed: an ISO 8601 duration such as PT10M. */
  timeout?: pulumi.Input<string | undefined>;
  /** Where it runs: the primary or the recovery side; for kinds script and runbook. */
  fabricLocation: pulumi.Input<"Primary" | "Recovery">;
}

/** `RecoveryPlanAction.details` of kind `runbook`. */
export interface RecoveryPlanActionDetailsRunbookArgs {
  /** What runs; it decides which of the other properties count. */
  kind: pulumi.Input<"runbook">;
  /**
   * ARM id of the Automation runbook; for kind runbook. Allowed: an ARM id:
   * /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Automation/automationAccounts/<name>/runbooks/<name>.
   */
  runbookId: pulumi.Input<string>;
  /** Azure's form of a timeout in actions. Allowed: an ISO 8601 duration such as PT10M. */
  timeout?: pulumi.Input<string | undefined>;
  /** Where it runs: the primary or the recovery side; for kinds script and runbook. */
  fabricLocation: pulumi.Input<"Primary" | "Recovery">;
}

/** Recovery plan boot group. */
export interface RecoveryPlanBootGroupArgs extends RecoveryPlanGroupActionsArgs {
  /** ARM ids of replicated items. */
  replicatedItemIds: pulumi.Input<pulumi.Input<string>[]>;
}

/** Arguments of `TestFailover`. */
export interface TestFailoverArgs {
  /**
   * ARM id of a replicated item or a recovery plan. Allowed: the ARM id of a replicated item or of a recovery
   * plan.
   */
  targetId: pulumi.Input<string>;
  /**
   * ARM id of the virtual network that the test machines are made in: an isolated one. Between two VMM sites
   * that of a VM network of the other server (`.../replicationFabrics/<fabric>/replicationNetworks/<name>`),
   * or `none`: the network cards stay unconnected. Allowed: the ARM id of a virtual network:
   * /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Network/virtualNetworks/<name>; between two
   * VMM sites that of a VM network: .../vaults/<name>/replicationFabrics/<name>/replicationNetworks/<name>,
   * or "none".
   */
  testNetworkId: pulumi.Input<string>;
  /**
   * `latestProcessed` (default), `latest`, `latestApplicationConsistent`; a plan also takes
   * `latestMultiVmProcessed` and `latestMultiVmApplicationConsistent`, a single machine the ARM id of one
   * recovery point. Allowed: a name or the ARM id of a recovery point.
   */
  recoveryPoint?: pulumi.Input<string | undefined>;
  /** Allows the network of a real failover; two machines of one identity may then meet. Default false. */
  allowProductionNetwork?: pulumi.Input<boolean | undefined>;
  /** Notes that Azure keeps with the clean-up. Default `Cleaned up by pulumi-siterecovery`. */
  comments?: pulumi.Input<string | undefined>;
  /** Any values: a change runs the drill again (clean-up first). */
  triggers?: pulumi.Input<pulumi.Input<unknown>[] | undefined>;
  /** Certificates of a VMM cloud with data encryption, by reference. */
  encryption?: pulumi.Input<FailoverEncryptionArgs | undefined>;
  /** Names out of `waitingFor` of what a person has done since: the run goes on. */
  completed?: pulumi.Input<pulumi.Input<string>[] | undefined>;
  /** The access that must work afterwards, as an argument. */
  connectivity?: pulumi.Input<ConnectivityRequestArgs | undefined>;
  /**
   * How long recovery may take, as an ISO 8601 duration such as PT4H: on each machine, from the start of the
   * run until it is reachable as the connectivity plan promises, or runs where nothing is promised. A missed
   * goal is a finding. A failback has no goals. Allowed: an ISO 8601 duration of 1 second to 366 days in
   * weeks, or in days, hours, minutes and seconds, such as PT4H, PT15M or P1DT12H; years and months have no
   * fixed length.
   */
  recoveryTimeGoal?: pulumi.Input<string | undefined>;
  /**
   * How old each machine's recovery point may be when the run starts, as an ISO 8601 duration such as PT15M.
   * A missed goal is a finding. Allowed: an ISO 8601 duration of 1 second to 366 days in weeks, or in days,
   * hours, minutes and seconds, such as PT4H, PT15M or P1DT12H; years and months have no fixed length.
   */
  recoveryPointGoal?: pulumi.Input<string | undefined>;
  /**
   * Fails the `up` where a goal is missed or cannot be measured. The run stays recorded as it was, is never
   * repeated by that, and is cleaned up as usual; every further `up` fails until a goal, this argument or the
   * run changes. Default false.
   */
  failOnMissedGoal?: pulumi.Input<boolean | undefined>;
  /**
   * Directory of the history of runs, one line of JSON for each; relative to the directory of Pulumi.yaml.
   * `none` keeps none. Default: config `siterecovery:evidenceDirectory`, else `drills/<stack>`. Allowed: the
   * path of a directory, or none.
   */
  evidenceDirectory?: pulumi.Input<string | undefined>;
  /**
   * How long a create, update or delete waits before it ends with what still runs; nothing is ever stopped.
   * On the plugin the resource's `customTimeouts` win over it. Allowed: a whole number of minutes, 1-10080.
   * Default 240.
   */
  timeoutMinutes?: pulumi.Input<number | undefined>;
}

/** Certificates of a VMM cloud with data encryption, by reference. */
export interface FailoverEncryptionArgs {
  /** The certificate in use. */
  primaryCertificate: pulumi.Input<CertificateReferenceArgs>;
  /** The one before, while data is still encrypted with it. */
  secondaryCertificate?: pulumi.Input<CertificateReferenceArgs | undefined>;
}

/** The certificate in use. */
export interface CertificateReferenceArgs {
  /** Path of a PFX file. */
  file?: pulumi.Input<string | undefined>;
  /**
   * Name of an environment variable that holds the PFX in base64. Allowed: the name of an environment
   * variable.
   */
  environmentVariable?: pulumi.Input<string | undefined>;
}

/** The access that must work afterwards, as an argument. */
export interface ConnectivityRequestArgs {
  /**
   * Carries the plan's fix out once the machines exist (rules, NSGs, public IPs where path `internet` is
   * asked for), and takes exactly that back at the clean-up or failback. Default false: the fix is only
   * shown.
   */
  apply?: pulumi.Input<boolean | undefined>;
  /**
   * Who must be able to connect. Default: RDP or SSH over the gateways that reach the network, else Bastion.
   */
  access?: pulumi.Input<pulumi.Input<WantedAccessArgs>[] | undefined>;
}

/** Wanted access. */
export interface WantedAccessArgs {
  /** How a person means to reach the machine. */
  path: pulumi.Input<"vpn" | "expressRoute" | "bastion" | "internet" | "private">;
  /** CIDR, address or service tag; required for path internet. */
  sources?: pulumi.Input<pulumi.Input<string>[] | undefined>;
  /** 1-65535. Default 3389 for Windows, 22 for Linux. */
  port?: pulumi.Input<number | undefined>;
  /** Transport protocol. Default Tcp. */
  protocol?: pulumi.Input<"Tcp" | "Udp" | undefined>;
  /** Names of machines. Default all. */
  machines?: pulumi.Input<pulumi.Input<string>[] | undefined>;
  /** Which adapters must be reachable: primary (default) or all. */
  nics?: pulumi.Input<"primary" | "all" | undefined>;
  /** Lets a fix open 22 or 3389 to the whole Internet. Default false. */
  allowAnySource?: pulumi.Input<boolean | undefined>;
}

/** Arguments of `Failover`. */
export interface FailoverArgs {
  /**
   * ARM id of a replicated item or a recovery plan. Allowed: the ARM id of a replicated item or of a recovery
   * plan.
   */
  targetId: pulumi.Input<string>;
  /** Where the workload is to be. A change of this word is what starts a walk. */
  stage: pulumi.Input<
    "protected" | "failedOver" | "committed" | "reprotected" | "failedBack" | "failbackCommitted"
  >;
  /**
   * unplanned (default): fails over to a recovery point. planned, Hyper-V only: shuts the source down, sends
   * its last changes and loses nothing, and does not run where that is not possible.
   */
  kind?: pulumi.Input<"unplanned" | "planned" | undefined>;
  /** Whether the source machines are shut down first, as far as they can be reached. Default true. */
  shutdownSource?: pulumi.Input<boolean | undefined>;
  /**
   * `latest` (default: least data lost), `latestProcessed` (least time), `latestApplicationConsistent`; a
   * plan also takes `latestMultiVmProcessed` and `latestMultiVmApplicationConsistent`, a single machine the
   * ARM id of one point. A change of it while at `failedOver` changes the point. Allowed: a name or the ARM
   * id of a recovery point.
   */
  recoveryPoint?: pulumi.Input<string | undefined>;
  /** Allows more than one step in a walk. Default false. */
  through?: pulumi.Input<boolean | undefined>;
  /**
   * Lets a create start: `<observed stage>@<time of the last failover, or never>`, as the refusal prints it.
   * Allowed: <stage>@<time or never>.
   */
  startFrom?: pulumi.Input<string | undefined>;
  /** Cleans up a test failover that waits on the machines before a walk starts. Default false. */
  cleanUpTestFailover?: pulumi.Input<boolean | undefined>;
  /** How machines in Azure come to replicate back. Checked while the workload is still at `protected`. */
  reprotect?: pulumi.Input<ReprotectArgs | undefined>;
  /** How machines go back. Checked while the workload is still at `protected`. */
  failback?: pulumi.Input<FailbackArgs | undefined>;
  /**
   * How machines that are back come to replicate to Azure again. Checked while the workload is still at
   * `protected`.
   */
  reverse?: pulumi.Input<ReverseArgs | undefined>;
  /**
   * Certificates of a VMM cloud with data encryption, by reference: needed on every failover of its machines.
   */
  encryption?: pulumi.Input<FailoverEncryptionArgs | undefined>;
  /** Names out of `waitingFor` of what a person has done since: the run goes on. */
  completed?: pulumi.Input<pulumi.Input<string>[] | undefined>;
  /**
   * `protected` (default): at `reprotected` and `protected` wait until all data is there. `started`: until
   * Azure's job has ended; the data follows.
   */
  waitUntil?: pulumi.Input<"started" | "protected" | undefined>;
  /** The access that must work afterwards, as an argument. */
  connectivity?: pulumi.Input<ConnectivityRequestArgs | undefined>;
  /**
   * How long recovery may take, as an ISO 8601 duration such as PT4H: on each machine, from the start of the
   * run until it is reachable as the connectivity plan promises, or runs where nothing is promised. A missed
   * goal is a finding. A failback has no goals. Allowed: an ISO 8601 duration of 1 second to 366 days in
   * weeks, or in days, hours, minutes and seconds, such as PT4H, PT15M or P1DT12H; years and months have no
   * fixed length.
   */
  recoveryTimeGoal?: pulumi.Input<string | undefined>;
  /**
   * How old each machine's recovery point may be when the run starts, as an ISO 8601 duration such as PT15M.
   * A missed goal is a finding. Allowed: an ISO 8601 duration of 1 second to 366 days in weeks, or in days,
   * hours, minutes and seconds, such as PT4H, PT15M or P1DT12H; years and months have no fixed length.
   */
  recoveryPointGoal?: pulumi.Input<string | undefined>;
  /**
   * Fails the `up` where a goal is missed or cannot be measured. The run stays recorded as it was, is never
   * repeated by that, and is cleaned up as usual; every further `up` fails until a goal, this argument or the
   * run changes. Default false.
   */
  failOnMissedGoal?: pulumi.Input<boolean | undefined>;
  /**
   * Directory of the history of runs, one line of JSON for each; relative to the directory of Pulumi.yaml.
   * `none` keeps none. Default: config `siterecovery:evidenceDirectory`, else `drills/<stack>`. Allowed: the
   * path of a directory, or none.
   */
  evidenceDirectory?: pulumi.Input<string | undefined>;
  /**
   * How long a create, update or delete waits before it ends with what still runs; nothing is ever stopped.
   * On the plugin the resource's `customTimeouts` win over it. Allowed: a whole number of minutes, 1-10080.
   * Default 240.
   */
  timeoutMinutes?: pulumi.Input<number | undefined>;
}

/** How machines in Azure come to replicate back. Checked while the workload is still at `protected`. */
export interface ReprotectArgs extends ReprotectItemArgs {
  /** Other settings for single machines, by the machine's name. */
  perItem?: pulumi.Input<Record<string, pulumi.Input<ReprotectItemArgs>> | undefined>;
}

/** Reprotect item. */
export interface ReprotectItemArgs {
  /**
   * Id of the appliance's reprotect agent, as `getAppliances` lists it. Modernised VMware and physical
   * machines.
   */
  reprotectAgentId?: pulumi.Input<string | undefined>;
  /**
   * Name of the datastore that takes the machine; one that the reprotect agent, or the master target,
   * reaches.
   */
  datastoreName?: pulumi.Input<string | undefined>;
  /**
   * ARM id of the storage account for replication logs. Modernised VMware and physical machines. Allowed: an
   * ARM id: /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Storage/storageAccounts/<name>.
   */
  logStorageAccountId?: pulumi.Input<string | undefined>;
  /**
   * ARM id of the failback policy. Left out, Azure takes its own for modernised machines; classic ones need
   * it. Allowed: an ARM id:
   * /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.RecoveryServices/vaults/<name>/replicationPolicies/<name>.
   */
  policyId?: pulumi.Input<string | undefined>;
  /** Id of the master target. Classic VMware and physical machines, as the three below. */
  masterTargetId?: pulumi.Input<string | undefined>;
  /** Id of the process server. */
  processServerId?: pulumi.Input<string | undefined>;
  /** Drive or mount point of the master target's retention volume, such as `R` or `/mnt/retention`. */
  retentionDrive?: pulumi.Input<string | undefined>;
  /** Id of the account that signs in to the machine. */
  runAsAccountId?: pulumi.Input<string | undefined>;
}

/** How machines go back. Checked while the workload is still at `protected`. */
export interface FailbackArgs extends FailbackItemArgs {
  /** Other settings for single machines, by the machine's name. */
  perItem?: pulumi.Input<Record<string, pulumi.Input<FailbackItemArgs>> | undefined>;
}

/** Failback item. */
export interface FailbackItemArgs {
  /**
   * VMware and physical machines: `CrashConsistent` (Azure's advice, default) or `ApplicationConsistent`,
   * which may be older.
   */
  recoveryPointType?: pulumi.Input<"CrashConsistent" | "ApplicationConsistent" | undefined>;
  /**
   * Hyper-V: `ForSynchronization` (default) copies before the machine in Azure is shut down and then waits
   * for a person; `ForDownTime` copies while it is down.
   */
  dataSyncOption?: pulumi.Input<"ForSynchronization" | "ForDownTime" | undefined>;
  /** Hyper-V: `CreateVmIfNotFound` makes a machine that is gone on-premises. Default `NoAction`. */
  recoveryVmCreationOption?: pulumi.Input<"CreateVmIfNotFound" | "NoAction" | undefined>;
  /**
   * Hyper-V: another host that takes the machine, by its id as `getAppliances` lists it, or its provider's
   * ARM id.
   */
  providerIdForAlternateRecovery?: pulumi.Input<string | undefined>;
  /**
   * Between VMM sites: planned (default: the second site is shut down and synchronised first) or unplanned.
   */
  kind?: pulumi.Input<"planned" | "unplanned" | undefined>;
}

/**
 * How machines that are back come to replicate to Azure again. Checked while the workload is still at
 * `protected`.
 */
export interface ReverseArgs extends ReverseItemArgs {
  /** Other settings for single machines, by the machine's name. */
  perItem?: pulumi.Input<Record<string, pulumi.Input<ReverseItemArgs>> | undefined>;
}

/** Reverse item. */
export interface ReverseItemArgs {
  /** Id of the appliance's process server. VMware and physical machines. */
  processServerId?: pulumi.Input<string | undefined>;
  /**
   * ARM id of the replication policy to Azure. VMware and physical machines. Allowed: an ARM id:
   * /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.RecoveryServices/vaults/<name>/replicationPolicies/<name>.
   */
  policyId?: pulumi.Input<string | undefined>;
  /** Account that installs the mobility agent. VMware and physical machines. */
  runAsAccountId?: pulumi.Input<string | undefined>;
  /** Classic VMware and physical machines. */
  masterTargetId?: pulumi.Input<string | undefined>;
  /**
   * ARM id of the storage account. Classic VMware and Hyper-V machines. Allowed: an ARM id:
   * /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Storage/storageAccounts/<name>.
   */
  storageAccountId?: pulumi.Input<string | undefined>;
  /**
   * ARM id of the storage account that replication writes its log to. Allowed: an ARM id:
   * /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Storage/storageAccounts/<name>.
   */
  logStorageAccountId?: pulumi.Input<string | undefined>;
}
