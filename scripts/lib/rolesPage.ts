/** The page that says which rights each command needs, from the table that errors take their advice from. */

import { rights } from "../../provider/siterecovery/azure/rights.js";

/** Prefixes that would make the table too wide to read, longest first. */
const short: readonly [string, string][] = [
  [
    "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/replicationProtectedItems/",
    "item/",
  ],
  ["Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/", "container/"],
  ["Microsoft.RecoveryServices/vaults/replicationRecoveryPlans/", "plan/"],
  ["Microsoft.RecoveryServices/vaults/", "vault/"],
];

export function rolesPage(): string {
  const rows = rights.map(({ command, actions, role, scope, without }) => {
    const given = `**${role}** on ${scope}${without ? `; without it ${without}` : ""}`;
    return `| ${command} | ${actions.map((action) => `\`${shortened(action)}\``).join(", ")} | ${given} |`;
  });
  return `<!-- Generated from provider/siterecovery/azure/rights.ts by \`npm run generate\`. Change that. -->

# Roles

What the identity that runs Pulumi must be allowed to do, by command, with the least of Azure's built-in roles that holds it.
Every row but the first two is needed beside those two. A test runs each command against the emulator with exactly these
roles (\`siterecovery-emulator --roles\`), and with Reader alone; nothing of it was tried in a tenant. What a role holds in
yours: \`az role definition list --name "Site Recovery Operator"\`.

${short
  .slice()
  .reverse()
  .map(([long, name]) => `\`${name}\` stands for \`${long}\``)
  .join(", ")}.

| command | actions | least built-in role, and where |
|---|---|---|
${rows.join("\n")}
| \`destroy\` of \`Failover\` | none: it only forgets | none |

Site Recovery Reader and Site Recovery Operator hold no right to the lists of a whole vault, only to those below a fabric;
the provider lists the vault, in pages, so that a refresh of a thousand machines is a handful of requests. So Reader stands
beside Site Recovery Operator in every identity that fails over.

Two identities are enough for most teams: one with Reader for pull requests and nightly \`pulumi preview --refresh\`, one with
Reader and Site Recovery Operator (and the row of evidence) for drills and failovers. Only whoever sets replication up, or
takes back a failback that is not committed yet, needs Site Recovery Contributor; only \`connectivity.apply\` needs Network
Contributor.

Where Azure answers \`AuthorizationFailed\`, the error names the action, the scope that it was refused over, and the role out
of this table:

\`\`\`
creating replication policy "gold": the identity may not perform Microsoft.RecoveryServices/vaults/replicationPolicies/write over /subscriptions/.../replicationPolicies/gold (403, AuthorizationFailed, request ...). Give it the role Site Recovery Contributor there, or one that holds this action.
\`\`\`
`;
}

function shortened(action: string): string {
  const found = short.find(([long]) => action.startsWith(long));
  return found ? `${found[1]}${action.slice(found[0].length)}` : action;
}
