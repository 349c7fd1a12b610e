import { type ParseArgsConfig, parseArgs } from "node:util";
import { EngineError, joinProblems } from "./errors.js";
import type { PolicyPackOptions } from "./policy/types.js";
import type { SelectionOptions } from "./steps/operationSelection.js";

/** The operations of the command line. */
const commands = ["preview", "up", "refresh", "destroy"] as const;
export type Command = (typeof commands)[number];

/** A command line, read. */
export interface CommandLine {
  command: Command;
  directory: string | undefined;
  stack: string | undefined;
  config: string[];
  parallel: number | undefined;
  statePath: string | undefined;
  /** Asks nothing. */
  isConfirmed: boolean;
  /** Goes ahead without showing first what would be done. */
  skipsPreview: boolean;
  /** Shows what would be done, and no more (refresh, destroy). */
  isPreviewOnly: boolean;
  refresh: boolean;
  /** In the order given. */
  policyPacks: PolicyPackOptions[];
  clearPendingCreates: boolean;
  continueOnError: boolean;
  ignoreProtect: boolean;
  excludeProtected: boolean;
  selection: SelectionOptions;
  showsDiff: boolean;
  isJson: boolean;
}

export const usage = `Rehearses a Pulumi project on this machine, without the Pulumi CLI, against loopback endpoints only.

Usage: siterecovery-rehearse <command> [options]

Commands:
  preview    show what up would do
  up         make the stack what the program says
  refresh    read all resources anew
  destroy    delete all resources

Options:
  -C, --cwd DIR             the project's directory (default: the current one)
  -s, --stack NAME          the stack (default: dev)
  -c, --config KEY=VALUE    a configuration value for this run only; may be given several times
  -p, --parallel N          steps at a time (default: 4 for each core)
      --state FILE          the state file (default: .rehearsal/<stack>.json in the project)
  -y, --yes                 do not ask
  -f, --skip-preview        do not show first what would be done
      --preview-only        only show what would be done (refresh, destroy)
  -r, --refresh             read all resources anew first (preview, up, destroy)
      --policy-pack DIR     let the rules of a policy pack look at every resource (preview, up); may be given several times
      --policy-pack-config FILE
                            settings of the policy pack, JSON; as many as there are packs, in their order
      --clear-pending-creates
                            forget creates that an earlier run began and did not end (refresh)
      --continue-on-error   go on with what does not depend on a failure (up, destroy)
  -t, --target URN          work on this resource only; may be given several times, and as a pattern, in which * stands
                            for anything but a colon and ** for anything
      --target-dependents   work on what depends on a target, too
  -x, --exclude URN         leave this resource alone; may be given several times, and as a pattern
      --exclude-dependents  leave alone what depends on an excluded resource, too (preview, up, refresh)
      --exclude-protected   leave alone what is protected, and what that depends on (destroy)
      --ignore-protect      delete and replace what is protected, too (preview, up, destroy)
      --replace URN         replace this resource (preview, up); may be given several times, and as a pattern
      --target-replace URN  the same as --target URN --replace URN (preview, up)
      --diff                show each resource with its properties
  -j, --json                print events as JSON, one to a line; a preview as one document
  -h, --help                print this

Exit status: 0 success, 1 failure or one interrupt, 8 a second interrupt.
`;

const options = {
  cwd: { type: "string", short: "C" },
  stack: { type: "string", short: "s" },
  config: { type: "string", short: "c", multiple: true },
  parallel: { type: "string", short: "p" },
  state: { type: "string" },
  yes: { type: "boolean", short: "y" },
  "skip-preview": { type: "boolean", short: "f" },
  "preview-only": { type: "boolean" },
  refresh: { type: "boolean", short: "r" },
  "policy-pack": { type: "string", multiple: true },
  "policy-pack-config": { type: "string", multiple: true },
  "clear-pending-creates": { type: "boolean" },
  "continue-on-error": { type: "boolean" },
  target: { type: "string", short: "t", multiple: true },
  "target-dependents": { type: "boolean" },
  exclude: { type: "string", short: "x", multiple: true },
  "exclude-dependents": { type: "boolean" },
  "exclude-protected": { type: "boolean" },
  "ignore-protect": { type: "boolean" },
  replace: { type: "string", multiple: true },
  "target-replace": { type: "string", multiple: true },
  diff: { type: "boolean" },
  json: { type: "boolean", short: "j" },
  help: { type: "boolean", short: "h" },
} satisfies ParseArgsConfig["options"];

/** Options of the Pulumi CLI that change what an operation does, refused by name. */
const refusedOptions = {
  plan: { type: "string" },
  "run-program": { type: "boolean" },
  "save-plan": { type: "string" },
} satisfies ParseArgsConfig["options"];

/**
 * Reads a command line; `undefined` if it asks for help.
 * @throws {EngineError} all problems at once.
 */
