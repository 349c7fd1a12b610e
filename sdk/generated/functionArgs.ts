// Generated from the schemas in provider/ by `npm run generate`. Change those.

/** Arguments of the functions: plain values, because a function runs while the program does. */

import type { WantedAccess } from "../../provider/connectivity/types.js";

/** In which vault; what is left out comes from the stack's configuration. */
export interface FunctionVaultArgs {
  /** Subscription of the vault: a GUID. Default: config `siterecovery:subscriptionId`. */
  subscriptionId?: string;
  /**
   * Resource group of the vault. Default: config `siterecovery:resourceGroupName`. Allowed: 1-90 letters,
   * digits, '_', '-', '.' and parentheses, not ending with '.'.
   */
  resourceGroupName?: string;
  /**
   * Name of the Recovery Services vault. Default: config `siterecovery:vaultName`. Allowed: 2-50 letters,
   * digits and '-', beginning with a letter.
   */
  vaultName?: string;
}

/** Arguments of `getProtectableMachines`. */
export interface GetProtectableMachinesArgs extends FunctionVaultArgs {
  /**
   * Name of the fabric: of an appliance, a Hyper-V site or a VMM server. Allowed: a name of 1-128 characters
   * without '/'.
   */
  fabricName: string;
}

/** Arguments of `getReplicatedItems`. */
export interface GetReplicatedItemsArgs extends FunctionVaultArgs {
  /** Name of a fabric. Default: all of them. Allowed: a name of 1-128 characters without '/'. */
  fabricName?: string;
}

/** Arguments of `getRecoveryPoints`. */
export interface GetRecoveryPointsArgs {
  /**
   * ARM id of a replicated item. Allowed: the ARM id of a replicated item; a recovery plan has no points of
   * its own.
   */
  replicatedItemId: string;
}

/** Arguments of `getAppliances`. */
export interface GetAppliancesArgs extends FunctionVaultArgs {
  /** Name of a fabric. Default: all of them. Allowed: a name of 1-128 characters without '/'. */
  fabricName?: string;
}

/** Arguments of `getReadiness`. */
export interface GetReadinessArgs extends FunctionVaultArgs {
  /**
   * ARM id of a replicated item or a recovery plan of the vault. Default: all machines of the vault. Allowed:
   * the ARM id of a replicated item or of a recovery plan.
   */
  targetId?: string;
  /** How old the last test failover may be: days, 1-3650, default 90. */
  testFailoverMaxAgeDays?: number;
  /** What Azure does not tell of guests, by the machine's name. */
  machines?: Record<string, GuestFacts>;
}

/** Guest facts. */
export interface GuestFacts {
  /** Drivers that do not start at boot, out of storvsc, vmbus, storflt, intelide, atapi; empty = all do. */
  missingBootDrivers?: readonly string[];
  /** Whether the guest's DHCP service is disabled, also where its address is static. */
  isDhcpDisabled?: boolean;
}

/** Arguments of `planConnectivity`. */
export interface PlanConnectivityArgs extends FunctionVaultArgs {
  /**
   * ARM id of a replicated item or a recovery plan of the vault. Default: all machines that replicate to
   * Azure. Allowed: the ARM id of a replicated item or of a recovery plan.
   */
  targetId?: string;
  /** The run to plan for. Default `failover`. */
  purpose?: "failover" | "testFailover";
  /**
   * ARM id of the virtual network of the run. Default: each machine's own setting. Allowed: an ARM id:
   * /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Network/virtualNetworks/<name>.
   */
  networkId?: string;
  /** Allows the network of a real failover for a drill. Default false. */
  allowProductionNetwork?: boolean;
  /** Leaves out rules that `PreparedConnectivity` made, for the plan that it is made from. Default false. */
  ignorePrepared?: boolean;
  /**
   * Who must be able to connect. Default: RDP or SSH over the gateways that reach the network, else Bastion.
   */
  access?: readonly WantedAccess[];
}
