/** What a preview shows of a drill, and what it refuses. */

import { scenarioOf } from "../lifecycle/stages.js";
import { NotFound } from "../siterecovery/errors.js";
import { sameId } from "../siterecovery/siteRecovery.js";
import { missingCertificate } from "./certificates.js";
import { defined } from "./compare.js";
import { accessNameFailures, accessOf, planConnectivityOf } from "./connectivity.js";
import { applyLines } from "./connectivityRun.js";
import { describeSiteNetwork, drillFailures, isDrillBetweenSites } from "./drillNetwork.js";
import {
  describeAway,
  describeUnready,
  drillStateFailures,
  drillWaitFailures,
  isDrilledAtFirstSite,
} from "./drillState.js";
import { missingTarget } from "./existing.js";
import { requireNetworks } from "./existingNetworks.js";
import type { CheckFailure, Context, Properties } from "./handler.js";
import { previewFindings } from "./machineFacts.js";
import { observedMachines, observedMachinesKey } from "./observedMachines.js";
import { describePlanActions } from "./planActionText.js";
import { describeUnseenPoints, drillPointFailures, multiVmFailures } from "./pointRules.js";
import type { Preview } from "./preview.js";
import { describeTarget, itemsInDrill, type LoadedTarget, loadTarget } from "./target.js";
import { show } from "./validate.js";

/**
 * What a preview shows, and the refusals that need Azure's answer.
 *
 * @param isToRun false where a drill that ran only looks at its connectivity again
 */
export async function computed(
  context: Context,
  inputs: Properties,
  failures: CheckFailure[],
  isToRun: boolean,
): Promise<Properties> {
  let loaded: LoadedTarget;
  try {
    loaded = await loadTarget(context, String(inputs.targetId), { isFresh: false });
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    failures.push(await missingTarget(context, inputs, error));
    return {};
  }
  if (isToRun)
    failures.push(...drillStateFailures(context, loaded), ...(await drillWaitFailures(context, loaded)));
  failures.push(...accessNameFailures(loaded.items, inputs), ...productionNetworkFailures(loaded, inputs));
  failures.push(...multiVmFailures(loaded, inputs));
  failures.push(...missingCertificate(loaded.items, inputs), ...(await drillFailures(loaded, inputs)));
  if (isToRun) {
    failures.push(...(await drillPointFailures(context, loaded, inputs)));
    const network = { property: "testNetworkId", subnets: [] };
    await requireNetworks({ context, olds: {}, inputs, failures }, loaded.siteRecovery, [network]);
  }
  if (failures.length > 0) return {};
  const away = describeAway(loaded);
  if (away !== undefined)
    return { preview: { lines: [away], drift: [] }, [observedMachinesKey]: observedMachines(loaded.items) };
  const isInAzure = !isDrillBetweenSites(loaded);
  const { plan, lines: planLines } = isInAzure
    ? await planConnectivityOf(loaded, {
        purpose: "testFailover",
        networkId: String(inputs.testNetworkId),
        allowProductionNetwork: inputs.allowProductionNetwork === true,
        access: accessOf(inputs),
      })
    : { plan: undefined, lines: [describeSiteNetwork(inputs)] };
  const point = isInAzure ? `recovery point ${String(inputs.recoveryPoint)}` : "the copy's newest recovery point";
  const lines: string[] = [];
  if (isToRun) {
    const count = `${loaded.items.length} machine${loaded.items.length === 1 ? "" : "s"}`;
    lines.push(
      `Test failover of ${describeTarget(loaded)}: ${count}, ${point}. Production and replication are not touched.`,
      ...describeUnready(loaded.items),
      ...describeUnseenPoints(loaded, inputs),
      ...drillActionLines(loaded),
    );
  } else lines.push(ranAlready(describeTarget(loaded)));
  if (loaded.isAnyItemMissing)
    lines.push("Machines that do not replicate yet are planned from their declarations.");
  const waiting = itemsInDrill(loaded);
  if (isToRun && waiting.length > 0) {
    lines.push(
      `A test failover waits for its clean-up on ${waiting.map((item) => item.friendlyName).join(", ")}: this resource cleans up its own first, somebody else's makes \`up\` refuse until it is cleaned up.`,
    );
  }
  const preview: Preview = {
    lines: [...lines, ...previewFindings(loaded.items), ...planLines, ...applyLines(inputs, plan, "testFailover")],
    drift: [],
  };
  return defined({ preview, connectivityPlan: plan, [observedMachinesKey]: observedMachines(loaded.items) });
}

/** Of a drill whose settings change otherwise. */
export function ranAlready(target: string): string {
  return `The drill of ${target} ran: \`up\` does not run it again. A change of triggers cleans it up and does.`;
}

/** What the plan of a drill runs around its groups. */
function drillActionLines({ target, items }: LoadedTarget): string[] {
  const [first] = items;
  if (target.kind !== "recoveryPlan" || first === undefined) return [];
  const scenario = scenarioOf(first.instanceType);
  if (scenario === undefined) return [];
  const direction = isDrilledAtFirstSite(first) ? "RecoveryToPrimary" : "PrimaryToRecovery";
  const run = { type: "TestFailover", direction, shutsDown: false } as const;
  const said = describePlanActions(target.plan, scenario, run);
  return said.length > 0 ? [`Plan actions of the drill: ${said.join(", ")}.`] : [];
}

/** A drill in the network of a real failover, where that is not allowed. */
export function productionNetworkFailures(loaded: LoadedTarget, inputs: Properties): CheckFailure[] {
  if (inputs.allowProductionNetwork === true) return [];
  const exposed = loaded.items.filter((item) => sameId(item.targetNetworkId, String(inputs.testNetworkId)));
  if (exposed.length === 0) return [];
  return [
    {
      property: "testNetworkId",
      reason: `value ${show(inputs.testNetworkId)} is the failover network of ${exposed.map((item) => item.friendlyName).join(", ")}: test machines would meet production. Allowed: an isolated network, or allowProductionNetwork: true`,
    },
  ];
}
