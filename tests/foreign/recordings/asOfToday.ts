/**
 * Answers of an old version of the API under the names of today's: what was renamed is renamed, what was dropped is
 * dropped, and what came later is taken out of the other side, so that what remains can be compared strictly.
 */

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Of 2016-08-10, and what whoever cut a recording short wrote into it. */
const dropped = new Set(["failoverHealthErrorDetails", "_note"]);

/** What was spelled otherwise. */
const respelled: Record<string, string> = {
  azureVMDiskDetails: "azureVmDiskDetails",
  childErrors: "innerHealthErrors",
  enableRDPOnTargetOption: "enableRdpOnTargetOption",
  recoveryAzureVMName: "recoveryAzureVmName",
  sourceVmCPUCount: "sourceVmCpuCount",
  sourceVmRAMSizeInMB: "sourceVmRamSizeInMB",
};

/** What answers have today and had not in 2016-08-10, by the last part of the path. */
const cameLater = new Set([
  // Items.
  "eventCorrelationId",
  "primaryFabricProvider",
  "switchProviderState",
  "switchProviderStateDescription",
  // Health errors.
  "customerResolvability",
  "errorCategory",
  "errorId",
  "summaryMessage",
  // Network cards.
  "enableAcceleratedNetworkingOnRecovery",
  "enableAcceleratedNetworkingOnTfo",
  "recoveryLBBackendAddressPoolIds",
  "recoveryNetworkSecurityGroupId",
  "recoveryNicName",
  "recoveryNicResourceGroupName",
  "recoveryPublicIPAddressId",
  "reuseExistingNic",
  "targetNicName",
  "tfoLBBackendAddressPoolIds",
  "tfoNetworkSecurityGroupId",
  "tfoPublicIPAddressId",
  "tfoRecoveryNicName",
  "tfoRecoveryNicResourceGroupName",
  "tfoReuseExistingNic",
  "tfoVMNetworkId",
  // Machines on Hyper-V that go to Azure.
  "customTargetDiskName",
  "diskEncryptionSetId",
  "hyperVHosts",
  "lastRecoveryPointReceived",
  "lastRpoCalculatedTime",
  "protectedManagedDisks",
  "rpoInSeconds",
  "seedManagedDiskTags",
  "selectedSourceNicId",
  "sqlServerLicenseType",
  "targetAvailabilityZone",
  "targetManagedDiskTags",
  "targetNicTags",
  "targetProximityPlacementGroupId",
  "targetVmTags",
  // Machines that could be protected.
  "hasFibreChannelAdapter",
  "hasPhysicalDisk",
  "hasSharedVhd",
  "hyperVHostId",
]);

/** A recorded answer of 2016-08-10 as today's version would have given it. */
export function asOfToday(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asOfToday);
  if (!isObject(value)) return value;
  const renamed: Json = {};
  for (const [name, each] of Object.entries(withoutStatus(value))) {
    if (dropped.has(name)) continue;
    if (name === "affectedObjectDetails" && isObject(each)) renamed[name] = lowerFirst(each);
    else if (name === "vmNics" && Array.isArray(each)) renamed[name] = each.map(nic);
    // Lists of jobs told it of none.
    else if (name === "activityId" && each === null) renamed[name] = "";
    else renamed[respelled[name] ?? name] = asOfToday(each);
  }
  return withHealthErrors(renamed);
}

/** An answer of today without what the recording's version could not have. */
export function withoutNews(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNews);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([name]) => !cameLater.has(name));
  return Object.fromEntries(
    entries.map(([name, each]) => [
      name,
      name === "ipConfigs" && Array.isArray(each) ? each.map(addressesOf) : withoutNews(each),
    ]),
  );
}

/** A job's status, error and times stood beside its properties as well as in them. */
function withoutStatus(value: Json): Json {
  const { status, error, startTime, endTime, ...rest } = value;
  return isObject(rest.properties) && "tasks" in rest.properties ? rest : value;
}

function lowerFirst(value: Json): Json {
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [`${name.charAt(0).toLowerCase()}${name.slice(1)}`, each]),
  );
}

/** Two lists, one of which may hold what the other has, have become one. */
function withHealthErrors(value: Json): Json {
  const { replicationHealthErrors, failoverHealthErrors, ...rest } = value;
  if (!Array.isArray(replicationHealthErrors) || !Array.isArray(failoverHealthErrors)) return value;
  return { ...rest, healthErrors: [...replicationHealthErrors, ...failoverHealthErrors] };
}

/** One address of a card has become a list of them. */
function nic(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { ipAddressType, primaryNicStaticIPAddress, replicaNicStaticIPAddress, ...rest } = value;
  const { vMSubnetName: subnetName, recoveryVMSubnetName: recoverySubnetName, ...kept } = rest;
  return {
    ...kept,
    ipConfigs: [
      {
        ipAddressType,
        subnetName,
        recoverySubnetName,
        staticIPAddress: primaryNicStaticIPAddress,
        recoveryStaticIPAddress: replicaNicStaticIPAddress,
      },
    ],
  };
}

/** Of today's address of a card, what had a place before. */
function addressesOf(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { ipAddressType, subnetName, staticIPAddress, recoverySubnetName, recoveryStaticIPAddress } = value;
  return { ipAddressType, subnetName, staticIPAddress, recoverySubnetName, recoveryStaticIPAddress };
}
