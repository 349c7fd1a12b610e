import { findingVerdicts } from "../findings.js";
import { defineRule } from "../rule.js";

const ids = ["retainedSubnetOverlap", "gatewayOverlap"];

export const noRetainedSubnetOverlap = defineRule({
  id: "no-retained-subnet-overlap",
  description: "No range of addresses is live on both sides of a gateway.",
  severity: "high",
  enforcementLevel: "mandatory",
  remedy: "Move the whole subnet and withdraw its route on-premises, or use another range in Azure.",
  details:
    "Machines that keep their addresses need their subnet in Azure. While the same range is still in use on-premises and VPN or ExpressRoute joins both, neither side finds the other's machines. A range that no gateway joins is not reported.",
  checks: ids,
  settings: {},
  judge(resource) {
    if (resource.kind !== "TestFailover" && resource.kind !== "Failover") return [];
    return findingVerdicts(resource, ({ id, severity }) => ids.includes(id) && severity === "error");
  },
});
