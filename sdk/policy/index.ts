/** `pulumi-siterecovery/policy`: rules of disaster recovery for policy packs. */

export {
  type DisasterRecoveryConfig,
  type DisasterRecoveryPolicy,
  disasterRecoveryPolicies,
  policiesOf,
  type RuleConfig,
} from "./policies.js";
export type { Rule, RuleResource, Undecided, Verdict, Violation } from "./rule.js";
export { rules } from "./rules/index.js";
