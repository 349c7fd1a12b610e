/** The walk that a `Failover` is about to go, as the provider foresees it. */

import { path, type Step } from "../../provider/lifecycle/path.js";
import { type Stage, stages } from "../../provider/lifecycle/stages.js";
import { machinesOf, type RuleMachine } from "./machines.js";
import { asText, asTexts, own } from "./plain.js";
import type { RuleResource } from "./rule.js";

/** A machine with the steps that it has still to go. */
export interface Mover {
  machine: RuleMachine;
  steps: Step[];
}

/**
 * The machines that an update would move; empty where nothing is about to start. A walk that ended stays written in the
 * inputs: what is left of it is counted from where each machine is now.
 */
export function moversOf(resource: RuleResource): Mover[] {
  const walk = own(own(resource.inputs, "preview"), "walk");
  const to = asText(own(walk, "to"));
  const target = stages.find((stage): stage is Stage => stage === to);
  if (target === undefined || to !== own(resource.inputs, "stage")) return [];
  const ids = new Set(asTexts(own(walk, "items")).map((id) => id.toLowerCase()));
  return (machinesOf(resource) ?? []).flatMap((machine) => {
    const { stage, scenario } = machine;
    if (stage === undefined || stage === target || !ids.has(machine.itemId)) return [];
    const way = path(scenario, stage, target, true);
    return way.isLegal ? [{ machine, steps: way.steps }] : [];
  });
}
