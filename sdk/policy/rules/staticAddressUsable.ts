import { findingVerdicts } from "../findings.js";
import { defineRule } from "../rule.js";

const ids = ["addressReserved", "addressOutOfRange", "addressTaken", "addressUnreadable"];

export const staticAddressUsable = defineRule({
  id: "static-address-usable",
  description: "Every address that is set can be had in its subnet.",
  severity: "high",
  enforcementLevel: "mandatory",
  remedy: "Set a free address of the subnet, not one of its first four or its last, or let Azure choose.",
  details:
    "Azure keeps the first four addresses and the last of every subnet. A real failover with an address that cannot be had fails its prerequisites check; in a drill the machine gets another one. That a machine's failover address does not fit a test network of another range is common and no violation.",
  checks: ids,
  settings: {},
  judge(resource) {
    if (resource.kind !== "TestFailover" && resource.kind !== "Failover") return [];
    return findingVerdicts(resource, ({ id, severity }) => ids.includes(id) && severity !== "info");
  },
});
