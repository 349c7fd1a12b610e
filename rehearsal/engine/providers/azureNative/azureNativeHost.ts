import { randomBytes } from "node:crypto";
import { EngineError } from "../../errors.js";
import { endpointKey, endpointVariable, isLoopbackUrl } from "../../project/environment.js";
import {
  containsUnknowns,
  isObject,
  type PropertyMap,
  type PropertyValue,
  unknownValue,
  unwrapSecretProperties,
} from "../../propertyValues.js";
import type {
  CheckFailure,
  ProviderContext,
  ProviderDiff,
  ReadResult,
  ResourceIdentity,
  ResourceProvider,
  ResourceProviderHost,
} from "../resourceProviderHost.js";
import { Arm } from "./arm.js";
import { type NativeType, nativeType, projected, toBody, toOutputs } from "./types.js";

/**
 * Stands in for azure-native in rehearsals: the types that examples use, over the emulator's ARM store, with ids and
 * outputs as azure-native gives them. The provider's own binary cannot be had on a machine without the Internet.
 */
export const azureNativeHost: ResourceProviderHost = {
  packageName: "azure-native",
  async start(context: ProviderContext): Promise<ResourceProvider> {
    return new AzureNative(context);
  },
};

class AzureNative implements ResourceProvider {
  readonly supportsPreview = false;
  private arm = new Arm("http://127.0.0.1:1");
  private subscriptionId: string | undefined;
  private location: string | undefined;

  constructor(private readonly context: ProviderContext) {}

  async configure(inputs: PropertyMap): Promise<void> {
    const config = unwrapSecretProperties(inputs);
    const given = (...keys: string[]): string | undefined => {
      const found = keys.map((key) => config[key]).find((value) => typeof value === "string" && value !== "");
      return typeof found === "string" ? found : undefined;
    };
    const endpoint = this.context.environment[endpointVariable] || given(endpointKey);
    if (endpoint === undefined || !isLoopbackUrl(endpoint)) {
      throw new EngineError(
        `azure-native resources are rehearsed against an emulator: set ${endpointVariable} or ${endpointKey} to its address`,
      );
    }
    this.arm = new Arm(new URL(endpoint).origin);
    this.subscriptionId = given("azure-native:subscriptionId", "subscriptionId", "siterecovery:subscriptionId");
    this.location = given("azure-native:location", "location");
  }

  async check(
    resource: ResourceIdentity,
    olds: PropertyMap,
    news: PropertyMap,
  ): Promise<{ inputs: PropertyMap; failures: CheckFailure[] }> {
    const type = nativeType(resource.type);
    const inputs = { ...news };
    const own = type.parameters.at(-1) ?? "";
    // azure-native makes up a name: the resource's own and eight hexadecimal digits.
    inputs[own] ??= olds[own] ?? `${resource.name}${randomBytes(4).toString("hex")}`;
    if (type.envelope.includes("location") && inputs.location === undefined) {
      const location = this.location ?? olds.location;
      if (location !== undefined) {
        inputs.location = location;
      }
    }
    const failures = [...type.parameters, ...type.required]
      .filter((key) => inputs[key] === undefined || inputs[key] === null)
      .map((key) => ({ property: key, reason: `missing required property '${key}'` }));
    if (this.subscriptionId === undefined) {
      failures.push({
        property: "",
        reason: "no subscription is configured: set azure-native:subscriptionId or siterecovery:subscriptionId",
      });
    }
    return { inputs, failures };
  }

  async diff(
    resource: ResourceIdentity,
    _id: string,
    oldInputs: PropertyMap,
    _oldOutputs: PropertyMap,
    news: PropertyMap,
    ignoreChanges: string[],
  ): Promise<ProviderDiff> {
    const type = nativeType(resource.type);
    const changed = [...new Set([...Object.keys(oldInputs), ...Object.keys(news)])].filter(
      (key) => !ignoreChanges.includes(key) && JSON.stringify(oldInputs[key]) !== JSON.stringify(news[key]),
    );
    const identity = [...type.parameters, "location"];
    const replaces = changed.filter((key) => identity.includes(key) && !containsUnknowns(news[key] ?? null));
    return {
      changes: changed.length > 0 ? "some" : "none",
      replaces,
      // The same id cannot be there twice.
      deleteBeforeReplace: replaces.length > 0 && !replaces.some((key) => type.parameters.includes(key)),
      changedKeys: changed,
    };
  }

