import { guestChecklist } from "./checklist.js";
import { listSome } from "./findings.js";
import type {
  AccessPath,
  AccessVerdict,
  ConnectivityPlan,
  Finding,
  FixRule,
  MachinePlan,
  NicPlan,
  OsType,
  Severity,
} from "./types.js";

export interface DescribeOptions {
  /** Names of machines to describe; default all. Findings that concern no single machine are always there. */
  machines?: readonly string[];
}

const pathWords: Record<AccessPath, string> = {
  vpn: "VPN",
  expressRoute: "ExpressRoute",
  bastion: "Bastion",
  internet: "Internet",
  private: "private",
};

const severityWords: Record<Severity, string> = { error: "ERROR", warning: "warning", info: "note" };

/**
 * The plan in plain ASCII lines for a tired reader: one line per healthy machine, below a machine only what is wrong
 * and what mends it, then what concerns all of them.
 */
export function describePlan(plan: ConnectivityPlan, options: DescribeOptions = {}): string[] {
  const wanted =
    options.machines === undefined ? undefined : new Set(options.machines.map((name) => name.toLowerCase()));
  const machines = plan.machines.filter((machine) => wanted?.has(machine.name.toLowerCase()) ?? true);
  const rows = machines.map((machine) => ({ machine, cells: summaryCells(machine) }));
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map(({ cells }) => cells[column]?.length ?? 0)));
  const lines: string[] = [];
  for (const { machine, cells } of rows) {
    lines.push(
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
    lines.push(...detailLines(plan, machine));
  }
  lines.push(...sharedLines(plan, machines), ...hintLines(machines));
  return lines.map(toAscii);
}

function summaryCells(machine: MachinePlan): string[] {
  const nic = machine.nics.find(({ isPrimary }) => isPrimary) ?? machine.nics[0];
  if (nic === undefined) return [machine.name, machine.osType ?? "?", "no NIC in Azure", "", ""];
  return [machine.name, machine.osType ?? "?", addressWords(nic), placeWords(nic), accessWords(nic)];
}

function addressWords(nic: NicPlan): string {
  const { address } = nic;
  switch (address.kind) {
    case "kept":
      return `${address.address ?? ""} (kept)`;
    case "chosen":
      return `${nic.addressNow === undefined ? "" : `${nic.addressNow} -> `}${address.address ?? ""}`;
    case "dynamic":
      return `${nic.addressNow === undefined ? "" : `${nic.addressNow} -> `}some free address`;
    case "impossible":
      return "NO ADDRESS";
    case "unknown":
      return "known after apply";
  }
}

function placeWords(nic: NicPlan): string {
  if (nic.networkName === undefined) return "";
  return nic.subnetName === undefined
    ? nic.networkName
    : `${nic.networkName}/${nic.subnetName} ${nic.subnetPrefix ?? ""}`.trimEnd();
}

function accessWords(nic: NicPlan): string {
  return nic.access.map((verdict) => `${accessName(verdict)}: ${outcomeWords[verdict.outcome]}`).join(", ");
}

const outcomeWords: Record<AccessVerdict["outcome"], string> = {
  allowed: "ok",
  blocked: "BLOCKED",
  unknown: "not known",
};

function accessName({ protocol, port, path }: AccessVerdict): string {
  const service =
    protocol === "Tcp" && port === 3389
      ? "RDP"
      : protocol === "Tcp" && port === 22
        ? "SSH"
        : `${protocol} ${port}`;
  return `${service} by ${pathWords[path]}`;
}

function detailLines(plan: ConnectivityPlan, machine: MachinePlan): string[] {
  const lines: string[] = [];
  for (const nic of machine.nics) {
    const label = machine.nics.length === 1 ? "" : `NIC ${nic.nicId}: `;
    if (machine.nics.length > 1 && !nic.isPrimary)
      lines.push(`  ${label}${[addressWords(nic), placeWords(nic), accessWords(nic)].filter(Boolean).join(", ")}`);
    if (nic.address.kind === "impossible") {
      lines.push(`  ${label}no address: ${nic.address.why}`);
      continue;
    }
    if (nic.address.kind === "unknown") {
      lines.push(`  ${label}${nic.address.why}`);
      continue;
    }
    for (const verdict of nic.access) {
      if (verdict.outcome === "allowed") continue;
      lines.push(
        `  ${label}${accessName(verdict)} ${verdict.outcome === "blocked" ? "is blocked" : "is not known"}: ${verdict.why}`,
      );
    }
    lines.push(...fixLines(plan, machine, nic).map((line) => `  fix: ${line}`));
  }
  const repeated = new Set(machine.nics.map(({ address }) => address.why));
  for (const finding of plan.findings) {
    if (finding.machine !== machine.name || repeated.has(finding.text)) continue;
    lines.push(`  ${findingLine(finding)}`);
  }
  return lines;
}

