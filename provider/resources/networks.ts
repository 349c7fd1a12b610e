/** Everything of Microsoft.Network around some virtual networks, read together and remembered for a moment. */

import { z } from "zod";
import { type ArmResources, referencesOf } from "../connectivity/index.js";
import { InvalidInput, NotAllowedInState, Unauthorized } from "../siterecovery/errors.js";
import { type SiteRecovery, sameId } from "../siterecovery/siteRecovery.js";

interface Cached {
  at: number;
  resources: Promise<ArmResources>;
}

/** Long enough for the checks of one command, short enough to see what the same `up` has just made. */
const freshForMs = 5_000;
const cache = new WeakMap<SiteRecovery, Map<string, Cached>>();

/** Everything of Microsoft.Network around some virtual networks: a fixed number of lists, whatever their number. */
export function readNetworks(
  siteRecovery: SiteRecovery,
  networkIds: readonly string[],
  options: { isFresh?: boolean } = {},
): Promise<ArmResources> {
  const groups = [
    ...new Set(
      networkIds.flatMap(
        (id) => /^(\/subscriptions\/[^/]+\/resourceGroups\/[^/]+)\//i.exec(id)?.[1]?.toLowerCase() ?? [],
      ),
    ),
  ].sort();
  const key = groups.join("|");
  const entries = cache.get(siteRecovery) ?? new Map<string, Cached>();
  cache.set(siteRecovery, entries);
  const entry = entries.get(key);
  if (options.isFresh !== true && entry && Date.now() - entry.at < freshForMs) return entry.resources;
  const resources = listNetworks(siteRecovery, groups, networkIds);
  entries.set(key, { at: Date.now(), resources });
  // A failure must not be remembered.
  resources.catch(() => entries.delete(key));
  return resources;
}

async function listNetworks(
  siteRecovery: SiteRecovery,
  groups: readonly string[],
  networkIds: readonly string[],
): Promise<ArmResources> {
  const subscriptions = [...new Set(groups.map((group) => group.split("/").slice(0, 3).join("/")))];
  const list = async (scopes: readonly string[], type: string) =>
    (
      await Promise.all(
        scopes.map((scope) => siteRecovery.listResources(`${scope}/providers/Microsoft.Network/${type}`)),
      )
    ).flat();
  const [
    virtualNetworks,
    networkSecurityGroups,
    routeTables,
    networkInterfaces,
    publicIPAddresses,
    // ARM lists gateways and their connections by resource group only.
    virtualNetworkGateways,
    localNetworkGateways,
    connections,
    networkManagers,
  ] = await Promise.all([
    list(subscriptions, "virtualNetworks"),
    list(subscriptions, "networkSecurityGroups"),
    list(subscriptions, "routeTables"),
    list(subscriptions, "networkInterfaces"),
    list(subscriptions, "publicIPAddresses"),
    list(groups, "virtualNetworkGateways"),
    list(groups, "localNetworkGateways"),
    list(groups, "connections"),
    list(subscriptions, "networkManagers"),
  ]);
  const concerned = virtualNetworks.flatMap(({ id }) =>
    networkIds.some((wanted) => sameId(wanted, String(id))) ? [String(id)] : [],
  );
  // Only where one holds an address in these networks: most networks have none.
  const balancerIds = virtualNetworks
    .filter((network) => networkIds.some((id) => sameId(id, String(network.id))))
    .flatMap((network) => referencesOf(network).loadBalancerIds);
  const loadBalancers = (
    await Promise.all([...new Set(balancerIds)].map((id) => siteRecovery.getResource(id)))
  ).flatMap((balancer) => balancer ?? []);
  return {
    ...(networkManagers.length === 0 ? {} : await readAdminRules(siteRecovery, concerned)),
    loadBalancers,
    virtualNetworks,
    networkSecurityGroups,
    routeTables,
    networkInterfaces,
    publicIPAddresses,
    virtualNetworkGateways,
    localNetworkGateways,
    connections,
  };
}

const adminRulesPage = z.object({
  value: z.array(z.unknown()).nullish(),
  skipToken: z.string().nullish(),
});

/** A token that Azure gave twice ends the reading: it would never end by itself. */
const mostPages = 100;

/**
 * The rules of Virtual Network Manager that are in force on networks. They are asked for by POST, so only where a list
 * shows that the subscription has a Virtual Network Manager: a preview without one sends nothing but GET. Reading them is an action of its own, which a plain
 * Reader may not do: then the plan says that it does not know them, and goes on.
 */
async function readAdminRules(
  siteRecovery: SiteRecovery,
  networkIds: readonly string[],
): Promise<Pick<ArmResources, "securityAdminRules" | "securityAdminRulesUnread">> {
  const securityAdminRules: Record<string, unknown[]> = {};
  const securityAdminRulesUnread: Record<string, string> = {};
  await Promise.all(
    networkIds.map(async (id) => {
      try {
        const found: unknown[] = [];
        let body: Record<string, unknown> = {};
        for (let page = 0; page < mostPages; page += 1) {
          const answer = await siteRecovery.askResource(
            `${id}/listNetworkManagerEffectiveSecurityAdminRules`,
            body,
          );
          const { value, skipToken } = adminRulesPage.parse(answer ?? {});
          found.push(...(value ?? []));
          if (skipToken == null || skipToken === "" || skipToken === body.skipToken) break;
          body = { skipToken };
        }
        securityAdminRules[id] = found;
      } catch (error) {
        if (
          !(error instanceof Unauthorized || error instanceof InvalidInput || error instanceof NotAllowedInState)
        )
          throw error;
        securityAdminRulesUnread[id] = error.message;
      }
    }),
  );
  return { securityAdminRules, securityAdminRulesUnread };
}
