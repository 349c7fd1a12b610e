/** Where a program keeps the history of its drills. */

import * as pulumi from "@pulumi/pulumi";
import { chosenShell } from "./shell.js";

/**
 * Arguments with the directory filled in: configuration, else `drills/<stack>`. A dynamic provider is not told the
 * stack's name, the program knows it; the plugin knows both by itself.
 */
export function withEvidenceDirectory<T extends { evidenceDirectory?: pulumi.Input<string | undefined> }>(
  args: T,
): T {
  if (args.evidenceDirectory !== undefined || chosenShell() === "plugin") return args;
  const configured = new pulumi.Config("siterecovery").get("evidenceDirectory");
  return { ...args, evidenceDirectory: configured || `drills/${pulumi.getStack()}` };
}
