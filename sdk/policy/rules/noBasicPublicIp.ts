import { findingVerdicts } from "../findings.js";
import { asText, isUnknown, own } from "../plain.js";
import { defineRule, undecided, violation } from "../rule.js";

export const noBasicPublicIp = defineRule({
  id: "no-basic-public-ip",
  description: "Public IP addresses are of SKU Standard.",
  severity: "high",
  enforcementLevel: "mandatory",
  remedy: 'Set sku: { name: "Standard" } and publicIPAllocationMethod: "Static".',
  details:
    "Azure retired Basic on 2025-09-30, and a Basic address lets everybody in until an NSG refuses. Looks at the connectivity plan of drills and failovers, and at every PublicIPAddress of azure-native in any version; one without a SKU is of SKU Basic in the API versions that have it.",
  checks: ["basicPublicIp"],
  settings: {},
  judge(resource) {
    if (resource.kind === "TestFailover" || resource.kind === "Failover")
      return findingVerdicts(resource, ({ id }) => id === "basicPublicIp");
    if (resource.kind !== "PublicIPAddress") return [];
    const sku = own(resource.inputs, "sku");
    if (isUnknown(sku)) return [undecided(resource, ["sku"])];
    const name = own(sku, "name");
    if (isUnknown(name)) return [undecided(resource, ["sku", "name"])];
    const text = asText(name);
    if (text === undefined) return [violation(`${resource.name} has no SKU, and Azure's default is Basic`)];
    return text.toLowerCase() === "basic" ? [violation(`${resource.name} is of SKU Basic`)] : [];
  },
});
