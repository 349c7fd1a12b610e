import { randomUUID } from "node:crypto";
import { EngineError } from "../errors.js";
import { containsSecrets, deepEqual, type PropertyMap, unknownValue, unwrapSecrets } from "../propertyValues.js";
import type { StackOutputs } from "../state/otherStacks.js";
import type {
  CheckFailure,
  InvokeResult,
  ProviderContext,
  ProviderDiff,
  ReadResult,
  ResourceIdentity,
  ResourceProvider,
  ResourceProviderHost,
} from "./resourceProviderHost.js";

const stackReferenceType = "pulumi:pulumi:StackReference";
const stashType = "pulumi:index:Stash";

/** What the resources of package "pulumi" need of the engine that they are part of. */
export interface BuiltinSources {
  /** @throws {EngineError} if there is no such stack. */
  readStackOutputs(name: string): Promise<StackOutputs>;
  /** Tells the user something. */
  inform(message: string): void;
}

/**
 * Serves the resources that belong to Pulumi itself: references to other stacks, and stashes.
 *
 * @see https://www.pulumi.com/docs/iac/concepts/stacks/#stackreferences
 */
export function builtinHost(sources: BuiltinSources): ResourceProviderHost {
  return {
    packageName: "pulumi",
    defaultInputs: (config) =>
      Object.fromEntries(
        Object.entries(config).flatMap(([key, value]) =>
          key.startsWith("pulumi:") ? [[key.slice(7), value]] : [],
        ),
      ),
    async start(_context: ProviderContext): Promise<ResourceProvider> {
      return new BuiltinProvider(sources);
    },
  };
}

class BuiltinProvider implements ResourceProvider {
  readonly supportsPreview = true;

  constructor(private readonly sources: BuiltinSources) {}

  async configure(): Promise<void> {
    // There is nothing to configure.
  }

  async check(
    { type }: ResourceIdentity,
    _olds: PropertyMap,
    news: PropertyMap,
  ): Promise<{ inputs: PropertyMap; failures: CheckFailure[] }> {
    const key = inputOf(type);
    const unknown = Object.keys(news).filter((name) => name !== key);
    const failures = [
      ...unknown.map((property) => ({ property, reason: `unknown property "${property}"` })),
      ...(Object.hasOwn(news, key) ? [] : [{ property: key, reason: `missing required property "${key}"` }]),
    ];
    return { inputs: news, failures };
  }

  async diff(
    { type }: ResourceIdentity,
    _id: string,
    oldInputs: PropertyMap,
    _oldOutputs: PropertyMap,
    news: PropertyMap,
  ): Promise<ProviderDiff> {
    const key = inputOf(type);
    const isSame = deepEqual(oldInputs[key], news[key]);
    return {
      changes: isSame ? "none" : "some",
      replaces: isSame || type === stashType ? [] : [key],
      deleteBeforeReplace: false,
      ...(isSame || type !== stashType ? {} : { changedKeys: [key] }),
    };
  }

  async create(
    { type }: ResourceIdentity,
    inputs: PropertyMap,
    isPreview: boolean,
  ): Promise<{ id: string; outputs: PropertyMap }> {
    const id = isPreview ? "" : randomUUID();
    if (type === stackReferenceType) {
      return { id, outputs: await this.readStack(inputs) };
    }
    const { input = null } = inputs;
    return { id, outputs: { input, output: input } };
  }

  /** A stash takes what is put in, and goes on putting out what came first. */
  async update(
    { type }: ResourceIdentity,
    _id: string,
    _oldInputs: PropertyMap,
    oldOutputs: PropertyMap,
    { input = null }: PropertyMap,
  ): Promise<{ outputs: PropertyMap }> {
    if (type !== stashType) {
      throw new EngineError(`unrecognized resource type '${type}'`);
    }
    return { outputs: { input, output: oldOutputs.output ?? null } };
  }

  async read(
    { type }: ResourceIdentity,
    id: string,
    inputs: PropertyMap | undefined,
    outputs: PropertyMap | undefined,
  ): Promise<ReadResult> {
    if (inputs?.[inputOf(type)] === undefined) {
      throw new EngineError(`${type === stashType ? "stash" : "stack reference"} can not be imported`);
    }
    return { id, inputs, outputs: type === stashType ? (outputs ?? {}) : await this.readStack(outputs ?? inputs) };
  }

  async delete(): Promise<void> {
    // Neither is anything outside of the state.
  }

  async invoke(token: string, args: PropertyMap): Promise<InvokeResult> {
    if (token !== "pulumi:pulumi:readStackOutputs") {
      throw new EngineError(`unrecognized function name: '${token}'`);
    }
    return { value: await this.readStack(args), failures: [] };
  }

  async cancel(): Promise<void> {
    // Nothing takes long here.
  }

  async close(): Promise<void> {
    // There is no process.
  }

  private async readStack(inputs: PropertyMap): Promise<PropertyMap> {
    const name = unwrapSecrets(inputs.name ?? null);
    if (name === unknownValue) {
      return { name, outputs: unknownValue, secretOutputNames: unknownValue };
    }
    if (typeof name !== "string" || name === "") {
      throw new EngineError(`stack reference: name is ${JSON.stringify(name)}, expected the name of a stack`);
    }
    const { outputs, hasHiddenSecrets } = await this.sources.readStackOutputs(name);
    if (hasHiddenSecrets) {
      this.sources.inform(`eliding undecryptable secrets for stack reference '${name}'`);
    }
    const secretOutputNames = Object.keys(outputs)
      .filter((key) => containsSecrets(outputs[key]))
      .sort();
    return { name, outputs, secretOutputNames };
  }
}

/** @throws {EngineError} for any other type. */
function inputOf(type: string): string {
  if (type === stackReferenceType) {
    return "name";
  }
  if (type === stashType) {
    return "input";
  }
  throw new EngineError(`unrecognized resource type '${type}'`);
}
