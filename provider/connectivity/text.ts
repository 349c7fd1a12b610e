import { checklistsOf } from "./checklist.js";
import { listSome } from "./findings.js";
import type {
  AccessPath,
  AccessVerdict,
  ChecklistEntry,
  ConnectivityPlan,
  Finding,
  FixRule,
  MachinePlan,
  NicPlan,
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

/** A name beyond it pushes its own line to the right, not everybody's. */
const widestColumn = 36;

/**
 * The plan in plain ASCII lines for a tired reader: one line per healthy machine, and per machine with which the very
 * same is wrong as with one above; below any other only what is wrong
 * and what mends it, then what concerns all of them.
 */
export function describePlan(plan: ConnectivityPlan, options: DescribeOptions = {}): string[] {
  const wanted =
    options.machines === undefined ? undefined : new Set(options.machines.map((name) => name.toLowerCase()));
  const machines = plan.machines.filter((machine) => wanted?.has(machine.name.toLowerCase()) ?? true);
  const rows = machines.map((machine) => ({ machine, cells: summaryCells(machine) }));
  const widths = [0, 1, 2, 3].map((column) =>
    Math.min(widestColumn, Math.max(0, ...rows.map(({ cells }) => cells[column]?.length ?? 0))),
  );
  const details = new Details(plan);
  const lines: string[] = [];
  const told = new Map<string, string>();
  for (const { machine, cells } of rows) {
    const row = cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
    const below = details.of(machine);
    const key = below.join("\n");
    const first = below.length === 0 ? undefined : told.get(key);
    if (first === undefined) {
      told.set(key, machine.name);
      lines.push(row, ...below);
    } else lines.push(`${row} (as ${first})`);
  }
  lines.push(...sharedLines(plan, machines), ...hintLines(machines));
  return lines.map(toAscii);
}

function summaryCells(machine: MachinePlan): string[] {
  const nic = shownNic(machine);
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

/** The lines below a machine; fixes and findings are looked up by machine, so that a fleet stays linear. */
class Details {
  private readonly findings: ReadonlyMap<string, Finding[]>;
  private readonly fixes: ReadonlyMap<string, { nicId?: string; line: string }[]>;

  constructor({ findings, fix }: ConnectivityPlan) {
    this.findings = groupBy(
      findings.flatMap((finding): [string, Finding][] =>
        finding.machine === undefined ? [] : [[finding.machine, finding]],
      ),
    );
    this.fixes = groupBy([
      ...fix.publicIps.map(({ machine, nicId }): [string, { nicId: string; line: string }] => [
        machine,
        { nicId, line: "attach a Standard public IP" },
      ]),
      ...fix.networkSecurityGroups.flatMap((nsg) => {
        const line = `make NSG ${nsg.name} for the NIC, with ${listSome(nsg.rules.map(ruleWords))}`;
        return nsg.attachTo.map(({ machine, nicId }): [string, { nicId: string; line: string }] => [
          machine,
          { nicId, line },
        ]);
      }),
      ...fix.rules.flatMap((rule) => {
        const line = `NSG ${rule.nsgName}: add ${ruleWords(rule)}`;
        return rule.machines.map((machine): [string, { line: string }] => [machine, { line }]);
      }),
    ]);
  }

  of(machine: MachinePlan): string[] {
    const lines: string[] = [];
    const findings = this.findings.get(machine.name) ?? [];
    const fixes = this.fixes.get(machine.name) ?? [];
    for (const nic of machine.nics) {
      const label = machine.nics.length === 1 ? "" : `NIC ${nic.nicId}: `;
      if (machine.nics.length > 1 && nic !== shownNic(machine))
        lines.push(
          `  ${label}${[addressWords(nic), placeWords(nic), accessWords(nic)].filter(Boolean).join(", ")}`,
        );
      if (nic.address.kind === "impossible" || nic.address.kind === "unknown") {
        if (!findings.some(({ text }) => text.startsWith(nic.address.why)))
          lines.push(`  ${label}${nic.address.why}`);
        continue;
      }
      for (const verdict of nic.access) {
        if (verdict.outcome === "allowed") continue;
        const state = verdict.outcome === "blocked" ? "is blocked" : "is not known";
        lines.push(`  ${label}${accessName(verdict)} ${state}: ${verdict.why}`);
      }
      lines.push(...fixes.filter(({ nicId }) => nicId === nic.nicId).map(({ line }) => `  fix: ${line}`));
    }
    lines.push(...fixes.filter(({ nicId }) => nicId === undefined).map(({ line }) => `  fix: ${line}`));
    lines.push(...findings.map((finding) => `  ${findingLine(finding)}`));
    return lines;
  }
}

function groupBy<T>(pairs: readonly (readonly [string, T])[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const [key, value] of pairs) {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}

/** The NIC of the summary line. */
function shownNic(machine: MachinePlan): NicPlan | undefined {
  return machine.nics.find(({ isPrimary }) => isPrimary) ?? machine.nics[0];
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
  return checklistsOf(machines).flatMap(({ osType, entries }) => {
    const words = (moment: ChecklistEntry["when"]): string =>
      entries
        .filter(({ when }) => when === moment)
        .map(({ id }) => hintWords[id] ?? id)
        .join(", ");
    return [
      `Inside each ${osType} machine, before the failover: ${words("beforeFailover")}.`,
      `For each ${osType} machine, after the failover: ${words("afterFailover")}.`,
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
  azureServices: "services that Azure needs run",
  vmAgent: "Azure VM agent installed",
  publicIp: "public IP attached",
  nsgAllows: "NSGs allow the port",
  dhcp: "address by DHCP expected",
  bootDiagnostics: "boot diagnostics screenshot looked at",
  domainReachable: "domain controller and DNS reachable",
  otherPoint: "another recovery point where it does not start",
  sshAtBoot: "SSH starts at boot",
  firewallSsh: "firewall allows SSH",
  integrationServices: "Hyper-V drivers present",
};

/** Names come from elsewhere; a terminal at 3 a.m. may not show them. */
function toAscii(line: string): string {
  return line.replace(/[^\x20-\x7e]/g, "?");
}
