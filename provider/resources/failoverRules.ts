/** What a failover's arguments may say for the kind of machine at hand, and for the walk that they ask for. */

import type { Decision } from "../lifecycle/authorise.js";
import { observe, type Scenario, type Stage } from "../lifecycle/stages.js";
import { sameId } from "../siterecovery/siteRecovery.js";
import { missingCertificate } from "./certificates.js";
import type { CheckFailure, Context, Properties } from "./handler.js";
import { multiVmFailures, pointFailures } from "./pointRules.js";
import { itemsInDrill, type LoadedTarget } from "./target.js";
import { show } from "./validate.js";
import { impossibleSteps, missingFor, wayBackFailures } from "./wayBack.js";
import { scenarioName } from "./wayBackArgs.js";

/** Options that this kind of machine does not have, or has otherwise. All of them at once. */
export async function optionFailures(
  context: Context,
  loaded: LoadedTarget,
  scenario: Scenario,
  inputs: Properties,
): Promise<CheckFailure[]> {
  const isHyperV = scenario === "hyperV" || scenario === "vmmToVmm";
  const these = `${scenarioName[scenario]}, here ${whereTheyAre(loaded)}`;
  const failures: CheckFailure[] = [];
  if (inputs.kind === "planned") {
    if (!isHyperV) {
      failures.push({
        property: "kind",
        reason: `value "planned" is not for ${these}: Azure fails them over unplanned only, because it does not see their last changes; allowed: "unplanned" (shutdownSource: true shuts them down first)`,
      });
    }
    // Afterwards it may be changed, as after any failover.
    const isAhead = loaded.items.some((item) => {
      const observation = observe(item);
      return observation.kind === "stage" && observation.stage === "protected";
    });
    if (inputs.recoveryPoint !== "latest" && isAhead) {
      failures.push({
        property: "recoveryPoint",
        reason: `value ${show(inputs.recoveryPoint)} is not for a planned failover, which uses the latest state of the source; allowed: "latest"`,
      });
    }
    if (inputs.shutdownSource === false) {
      failures.push({
        property: "shutdownSource",
        reason:
          'value false is not for a planned failover, which always shuts the source down; allowed: true, or kind "unplanned"',
      });
    }
  }
  if (scenario === "vmmToVmm" && inputs.recoveryPoint !== "latest") {
    failures.push({
      property: "recoveryPoint",
      reason: `value ${show(inputs.recoveryPoint)} is not for ${these}: a point can be chosen towards Azure only; allowed: "latest"`,
    });
  }
  if (scenario === "vmmToVmm" && inputs.connectivity !== undefined) {
    failures.push({
      property: "connectivity",
      reason: `value ${show(inputs.connectivity)} is not for ${these}: nothing of them is made in Azure; leave it out`,
    });
  }
  failures.push(...multiVmFailures(loaded, inputs));
  failures.push(...missingCertificate(loaded.items, inputs));
  failures.push(...(await wayBackFailures(context, loaded, scenario, inputs)));
  return failures;
}

/** How many machines a message names. */
const mostNames = 5;

/** The machines and their stages, as `web01, web02 at protected`. */
function whereTheyAre({ items }: LoadedTarget): string {
  const stages = new Map<string, string[]>();
  for (const item of items) {
    const observation = observe(item);
    const stage = observation.kind === "stage" ? observation.stage : observation.kind;
    stages.set(stage, [...(stages.get(stage) ?? []), item.friendlyName]);
  }
  return [...stages]
    .map(([stage, names]) => {
      const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : "";
      return `${names.slice(0, mostNames).join(", ")}${more} at ${stage}`;
    })
    .join(", ");
}

/** A drill in the way: Azure offers nothing but its clean-up, and a `TestFailover` that is taken out goes last. */
function drillFailures(loaded: LoadedTarget, inputs: Properties): CheckFailure[] {
  const waiting = itemsInDrill(loaded);
  if (waiting.length === 0 || inputs.cleanUpTestFailover === true) return [];
  return [
    {
      property: "cleanUpTestFailover",
      reason: `value ${show(inputs.cleanUpTestFailover ?? false)}: a test failover waits for its clean-up on ${waiting.map((item) => item.friendlyName).join(", ")}, and Azure offers nothing else until then; clean it up in an \`up\` of its own first, or set cleanUpTestFailover: true`,
    },
  ];
}

/** What a walk, or a change of the point, cannot do: said before anything starts. */
export async function walkFailures(
  context: Context,
  loaded: LoadedTarget,
  scenario: Scenario,
  decision: Decision,
  inputs: Properties,
  isPointChange: boolean,
): Promise<CheckFailure[]> {
  const failures: CheckFailure[] = [];
  if (decision.kind === "walk") {
    const movers = loaded.items.filter((item) => decision.walk.items.some((id) => sameId(id, item.id)));
    const actions = decision.steps.map((step) => step.action);
    failures.push(...drillFailures(loaded, inputs));
    failures.push(...missingFor(actions, scenario, movers, inputs));
    for (const reason of impossibleSteps(actions, movers))
      failures.push({ property: "stage", reason: `value ${show(inputs.stage)} is not possible: ${reason}` });
  }
  const isFailover =
    decision.kind === "walk" && decision.walk.from === "protected" && (inputs.stage as Stage) !== "protected";
  if (inputs.recoveryPoint !== "latest" && (isPointChange || isFailover))
    failures.push(...(await pointFailures(context, loaded, inputs)));
  return failures;
}
