/** What a preview says of a failover: the steps in words, what they lose, and what will be missing on the way back. */

import type { Decision } from "../lifecycle/authorise.js";
import { asPlanned, legalStages, path, type Step, stretch } from "../lifecycle/path.js";
import { meaningOf, observe, type Scenario, type Stage, scenarioOf } from "../lifecycle/stages.js";
import { type RecoveryPlan, type ReplicatedItem, sameId } from "../siterecovery/siteRecovery.js";
import type { Properties } from "./handler.js";
import { previewFindings } from "./machineFacts.js";
import { openWaits } from "./openWaits.js";
import { describePlanActions } from "./planActionText.js";
import { stepNames } from "./settle.js";
import { capital, describeStep, type NameOfServer, noNames } from "./stepText.js";
import { describeTarget, type LoadedTarget } from "./target.js";
import { show } from "./validate.js";
import { needsItemCalls, wayBackFindings, wayBackWarning } from "./wayBack.js";

/** What a create would do to machines that are not there yet while it is previewed. */
export function describeUnseenStart(inputs: Properties, items: readonly ReplicatedItem[]): string[] {
  if (inputs.startFrom === undefined) return ["A new Failover takes over the stage that it finds."];
  const from = String(inputs.startFrom).split("@")[0] as Stage;
  const scenario = scenarioOf(items[0]?.instanceType ?? "") ?? "vmware";
  const way = path(scenario, from, inputs.stage as Stage, inputs.through === true);
  const steps = way.isLegal ? way.steps.flatMap((step) => describeStep(step, [], inputs, noNames)) : [];
  return steps.length > 0
    ? [
        `startFrom ${show(inputs.startFrom)} lets this create start as soon as the machines are there and at ${from}:`,
        ...steps,
      ]
    : ["A new Failover takes over the stage that it finds."];
}

export function describeDecision(
  loaded: LoadedTarget,
  scenario: Scenario,
  decision: Decision,
  inputs: Properties,
  name: NameOfServer,
): string[] {
  const target = describeTarget(loaded);
  const stage = inputs.stage as Stage;
  const atProtected = (lines: string[]) => {
    const isProtected = stage === "protected" || (decision.kind === "walk" && decision.walk.from === "protected");
    const warning = isProtected ? wayBackWarning(scenario, loaded.items, inputs) : undefined;
    return warning ? [...lines, warning] : lines;
  };
  if (decision.kind !== "walk") return atProtected(describeReached(loaded, scenario, inputs));
  const movers = loaded.items.filter((item) => decision.walk.items.some((id) => sameId(id, item.id)));
  const lines = [
    ...deprecation(scenario),
    capital(`${target} goes from ${decision.walk.from} to ${decision.walk.to}.`),
    ...describeMovers(loaded, movers),
  ];
  const order = stretch(scenario, decision.walk.from, decision.walk.to);
  for (const step of decision.steps) {
    const under = movers.filter((item) => !isPast(order, step, item));
    if (under.length === 0) continue;
    const only = under.length < movers.length ? under : [];
    lines.push(...describeStep(inputs.kind === "planned" ? asPlanned(step) : step, under, inputs, name, only));
  }
  lines.push(...planLines(loaded, scenario, movers, decision.steps, inputs));
  if (decision.walk.from === "protected") lines.push(...previewFindings(movers));
  const isForward = decision.steps.some((step) => step.to === "failedOver" || step.to === "committed");
  if (isForward) lines.push(...wayBackFindings(movers));
  lines.push(...nextWords(scenario, stage));
  return atProtected(lines);
}

/** Machines that are where they are declared to be, and what may be declared next. */
export function describeReached(loaded: LoadedTarget, scenario: Scenario, inputs: Properties): string[] {
  const stage = inputs.stage as Stage;
  return [
    ...deprecation(scenario),
    capital(`${describeTarget(loaded)} is at ${stage}, as declared: ${meaningOf(scenario, stage)}.`),
    ...nextWords(scenario, stage),
  ];
}

/** The machines that move, in boot order, and where each of them is if that is not the same for all. */
function describeMovers(loaded: LoadedTarget, movers: readonly ReplicatedItem[]): string[] {
  if (loaded.kind === "replicatedItem") return [];
  const isApart = new Set(movers.map(stageNameOf)).size > 1;
  const groups = [...new Set(movers.map((item) => loaded.bootGroup(item)))].sort((a, b) => a - b);
  return groups.map((group) => {
    const own = movers.filter((item) => loaded.bootGroup(item) === group);
    const stages = [...new Set(own.map(stageNameOf))];
    const parts = stages.map((stage) => {
      const names = own.filter((item) => stageNameOf(item) === stage).map((item) => item.friendlyName);
      return `${names.join(", ")}${isApart ? ` now at ${stage}` : ""}`;
    });
    return `  boot group ${group}: ${parts.join("; ")}`;
  });
}

function stageNameOf(item: ReplicatedItem): string {
  const observation = observe(item);
  return observation.kind === "stage" ? observation.stage : observation.kind;
}

/** Whether a machine has this step behind it. */
function isPast(order: readonly Stage[], step: Step, item: ReplicatedItem): boolean {
  const stages: readonly string[] = order;
  return stages.indexOf(stageNameOf(item)) >= stages.indexOf(step.to);
}

/** What may be declared from here, so that nobody has to look it up. */
function nextWords(scenario: Scenario, stage: Stage): string[] {
  const next = legalStages(scenario, stage).filter((legal) => legal !== stage);
  return next.length > 0
    ? [
        `From ${stage} the next word is ${next.map((legal) => `${legal} (${meaningOf(scenario, legal)})`).join(" or ")}.`,
      ]
    : [];
}

