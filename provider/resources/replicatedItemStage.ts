/** Where the machine of a replicated item is, and what that allows. */

import { describeObservation, observe } from "../lifecycle/stages.js";
import { NotAllowedInState } from "../siterecovery/errors.js";
import type { ReplicatedItem } from "../siterecovery/siteRecovery.js";
import { changedKeys } from "./compare.js";
import type { Properties } from "./handler.js";
import { differences, inPlace, restarting } from "./replicatedItemSettings.js";

/** At `protected`, with its first copy complete. */
export function isReady(item: ReplicatedItem): boolean {
  const observation = observe(item);
  return observation.kind === "stage" && observation.stage === "protected" && observation.isReady;
}

/** True where nothing has to be asked of Azure: so a drill or a failed-over machine does not get in the way of adopting. */
export function isUnchanged(
  news: Properties,
  item: ReplicatedItem,
  prior: { outputs: Properties } | undefined,
): boolean {
  const observation = observe(item);
  if (observation.kind !== "stage") return false;
  if (observation.stage !== "protected") {
    return prior !== undefined && changedKeys(prior.outputs, news, [...inPlace, ...restarting]).length === 0;
  }
  return (observation.isReady || news.waitUntil === "started") && differences(news, item).length === 0;
}

export type Doing = "creating" | "updating" | "deleting";

/** @throws NotAllowedInState with the reason and the way */
export function requireProtected(item: ReplicatedItem, doing: Doing): void {
  const reason = offStage(item, doing);
  if (reason !== undefined)
    throw new NotAllowedInState(`${doing} replicated item "${item.name}": ${reason}`, {
      resourceId: item.id,
      operation: doing,
    });
}

/** Why it cannot be done where the machine is now, and the way; undefined = it can. */
export function offStage(item: ReplicatedItem, doing: Doing): string | undefined {
  const observation = observe(item);
  const scenario = item.currentScenario?.scenarioName;
  if (
    observation.kind === "busy" &&
    (scenario === undefined ||
      ["EnableDr", "EnableProtection", "UpdateVmProperties", "IrCompletion", "None"].includes(scenario))
  )
    return undefined;
  const isDrillPending = observation.kind === "stage" && observation.isDrillPending;
  if (observation.kind === "stage" && observation.stage === "protected" && !isDrillPending) return undefined;
  const way = isDrillPending ? "Clean the test failover up first." : wayTo[doing];
  return `its machine is ${describeObservation(item)}. ${way}`;
}

const wayTo: Readonly<Record<Doing, string>> = {
  creating:
    "A resource that is new to the stack takes a machine over at `protected`: give a renamed one its old name as an alias, or restore the stack's state; a Failover drives the machine without it, by its ARM id.",
  updating:
    "Its settings can be changed while it is at `protected`: bring it back there with its Failover, or undo the change.",
  deleting:
    "Bring the machine back to `protected` with its Failover, or set completeMigration: true and run `pulumi up` first (replication then ends for good, the machine stays in Azure and cannot fail back).",
};
