/** The documentation of the policy pack, from the rules themselves. */

import type { Rule } from "../../sdk/policy/rule.js";
import { allowed } from "../../sdk/policy/settings.js";

const head = `<!-- Generated from sdk/policy/rules by \`npm run generate\`; do not edit. -->

# Policies

Rules of disaster recovery for Pulumi's policy packs. They look at what a program declares, at what the provider knows of
the machines, and at the connectivity plan of every drill and failover, in previews and in updates, on both shells.

\`\`\`sh
pulumi preview --policy-pack node_modules/pulumi-siterecovery/policy
pulumi preview --policy-pack node_modules/pulumi-siterecovery/policy --policy-pack-config policies.json
siterecovery-rehearse preview --policy-pack node_modules/pulumi-siterecovery/policy   # without the Pulumi CLI
\`\`\`

\`policies.json\` names rules with a level (\`advisory\`: listed; \`mandatory\`: the preview fails and the update does not
touch the resource; \`disabled\`) or with settings; \`all\` is the level of every rule that has none of its own there:

\`\`\`json
{
  "all": "mandatory",
  "boot-diagnostics": "disabled",
  "recovery-plan-drilled": { "maxAgeDays": 30, "enforcementLevel": "advisory" }
}
\`\`\`

A pack of your own takes the same rules beside yours:

\`\`\`ts
import { PolicyPack } from "@pulumi/policy";
import { disasterRecoveryPolicies } from "pulumi-siterecovery/policy";

new PolicyPack("ours", {
  policies: [
    ...disasterRecoveryPolicies({ "recovery-plan-drilled": { maxAgeDays: 30 } }),
    // yours
  ],
});
\`\`\`

\`policiesOf(rules.filter(...))\` takes some of them only.

A value that is not known in a preview neither passes nor fails a rule: Pulumi lists the rule as one that cannot run yet,
and it runs in the update. A machine that several resources know of is named once. Rules about the stack run at the end
of an update, when everything is made: a mandatory one fails the run, and the preview before it; it undoes nothing.
Drills are judged by the clock of the machine that runs Pulumi; \`asOf\` gives another time.
`;

export function policyDocs(rules: readonly Rule[]): string {
  const table = [
    "| rule | looks at | level | severity |",
    "|---|---|---|---|",
    ...rules.map(
      (rule) => `| [${rule.id}](#${rule.id}) | ${scope(rule)} | ${rule.enforcementLevel} | ${rule.severity} |`,
    ),
  ];
  return `${head}\n${table.join("\n")}\n\n${rules.map(section).join("\n")}`;
}

function scope(rule: Rule): string {
  if (rule.judgesStack) return rule.judgesResources ? "resources and the stack" : "the stack";
  return "resources";
}

function section(rule: Rule): string {
  const settings = Object.entries(rule.settings).map(
    ([key, setting]) =>
      `| \`${key}\` | ${setting.description} | ${allowed(setting)} | ${setting.default === undefined ? "" : `\`${JSON.stringify(setting.default)}\``} |`,
  );
  const parts = [
    `## ${rule.id}`,
    `${rule.description} ${rule.details}`,
    `What to do: ${rule.remedy}`,
    ...(rule.checks.length > 0
      ? [`Reports the checks and findings ${rule.checks.map((check) => `\`${check}\``).join(", ")}.`]
      : []),
    ...(settings.length > 0
      ? [["| setting | means | allowed | default |", "|---|---|---|---|", ...settings].join("\n")]
      : []),
  ];
  return `${parts.join("\n\n")}\n`;
}
