import { isOlder } from "../../../provider/lifecycle/readiness.js";
import { machinesOrUndecided } from "../machines.js";
import { asText, listSome, own } from "../plain.js";
import { defineRule, type Verdict, violation } from "../rule.js";
import type { TextSetting } from "../settings.js";

const minVersion = {
  type: "string",
  description: "The oldest version of the agent that is allowed, such as 9.8 or 9.62.",
  default: "9.8",
} as const satisfies TextSetting;

export const mobilityAgentCurrent = defineRule({
  id: "mobility-agent-current",
  description: "The mobility agent of VMware and physical machines is not too old.",
  severity: "medium",
  enforcementLevel: "advisory",
  remedy: "Upgrade the agent from the appliance, or let Azure do it (automatic updates).",
  details:
    "With an agent before 9.8 a failover sets the machine up first and takes 8 to 10 minutes more. Microsoft supports an agent for four versions back: raise minVersion to hold to that. A machine whose version Azure does not tell is not judged.",
  checks: ["extraFailoverTime"],
  settings: { minVersion },
  judge(resource, settings, { isFirst }) {
    const oldest = settings.minVersion ?? minVersion.default;
    if (resource.kind !== "RecoveryPlan" && resource.kind !== "TestFailover" && resource.kind !== "Failover")
      return [];
    const { machines, verdicts } = machinesOrUndecided(resource);
    const old = machines.filter(
      ({ agentVersion, itemId }) =>
        agentVersion !== undefined && isOlder(agentVersion, oldest) && isFirst(`agent ${itemId}`),
    );
    return [
      ...verdicts,
      ...tooOld(
        old.map(({ name, agentVersion }) => `${name} (${agentVersion ?? ""})`),
        oldest,
      ),
    ];
  },
  judgeStack(resources, settings, { isFirst }) {
    const oldest = settings.minVersion ?? minVersion.default;
    return resources.flatMap((resource) => {
      const version = asText(own(resource.outputs, "mobilityAgentVersion"));
      if (resource.kind !== "ReplicatedItem" || version === undefined || !isOlder(version, oldest)) return [];
      const itemId = asText(own(resource.inputs, "replicatedItemId"))?.toLowerCase() ?? resource.urn;
      if (!isFirst(`agent ${itemId}`)) return [];
      const name = asText(own(resource.inputs, "name")) ?? resource.name;
      return tooOld([`${name} (${version})`], oldest, resource.urn);
    });
  },
});

function tooOld(machines: readonly string[], oldest: string, urn?: string): Verdict[] {
  return machines.length === 0
    ? []
    : [violation(`${listSome(machines)}: the agent is older than ${oldest}`, urn === undefined ? {} : { urn })];
}
