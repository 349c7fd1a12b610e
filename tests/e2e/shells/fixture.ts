/** Projects whose programs run on either shell. */

import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parse } from "yaml";
import type { Program } from "../drill/estate.js";
import type { Product } from "../drill/product.js";

const root = resolve(__dirname, "../../..");

/** What `pulumi-siterecovery/plugin` leads to. */
export const pluginEntry = join(root, "dist", "sdk", "plugin.js");

export type Shell = "dynamic" | "plugin";

/** A program whose resources may have any of Pulumi's options; `{$resource: key}` names another resource. */
export interface ShellProgram {
  /** What the program imports; default the package. */
  package?: string;
  fabricName?: string;
  resources: {
    key?: string;
    kind: string;
    name: string;
    args?: Record<string, unknown>;
    options?: Record<string, unknown>;
  }[];
  outputs?: Record<string, unknown>;
}

/** Gives a project a program with options, and the plugin's place. */
export function prepare(product: Product): void {
  cpSync(join(__dirname, "program"), product.directory, { recursive: true });
  const plugin = { name: "siterecovery", path: relative(product.directory, join(root, "plugin")) };
  writeFileSync(
    join(product.directory, "Pulumi.yaml"),
    JSON.stringify({
      name: "shop",
      runtime: { name: "nodejs", options: { typescript: false } },
      plugins: { providers: [plugin] },
    }),
  );
}

/** Sets keys of the stack's configuration; undefined takes one away. */
export function configure(product: Product, settings: Record<string, string | undefined>): void {
  const file = join(product.directory, "Pulumi.dev.yaml");
  const stack = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
  for (const [key, value] of Object.entries(settings)) {
    if (value === undefined) delete stack.config[`siterecovery:${key}`];
    else stack.config[`siterecovery:${key}`] = value;
  }
  writeFileSync(file, JSON.stringify(stack));
}

export function chooseShell(product: Product, shell: Shell): void {
  configure(product, { shell });
}

/** Writes the program; one in the form of the drill's tests is taken too. */
export function declare(product: Product, program: ShellProgram | Program): void {
  const resources = program.resources.map((declared) => {
    const { parent, dependsOn, ...rest } = declared as Program["resources"][number] & {
      options?: Record<string, unknown>;
    };
    const reference = (key: string) => ({ $resource: key });
    return {
      ...rest,
      options: {
        ...(parent ? { parent: reference(parent) } : {}),
        ...(dependsOn ? { dependsOn: dependsOn.map(reference) } : {}),
        ...rest.options,
      },
    };
  });
  writeFileSync(join(product.directory, "program.json"), JSON.stringify({ ...program, resources }));
}