function fixLines(plan: ConnectivityPlan, machine: MachinePlan, nic: NicPlan): string[] {
  const lines: string[] = [];
  const isHere = ({ machine: name, nicId }: { machine: string; nicId: string }): boolean =>
    name === machine.name && nicId === nic.nicId;
  if (plan.fix.publicIps.some(isHere)) lines.push("attach a Standard public IP");
  for (const nsg of plan.fix.networkSecurityGroups) {
    if (nsg.attachTo.some(isHere))
      lines.push(`make NSG ${nsg.name} for the NIC, with ${listSome(nsg.rules.map(ruleWords))}`);
  }
  for (const rule of plan.fix.rules) {
    if (nic.isPrimary && rule.machines.includes(machine.name))
      lines.push(`NSG ${rule.nsgName}: add ${ruleWords(rule)}`);
  }
  return lines;
}

function ruleWords(rule: Omit<FixRule, "nsgId" | "nsgName">): string {
  return `${rule.name} (${rule.priority}, ${rule.protocol} ${listSome(rule.sources, 3)} -> ${listSome(rule.destinations, 2)} port ${rule.destinationPorts.join(",")})`;
}

function sharedLines(plan: ConnectivityPlan, machines: readonly MachinePlan[]): string[] {
  const known = new Set(plan.machines.map(({ name }) => name));
  const lines = plan.findings
    .filter((finding) => finding.machine === undefined || !known.has(finding.machine))
    .map(findingLine);
  const { rules, networkSecurityGroups, publicIps } = plan.fix;
  const parts = [
    count(rules.length, "rule"),
    count(networkSecurityGroups.length, "new NSG"),
    count(publicIps.length, "public IP"),
  ].filter(Boolean);
  if (parts.length > 0 && machines.length > 1) lines.push(`Smallest fix in all: ${parts.join(", ")}.`);
  return lines;
}

function count(number: number, what: string): string {
  return number === 0 ? "" : `${number} ${what}${number === 1 ? "" : "s"}`;
}

function findingLine(finding: Finding): string {
  const remedy = finding.remedy === "" ? "" : ` -> ${finding.remedy}`;
  return `${severityWords[finding.severity]}: ${finding.text}${remedy}`;
}

/** Guests are out of the planner's sight: one line per operating system says what to see to. */
function hintLines(machines: readonly MachinePlan[]): string[] {
  const systems: OsType[] = ["Windows", "Linux"];
  return systems.flatMap((osType) => {
    const members = machines.filter((machine) => machine.osType === osType);
    if (members.length === 0) return [];
    const paths = members.flatMap((machine) => machine.nics.flatMap((nic) => nic.access.map(({ path }) => path)));
    const entries = guestChecklist(osType, [...new Set(paths)]).filter(({ when }) => when === "beforeFailover");
    return [
      `Inside each ${osType} machine, before the failover: ${entries.map(({ id }) => hintWords[id] ?? id).join(", ")}.`,
    ];
  });
}

const hintWords: Record<string, string> = {
  rdpEnabled: "RDP on",
  firewallPublic: "firewall allows RDP (all profiles)",
  firewallDomainPrivate: "firewall allows RDP (Domain, Private)",
  noPersistentRoutes: "no persistent routes or WinHTTP proxy",
  sanPolicy: "SAN policy OnlineAll",
  noPendingUpdates: "no pending updates",
  sshAtBoot: "SSH starts at boot",
  firewallSsh: "firewall allows SSH",
  integrationServices: "Hyper-V drivers present",
};

/** Names come from elsewhere; a terminal at 3 a.m. may not show them. */
function toAscii(line: string): string {
  return line.replace(/[^\x20-\x7e]/g, "?");
}
