/**
 * Names that the sources do not give but the SDKs of other languages need: of nested objects, by the place where they
 * are first met, and of enums, by their values. A new one without a name stops the generator.
 */

/** `<resource>.<property>`, or `<type>.<property>` below a type. */
export const objectNames: ReadonlyMap<string, string> = new Map([
  ["ReplicatedItem.disks", "ReplicatedItemDisk"],
  ["ReplicatedItem.disksDefault", "ReplicatedItemDisksDefault"],
  ["ReplicatedItem.nics", "ReplicatedItemNic"],
  ["RecoveryPlan.shutdownGroup", "RecoveryPlanGroupActions"],
  ["RecoveryPlan.failoverGroup", "RecoveryPlanGroupActions"],
  ["RecoveryPlan.bootGroups", "RecoveryPlanBootGroup"],
  ["RecoveryPlanGroupActions.startGroupActions", "RecoveryPlanAction"],
  ["RecoveryPlanGroupActions.endGroupActions", "RecoveryPlanAction"],
  ["RecoveryPlanBootGroup.startGroupActions", "RecoveryPlanAction"],
  ["RecoveryPlanBootGroup.endGroupActions", "RecoveryPlanAction"],
  ["RecoveryPlanAction.details", "RecoveryPlanActionDetails"],
  ["TestFailover.connectivity", "ConnectivityRequest"],
  ["Failover.connectivity", "ConnectivityRequest"],
  ["ConnectivityRequest.access", "WantedAccess"],
  ["planConnectivity.access", "WantedAccess"],
  ["Failover.reprotect", "Reprotect"],
  ["Reprotect.perItem", "ReprotectItem"],
  ["Failover.failback", "Failback"],
  ["Failback.perItem", "FailbackItem"],
  ["Failover.reverse", "Reverse"],
  ["Reverse.perItem", "ReverseItem"],
  ["Failover.encryption", "FailoverEncryption"],
  ["TestFailover.encryption", "FailoverEncryption"],
  ["FailoverEncryption.primaryCertificate", "CertificateReference"],
  ["getReadiness.machines", "GuestFacts"],
  ["config.cloud", "CloudSettings"],
  ["FailoverEncryption.secondaryCertificate", "CertificateReference"],
]);

/** The values, joined by `|`, to the enum's name. */
export const enumNames: ReadonlyMap<string, string> = new Map([
  ["InMageRcm|HyperVReplicaAzure", "ProviderKind"],
  ["InMageRcm|HyperVReplicaAzure|InMageRcmFailback|InMageAzureV2|InMage", "PolicyKind"],
  ["HyperVSite", "FabricKind"],
  ["Windows|Linux", "GuestOsType"],
  ["Never|OnlyOnTestFailover|Always", "RdpOnTarget"],
  ["Standard_LRS|Premium_LRS|StandardSSD_LRS", "DiskType"],
  ["NotSpecified|NoLicenseType|WindowsServer", "LicenseType"],
  ["1|2|3", "AvailabilityZone"],
  ["started|protected", "WaitUntil"],
  ["Primary|Recovery", "FabricLocation"],
  [
    "TestFailover|UnplannedFailover|PlannedFailover|Commit|TestFailoverCleanup|ReverseReplicate|Failback|CancelFailover",
    "FailoverType",
  ],
  ["PrimaryToRecovery|RecoveryToPrimary", "FailoverDirection"],
  ["manual|script|runbook", "RecoveryPlanActionKind"],
  ["ResourceManager|Classic|NotApplicable", "FailoverDeploymentModel"],
  ["protected|failedOver|committed|reprotected|failedBack|failbackCommitted", "Stage"],
  ["unplanned|planned", "FailoverKind"],
  ["planned|unplanned", "FailbackKind"],
  ["CrashConsistent|ApplicationConsistent", "FailbackRecoveryPointType"],
  ["ForSynchronization|ForDownTime", "DataSyncOption"],
  ["CreateVmIfNotFound|NoAction", "RecoveryVmCreationOption"],
  ["vpn|expressRoute|bastion|internet|private", "AccessPath"],
  ["Tcp|Udp", "AccessProtocol"],
  ["primary|all", "NicSelection"],
  ["failover|testFailover", "ConnectivityPurpose"],
  ["dynamic|plugin", "Shell"],
]);

/** Names of values that are no names themselves. */
export const enumValueNames: ReadonlyMap<string, string> = new Map([
  ["Standard_LRS", "StandardLrs"],
  ["Premium_LRS", "PremiumLrs"],
  ["StandardSSD_LRS", "StandardSsdLrs"],
  ["1", "Zone1"],
  ["2", "Zone2"],
  ["3", "Zone3"],
  ["private", "PrivateNetwork"],
  ["internet", "InternetAccess"],
]);
