import { machinesOrUndecided } from "../machines.js";
import { asTime, listSome } from "../plain.js";
import { defineRule, violation } from "../rule.js";
import { asOf, wholeNumber } from "../settings.js";

const dayMs = 86_400_000;

export const failedOverTooLong = defineRule({
  id: "failed-over-too-long",
  description: "No workload is left at failedOver.",
  severity: "high",
  enforcementLevel: "advisory",
  remedy: "Declare committed (or reprotected) once the workload was checked.",
  details:
    "At failedOver the workload runs in Azure and nothing protects it: replication has stopped, and the way back begins with the commit. Goes by where Azure says the machines are, whatever stage is declared.",
  checks: [],
  settings: {
    maxDays: wholeNumber(7, 1, 365, "For how many days machines may stay at failedOver."),
    asOf,
  },
  judge(resource, { maxDays }, { now, isFirst }) {
    if (resource.kind !== "Failover" && resource.kind !== "RecoveryPlan") return [];
    const { machines, verdicts } = machinesOrUndecided(resource);
    const left = machines.filter(({ stage, lastFailover, itemId }) => {
      const since = asTime(lastFailover);
      return (
        stage === "failedOver" &&
        since !== undefined &&
        now - since > maxDays * dayMs &&
        isFirst(`failedOver ${itemId}`)
      );
    });
    if (left.length === 0) return verdicts;
    const names = listSome(left.map(({ name, lastFailover }) => `${name} (since ${lastFailover ?? ""})`));
    return [...verdicts, violation(`${names}: at failedOver for more than ${maxDays} days`)];
  },
});
