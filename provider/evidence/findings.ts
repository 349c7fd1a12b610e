/** What a run's machines and their plan give reason to say, each with what to do about it. */

import type { ConnectivityPlan } from "../connectivity/types.js";
import type { EvidenceFinding, MachineEvidence, TaskEvidence } from "./types.js";

/** Ids of what the run itself contradicts: a machine that is missing, a plan that was not true, a goal that was missed. */
const ofTheRun = [
  "machineNotFound",
  "differsFromPlan",
  "taskFailed",
  "missedRecoveryTimeGoal",
  "missedRecoveryPointGoal",
];

/** True for what the run itself contradicts, as against what is only worth knowing. */
export function isOfTheRun(finding: EvidenceFinding): boolean {
  return ofTheRun.includes(finding.id);
}

/**
 * What machines give reason to say.
 *
 * @param isInAzure whether the run was to make machines in Azure
 */
export function machineFindings(
  machines: readonly MachineEvidence[],
  plan: ConnectivityPlan | undefined,
  isInAzure: boolean,
): EvidenceFinding[] {
  return machines.flatMap((machine) => [
    ...(isInAzure && machine.virtualMachineId === undefined
      ? [
          {
            id: "machineNotFound",
            severity: "error" as const,
            machine: machine.name,
            text: "the machine that the run should have made was not found",
            remedy: "look at its steps in the job; somebody may have deleted or renamed it since",
          },
        ]
      : []),
    ...machine.access.flatMap((access) => accessFinding(machine.name, access, plan)),
  ]);
}

function accessFinding(
  machine: string,
  access: MachineEvidence["access"][number],
  plan: ConnectivityPlan | undefined,
): EvidenceFinding[] {
  const what = `${access.protocol}/${access.port} by ${access.path}`;
  if (access.differsFromPlan) {
    const word = (isOpen: boolean | null | undefined) => (isOpen ? "reachable" : "blocked");
    return [
      {
        id: "differsFromPlan",
        severity: "error",
        machine,
        text: `${what} was planned ${word(access.planned)}, Azure says ${word(access.reachable)} (${access.decidedBy})`,
        remedy: "somebody changed the network since the plan was made: run `pulumi preview` and compare",
      },
    ];
  }
  if (access.reachable === null) {
    return [
      {
        id: "accessNotVerified",
        severity: "warning",
        machine,
        text: `whether ${what} works was ${access.decidedBy}`,
        remedy: "enable Network Watcher in the region, and let the identity ask it",
      },
    ];
  }
  if (access.reachable) return [];
  return [
    {
      id: "accessBlocked",
      severity: "warning",
      machine,
      text: `${what} is blocked (${access.decidedBy})`,
      remedy: fixOf(plan, machine) ?? "open what is wanted, or do not ask for this access",
    },
  ];
}

/** The plan's own fix for a machine, as a sentence. */
function fixOf(plan: ConnectivityPlan | undefined, machine: string): string | undefined {
  if (plan === undefined) return undefined;
  const parts = [
    ...plan.fix.rules
      .filter((rule) => rule.machines.includes(machine))
      .map(({ name, nsgName }) => `add rule ${name} to NSG ${nsgName}`),
    ...plan.fix.networkSecurityGroups
      .filter((nsg) => nsg.attachTo.some((attached) => attached.machine === machine))
      .map(({ name }) => `make NSG ${name}`),
    ...plan.fix.publicIps.filter((entry) => entry.machine === machine).map(() => "give it a public IP address"),
  ];
  return parts.length === 0 ? undefined : `${parts.join(", ")}; connectivity: { apply: true } does it`;
}

/** Steps that failed, although the run may have gone on. */
export function taskFindings(tasks: readonly TaskEvidence[]): EvidenceFinding[] {
  return tasks
    .filter((task) => task.state === "Failed")
    .map((task) => ({
      id: "taskFailed",
      severity: /shut\s*down/i.test(task.name) ? ("warning" as const) : ("error" as const),
      ...(task.machine === undefined ? {} : { machine: task.machine }),
      text: `step "${task.name}" failed`,
      remedy: "look at the job in the portal: it names causes and what to do",
    }));
}

const order = ["error", "warning", "info"];

/** The worst first, each kind in its own order, nothing twice. */
export function sortFindings(findings: readonly EvidenceFinding[]): EvidenceFinding[] {
  const seen = new Set<string>();
  return findings
    .filter((finding) => {
      const key = JSON.stringify([finding.id, finding.machine, finding.text]);
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    })
    .sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

/** A finding as one line of text. */
export function findingLine(finding: EvidenceFinding): string {
  return finding.machine === undefined ? finding.text : `${finding.machine}: ${finding.text}`;
}
