import type { StepAction } from "../../../provider/lifecycle/path.js";
import { stageIndex } from "../../../provider/lifecycle/path.js";
import { impossibleSteps, missingFor } from "../../../provider/resources/wayBack.js";
import { machinesOrUndecided, type RuleMachine } from "../machines.js";
import { asObject, listSome } from "../plain.js";
import { defineRule, type Verdict, violation } from "../rule.js";

/** The steps from Azure back to the start. */
const wayBack: readonly StepAction[] = ["reprotect", "failback", "reverseReplicate"];

export const failbackPrepared = defineRule({
  id: "failback-prepared",
  description: "A Failover says how its machines come back before they leave.",
  severity: "medium",
  enforcementLevel: "advisory",
  remedy: "Give the arguments that are named in reprotect, failback and reverse; getAppliances lists the ids.",
  details:
    "Asks what the provider itself asks before it walks: reprotect agent, datastore, log storage and process server of VMware machines, storage of Hyper-V. Machines that are already on their way back are not judged. A managed disk of Hyper-V is hyper-v-failback-possible's business.",
  checks: [],
  settings: {},
  judge(resource) {
    if (resource.kind !== "Failover") return [];
    const { machines, verdicts } = machinesOrUndecided(resource);
    const leaving = machines.filter(
      ({ stage }) => stage === undefined || stageIndex(stage) <= stageIndex("committed"),
    );
    const items = leaving.map(itemOf);
    const byScenario = new Map<RuleMachine["scenario"], RuleMachine[]>();
    for (const machine of leaving)
      byScenario.set(machine.scenario, [...(byScenario.get(machine.scenario) ?? []), machine]);
    const given = Object.fromEntries(
      ["reprotect", "failback", "reverse"].map((key) => [key, asObject(resource.inputs[key]) ?? {}]),
    );
    return [
      ...verdicts,
      ...[...byScenario].flatMap(([scenario, group]): Verdict[] => {
        const missing = missingFor(wayBack, scenario, group.map(itemOf), given);
        if (missing.length === 0) return [];
        const names = listSome(group.map(({ name }) => name));
        return [violation(`${names}: the way back needs ${missing.map(({ property }) => property).join(", ")}`)];
      }),
      ...impossibleSteps(["reprotect"], items).map((text) =>
        violation(text, { remedy: "Take the machine out of its multi-VM group." }),
      ),
    ];
  },
});

/** A machine in the adapter's words, as far as the checks of the way back read it. */
function itemOf({ itemName, name, scenario, multiVmGroupName }: RuleMachine) {
  return {
    name: itemName,
    friendlyName: name,
    instanceType: scenario === "vmwareClassic" ? "InMageAzureV2" : "",
    ...(multiVmGroupName === undefined ? {} : { multiVmGroupName }),
  };
}
