import { EngineError } from "../errors.js";
import type { PropertyMap } from "../propertyValues.js";
import { packageOf } from "../urn.js";
import type { ProviderContext, ResourceProvider, ResourceProviderHost } from "./resourceProviderHost.js";

/** Starts provider processes, one for each provider instance that needs one, and ends them all. */
export class ProviderTable {
  private readonly hosts: ReadonlyMap<string, ResourceProviderHost>;
  /** Started ahead, and nobody's yet. */
  private readonly spare = new Map<string, Promise<ResourceProvider>>();
  private readonly running = new Set<Promise<ResourceProvider>>();

  constructor(
    hosts: readonly ResourceProviderHost[],
    private readonly context: () => ProviderContext,
  ) {
    this.hosts = new Map(hosts.map((host) => [host.packageName, host]));
  }

  /** Why no provider here serves a type or a function, or `undefined` if one does. */
  refusal(type: string, what = "resource type"): string | undefined {
    const packageName = packageOf(type);
    if (this.hosts.has(packageName)) {
      return undefined;
    }
    const known = [...this.hosts.keys()].map((name) => `"${name}"`).join(", ");
    return `${what} ${type}: the embedded engine has no provider for package "${packageName}" (it has ${known}). Use the Pulumi CLI for it`;
  }

  /** What the default provider of a package gets of the stack's configuration. */
  defaultInputs(packageName: string, config: PropertyMap): PropertyMap {
    return this.hosts.get(packageName)?.defaultInputs?.(config) ?? config;
  }

  /** Starts a package's process ahead of its first use, so that it gets ready meanwhile. */
  warmUp(packageName: string): void {
    if (this.hosts.has(packageName) && !this.spare.has(packageName)) {
      const starting = this.start(packageName);
      // A failure is reported where the provider is used.
      starting.catch(() => undefined);
      this.spare.set(packageName, starting);
    }
  }

  /**
   * A provider that nobody uses yet.
   * @throws {EngineError} if there is none for the package, or its process does not start.
   */
  async load(packageName: string): Promise<ResourceProvider> {
    const spare = this.spare.get(packageName);
    this.spare.delete(packageName);
    return await (spare ?? this.start(packageName));
  }

  /** Tells all providers to end what they do, and ends them. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.running].map(async (starting) => {
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
    for (const starting of this.running) {
      starting.then((provider) => provider.cancel()).catch(() => undefined);
    }
  }

  private start(packageName: string): Promise<ResourceProvider> {
    const host = this.hosts.get(packageName);
    const starting =
      host === undefined
        ? Promise.reject(new EngineError(this.refusal(`${packageName}:`) ?? packageName))
        : host.start(this.context());
    this.running.add(starting);
    return starting;
  }
}