export function parseCommandLine(args: string[]): CommandLine | undefined {
  const problems: string[] = [];
  const { values, positionals, tokens } = parseArgs({
    args,
    options: { ...options, ...refusedOptions },
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  if (values.help === true) {
    return undefined;
  }
  for (const token of tokens) {
    if (token.kind !== "option") {
      continue;
    }
    const known = (options as Record<string, { type: string }>)[token.name];
    if (token.name in refusedOptions) {
      problems.push(
        `option ${token.rawName} is not implemented by the embedded engine. Use the Pulumi CLI for it`,
      );
    } else if (known === undefined) {
      problems.push(`option ${token.rawName} is not known`);
    } else if (known.type === "string" && (token.value === undefined || token.value === "")) {
      problems.push(`option ${token.rawName} needs a value`);
    } else if (known.type === "boolean" && token.value !== undefined) {
      problems.push(`option ${token.rawName} takes no value, but has "${token.value}"`);
    }
  }
  const [command, ...rest] = positionals;
  if (command === undefined || !(commands as readonly string[]).includes(command)) {
    problems.push(
      `command is ${command === undefined ? "missing" : `"${command}"`}, expected one of ${commands.join(", ")}`,
    );
  }
  if (rest.length > 0) {
    problems.push(
      `${rest.map((word) => `"${word}"`).join(", ")} after the command ${rest.length === 1 ? "is" : "are"} not expected`,
    );
  }
  const parallel = text(values.parallel);
  if (parallel !== undefined && !/^[1-9]\d*$/.test(parallel)) {
    problems.push(`option --parallel is "${parallel}", expected a whole number of at least 1`);
  }
  if (values["clear-pending-creates"] === true && command !== "refresh") {
    problems.push("option --clear-pending-creates is for refresh only");
  }
  if (values["continue-on-error"] === true && command !== "up" && command !== "destroy") {
    problems.push("option --continue-on-error is for up and destroy only");
  }
  if (values["preview-only"] === true && command !== "refresh" && command !== "destroy") {
    problems.push("option --preview-only is for refresh and destroy only; use the command preview");
  }
  const packs = texts(values["policy-pack"]);
  const packConfigs = texts(values["policy-pack-config"]);
  if (packs.length > 0 && command !== "preview" && command !== "up") {
    problems.push("option --policy-pack is for preview and up only");
  }
  if (packConfigs.length > 0 && packConfigs.length !== packs.length) {
    problems.push(
      `option --policy-pack-config is given ${packConfigs.length} times for ${packs.length} policy packs, expected one for each --policy-pack`,
    );
  }
  const targets = [...texts(values.target), ...texts(values["target-replace"])];
  const excludes = texts(values.exclude);
  const replaces = [...texts(values.replace), ...texts(values["target-replace"])];
  if (targets.length > 0 && excludes.length > 0) {
    problems.push("options --target and --exclude cannot be given together");
  }
  if (replaces.length > 0 && command !== "preview" && command !== "up") {
    problems.push("options --replace and --target-replace are for preview and up only");
  }
  if (values["exclude-protected"] === true && command !== "destroy") {
    problems.push("option --exclude-protected is for destroy only");
  }
  if (values["ignore-protect"] === true && command === "refresh") {
    problems.push("option --ignore-protect is for preview, up and destroy only");
  }
  if (values["exclude-protected"] === true && (targets.length > 0 || values["ignore-protect"] === true)) {
    problems.push("option --exclude-protected cannot be given together with --target or --ignore-protect");
  }
  if (values["exclude-dependents"] === true && command === "destroy") {
    problems.push("option --exclude-dependents is for preview, up and refresh only");
  }
  if (problems.length > 0) {
    throw new EngineError(
      `${joinProblems("the command line cannot be used", problems)}\nRun siterecovery-rehearse --help for what can.`,
    );
  }
  return {
    command: command as Command,
    directory: text(values.cwd),
    stack: text(values.stack),
    config: texts(values.config),
    parallel: parallel === undefined ? undefined : Number(parallel),
    statePath: text(values.state),
    isConfirmed: values.yes === true,
    skipsPreview: values["skip-preview"] === true,
    isPreviewOnly: values["preview-only"] === true,
    refresh: values.refresh === true,
    policyPacks: packs.map((directory, index) => {
      const configPath = packConfigs[index];
      return { directory, ...(configPath === undefined ? {} : { configPath }) };
    }),
    clearPendingCreates: values["clear-pending-creates"] === true,
    continueOnError: values["continue-on-error"] === true,
    ignoreProtect: values["ignore-protect"] === true,
    excludeProtected: values["exclude-protected"] === true,
    selection: {
      targets,
      targetDependents: values["target-dependents"] === true,
      excludes,
      excludeDependents: values["exclude-dependents"] === true,
      replaces,
    },
    showsDiff: values.diff === true,
    isJson: values.json === true,
  };
}

function texts(values: readonly unknown[] | undefined): string[] {
  return (values ?? []).filter((value) => typeof value === "string");
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
