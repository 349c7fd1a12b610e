/** What Azure's built-in roles may do, as far as this emulator has the resources. */

/** `*` stands for any text, also for several segments; letters compare without case. */
export interface RoleDefinition {
  roleName: string;
  actions: readonly string[];
  notActions: readonly string[];
}

const everywhere = ["Microsoft.Authorization/*/read", "Microsoft.Resources/subscriptions/resourceGroups/read"];

const vault = "Microsoft.RecoveryServices/vaults";
const fabrics = `${vault}/replicationFabrics`;
const container = `${fabrics}/replicationProtectionContainers`;
const item = `${container}/replicationProtectedItems`;
const plan = `${vault}/replicationRecoveryPlans`;

/** What the two lesser roles of Site Recovery may read of a vault: by fabric, not by the lists of the whole vault. */
const siteRecoveryReads = [
  `${vault}/read`,
  `${vault}/extendedInformation/read`,
  `${vault}/usages/read`,
  `${vault}/replicationAlertSettings/read`,
  `${vault}/replicationEvents/read`,
  `${vault}/replicationOperationStatus/read`,
  `${fabrics}/read`,
  `${fabrics}/replicationNetworks/read`,
  `${fabrics}/replicationNetworks/replicationNetworkMappings/read`,
  `${container}/read`,
  `${container}/replicationProtectableItems/read`,
  `${item}/read`,
  `${item}/recoveryPoints/read`,
  `${container}/replicationProtectionContainerMappings/read`,
  `${fabrics}/replicationRecoveryServicesProviders/read`,
  `${fabrics}/replicationvCenters/read`,
  `${vault}/replicationPolicies/read`,
  `${plan}/read`,
];

const failoversOf = (resource: string, actions: readonly string[]) =>
  actions.map((action) => `${resource}/${action}/action`);

const failovers = [
  "failoverCommit",
  "plannedFailover",
  "reProtect",
  "testFailover",
  "testFailoverCleanup",
  "unplannedFailover",
];

const role = (
  roleName: string,
  actions: readonly string[],
  notActions: readonly string[] = [],
): RoleDefinition => ({ roleName, actions, notActions });

/** @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
export const builtInRoles: readonly RoleDefinition[] = [
  role("Owner", ["*"]),
  role(
    "Contributor",
    ["*"],
    [
      "Microsoft.Authorization/*/Delete",
      "Microsoft.Authorization/*/Write",
      "Microsoft.Authorization/elevateAccess/Action",
    ],
  ),
  role("Reader", ["*/read"]),
  role("Site Recovery Reader", [
    "Microsoft.Authorization/*/read",
    ...siteRecoveryReads,
    `${vault}/replicationJobs/read`,
  ]),
  role("Site Recovery Operator", [
    ...everywhere,
    ...siteRecoveryReads,
    `${vault}/replicationJobs/*`,
    ...failoversOf(item, [...failovers, "applyRecoveryPoint", "repairReplication", "updateMobilityService"]),
    ...failoversOf(plan, failovers),
    ...failoversOf(fabrics, ["checkConsistency", "reassociateGateway", "renewcertificate"]),
    `${fabrics}/replicationRecoveryServicesProviders/refreshProvider/action`,
    "Microsoft.Network/virtualNetworks/read",
    "Microsoft.Storage/storageAccounts/read",
  ]),
  role("Site Recovery Contributor", [
    ...everywhere,
    `${vault}/read`,
    `${vault}/extendedInformation/*`,
    `${vault}/usages/read`,
    `${vault}/replicationAlertSettings/*`,
    `${vault}/replicationEvents/read`,
    `${vault}/replicationFabrics/*`,
    `${vault}/replicationJobs/*`,
    `${vault}/replicationOperationStatus/read`,
    `${vault}/replicationPolicies/*`,
    `${vault}/replicationRecoveryPlans/*`,
    "Microsoft.Network/virtualNetworks/read",
    "Microsoft.Storage/storageAccounts/read",
  ]),
  role("Network Contributor", [...everywhere, "Microsoft.Network/*"]),
  role("Virtual Machine Contributor", [
    ...everywhere,
    "Microsoft.Compute/availabilitySets/*",
    "Microsoft.Compute/disks/delete",
    "Microsoft.Compute/disks/read",
    "Microsoft.Compute/disks/write",
    "Microsoft.Compute/locations/*",
    "Microsoft.Compute/virtualMachines/*",
    "Microsoft.Compute/virtualMachineScaleSets/*",
    "Microsoft.Network/locations/*",
    "Microsoft.Network/networkInterfaces/*",
    "Microsoft.Network/networkSecurityGroups/join/action",
    "Microsoft.Network/networkSecurityGroups/read",
    "Microsoft.Network/publicIPAddresses/join/action",
    "Microsoft.Network/publicIPAddresses/read",
    "Microsoft.Network/virtualNetworks/read",
    "Microsoft.Network/virtualNetworks/subnets/join/action",
    `${vault}/read`,
    `${vault}/usages/read`,
    `${vault}/write`,
    "Microsoft.Storage/storageAccounts/read",
  ]),
];