  async create(
    resource: ResourceIdentity,
    inputs: PropertyMap,
    _isPreview: boolean,
  ): Promise<{ id: string; outputs: PropertyMap }> {
    const type = nativeType(resource.type);
    const path = this.pathOf(type, inputs);
    if ((await this.arm.get(path, type.apiVersion)) !== undefined) {
      throw new EngineError(`cannot create already existing resource '${path}'`);
    }
    return this.write(type, path, await this.withLocation(type, inputs));
  }

  async update(
    resource: ResourceIdentity,
    id: string,
    _oldInputs: PropertyMap,
    _oldOutputs: PropertyMap,
    news: PropertyMap,
  ): Promise<{ outputs: PropertyMap }> {
    const type = nativeType(resource.type);
    const present = await this.arm.get(id, type.apiVersion);
    const kept = isObject(present?.properties) ? present.properties : {};
    const inputs = await this.withLocation(type, news);
    const body = toBody(type, inputs);
    const properties: PropertyMap = { ...(isObject(body.properties) ? body.properties : {}) };
    for (const key of type.kept) {
      const value = kept[key];
      if (inputs[key] === undefined && value !== undefined) {
        properties[key] = value;
      }
    }
    const answer = await this.arm.put(id, type.apiVersion, { ...body, properties });
    return { outputs: toOutputs(type, answer) };
  }

  async read(
    resource: ResourceIdentity,
    id: string,
    inputs: PropertyMap,
    _outputs: PropertyMap,
  ): Promise<ReadResult> {
    const type = nativeType(resource.type);
    const present = await this.arm.get(id, type.apiVersion);
    if (present === undefined) {
      return { id: "", outputs: {} };
    }
    const outputs = toOutputs(type, present);
    const names = Object.fromEntries(type.parameters.map((key) => [key, inputs[key] ?? ""]));
    const now = Object.entries(inputs).map(([key, value]): [string, PropertyValue] => [
      key,
      key in names ? value : projected(value, outputs[key]),
    ]);
    return { id, outputs, inputs: Object.fromEntries(now) };
  }

  async delete(resource: ResourceIdentity, id: string): Promise<void> {
    const type = nativeType(resource.type);
    await this.arm.delete(id, type.apiVersion);
  }

  async cancel(): Promise<void> {}

  async close(): Promise<void> {}

  private async write(
    type: NativeType,
    path: string,
    inputs: PropertyMap,
  ): Promise<{ id: string; outputs: PropertyMap }> {
    const answer = await this.arm.put(path, type.apiVersion, toBody(type, inputs));
    return { id: typeof answer.id === "string" ? answer.id : path, outputs: toOutputs(type, answer) };
  }

  /** Where neither the program nor the configuration says where, it is where the resource group is. */
  private async withLocation(type: NativeType, inputs: PropertyMap): Promise<PropertyMap> {
    if (
      !type.envelope.includes("location") ||
      inputs.location !== undefined ||
      type.token.startsWith("resources:")
    ) {
      return inputs;
    }
    const group = `/subscriptions/${this.subscriptionId}/resourceGroups/${String(inputs.resourceGroupName)}`;
    const location = (await this.arm.get(group, "2021-04-01"))?.location;
    return typeof location === "string" ? { ...inputs, location } : inputs;
  }

  private pathOf(type: NativeType, inputs: PropertyMap): string {
    const path = type.path.replace(/\{(\w+)\}/g, (_match, key: string) => {
      const value = inputs[key];
      if (typeof value !== "string" || value === "" || value === unknownValue) {
        throw new EngineError(`${key} of azure-native:${type.token} is ${JSON.stringify(value)}, expected a name`);
      }
      return encodeURIComponent(value);
    });
    return `/subscriptions/${this.subscriptionId}${path}`;
  }
}
