/** A step of a walk in words: what it does, by whom and to where, and what it costs. */

import type { Step } from "../lifecycle/path.js";
import type { ReplicatedItem } from "../siterecovery/siteRecovery.js";
import type { Properties } from "./handler.js";
import { isPhysical } from "./machineFacts.js";
import type { LoadedTarget } from "./target.js";
import { argumentsFor, fabricsOf, failbackSettings, impossibleSteps, isServer } from "./wayBack.js";

/** The name of a server or an account, as `getAppliances` lists it; the id itself where no fabric knows it. */
export type NameOfServer = (id: unknown) => string;

/** The servers and accounts of the fabrics that a target's machines belong to. */
export async function serverNames(loaded: LoadedTarget): Promise<NameOfServer> {
  const servers = (await fabricsOf(loaded)).flatMap((fabric) => [
    ...fabric.reprotectAgents,
    ...fabric.processServers,
    ...fabric.masterTargets,
    ...fabric.runAsAccounts,
    ...fabric.hyperVHosts,
  ]);
  return (id) => servers.find((server) => isServer(server.id, String(id)))?.name ?? String(id);
}

/** Servers of machines that nobody has seen yet. */
export const noNames: NameOfServer = String;

/** @param only The machines that take this step, where not all of the walk do. */
export function describeStep(
  step: Step,
  movers: readonly ReplicatedItem[],
  inputs: Properties,
  name: NameOfServer,
  only: readonly ReplicatedItem[] = [],
): string[] {
  const whom = only.length > 0 ? ` of ${only.map((item) => item.friendlyName).join(", ")} alone` : "";
  const lines = [
    `  ${step.from} -> ${step.to} (${step.action})${whom}: ${step.does}.${detailOf(step, movers, inputs, name)}`,
  ];
  if (step.loss !== "") lines.push(`    ${step.isReversible ? "Note" : "Cannot be undone"}: ${step.loss}.`);
  for (const text of impossibleSteps([step.action], movers)) lines.push(`    Not possible: ${text}.`);
  return lines;
}

function detailOf(step: Step, movers: readonly ReplicatedItem[], inputs: Properties, name: NameOfServer): string {
  switch (step.action) {
    case "unplannedFailover":
      return ` Recovery point: ${String(inputs.recoveryPoint)}. Source machines are ${inputs.shutdownSource === true ? "shut down first as far as they can be reached" : "not shut down"}.`;
    case "plannedFailover":
      return " Source machines are shut down and their last changes are sent first; the latest recovery point is used.";
    case "reprotect": {
      const physical = movers.filter(isPhysical).map((item) => item.friendlyName);
      const said = perMachine(movers, (item) => reprotectWords(argumentsFor("reprotect", item, inputs), name));
      return physical.length > 0
        ? `${said} Physical servers come back as VMware machines in that datastore, and are themselves left as they are: ${physical.join(", ")}.`
        : said;
    }
    case "failback":
      return perMachine(movers, (item) => failbackWords(item, inputs, name));
    case "reverseReplicate":
      return perMachine(movers, (item) => reverseWords(argumentsFor("reverse", item, inputs), name));
    default:
      return "";
  }
}

function reprotectWords(given: Properties, name: NameOfServer): string {
  return phrase([
    given.reprotectAgentId && `by appliance ${name(given.reprotectAgentId)}`,
    given.masterTargetId && `by master target ${name(given.masterTargetId)}`,
    given.processServerId && `process server ${name(given.processServerId)}`,
    given.datastoreName && `to datastore ${String(given.datastoreName)}`,
    given.retentionDrive && `retention drive ${String(given.retentionDrive)}`,
    given.runAsAccountId && `account ${name(given.runAsAccountId)}`,
    given.policyId && `policy ${lastSegment(given.policyId)}`,
  ]);
}

function reverseWords(given: Properties, name: NameOfServer): string {
  return phrase([
    given.processServerId && `by process server ${name(given.processServerId)}`,
    given.masterTargetId && `master target ${name(given.masterTargetId)}`,
    given.policyId && `policy ${lastSegment(given.policyId)}`,
    given.runAsAccountId && `account ${name(given.runAsAccountId)}`,
    given.storageAccountId && `to storage account ${lastSegment(given.storageAccountId)}`,
  ]);
}

function failbackWords(item: ReplicatedItem, inputs: Properties, name: NameOfServer): string {
  const settings = failbackSettings(item, inputs);
  if (item.instanceType.startsWith("InMage")) return `recovery point ${settings.recoveryPointType}`;
  if (!item.instanceType.startsWith("HyperVReplicaAzure")) return settings.isPlanned ? "planned" : "unplanned";
  const { dataSyncOption, recoveryVmCreationOption, providerIdForAlternateRecovery: other } = settings;
  return phrase([
    dataSyncOption === "ForSynchronization"
      ? "data is synchronised first, then a person completes the failover"
      : "data is copied while the machine is down",
    recoveryVmCreationOption === "CreateVmIfNotFound" && "a machine that is gone is made",
    other && `on host ${name(other)}`,
  ]);
}

function phrase(parts: readonly unknown[]): string {
  return parts.filter((part) => typeof part === "string" && part !== "").join(", ");
}

function lastSegment(id: unknown): string {
  return String(id).split("/").at(-1) ?? "";
}

/** From how many machines of one phrase on they are called the others. */
const many = 4;

/** One phrase where all machines share it, else one for each; most of many machines are called the others. */
function perMachine(movers: readonly ReplicatedItem[], say: (item: ReplicatedItem) => string): string {
  const phrases = new Map<string, string[]>();
  for (const item of movers) {
    const phrase = say(item);
    phrases.set(phrase, [...(phrases.get(phrase) ?? []), item.friendlyName]);
  }
  const [[only] = []] = phrases;
  if (phrases.size <= 1) return only ? ` ${capital(only)}.` : "";
  const words = (phrase: string) => phrase || "as Azure has it";
  const [most = "", others = []] = [...phrases].sort(([, a], [, b]) => b.length - a.length)[0] ?? [];
  if (others.length < many)
    return ` ${movers.map((item) => `${item.friendlyName}: ${words(say(item))}`).join("; ")}.`;
  const own = [...phrases].filter(([phrase]) => phrase !== most);
  const named = own.map(([phrase, names]) => `${names.join(", ")}: ${words(phrase)}`);
  return ` ${[...named, `the others: ${words(most)}`].join("; ")}.`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
