import type { Step } from "../../../provider/lifecycle/path.js";
import { asTime, listSome } from "../plain.js";
import { defineRule, type Verdict, violation } from "../rule.js";
import { asOf, wholeNumber } from "../settings.js";
import { moversOf } from "../walks.js";

const hourMs = 3_600_000;

export const noEarlyCommit = defineRule({
  id: "no-early-commit",
  description: "A failover is not committed before somebody could look at it.",
  severity: "high",
  enforcementLevel: "advisory",
  remedy: "Stay at failedOver until the workload was checked, then declare committed.",
  details:
    "A commit deletes all recovery points: after it, a point that turns out to be bad can no longer be changed. A walk that commits on its way (through: true, or reprotected straight from failedOver) counts too.",
  checks: [],
  settings: {
    minHours: wholeNumber(4, 1, 720, "How many hours lie between a failover and its commit at least."),
    asOf,
  },
  judge(resource, { minHours }, { now }) {
    if (resource.kind !== "Failover") return [];
    const movers = moversOf(resource).filter(({ steps }) => steps.some(isCommit));
    const atOnce = movers.filter(({ machine }) => machine.stage === "protected");
    const early = movers.filter(({ machine }) => {
      const failedOver = asTime(machine.lastFailover);
      return machine.stage === "failedOver" && failedOver !== undefined && now - failedOver < minHours * hourMs;
    });
    const verdicts: Verdict[] = [];
    if (atOnce.length > 0)
      verdicts.push(
        violation(
          `${listSome(atOnce.map(({ machine }) => machine.name))} would be committed in the same walk that fails over`,
        ),
      );
    if (early.length > 0)
      verdicts.push(
        violation(
          `${listSome(early.map(({ machine }) => `${machine.name} (failed over ${machine.lastFailover ?? ""})`))} would be committed within ${minHours} hours of the failover`,
        ),
      );
    return verdicts;
  },
});

/** A reprotect straight from `failedOver` commits on its way. The commit of a failback loses no recovery points. */
function isCommit({ action, from }: Step): boolean {
  return action === "failoverCommit" || (action === "reprotect" && from === "failedOver");
}
