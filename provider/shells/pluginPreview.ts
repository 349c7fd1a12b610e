/**
 * What a create or an update will answer, as far as a preview can know it. Everything that follows from the inputs and
 * from what is there already is known; what only the run can tell is unknown.
 */

import { unknownMarker } from "../connectivity/unknown.js";
import { legalNextStages } from "../lifecycle/path.js";
import type { Scenario } from "../lifecycle/stages.js";
import type { Handler, Properties } from "../resources/handler.js";

interface Prior {
  id: string;
  outputs: Properties;
}

/** Outputs that an update leaves as they are, by resource. */
const stableOutputs: Readonly<Record<string, readonly string[]>> = {
  ReplicatedItem: ["friendlyName", "osType", "mobilityAgentVersion"],
  Failover: ["lastFailover"],
};

let outputNames: Promise<ReadonlyMap<string, readonly string[]>> | undefined;

/**
 * The outputs of a create or an update that is only previewed. Writes nothing.
 *
 * @param prior the resource as it is; undefined = a create
 */
export async function foresee(
  handler: Handler,
  news: Properties,
  prior: Prior | undefined,
  options: { readSchema: () => Promise<string> },
): Promise<Properties> {
  outputNames ??= readOutputNames(options.readSchema);
  const names = (await outputNames).get(handler.token) ?? [];
  const unknowns = Object.fromEntries(names.map((name) => [name, unknownMarker]));
  const stable = (stableOutputs[handler.token] ?? []).flatMap((key) =>
    prior && key in prior.outputs ? [[key, prior.outputs[key]] as const] : [],
  );
  return { ...unknowns, ...Object.fromEntries(stable), ...reached(handler, news, prior), ...news };
}

/** What is certain for one kind of resource. */
function reached(handler: Handler, news: Properties, prior: Prior | undefined): Properties {
  if (handler.token === "ReplicatedItem" && news.targetVmName !== undefined)
    return { failoverVmName: news.targetVmName };
  if (handler.token === "TestFailover" && prior && isOver(prior.outputs)) return prior.outputs;
  if (handler.token !== "Failover") return {};
  const preview = news.preview as { drift?: unknown[] } | undefined;
  const isDrift = Array.isArray(preview?.drift) && preview.drift.length > 0;
  if (isDrift && prior) return { ...prior.outputs };
  const machines = Array.isArray(news.observedMachines)
    ? (news.observedMachines as { scenario?: Scenario }[])
    : [];
  const scenario = machines[0]?.scenario;
  return {
    observedStage: news.stage,
    lastAppliedStage: news.stage,
    ...(scenario ? { legalNextStages: legalNextStages(scenario, String(news.stage)) } : {}),
  };
}

/** A drill that ran keeps its evidence whatever else changes. */
function isOver(outputs: Properties): boolean {
  return outputs.status !== undefined && outputs.status !== "running" && outputs.status !== "failed";
}

async function readOutputNames(
  readSchema: () => Promise<string>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const schema = JSON.parse(await readSchema()) as {
    resources: Record<string, { properties?: Record<string, unknown> }>;
  };
  return new Map(
    Object.entries(schema.resources).map(([token, resource]) => [
      token.slice(token.lastIndexOf(":") + 1),
      Object.keys(resource.properties ?? {}),
    ]),
  );
}
