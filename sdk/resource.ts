/** What every resource class shares: a custom resource on either shell. */

import * as pulumi from "@pulumi/pulumi";
import type { Preview } from "../provider/resources/preview.js";
import { providerLine } from "../provider/shells/dynamicType.js";
import { secretInputsKey } from "../provider/shells/secretInputs.js";
import { type SecretArgs, secretArgs } from "./secretArgs.js";
import { chosenShell, typeOn } from "./shell.js";

/** A resource whose provider is found by the package's name; nothing of it is serialised into the state. */
export abstract class SiteRecoveryResource extends pulumi.CustomResource {
  readonly #secrets: SecretArgs;

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
    const unset = Object.fromEntries(outputs.map((output) => [output, undefined]));
    const secrets = secretArgs(args);
    super(
      typeOn(shell, token),
      name,
      { ...unset, ...args, __provider: providerLine(token), [secretInputsKey]: secrets.paths },
      pulumi.mergeOptions(options, {
        aliases: [{ type: typeOn(shell === "plugin" ? "dynamic" : "plugin", token) }],
      }),
    );
    this.#secrets = secrets;
  }

  /** Shows what an `up` would do, on the resource itself; drift is shown in every run. */
  protected printPreview(preview: pulumi.Output<Preview>): void {
    preview.apply(async (shown) => {
      // A resource from an older state, or one that is not known yet, has nothing to show.
      if (!shown) return;
      const text = (lines: readonly string[]) => this.#secrets.texts.redact(lines.join("\n"));
      if (shown.drift.length > 0) await pulumi.log.warn(text(shown.drift), this);
      if (pulumi.runtime.isDryRun() && shown.lines.length > 0) await pulumi.log.info(text(shown.lines), this);
    });
  }
}
