import { randomUUID } from "node:crypto";
import { EngineError } from "../errors.js";
import { deepEqual, type PropertyMap, unknownValue } from "../propertyValues.js";
import type { ResourceState } from "../state/resourceState.js";
import { isProviderType, nameOf, packageOf, providerIdOf, providerUrnOf, typeOf } from "../urn.js";
import type { ProviderTable } from "./providerTable.js";
import {
  isReplacing,
  type ProviderDiff,
  type ReadResult,
  type ResourceIdentity,
  type ResourceProvider,
} from "./resourceProviderHost.js";

/** The key that Pulumi keeps for itself in the inputs of a provider resource. */
const internalKey = "__internal";

/**
 * The provider of provider resources: what is "created" is a configured provider instance, found from then on by its
 * reference, `URN::ID`. Each instance has a provider of its own, in a process of its own where it has one.
 */
export class ProviderRegistry implements ResourceProvider {
  readonly supportsPreview = true;
  private readonly configured = new Map<string, ResourceProvider>();
  private readonly byUrn = new Map<string, ResourceProvider>();
  /** Checked and perhaps compared, but not configured yet, by URN. */
  private readonly loaded = new Map<string, ResourceProvider>();

  constructor(private readonly table: ProviderTable) {}

  /**
   * The provider that manages a resource, by the reference in its state; the registry itself for provider resources.
   * @throws {EngineError} if the resource has none, or it is not configured.
   */
  of(resource: ResourceState): ResourceProvider {
    if (isProviderType(resource.type)) {
      return this;
    }
    const provider = this.configured.get(resource.provider ?? "");
    if (provider === undefined) {
      throw new EngineError(
        this.table.refusal(resource.type) ??
          `unknown provider '${resource.provider ?? ""}' for resource ${resource.urn}`,
      );
    }
    return provider;
  }

  /** The provider with a reference, if it is configured. */
  find(reference: string): ResourceProvider | undefined {
    return this.configured.get(reference);
  }

  /** Why no provider here serves a type or a function, or `undefined` if one does. */
  refusal(type: string, what?: string): string | undefined {
    return this.table.refusal(type, what);
  }

  /** What the default provider of a package gets of the stack's configuration. */
  defaultInputs(packageName: string, config: PropertyMap): PropertyMap {
    return this.table.defaultInputs(packageName, config);
  }

  /** Lets resources find a provider under the reference that it had before. */
  addAlias(reference: string, before: string): void {
    const provider = this.configured.get(reference);
    if (provider !== undefined) {
      this.configured.set(before, provider);
    }
  }

  /** Configures a provider as it was stored, unless it is there. */
  async ensure(state: ResourceState): Promise<void> {
    const reference = `${state.urn}::${state.id}`;
    if (!this.configured.has(reference)) {
      await this.configureAs(state.urn, state.id ?? "", state.inputs ?? {}, await this.take(state.urn));
    }
  }

  async configure(): Promise<void> {
    throw new EngineError("provider resources have no configuration of their own");
  }

  async check(
    instance: ResourceIdentity,
    olds: PropertyMap,
    news: PropertyMap,
  ): ReturnType<ResourceProvider["check"]> {
    // One that runs already under this name will do: most often nothing has changed.
    const present = this.byUrn.get(instance.urn);
    const provider = present ?? (await this.table.load(packageOf(instance.type)));
    const checked = (await provider.checkConfig?.(instance, withoutInternal(olds), withoutInternal(news))) ?? {
      inputs: withoutInternal(news),
      failures: [],
    };
    if (checked.failures.length > 0) {
      return checked;
    }
    if (present === undefined) {
      this.loaded.set(instance.urn, provider);
    }
    const { [internalKey]: internal, version } = news;
    const inputs = {
      ...(internal === undefined ? {} : { [internalKey]: internal }),
      ...checked.inputs,
      ...(version === undefined ? {} : { version }),
    };
    return { inputs, failures: [] };
  }

  async diff(
    instance: ResourceIdentity,
    id: string,
    oldInputs: PropertyMap,
    oldOutputs: PropertyMap,
    news: PropertyMap,
    ignoreChanges: string[],
  ): Promise<ProviderDiff> {
    const provider =
      this.loaded.get(instance.urn) ??
      this.configured.get(`${instance.urn}::${id}`) ??
      this.byUrn.get(instance.urn);
    const wanted = withoutInternal(news);
    const diff = await provider?.diffConfig?.(
      instance,
      withoutInternal(oldInputs),
      oldOutputs,
      wanted,
      ignoreChanges,
    );
    const answer = diff ?? { changes: "unknown", replaces: [], deleteBeforeReplace: false };
    return answer.changes === "unknown"
      ? { ...answer, changes: deepEqual(oldOutputs, wanted) ? "none" : "some" }
      : answer;
  }

  async create(
    instance: ResourceIdentity,
    inputs: PropertyMap,
    isPreview: boolean,
  ): Promise<{ id: string; outputs: PropertyMap }> {
    const id = isPreview ? unknownValue : randomUUID();
    await this.configureAs(instance.urn, id, inputs, await this.take(instance.urn));
    return { id, outputs: withoutInternal(inputs) };
  }

  async update(
    instance: ResourceIdentity,
    id: string,
    _oldInputs: PropertyMap,
    _oldOutputs: PropertyMap,
    news: PropertyMap,
  ): Promise<{ outputs: PropertyMap }> {
    await this.configureAs(instance.urn, id, news, await this.take(instance.urn));
    return { outputs: withoutInternal(news) };
  }

  async read(): Promise<ReadResult> {
    throw new EngineError("provider resources may not be read");
  }

  async delete(instance: ResourceIdentity, id: string): Promise<void> {
    this.configured.delete(`${instance.urn}::${id}`);
  }

  async cancel(): Promise<void> {
    this.table.cancel();
  }

  async close(): Promise<void> {
    await this.table.close();
  }

  /**
   * True if resources must be replaced when they move from one provider instance to another: the new one says so of
   * the two configurations.
   */
  async mustReplace(reference: string, old: ResourceState | undefined, current: ResourceState): Promise<boolean> {
    const provider = this.configured.get(reference);
    const diff = await provider?.diffConfig?.(
      { urn: current.urn, type: current.type, name: nameOf(current.urn) },
      withoutInternal(old?.inputs ?? {}),
      old?.outputs ?? {},
      withoutInternal(current.inputs ?? {}),
      [],
    );
    return diff !== undefined && isReplacing(diff);
  }

  private async take(urn: string): Promise<ResourceProvider> {
    const loaded = this.loaded.get(urn);
    this.loaded.delete(urn);
    return loaded ?? (await this.table.load(packageOf(typeOf(urn))));
  }

  private async configureAs(
    urn: string,
    id: string,
    inputs: PropertyMap,
    provider: ResourceProvider,
  ): Promise<void> {
    const type = typeOf(urn);
    await provider.configure(withoutInternal(inputs), { urn, type, name: nameOf(urn), id });
    this.configured.set(`${urn}::${id}`, provider);
    this.byUrn.set(urn, provider);
  }
}

function withoutInternal(inputs: PropertyMap): PropertyMap {
  const { [internalKey]: _, ...rest } = inputs;
  return rest;
}

/** The state of a provider resource that a reference means, among those of before. */
export function providerState(
  reference: string,
  olds: { get(urn: string): ResourceState | undefined },
): ResourceState | undefined {
  const state = olds.get(providerUrnOf(reference));
  return state !== undefined && state.id === providerIdOf(reference) ? state : undefined;
}
