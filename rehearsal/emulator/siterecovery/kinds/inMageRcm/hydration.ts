/**
 * Which machines need their disks made bootable in Azure during a failover.
 * @see https://learn.microsoft.com/azure/site-recovery/site-recovery-test-failover-to-azure
 */

import type { SourceMachine } from "../../state.js";

const azureBootDrivers = ["storvsc", "vmbus", "storflt", "intelide", "atapi"];
/** The first agent that prepares the boot drivers by itself. */
const preparedSince = [9, 8];

/** One sentence for each reason; empty = the failover takes no extra time. */
export function hydrationReasons(machine: SourceMachine): string[] {
  const missing = azureBootDrivers.filter((driver) => !machine.bootDrivers.includes(driver));
  const reasons: [boolean, string][] = [
    [machine.isPhysical, "it is a physical server"],
    [!machine.isPhysical && machine.osType === "Linux", "it is a VMware Linux machine"],
    [isOlder(machine.agentVersion, preparedSince), `its mobility agent ${machine.agentVersion} is older than 9.8`],
    [!machine.isDhcpEnabled, "its DHCP service is disabled"],
    [missing.length > 0, `its boot drivers lack ${missing.join(", ")}`],
  ];
  return reasons.filter(([applies]) => applies).map(([, reason]) => reason);
}

/** Compares version numbers part by part: 9.10 is newer than 9.8. */
export function isOlder(version: string, than: number[]): boolean {
  const parts = version.split(".").map(Number);
  for (const [index, wanted] of than.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part < wanted;
  }
  return false;
}
