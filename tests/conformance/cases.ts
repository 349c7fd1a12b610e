import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { Document, isCollection, isPair, parse, stringify, visit } from "yaml";

/** One operation of a case. */
export interface CaseStep {
  do: "preview" | "up" | "refresh" | "previewRefresh" | "destroy" | "previewDestroy";
  /** Configuration values from here on; null takes one away. */
  config?: Record<string, string | null>;
  /** What the provider finds from here on: world.json, see provider/serve.js. */
  world?: object;
  /** The stack that it is done to. Default `dev`. */
  stack?: string;
  /** Reads all resources anew first. */
  refresh?: boolean;
  /** Operations that a process which was killed seems to have begun, put into the state ahead of the step. */
  pending?: { type: "creating" | "updating" | "deleting"; urn: string }[];
  clearPendingCreates?: boolean;
  /** Goes on with what does not depend on a failure. */
  continueOnError?: boolean;
  /** URNs or patterns, as for the options below. */
  targets?: string[];
  targetDependents?: boolean;
  excludes?: string[];
  excludeDependents?: boolean;
  replaces?: string[];
  ignoreProtect?: boolean;
  excludeProtected?: boolean;
  /** Compares the display of `--diff` in place of the progress display. */
  showsDiff?: boolean;
}

/** A small program, what is done with it, and what the Pulumi CLI did. */
export interface Case {
  name: string;
  directory: string;
  /** What it is about, a sentence that goes on from "the embedded engine". */
  what: string;
  /** True for a case that takes long: run only in the full tests. */
  isLong: boolean;
  /** True for a case of many resources, of whose lists only length and digest are kept. */
  isDigested: boolean;
  steps: CaseStep[];
}

/** A deployment as far as the cases look into it. */
export interface StoredDeployment {
  resources?: Record<string, unknown>[];
  pending_operations?: { type: string; resource: Record<string, unknown> }[];
}

/** A deployment with operations that were begun and not ended, see {@link CaseStep.pending}. */
export function withPending(
  deployment: StoredDeployment,
  pending: NonNullable<CaseStep["pending"]>,
): StoredDeployment {
  const { resources = [], pending_operations: before = [] } = deployment;
  const begun = pending.map(({ type, urn }) => {
    const known = resources.find((state) => state.urn === urn);
    const like = resources.find((state) => state.type === urn.split("::")[2]);
    return { type, resource: known ?? { ...like, urn, id: "" } };
  });
  return { ...deployment, pending_operations: [...before, ...begun] };
}

/** The resources of a deployment, and what is pending in it. */
export function contentsOf(deployment: StoredDeployment): Record<string, unknown>[] {
  return [
    ...(deployment.resources ?? []),
    ...(deployment.pending_operations ?? []).map(({ type, resource }) => ({ pending: type, urn: resource.urn })),
  ];
}

/** What an operation did, without what differs from run to run. */
export interface Observation {
  result: "succeeded" | "failed";
  counts: Record<string, number>;
  /** What happened to resources, as `event op name`, with the details that the event has. Sorted. */
  events: unknown[];
  /** What the user is told, `severity name: text`. Sorted. */
  diagnostics: string[];
  /** The printed lines; sorted, since steps run in parallel, unless they are those of `--diff`. */
  text: string[];
  /** The provider's calls, by the resource or function that they are about. */
  calls: Record<string, unknown[]>;
  /** The resources kept, and what is pending, by URN and id; absent for what writes nothing. */
  state?: unknown[];
}

/** One call of the cases' provider. */
export interface ProviderCall {
  method: string;
  /** The resource or function that it is about. */
  name: string;
  [detail: string]: unknown;
}

const casesDirectory = join(__dirname, "cases");
export const providerDirectory = join(__dirname, "provider");
// Below node_modules, so that programs find the SDK, and git and the linter do not find them.
const workspace = resolve(__dirname, "../../node_modules/.cache/conformance");

/** All cases, in the order of their names. */
export function readCases(): Case[] {
  return readdirSync(casesDirectory)
    .sort()
    .map((name) => {
      const directory = join(casesDirectory, name);
      const { what, long, digest, steps } = parse(readFileSync(join(directory, "steps.yaml"), "utf8")) as {
        what: string;
        long?: boolean;
        digest?: boolean;
        steps: CaseStep[];
      };
      return { name, directory, what, isLong: long === true, isDigested: digest === true, steps };
    });
}

/** What the Pulumi CLI did with a case when it was recorded, step by step. */
export function readRecorded({ directory }: Case): Observation[] {
  const path = join(directory, "recorded.yaml");
  if (!existsSync(path)) {
    throw new Error(`${path} is missing: npm run conformance:record`);
  }
  return parse(readFileSync(path, "utf8"), { maxAliasCount: -1 }) as Observation[];
}

export function writeRecorded({ directory }: Case, observations: Observation[]): void {
  const document = new Document(observations, { aliasDuplicateObjects: false });
  // A line for each event, call and resource: what changed can be read in a difference of two recordings.
  visit(document, {
    Collection: (_key, collection, path) => {
      const list = path.filter((parent) => isPair(parent)).map(({ key }) => String(key))[0];
      const depth = path.filter((parent) => isCollection(parent)).length;
      collection.flow = depth >= (list === "calls" ? 4 : list === undefined ? 9 : 3);
    },
  });
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: false });
  writeFileSync(
    join(directory, "recorded.yaml"),
    `# Written by npm run conformance:record from a run of the Pulumi CLI. Do not edit.\n${text}`,
  );
}

/** A case's program in a directory of its own. */
export class Workplace {
  readonly directory: string;
  private config: Record<string, string> = {};

  constructor(of: Case) {
    mkdirSync(workspace, { recursive: true });
    this.directory = mkdtempSync(join(workspace, `${of.name}-`));
    cpSync(of.directory, this.directory, {
      recursive: true,
      filter: (path) => !/(steps|recorded)\.yaml$/.test(path),
    });
    cpSync(join(providerDirectory, "conf.js"), join(this.directory, "conf.js"));
    this.write("package.json", '{"name": "p", "main": "index.js"}\n');
    this.write(
      "Pulumi.yaml",
      stringify({
        name: "p",
        runtime: { name: "nodejs", options: { typescript: false } },
        plugins: { providers: [{ name: "conf", path: "./provider" }] },
      }),
    );
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.directory, file), text);
  }

  /** Puts in place what a step finds, and forgets the calls of before. */
  prepare({ config = {}, world, stack = "dev" }: CaseStep): void {
    for (const [key, value] of Object.entries(config)) {
      if (value === null) {
        delete this.config[key];
      } else {
        this.config[key] = value;
      }
    }
    const path = join(this.directory, `Pulumi.${stack}.yaml`);
    const settings = existsSync(path) ? (parse(readFileSync(path, "utf8")) as object) : {};
    writeFileSync(path, stringify({ ...settings, config: this.config }));
    if (world !== undefined) {
      this.write("world.json", JSON.stringify(world));
    }
    rmSync(join(this.directory, "calls.jsonl"), { force: true });
  }

  /** The provider's calls in the order in which they began. */
  calls(): ProviderCall[] {
    const path = join(this.directory, "calls.jsonl");
    const lines = existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];
    return lines.map((line) => JSON.parse(line) as ProviderCall);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
