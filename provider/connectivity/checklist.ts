import type { AccessPath, OsType } from "./types.js";

/** One thing to look after inside a machine; the planner cannot see it. */
export interface ChecklistEntry {
  id: string;
  when: "beforeFailover" | "afterFailover";
  text: string;
}

const windows: readonly (ChecklistEntry & { paths?: readonly AccessPath[] })[] = [
  { id: "rdpEnabled", when: "beforeFailover", text: "Remote Desktop is enabled on the machine" },
  {
    id: "firewallPublic",
    when: "beforeFailover",
    text: "Windows Firewall has TCP and UDP rules for the Public profile, and allows Remote Desktop for all profiles",
    paths: ["internet"],
  },
  {
    id: "firewallDomainPrivate",
    when: "beforeFailover",
    text: "Windows Firewall allows Remote Desktop for the Domain and Private profiles",
    paths: ["vpn", "expressRoute", "bastion", "private"],
  },
  {
    id: "noPersistentRoutes",
    when: "beforeFailover",
    text: "No static persistent routes (route print) and no WinHTTP proxy (netsh winhttp show proxy)",
  },
  { id: "sanPolicy", when: "beforeFailover", text: "SAN policy is OnlineAll (diskpart: san)" },
  { id: "noPendingUpdates", when: "beforeFailover", text: "No Windows updates are pending" },
  {
    id: "bootDiagnostics",
    when: "afterFailover",
    text: "The boot diagnostics screenshot shows the sign-in screen",
  },
];

const linux: readonly (ChecklistEntry & { paths?: readonly AccessPath[] })[] = [
  { id: "sshAtBoot", when: "beforeFailover", text: "The SSH service starts at system boot" },
  { id: "firewallSsh", when: "beforeFailover", text: "The firewall of the machine allows SSH" },
  {
    id: "integrationServices",
    when: "beforeFailover",
    text: "Hyper-V drivers (Linux Integration Services) are there, which old distributions lack",
  },
  { id: "bootDiagnostics", when: "afterFailover", text: "The boot diagnostics screenshot shows a login prompt" },
];

/**
 * What to see to inside a machine so that people can connect to it after the failover.
 * @see https://learn.microsoft.com/azure/site-recovery/site-recovery-failover#prepare-in-azure-to-connect-after-failover
 */
export function guestChecklist(osType: OsType, paths: readonly AccessPath[]): ChecklistEntry[] {
  return (osType === "Windows" ? windows : linux)
    .filter((entry) => entry.paths === undefined || entry.paths.some((path) => paths.includes(path)))
    .map(({ id, when, text }) => ({ id, when, text }));
}
