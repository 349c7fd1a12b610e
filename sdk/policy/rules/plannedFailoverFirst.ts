import { listSome, own } from "../plain.js";
import { defineRule, violation } from "../rule.js";
import { moversOf } from "../walks.js";

/** The kinds of machines that Azure fails over planned. */
const planned: readonly string[] = ["hyperV", "vmmToVmm"];

export const plannedFailoverFirst = defineRule({
  id: "planned-failover-first",
  description: "A failover that loses data is not started where one that loses none is possible.",
  severity: "high",
  enforcementLevel: "advisory",
  remedy:
    'Set kind: "planned". Where the source cannot be reached, choose recoveryPoint latestProcessed instead of latest.',
  details:
    "Hyper-V machines can fail over planned: they are shut down, their last changes are sent, nothing is lost. An unplanned failover to the latest point asks the same source for its last changes, and loses what is not sent in time. Where the source is gone, no latest point can be made either, and the choice is another point. VMware and physical machines have no planned failover.",
  checks: [],
  settings: {},
  judge(resource) {
    if (resource.kind !== "Failover") return [];
    const { kind, recoveryPoint } = resource.inputs;
    const isUnplanned = (kind ?? "unplanned") === "unplanned" && (recoveryPoint ?? "latest") === "latest";
    if (!isUnplanned || own(resource.inputs, "stage") === "protected") return [];
    const movers = moversOf(resource).filter(
      ({ machine, steps }) =>
        planned.includes(machine.scenario) && steps.some(({ action }) => action === "unplannedFailover"),
    );
    if (movers.length === 0) return [];
    return [
      violation(
        `${listSome(movers.map(({ machine }) => machine.name))} would fail over unplanned to the latest point, though planned is possible`,
      ),
    ];
  },
});
