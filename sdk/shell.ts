/** Which shell the resources of a program use: chosen by configuration, or by what the program imports. */

import * as pulumi from "@pulumi/pulumi";
import { dynamicType } from "../provider/shells/dynamicType.js";

/**
 * `dynamic`: Pulumi's own server for dynamic providers, nothing to install. `plugin`: the provider plugin, for large
 * fleets, imports, explicit provider instances and richer previews.
 */
export type Shell = "dynamic" | "plugin";

const shells: readonly Shell[] = ["dynamic", "plugin"];
let imported: Shell | undefined;

/** Chooses a shell for the whole program, whatever the configuration says; called by the entry `pulumi-siterecovery/plugin`. */
export function useShell(shell: Shell): void {
  imported = shell;
}

/**
 * The shell of this program: what it imported, else `siterecovery:shell`, else `dynamic`.
 *
 * @throws Error for a word that is none
 */
export function chosenShell(): Shell {
  const configured = new pulumi.Config("siterecovery").get("shell");
  if (imported !== undefined) return imported;
  if (configured === undefined) return "dynamic";
  const known = shells.find((shell) => shell === configured);
  if (known) return known;
  throw new Error(
    `siterecovery:shell: value ${JSON.stringify(configured)} is not allowed. Allowed: ${shells.join(", ")}`,
  );
}

/** The type token of a resource on a shell. */
export function typeOn(shell: Shell, token: string): string {
  return shell === "plugin" ? `siterecovery:index:${token}` : dynamicType(token);
}
