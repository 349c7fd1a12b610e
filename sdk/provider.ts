/** An explicit provider instance, for programs that work on several vaults, subscriptions or clouds. */

import * as pulumi from "@pulumi/pulumi";
import type { ProviderArgs } from "./generated/providerArgs.js";
import { chosenShell } from "./shell.js";

/**
 * A provider instance of its own. Nothing secret is taken as an argument, because Pulumi keeps the arguments in the
 * state: credentials come from the environment, or from files that the arguments name.
 *
 * @example
 * const second = new Provider("second", { vaultName: "vault-2" });
 * new ReplicationPolicy("gold", { name: "gold", instanceType: "InMageRcm" }, { provider: second });
 */
export class Provider extends pulumi.ProviderResource {
  /** @throws Error on the dynamic shell, which has no instances: there each resource takes the vault's coordinates. */
  constructor(name: string, args: ProviderArgs = {}, options?: pulumi.ResourceOptions) {
    if (chosenShell() === "dynamic") {
      throw new Error(
        `siterecovery.Provider "${name}": provider instances need the plugin. Set siterecovery:shell to plugin, or give ` +
          "subscriptionId, resourceGroupName and vaultName as arguments of each resource",
      );
    }
    super("siterecovery", name, asTexts(args), options);
  }
}

/** Provider arguments travel as texts: Pulumi's protocol for configuration knows nothing else. */
function asTexts(args: ProviderArgs): Record<string, pulumi.Input<string> | undefined> {
  return Object.fromEntries(
    Object.entries(args).map(([key, value]) => [
      key,
      value === undefined
        ? undefined
        : pulumi.output(value).apply((known) => (typeof known === "string" ? known : JSON.stringify(known))),
    ]),
  );
}
