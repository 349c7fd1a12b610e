/** The pack that is shipped: every rule with its own default, changed by `--policy-pack-config`. */

import { PolicyPack } from "@pulumi/policy";
import { disasterRecoveryPolicies } from "./policies.js";

new PolicyPack("siterecovery", {
  displayName: "Disaster recovery with Azure Site Recovery",
  description: "Rules for recovery plans, drills, failovers and who can connect after them.",
  provider: "azure",
  tags: ["azure", "disaster-recovery", "site-recovery"],
  policies: disasterRecoveryPolicies(),
});
