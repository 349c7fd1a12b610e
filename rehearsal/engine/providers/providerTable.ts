import { EngineError } from "../errors.js";
import type { PropertyMap } from "../propertyValues.js";
import { isProviderType, packageOf } from "../urn.js";
import type { ProviderContext, ResourceProvider, ResourceProviderHost } from "./resourceProviderHost.js";

/** The providers that an operation can use, each started when it is first needed and once. */
export class ProviderTable {
  private readonly hosts: ReadonlyMap<string, ResourceProviderHost>;
  private readonly started = new Map<string, Promise<ResourceProvider>>();
  private readonly configured = new Map<string, Promise<ResourceProvider>>();

  constructor(
    hosts: readonly ResourceProviderHost[],
    private readonly context: () => ProviderContext,
  ) {
    this.hosts = new Map(hosts.map((host) => [host.packageName, host]));
  }

  /** Why no provider here serves a resource type, or `undefined` if one does. */
  refusal(type: string): string | undefined {
    const packageName = packageOf(type);
    if (this.hosts.has(packageName)) {
      return undefined;
    }
    const known = [...this.hosts.keys()].map((name) => `"${name}"`).join(", ");
    return `resource type ${type}: the embedded engine has no provider for package "${packageName}" (it has ${known}). Use the Pulumi CLI for it`;
  }

  /** What the default provider of a package gets of the stack's configuration. */
  defaultInputs(packageName: string, config: PropertyMap): PropertyMap {
    return this.hosts.get(packageName)?.defaultInputs?.(config) ?? config;
  }

  /** True for a provider instance, which the engine keeps by itself and no provider creates or deletes. */
  isInternal(resource: { type: string }): boolean {
    return isProviderType(resource.type);
  }

  /** Starts a package's process ahead of its first use, so that it gets ready meanwhile. */
  warmUp(packageName: string): void {
    if (this.hosts.has(packageName)) {
      // A failure is reported where the provider is used.
      this.start(packageName).catch(() => undefined);
    }
  }

  /** Configures a package's provider. Later calls have no effect: one run has one configuration. */
  async configure(packageName: string, inputs: PropertyMap): Promise<void> {
    await this.configuredProvider(packageName, inputs);
  }

  /** Lets the next `configure` of each package count again, as the Pulumi engine does for the update after a refresh. */
  forgetConfiguration(): void {
    this.configured.clear();
  }

  /** The provider of a resource type. It must have been configured. */
  async forType(type: string): Promise<ResourceProvider> {
    const provider = this.configured.get(packageOf(type));
    if (provider === undefined) {
      throw new EngineError(this.refusal(type) ?? `the provider of ${type} is not configured`);
    }
    return await provider;
  }

  /** Tells all providers to end what they do, and ends them. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.started.values()].map(async (starting) => {
        const provider = await starting.catch(() => undefined);
        if (provider !== undefined) {
          await provider.cancel().catch(() => undefined);
          await provider.close();
        }
      }),
    );
  }

  /** Asks all providers to end what they do. They may ignore it. */
  cancel(): void {
    for (const starting of this.started.values()) {
      starting.then((provider) => provider.cancel()).catch(() => undefined);
    }
  }

  private configuredProvider(packageName: string, inputs: PropertyMap): Promise<ResourceProvider> {
    let provider = this.configured.get(packageName);
    if (provider === undefined) {
      provider = this.start(packageName).then(async (started) => {
        await started.configure(inputs);
        return started;
      });
      this.configured.set(packageName, provider);
    }
    return provider;
  }

  private start(packageName: string): Promise<ResourceProvider> {
    let provider = this.started.get(packageName);
    if (provider === undefined) {
      const host = this.hosts.get(packageName);
      provider =
        host === undefined
          ? Promise.reject(new EngineError(this.refusal(`${packageName}:`) ?? packageName))
          : host.start(this.context());
      this.started.set(packageName, provider);
    }
    return provider;
  }
}
