import type callback from "@pulumi/pulumi/proto/callback_pb.js";
import resource from "@pulumi/pulumi/proto/resource_pb.js";
import type { Message } from "google-protobuf";
import {
  isObject,
  outputValueSignature,
  type PropertyMap,
  type PropertyValue,
  secretSignature,
  signatureKey,
  unknownValue,
} from "../propertyValues.js";
import { fromStruct, toStruct } from "../protobufStruct.js";
import type { Callbacks } from "./callbacks.js";
import { CallError } from "./callError.js";
import type { InvokeCall } from "./invokeCall.js";
import { optionsOf, setOptions } from "./transformOptions.js";

/**
 * Runs the transforms of a program: functions in it that see each resource or function call before the engine does,
 * and may change its arguments and options. Those of a resource come first, then its parents' from the nearest to the
 * farthest, then the stack's.
 *
 * @see https://www.pulumi.com/docs/iac/concepts/options/transforms/
 */
export class Transforms {
  private readonly ofStack: callback.Callback[] = [];
  private readonly ofCalls: callback.Callback[] = [];
  private readonly ofResources = new Map<string, { own: callback.Callback[]; parent: string }>();

  constructor(private readonly callbacks: Callbacks) {}

  registerForStack(transform: callback.Callback): void {
    this.ofStack.push(transform);
  }

  registerForCalls(transform: callback.Callback): void {
    this.ofCalls.push(transform);
  }

  /** Makes a resource's own transforms those of its children too. */
  keep(urn: string, parent: string, own: callback.Callback[]): void {
    this.ofResources.set(urn, { own, parent });
  }

  /** True if a transform sees this resource. */
  concern(request: resource.RegisterResourceRequest): boolean {
    return this.of(request).length > 0;
  }

  /**
   * Changes a registration as its transforms say.
   *
   * @param provider reference of the provider that it would have; "" for the default one.
   * @throws {CallError} if one fails
   */
  async apply(request: resource.RegisterResourceRequest, provider: string): Promise<void> {
    const hasOwn = request.getTransformsList().length > 0;
    let properties = mapValues(fromStruct(request.getObject()), asOutputValues);
    if (hasOwn) {
      properties = withDependencies(properties, request.getPropertydependenciesMap());
    }
    let options = optionsOf(request, provider);
    for (const transform of this.of(request)) {
      const call = new resource.TransformRequest();
      call.setType(request.getType());
      call.setName(request.getName());
      call.setCustom(request.getCustom());
      call.setParent(request.getParent());
      call.setProperties(toStruct(properties));
      call.setOptions(options);
      const answer = resource.TransformResponse.deserializeBinary(await this.call(transform, call));
      options = answer.getOptions() ?? options;
      properties = answer.getProperties() === undefined ? properties : fromStruct(answer.getProperties());
    }
    request.setObject(toStruct(properties));
    setOptions(request, options, hasOwn);
    const ofProperties = request.getPropertydependenciesMap();
    if (hasOwn) {
      ofProperties.clear();
    }
    const all = new Set(request.getDependenciesList());
    for (const [key, value] of Object.entries(properties)) {
      const dependencies = ofProperties.get(key) ?? new resource.RegisterResourceRequest.PropertyDependencies();
      const found = dependenciesOf(value);
      dependencies.setUrnsList([...new Set([...dependencies.getUrnsList(), ...found])]);
      ofProperties.set(key, dependencies);
      for (const urn of found) {
        all.add(urn);
      }
    }
    request.setDependenciesList([...all]);
  }

  /**
   * The call of a function as the transforms want it.
   * @throws {CallError} if one fails
   */
  async applyToCall(invoke: InvokeCall): Promise<InvokeCall> {
    let changed = invoke;
    for (const transform of this.ofCalls) {
      const call = new resource.TransformInvokeRequest();
      const options = new resource.TransformInvokeOptions();
      options.setProvider(changed.provider);
      options.setVersion(changed.version);
      call.setToken(changed.token);
      call.setArgs(toStruct(changed.args));
      call.setOptions(options);
      const answer = resource.TransformInvokeResponse.deserializeBinary(await this.call(transform, call));
      const { provider, version } = changed;
      changed = {
        ...changed,
        args: answer.getArgs() === undefined ? changed.args : fromStruct(answer.getArgs()),
        provider: answer.getOptions()?.getProvider() ?? provider,
        version: answer.getOptions()?.getVersion() ?? version,
      };
    }
    return changed;
  }

  private of(request: resource.RegisterResourceRequest): callback.Callback[] {
    const found = [...request.getTransformsList()];
    for (let urn = request.getParent(); urn !== ""; urn = this.ofResources.get(urn)?.parent ?? "") {
      found.push(...(this.ofResources.get(urn)?.own ?? []));
    }
    return [...found, ...this.ofStack];
  }

  private async call(transform: callback.Callback, call: Message): Promise<Uint8Array> {
    return await this.callbacks.invoke(transform, call).catch((error: Error) => {
      throw new CallError(`invoke transform: ${error.message}`);
    });
  }
}

/** Lets a transform see what each property depends on. */
function withDependencies(
  properties: PropertyMap,
  dependencies: ReturnType<resource.RegisterResourceRequest["getPropertydependenciesMap"]>,
): PropertyMap {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => {
      const urns = dependencies.get(key)?.getUrnsList() ?? [];
      return [key, urns.length === 0 ? value : asOutputValue(value, urns)];
    }),
  );
}

function asOutputValue(value: PropertyValue, urns: string[]): PropertyValue {
  return isObject(value) && value[signatureKey] === outputValueSignature
    ? { ...value, dependencies: urns }
    : { [signatureKey]: outputValueSignature, value, dependencies: urns };
}

/** The value with all that is secret or unknown in it, at any depth, in the form that carries dependencies too. */
function asOutputValues(value: PropertyValue): PropertyValue {
  if (value === unknownValue) {
    return { [signatureKey]: outputValueSignature };
  }
  if (Array.isArray(value)) {
    return value.map(asOutputValues);
  }
  if (!isObject(value)) {
    return value;
  }
  if (value[signatureKey] === secretSignature) {
    const content = asOutputValues(value.value ?? null);
    return isObject(content) && content[signatureKey] === outputValueSignature
      ? { ...content, secret: true }
      : { [signatureKey]: outputValueSignature, value: content, secret: true };
  }
  return mapValues(value, asOutputValues);
}

function mapValues(properties: PropertyMap, change: (value: PropertyValue) => PropertyValue): PropertyMap {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, change(value)]));
}

function dependenciesOf(value: PropertyValue): Set<string> {
  if (Array.isArray(value)) {
    return new Set(value.flatMap((item) => [...dependenciesOf(item)]));
  }
  if (!isObject(value)) {
    return new Set();
  }
  const own =
    value[signatureKey] === outputValueSignature && Array.isArray(value.dependencies) ? value.dependencies : [];
  return new Set([...own.map(String), ...Object.values(value).flatMap((child) => [...dependenciesOf(child)])]);
}
