import { findingVerdicts } from "../findings.js";
import { defineRule } from "../rule.js";

export const noNeedlessPublicIp = defineRule({
  id: "no-needless-public-ip",
  description: "No machine gets a public IP address where VPN, ExpressRoute or Bastion reaches it.",
  severity: "high",
  enforcementLevel: "advisory",
  remedy: "Connect that way, and leave the access by internet and the public IP out.",
  details:
    "Looks at the connectivity plan: a public IP that is attached or would be needed, in a network that a gateway serves or that has Bastion, its own or a peered network's.",
  checks: ["publicIpNotNeeded"],
  settings: {},
  judge(resource) {
    if (resource.kind !== "TestFailover" && resource.kind !== "Failover") return [];
    return findingVerdicts(resource, ({ id }) => id === "publicIpNotNeeded");
  },
});
