/** Where machines can be drilled: at `protected`, and between two VMM sites also while they replicate back. */

import { legalNextStages } from "../lifecycle/path.js";
import { describeObservation, meaningOf, observe, type Scenario, scenarioOf } from "../lifecycle/stages.js";
import { NotAllowedInState } from "../siterecovery/errors.js";
import type { ReplicatedItem } from "../siterecovery/siteRecovery.js";
import { notReplicatedYet } from "./declared.js";
import { startNames } from "./drill.js";
import { isBetweenSites } from "./drillNetwork.js";
import type { CheckFailure, Context } from "./handler.js";
import { openWaits } from "./openWaits.js";
import { describeTarget, type LoadedTarget } from "./target.js";
import { show } from "./validate.js";

/**
 * Between two VMM sites Azure offers a test failover in either direction (recorded); to on-premises VMware it offers none,
 * and Hyper-V has no stage at which machines in Azure replicate back.
 */
function isDrillStage(scenario: Scenario | undefined, stage: string): boolean {
  return stage === "protected" || (scenario === "vmmToVmm" && stage === "reprotected");
}

/** True for a machine between two VMM sites whose drill comes up at the first one. */
export function isDrilledAtFirstSite(item: Pick<ReplicatedItem, "instanceType" | "activeLocation">): boolean {
  return isBetweenSites(item) && item.activeLocation === "Recovery";
}

/** Notes that an `up` brings the machines of a walk to where they can be drilled. */
export function expectDrillable(
  context: Context,
  scenario: Scenario | undefined,
  stage: string,
  ids: readonly string[],
): void {
  if (isDrillStage(scenario, stage)) for (const id of ids) context.drillable.add(id.toLowerCase());
}

/**
 * Refuses, naming every machine, unless all can be drilled, replicate, and have no drill.
 *
 * @throws NotAllowedInState
 */
export function requireDrillable(loaded: LoadedTarget, doing: string): void {
  const others = loaded.items.filter((item) => {
    const observation = observe(item);
    return (
      observation.kind !== "stage" ||
      !isDrillStage(scenarioOf(item.instanceType), observation.stage) ||
      !observation.isReady ||
      observation.isDrillPending
    );
  });
  const reason =
    loaded.items.length === 0
      ? "it has no machine"
      : others.length > 0
        ? others.map((item) => `${item.friendlyName} is ${describeObservation(item)}`).join("; ")
        : describeTwoSides(loaded.items);
  if (reason === undefined) return;
  throw new NotAllowedInState(
    `${doing} ${describeTarget(loaded)}: ${reason}. All its machines must be protected and replicating. Nothing was started.`,
    { resourceId: loaded.id, operation: doing },
  );
}

/**
 * Machines that are where no drill can begin, unless a `Failover` of this run brings them back first. Those that a job
 * holds are left out: where it leads is not known yet.
 */
export function drillStateFailures(context: Context, loaded: LoadedTarget): CheckFailure[] {
  const reasons = loaded.items.flatMap((item) => {
    const observation = observe(item);
    const scenario = scenarioOf(item.instanceType);
    if (observation.kind !== "stage" || scenario === undefined || isDrillStage(scenario, observation.stage))
      return [];
    if (context.drillable.has(item.id.toLowerCase())) return [];
    const next = legalNextStages(scenario, observation.stage).join(" or ");
    return [
      `${item.friendlyName} is at ${observation.stage} (${meaningOf(scenario, observation.stage)}; the next word of its Failover is ${next})`,
    ];
  });
  const isAnyBack = loaded.items.some((item) => context.drillable.has(item.id.toLowerCase()));
  const twoSides = isAnyBack ? undefined : describeTwoSides(loaded.items);
  if (reasons.length === 0 && twoSides) reasons.push(twoSides);
  if (reasons.length === 0) return [];
  const allowed = loaded.items.every(isBetweenSites)
    ? "machines that are all at protected, or all at reprotected"
    : "machines at protected";
  return [
    {
      property: "targetId",
      reason: `value ${show(loaded.id)} cannot be drilled now: ${reasons.join("; ")}. Allowed: ${allowed}; where a Failover of this program brings them there, let the drill depend on it (dependsOn)`,
    },
  ];
}

/**
 * Machines that a job holds which waits for a person: unlike one that runs, it does not end by itself before the drill
 * begins, unless a `Failover` of this run lets it go on.
 */
export async function drillWaitFailures(context: Context, loaded: LoadedTarget): Promise<CheckFailure[]> {
  if (loaded.items.every((item) => context.drillable.has(item.id.toLowerCase()))) return [];
  const foreign = (await openWaits(loaded)).filter(({ job }) => !startNames.includes(job.scenarioName));
  if (foreign.length === 0) return [];
  const held = foreign.map(
    ({ job, waiting }) => `job ${job.scenarioName} (${job.name}) waits for a person: ${waiting.name}`,
  );
  return [
    {
      property: "targetId",
      reason: `value ${show(loaded.id)} cannot be drilled now: ${held.join("; ")}. Allowed: machines that no such job holds; where a Failover of this program lets it go on (completed) and brings them to protected, let the drill depend on it (dependsOn)`,
    },
  ];
}

/** What a preview says of machines that a `Failover` of the same run brings back before their drill begins. */
export function describeAway(loaded: LoadedTarget): string | undefined {
  const away = loaded.items.flatMap((item) => {
    const observation = observe(item);
    return observation.kind === "stage" && !isDrillStage(scenarioOf(item.instanceType), observation.stage)
      ? [`${item.friendlyName} is at ${observation.stage}`]
      : [];
  });
  if (away.length === 0) return undefined;
  return `Test failover of ${describeTarget(loaded)}: ${away.join(", ")}, and a Failover of this program brings them back first. Who can connect is known after that.`;
}

/** Machines that are not ready while it is previewed, in lines: an `up` refuses their drill as long as that is so. */
export function describeUnready(items: readonly ReplicatedItem[]): string[] {
  const present = items.filter((item) => item.protectionState !== notReplicatedYet);
  const copying = present.flatMap((item) => {
    const observation = observe(item);
    return observation.kind === "stage" && !observation.isReady ? [item.friendlyName] : [];
  });
  // A drill that runs already may be this one, which an earlier run began.
  const busy = present.filter(
    (item) => observe(item).kind === "busy" && !startNames.includes(item.currentScenario?.scenarioName ?? ""),
  );
  return [
    ...(copying.length > 0
      ? [
          `The first copy, or a resynchronisation, of ${copying.join(", ")} is not complete: \`up\` refuses the drill until it is.`,
        ]
      : []),
    ...(busy.length > 0
      ? [
          `${busy.map((item) => `${item.friendlyName} is ${describeObservation(item)}`).join("; ")}: \`up\` refuses the drill as long as that goes on.`,
        ]
      : []),
  ];
}

/** One drill has one direction. */
function describeTwoSides(items: readonly ReplicatedItem[]): string | undefined {
  const [there, here] = [items.filter(isDrilledAtFirstSite), items.filter((item) => !isDrilledAtFirstSite(item))];
  if (there.length === 0 || here.length === 0) return undefined;
  const names = (some: readonly ReplicatedItem[]) => some.map((item) => item.friendlyName).join(", ");
  return `${names(here)} replicate to the second site and ${names(there)} to the first, and one drill has one direction`;
}