/** What a person has to do for a run that waits, or what the word that was added to `completed` sets going. */
export async function describeOpenWaits(
  loaded: LoadedTarget,
  inputs: Properties,
  olds: Properties,
): Promise<{ lines: string[]; goesOn: boolean }> {
  const names = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
  const added = names(inputs.completed).filter((name) => !names(olds.completed).includes(name));
  const waits = (await openWaits(loaded)).map(({ waiting: { name, instructions } }) => {
    return { name, instructions, isAdded: added.includes(name) };
  });
  const unmet = added.filter((name) => !waits.some((wait) => wait.name === name));
  return {
    lines: [
      ...waits.map(({ name, instructions, isAdded }) =>
        isAdded
          ? `${show(name)} is done: the run is resumed, and the walk goes on to ${String(inputs.stage)}.`
          : `It waits for a person: ${name}. ${instructions}`,
      ),
      ...(waits.length > 0 && unmet.length > 0
        ? [`Nothing waits for ${unmet.map(show).join(", ")}, which completed names.`]
        : []),
    ],
    goesOn: waits.some(({ isAdded }) => isAdded),
  };
}

/**
 * What an `up` does about the jobs that machines are busy with.
 *
 * @param isChanged whether the declaration asks for a walk or another point; undefined of a create, which goes on with a
 * job of its own only
 */
export function describeRunning(
  busy: readonly ReplicatedItem[],
  isChanged: boolean | undefined,
  inputs: Properties,
): string[] {
  const jobs = [...new Set(busy.flatMap((item) => item.currentScenario?.scenarioName ?? []))];
  const [job] = jobs;
  if (job === undefined || jobs.some((name) => !stepNames.includes(name))) return [];
  const goesOn = `waits for ${jobs.join(", ")} and goes on to ${String(inputs.stage)}; nothing is started a second time`;
  if (isChanged === undefined)
    return [`Where an earlier run of this declaration started that, \`up\` ${goesOn}; else it starts nothing.`];
  return isChanged ? [`\`up\` ${goesOn}.`] : ["`up` starts nothing as long as that goes on."];
}

/** What the plan runs around its groups for a step, and where it will wait for a person. */
function planActionLines(plan: RecoveryPlan, scenario: Scenario, step: Step, inputs: Properties): string[] {
  const isBack = step.action === "failback";
  if (!isBack && step.action !== "unplannedFailover") return [];
  if (isBack && needsItemCalls(inputs)) return [];
  const direction = isBack ? "RecoveryToPrimary" : "PrimaryToRecovery";
  const isUnplannedBack =
    scenario === "vmwareClassic" ||
    (scenario === "vmmToVmm" && isUnplanned(inputs.failback as Properties | undefined));
  const type = (isBack ? isUnplannedBack : inputs.kind !== "planned") ? "UnplannedFailover" : "PlannedFailover";
  const shutsDown = type === "PlannedFailover" || (!isBack && inputs.shutdownSource !== false);
  const said = describePlanActions(plan, scenario, { type, direction, shutsDown });
  return said.length > 0 ? [`Plan actions of ${step.from} -> ${step.to}: ${said.join(", ")}.`] : [];
}

function isUnplanned(failback: Properties | undefined): boolean {
  return failback?.kind === "unplanned";
}

/** Azure no longer supports classic machines: what is there is read and driven, and nothing new begins. */
function deprecation(scenario: Scenario): string[] {
  if (scenario !== "vmwareClassic") return [];
  return [
    "Deprecated: these are classic machines (InMageAzureV2), which Azure no longer supports since March 2026 and which may not be operable. Move them to the modernised appliance while they are at protected.",
  ];
}

/** Plan actions run in the plan's own call only: where machines move one by one, they do not. */
function planLines(
  loaded: LoadedTarget,
  scenario: Scenario,
  movers: readonly ReplicatedItem[],
  steps: readonly Step[],
  inputs: Properties,
): string[] {
  if (loaded.target.kind !== "recoveryPlan" || loaded.items.length === 0 || loaded.isDeclared) return [];
  const [first] = steps;
  if (!first) return [];
  const { plan } = loaded.target;
  const lines: string[] = [];
  const isOffered = first.operations.some((operation) => plan.allowedOperations.includes(operation));
  const reprotects = steps.some((step) => step.action === "reprotect");
  const reverses = steps.some((step) => step.action === "reverseReplicate");
  if (first.action !== "reprotect" && first.action !== "reverseReplicate" && !isOffered)
    lines.push(
      "The plan does not offer this step: its machines move one by one in boot order, plan actions do not run.",
    );
  if (isOffered && steps.some((step) => step.action === "failback") && needsItemCalls(inputs))
    lines.push(
      "Its machines fail back one by one in boot order, because failback has settings that a plan cannot carry: plan actions do not run.",
    );
  if (movers.length === loaded.items.length)
    for (const step of isOffered ? steps : steps.slice(1))
      lines.push(...planActionLines(plan, scenario, step, inputs));
  if (reprotects || reverses) {
    const what = [
      ...(reprotects ? ["are reprotected"] : []),
      ...(reverses
        ? [scenario === "vmmToVmm" ? "replicate to the second site again" : "replicate to Azure again"]
        : []),
    ].join(" and ");
    lines.push(`The plan's machines ${what} one by one in boot order: Azure does not do that by plan.`);
  }
  return lines;
}
