/** What every resource class shares: a custom resource on either shell. */

import * as pulumi from "@pulumi/pulumi";
import type { Preview } from "../provider/resources/preview.js";
import { providerLine } from "../provider/shells/dynamicType.js";
import { secretInputsKey } from "../provider/shells/secretInputs.js";
import type { SecretTexts } from "../provider/shells/secretTexts.js";
import { programError } from "./programError.js";
import { leaveOutPromiseStacks } from "./promiseStacks.js";
import { secretArgs } from "./secretArgs.js";
import { chosenShell, typeOn } from "./shell.js";

/** The texts of secrets among each resource's arguments. */
const secretTexts = new WeakMap<object, SecretTexts>();

/** A resource whose provider is found by the package's name; nothing of it is serialised into the state. */
export abstract class SiteRecoveryResource extends pulumi.CustomResource {
  /**
   * Both shells get the same inputs, and each resource has the other shell's type as an alias: so a stack moves from one
   * to the other and back with every resource unchanged.
   *
   * @param outputs Names of outputs that are no arguments: the SDK resolves only properties that it was given.
   */
  protected constructor(
    token: string,
    name: string,
    args: object,
    outputs: readonly string[],
    options: pulumi.CustomResourceOptions = {},
  ) {
    const shell = chosenShell();
    if (shell === "dynamic") refuseImport(`siterecovery.${token} "${name}"`, options);
    const unset = Object.fromEntries(outputs.map((output) => [output, undefined]));
    const secrets = secretArgs(args);
    const writePromiseStacks = leaveOutPromiseStacks();
    try {
      super(
        typeOn(shell, token),
        name,
        { ...unset, ...args, __provider: providerLine(token), [secretInputsKey]: secrets.paths },
        pulumi.mergeOptions(options, {
          aliases: [{ type: typeOn(shell === "plugin" ? "dynamic" : "plugin", token) }],
        }),
      );
    } finally {
      writePromiseStacks();
    }
    secretTexts.set(this, secrets.texts);
    if (shell === "dynamic" && options.customTimeouts !== undefined) {
      const text = "Pulumi passes customTimeouts to the plugin only; here timeoutMinutes bounds the wait.";
      // A line that cannot be shown must not fail the program.
      pulumi.log.warn(text, this).catch(() => undefined);
    }
  }

  /**
   * Outputs that are not always there. In a preview Pulumi takes one that is missing for unknown, also where the resource
   * does not change, and would show a difference in every stack that exports it: where an output that an `up` always
   * writes is known, the missing ones are known to be missing.
   */
  protected resolveMissing(always: pulumi.Output<unknown>, names: readonly string[]): void {
    if (!pulumi.runtime.isDryRun()) return;
    const own = this as unknown as Record<string, pulumi.Output<unknown>>;
    for (const name of names) {
      const given = own[name];
      if (given === undefined) continue;
      const settled = async () => {
        const [isAlwaysKnown, isGivenKnown] = await Promise.all([isKnown(always), isKnown(given)]);
        return isAlwaysKnown && !isGivenKnown ? always.apply(() => undefined) : given;
      };
      own[name] = pulumi.output(settled());
    }
  }

  /** Shows what an `up` would do, on the resource itself; drift is shown in every run. */
  protected printPreview(preview: pulumi.Output<Preview>): void {
    preview.apply(async (shown) => {
      // A resource from an older state, or one that is not known yet, has nothing to show.
      if (!shown) return;
      const text = (lines: readonly string[]) => secretTexts.get(this)?.redact(lines.join("\n")) ?? "";
      if (shown.drift.length > 0) await pulumi.log.warn(text(shown.drift), this);
      if (pulumi.runtime.isDryRun() && shown.lines.length > 0) await pulumi.log.info(text(shown.lines), this);
    });
  }
}

/** Pulumi itself cannot import dynamic resources, and fails with an error of JavaScript's. */
function refuseImport(label: string, options: pulumi.CustomResourceOptions): void {
  if (options.import === undefined) return;
  throw programError(
    `${label}: the option import needs the plugin. Set siterecovery:shell to plugin; or leave the option out: a create takes over what is there with equal settings`,
  );
}

/** Pulumi's outputs tell it to their own kind only; a failure is told by their value. */
function isKnown(output: pulumi.Output<unknown>): Promise<boolean> {
  return (output as unknown as { isKnown: Promise<boolean> }).isKnown.catch(() => true);
}
