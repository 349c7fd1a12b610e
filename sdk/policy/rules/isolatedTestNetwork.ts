import { findingVerdicts } from "../findings.js";
import { allMachines, readinessVerdicts } from "../machines.js";
import { asText, nameInId, own } from "../plain.js";
import { defineRule } from "../rule.js";
import { names } from "../settings.js";

export const isolatedTestNetwork = defineRule({
  id: "isolated-test-network",
  description: "A test failover goes into a network that nothing joins with production.",
  severity: "critical",
  enforcementLevel: "mandatory",
  remedy: "Use a virtual network without peerings and gateways as test network.",
  details:
    "A test machine has the name, the address and the jobs of the one that still runs: where the two can meet, a drill is an outage. Reports networks that are a machine's own failover network, that are peered, and that a gateway serves.",
  checks: ["testNetworkIsProduction", "testNetworkConnected", "productionNetworkAsTestNetwork"],
  settings: {
    exceptNetworks: names(
      "Names of test networks that may be peered or have a gateway, because a firewall stands between.",
    ),
  },
  judge(resource, { exceptNetworks }, surroundings) {
    if (resource.kind === "TestFailover") {
      const name = nameInId(asText(own(resource.inputs, "testNetworkId")) ?? "").toLowerCase();
      const isExcepted = exceptNetworks.some((excepted) => excepted.toLowerCase() === name);
      return findingVerdicts(
        resource,
        ({ id }) => id === "testNetworkIsProduction" || (id === "testNetworkConnected" && !isExcepted),
      );
    }
    if (resource.kind !== "ReplicatedItem" && resource.kind !== "RecoveryPlan" && resource.kind !== "Failover")
      return [];
    const { machines, verdicts } = allMachines(resource);
    return [...verdicts, ...readinessVerdicts(machines, ["productionNetworkAsTestNetwork"], surroundings)];
  },
});
