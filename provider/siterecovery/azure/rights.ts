/**
 * Every action of Azure's role-based access control that the provider asks for, by command, with the least built-in role
 * that holds it: for the advice of errors and for docs/roles.md. A test runs each command with exactly these roles.
 */

export type BuiltInRole =
  | "Reader"
  | "Site Recovery Operator"
  | "Site Recovery Contributor"
  | "Network Contributor";

/** What one command needs beside reading. */
export interface Right {
  command: string;
  role: BuiltInRole;
  /** Where the role is to be given. */
  scope: string;
  actions: readonly string[];
  /** What happens without it, where that is not just an error. */
  without?: string;
}

const vault = "Microsoft.RecoveryServices/vaults";
const fabric = `${vault}/replicationFabrics`;
const container = `${fabric}/replicationProtectionContainers`;
const item = `${container}/replicationProtectedItems`;
const plan = `${vault}/replicationRecoveryPlans`;
const network = "Microsoft.Network";
const onVault = "the vault";

const of = (resource: string, verb: string, ...names: string[]) =>
  names.map((name) => `${resource}/${name}${verb}`);
const onBoth = (...names: string[]) => [...of(item, "/action", ...names), ...of(plan, "/action", ...names)];

/** @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
export const rights: readonly Right[] = [
  {
    command: "`preview`, `refresh`, functions: the vault",
    role: "Reader",
    scope: onVault,
    actions: [
      ...of(
        vault,
        "/read",
        "replicationPolicies",
        "replicationFabrics",
        "replicationProtectionContainerMappings",
        "replicationNetworkMappings",
        "replicationProtectedItems",
        "replicationRecoveryPlans",
        "replicationJobs",
      ),
      `${item}/read`,
      `${item}/recoveryPoints/read`,
      `${container}/read`,
      `${container}/replicationProtectionContainerMappings/read`,
      `${fabric}/replicationNetworks/read`,
      `${fabric}/replicationNetworks/replicationNetworkMappings/read`,
    ],
  },
  {
    command: "the same: machines as discovered, and networks for the connectivity plan",
    role: "Reader",
    scope: "the subscriptions of the appliance's site and of the networks",
    actions: [
      ...["VMwareSites", "ServerSites"].flatMap((site) =>
        of(`Microsoft.OffAzure/${site}`, "/read", "machines", "runAsAccounts"),
      ),
      ...of(
        network,
        "/read",
        "virtualNetworks",
        "networkSecurityGroups",
        "routeTables",
        "networkInterfaces",
        "publicIPAddresses",
        "virtualNetworkGateways",
        "localNetworkGateways",
        "connections",
        "networkWatchers",
        "networkManagers",
        "locations/operations",
      ),
      "Microsoft.Compute/virtualMachines/read",
    ],
  },
  {
    command: "`preview` of a new or changed `ReplicatedItem`: what its inputs name",
    role: "Reader",
    scope: "the subscriptions of the resource groups and storage accounts",
    actions: [
      "Microsoft.Resources/subscriptions/resourceGroups/read",
      "Microsoft.Storage/storageAccounts/read",
      ...of("Microsoft.Compute", "/read", "availabilitySets", "proximityPlacementGroups", "diskEncryptionSets"),
    ],
    without: "what is missing is refused by Azure in the `up`, not in the preview",
  },
  {
    command: "`up` and `destroy` of `TestFailover`",
    role: "Site Recovery Operator",
    scope: onVault,
    actions: onBoth("testFailover", "testFailoverCleanup"),
  },
  {
    command: "evidence of a drill, check of a connectivity that was applied",
    role: "Network Contributor",
    scope: "the Network Watcher and the target resource group",
    actions: [
      `${network}/networkWatchers/ipFlowVerify/action`,
      `${network}/networkInterfaces/effectiveRouteTable/action`,
    ],
    without: "the run ends well and says for each access that Azure could not be asked",
  },
  {
    command: "`up` of `Failover`",
    role: "Site Recovery Operator",
    scope: onVault,
    actions: [
      ...onBoth("unplannedFailover", "plannedFailover", "failoverCommit", "reProtect"),
      `${item}/applyRecoveryPoint/action`,
      `${vault}/replicationJobs/resume/action`,
    ],
  },
  {
    command: "`up` of `Failover` from `failedBack` to `reprotected`",
    role: "Site Recovery Contributor",
    scope: onVault,
    actions: onBoth("failoverCancel"),
  },
  {
    command: "`up` and `destroy` of `ReplicatedItem`",
    role: "Site Recovery Contributor",
    scope: "the vault, and Virtual Machine Contributor on the target resource group and network",
    actions: [`${item}/write`, `${item}/remove/action`],
  },
  {
    command: "`up` and `destroy` of `ReplicationPolicy`",
    role: "Site Recovery Contributor",
    scope: onVault,
    actions: of(vault, "", "replicationPolicies/write", "replicationPolicies/delete"),
  },
  {
    command: "`up` and `destroy` of `ProtectionContainerMapping`",
    role: "Site Recovery Contributor",
    scope: onVault,
    actions: of(`${container}/replicationProtectionContainerMappings`, "", "write", "remove/action"),
  },
  {
    command: "`up` and `destroy` of `RecoveryPlan`",
    role: "Site Recovery Contributor",
    scope: onVault,
    actions: of(plan, "", "write", "delete"),
  },
  {
    command: "`up` and `destroy` of `Fabric` and `NetworkMapping`",
    role: "Site Recovery Contributor",
    scope: onVault,
    actions: [
      ...of(fabric, "", "write", "remove/action"),
      ...of(`${fabric}/replicationNetworks/replicationNetworkMappings`, "", "write", "delete"),
    ],
  },
  {
    command: "`connectivity.apply`, and taking it back",
    role: "Network Contributor",
    scope: "the target resource group and those of the networks",
    actions: [
      ...of(
        `${network}/networkSecurityGroups`,
        "",
        "write",
        "delete",
        "securityRules/write",
        "securityRules/delete",
      ),
      ...of(`${network}/publicIPAddresses`, "", "write", "delete"),
      `${network}/networkInterfaces/write`,
    ],
  },
];

const roles = new Map(
  rights.flatMap((right) => right.actions.map((action) => [action.toLowerCase(), right.role] as const)),
);

/** The least built-in role for an action; undefined for one that the provider never asks for. */
export function roleFor(action: string): BuiltInRole | undefined {
  return roles.get(action.toLowerCase());
}
