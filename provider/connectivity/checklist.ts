import type { AccessPath, Checklist, ChecklistEntry, MachinePlan, OsType } from "./types.js";

type Entry = ChecklistEntry & { paths?: readonly AccessPath[] };

const privatePaths: readonly AccessPath[] = ["vpn", "expressRoute", "bastion", "private"];

const startsNot: Entry = {
  id: "otherPoint",
  when: "afterFailover",
  text: "Where the machine does not start, an older recovery point is taken before the commit; where only its application fails, an application-consistent one",
};

const windows: readonly Entry[] = [
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
    paths: privatePaths,
  },
  {
    id: "noPersistentRoutes",
    when: "beforeFailover",
    text: "No static persistent routes (route print) and no WinHTTP proxy (netsh winhttp show proxy)",
  },
  { id: "sanPolicy", when: "beforeFailover", text: "SAN policy is OnlineAll (diskpart: san)" },
  { id: "noPendingUpdates", when: "beforeFailover", text: "No Windows updates are pending" },
  { id: "azureServices", when: "beforeFailover", text: "The services that Azure needs are set to run" },
  { id: "vmAgent", when: "beforeFailover", text: "The Azure VM agent is installed" },
  {
    id: "publicIp",
    when: "afterFailover",
    text: "The machine has its public IP (Connect is greyed out without)",
    paths: ["internet"],
  },
  { id: "nsgAllows", when: "afterFailover", text: "The NSGs of subnet and NIC allow port 3389" },
  {
    id: "bootDiagnostics",
    when: "afterFailover",
    text: "The boot diagnostics screenshot shows the sign-in screen; event 6008 only says that the source was not shut down",
  },
  {
    id: "domainReachable",
    when: "afterFailover",
    text: "A machine of a domain reaches a domain controller and DNS",
  },
  startsNot,
];

const linux: readonly Entry[] = [
  { id: "sshAtBoot", when: "beforeFailover", text: "The SSH service starts at system boot" },
  { id: "firewallSsh", when: "beforeFailover", text: "The firewall of the machine allows SSH" },
  {
    id: "integrationServices",
    when: "beforeFailover",
    text: "Hyper-V drivers (Linux Integration Services) are there, which old distributions lack",
  },
  {
    id: "publicIp",
    when: "afterFailover",
    text: "The machine has its public IP (Connect is greyed out without)",
    paths: ["internet"],
  },
  { id: "nsgAllows", when: "afterFailover", text: "The NSGs of subnet and NIC allow port 22" },
  {
    id: "dhcp",
    when: "afterFailover",
    text: "A machine with a static address comes up with DHCP, without NetworkManager, and stays so after failback",
  },
  { id: "bootDiagnostics", when: "afterFailover", text: "The boot diagnostics screenshot shows a login prompt" },
  startsNot,
];

/**
 * What to see to around a machine so that people can connect to it after the failover.
 * @see https://learn.microsoft.com/azure/site-recovery/site-recovery-failover#prepare-in-azure-to-connect-after-failover
 */
export function guestChecklist(osType: OsType, paths: readonly AccessPath[]): ChecklistEntry[] {
  return (osType === "Windows" ? windows : linux)
    .filter((entry) => entry.paths === undefined || entry.paths.some((path) => paths.includes(path)))
    .map(({ id, when, text }) => ({ id, when, text }));
}

/** One check-list per operating system, for the paths by which its machines are to be reached. */
export function checklistsOf(machines: readonly MachinePlan[]): Checklist[] {
  const systems: OsType[] = ["Windows", "Linux"];
  return systems.flatMap((osType) => {
    const members = machines.filter((machine) => machine.osType === osType);
    if (members.length === 0) return [];
    const paths = new Set<AccessPath>();
    for (const { nics } of members) for (const nic of nics) for (const { path } of nic.access) paths.add(path);
    return [{ osType, entries: guestChecklist(osType, [...paths]) }];
  });
}
