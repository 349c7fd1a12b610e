import type {
  ReadResourceRequest,
  RegisterErrorHookRequest,
  RegisterResourceHookRequest,
  RegisterResourceRequest,
} from "@pulumi/pulumi/proto/resource_pb.js";
import { EngineError } from "../errors.js";
import type { Severity } from "../events.js";
import { deepEqual, fromProgram, type PropertyMap, type UnsupportedValue } from "../propertyValues.js";
import { defaultVersions } from "../providers/defaultVersions.js";
import type { InvokeResult } from "../providers/resourceProviderHost.js";
import type { ResourceState } from "../state/resourceState.js";
import { emptyGoal, type ResourceGoal } from "../steps/goal.js";
import type { Operation } from "../steps/operation.js";
import type { Registration } from "../steps/registration.js";
import type { StepGenerator } from "../steps/stepGenerator.js";
import { defaultProviderName, isProviderType, isStack, makeUrn, packageOf, providerTypeOf } from "../urn.js";
import { withResolvers } from "../withResolvers.js";
import { Callbacks } from "./callbacks.js";
import { CallError } from "./callError.js";
import { type EngineCalls, ShuttingDown } from "./engineServer.js";
import { registerErrorHook, registerHook } from "./hookCallbacks.js";
import type { InvokeCall } from "./invokeCall.js";
import { inheritFromParent, parseRead, parseRegistration } from "./registrationRequest.js";
import { Transforms } from "./transforms.js";

/** Answers the calls of one run of a program. */
export class ProgramSession implements EngineCalls {
  private readonly callbacks = new Callbacks();
  readonly transforms = new Transforms(this.callbacks);
  private readonly defaultProviders = new Map<string, Promise<string>>();
  private readonly defaultVersions: ReadonlyMap<string, string>;
  private readonly open = new Set<Promise<unknown>>();
  /** Resolved when the program has ended but for its hooks. */
  readonly finished = withResolvers<void>();
  private readonly released = withResolvers<void>();
  private stackOutputs: { state: ResourceState; outputs: PropertyMap } | undefined;

  constructor(
    private readonly operation: Operation,
    private readonly generator: StepGenerator,
    /** The stack's configuration, of which default providers get their inputs. */
    private readonly config: PropertyMap,
  ) {
    this.defaultVersions = defaultVersions(operation.store.base);
  }

  async registerResource(request: RegisterResourceRequest): Promise<Registration> {
    return await this.track(async () => {
      const parent = this.generator.goalOf(request.getParent());
      if (parent !== undefined) {
        inheritFromParent(request, parent);
      }
      const own = request.getTransformsList();
      if (this.transforms.concern(request)) {
        await this.transforms.apply(request, this.namedProvider(request));
      }
      const { goal, refusals } = parseRegistration(request);
      if (isProviderType(goal.type)) {
        goal.inputs = withVersion(goal.inputs, goal.version || this.defaultVersions.get(packageOf(goal.type)));
      }
      if (!goal.custom) {
        goal.providers = { ...parent?.providers, ...goal.providers };
      }
      const reference = await this.providerReference(goal, refusals);
      this.refuseIfAny(goal, refusals);
      const registration = await this.generator.register(goal, reference);
      this.transforms.keep(registration.state.urn, goal.parent, own);
      if (registration.result !== "succeeded" && !request.getSupportsresultreporting()) {
        throw new EngineError("resource registration failed");
      }
      return registration;
    });
  }

  async readResource(request: ReadResourceRequest): Promise<Registration> {
    const { goal, refusals, id } = parseRead(request);
    return await this.track(async () => {
      const reference = await this.providerReference(goal, refusals);
      this.refuseIfAny(goal, refusals);
      return await this.generator.read(goal, id, reference ?? "");
    });
  }

  async registerOutputs(urn: string, outputs: PropertyMap): Promise<void> {
    const unsupported: UnsupportedValue[] = [];
    const values = fromProgram(outputs, "", unsupported) as PropertyMap;
    const state = this.generator.stateOf(urn);
    if (unsupported.length > 0) {
      this.refuse(
        urn,
        unsupported.map(
          ({ path, what }) => `output ${path} is ${what}, which the embedded engine does not implement`,
        ),
      );
    }
    if (state === undefined) {
      const message = `cannot complete a resource '${urn}' whose registration isn't pending`;
      this.operation.bail(urn, message);
      throw new ShuttingDown(message);
    }
    if (isStack(urn)) {
      // Kept until the end, when it is clear whether outputs that are missing are gone or were only not reached.
      this.stackOutputs = { state, outputs: values };
      return;
    }
    if (!this.generator.isSkipped(urn)) {
      await this.track(() => this.setOutputs(state, values));
    }
  }

  async invoke(call: InvokeCall): Promise<InvokeResult> {
    const { token, args } = call;
    if (token !== "pulumi:pulumi:getResource") {
      const { args: changed, provider, version } = await this.transforms.applyToCall(call);
      return await this.invokeProvider(token, changed, { provider, version });
    }
    const state = this.generator.stateOf(String(args.urn));
    if (state === undefined) {
      throw new EngineError(`unknown resource ${String(args.urn)}`);
    }
    return { value: { urn: state.urn, id: state.id ?? "", state: state.outputs ?? {} }, failures: [] };
  }

  private async invokeProvider(
    token: string,
    args: PropertyMap,
    { provider: explicit, version }: Omit<InvokeCall, "token" | "args">,
  ): Promise<InvokeResult> {
    const { providers, isPreview } = this.operation;
    const refusal = providers.refusal(token, "function");
    if (refusal !== undefined) {
      throw this.refuse("", [refusal]);
    }
    const reference = explicit || (await this.defaultProvider(packageOf(token), version));
    const provider = providers.find(reference);
    if (provider?.invoke === undefined) {
      throw this.refuse("", [
        `function ${token} is not implemented by the embedded engine. Use the Pulumi CLI for it`,
      ]);
    }
    try {
      return await provider.invoke(token, args, isPreview);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new EngineError(`invocation of ${token} returned an error: ${message}`);
    }
  }

  registerHook(request: RegisterResourceHookRequest): void {
    registerHook(request, this.operation.hooks, this.callbacks);
  }

  registerErrorHook(request: RegisterErrorHookRequest): void {
    registerErrorHook(request, this.operation.hooks, this.callbacks);
  }

  /** Lets a program end that waits to be asked by its hooks for deletes. */
  release(): void {
    this.released.resolve();
  }

  close(): void {
    this.release();
    this.callbacks.close();
  }

  async allDone(): Promise<void> {
    while (this.open.size > 0) {
      await Promise.allSettled(this.open);
    }
    await this.operation.executor.drain();
    if (this.operation.executor.stopped === undefined && this.generator.hasDeleteHooks()) {
      this.finished.resolve();
      await this.released.promise;
    }
  }

  log(severity: Severity, urn: string, message: string, isEphemeral: boolean, streamId: number): void {
    // The SDK's debug lines print whole messages, secrets in the clear, several for each resource.
    if (severity !== "debug") {
      this.operation.report(severity, urn, message, isEphemeral, streamId);
    }
  }

  refused(message: string): void {
    this.refuse("", [message]);
  }

  /** Stores what the stack's outputs are. Where the program did not get through, the ones of before stay as well. */
  async finishStackOutputs(): Promise<void> {
    if (this.stackOutputs === undefined) {
      return;
    }
    const { state, outputs } = this.stackOutputs;
    const hasFailed = this.operation.hasErrors || this.operation.executor.stopped !== undefined;
    const before = this.generator.oldStateOf(state.urn)?.outputs ?? {};
    await this.setOutputs(state, hasFailed ? { ...before, ...outputs } : outputs);
  }

  private async setOutputs(state: ResourceState, outputs: PropertyMap): Promise<void> {
    const { outputs: before, ...rest } = state;
    const current = Object.keys(outputs).length > 0 ? { ...rest, outputs } : rest;
    if (!this.operation.isPreview && !deepEqual(before ?? {}, outputs)) {
      await this.operation.store.set(state, current);
    }
    this.generator.setState(current);
    await this.operation.outputsRegistered(current);
  }

  /** The reference of the provider that manages a resource; none for components and providers themselves. */
  private async providerReference(goal: ResourceGoal, refusals: string[]): Promise<string | undefined> {
    if (!goal.custom) {
      return goal.provider === "" ? undefined : goal.provider;
    }
    const refusal = this.operation.providers.refusal(goal.type);
    if (refusal !== undefined && !refusals.some((text) => text.includes(goal.type))) {
      refusals.push(refusal);
    }
    if (refusals.length > 0 || isProviderType(goal.type)) {
      return undefined;
    }
    const packageName = packageOf(goal.type);
    return (
      goal.provider ||
      goal.providers[packageName] ||
      this.inheritedProvider(packageName, goal.parent) ||
      (await this.defaultProvider(packageName, goal.version))
    );
  }

  /** The provider that a registration has without a default one; "" for none. */
  private namedProvider(request: RegisterResourceRequest): string {
    if (!request.getCustom()) {
      return request.getProvider();
    }
    const packageName = packageOf(request.getType());
    return (
      request.getProvider() ||
      request.getProvidersMap().get(packageName) ||
      this.inheritedProvider(packageName, request.getParent()) ||
      ""
    );
  }

  /** The provider that the nearest component above hands on to its children. */
  private inheritedProvider(packageName: string, parent: string): string | undefined {
    return this.generator.goalOf(parent)?.providers[packageName];
  }

  /** @param asked the version that the program asks for; "" for any. */
  private defaultProvider(packageName: string, asked: string): Promise<string> {
    const version = asked || (this.defaultVersions.get(packageName) ?? "");
    const key = `${packageName} ${version}`;
    let reference = this.defaultProviders.get(key);
    if (reference === undefined) {
      const inputs = this.operation.providers.defaultInputs(packageName, this.config);
      const goal: ResourceGoal = {
        ...emptyGoal,
        type: providerTypeOf(packageName),
        name: defaultProviderName(version),
        inputs: withVersion(inputs, version),
      };
      reference = this.generator.register(goal, undefined).then(({ state }) => `${state.urn}::${state.id}`);
      this.defaultProviders.set(key, reference);
    }
    return reference;
  }

  private refuseIfAny(goal: ResourceGoal, refusals: string[]): void {
    if (refusals.length > 0) {
      throw this.refuse(
        makeUrn(this.operation.stack, this.operation.project, goal.parent, goal.type, goal.name),
        refusals,
      );
    }
  }

  private refuse(urn: string, refusals: string[]): ShuttingDown {
    for (const refusal of refusals) {
      this.operation.error(urn, refusal);
    }
    this.operation.bail(urn);
    return new ShuttingDown(refusals.join("; "));
  }

  /** Runs work that the program waits for; any failure ends the program. */
  private async track<T>(work: () => Promise<T>): Promise<T> {
    const running = work();
    this.open.add(running);
    try {
      return await running;
    } catch (error) {
      if (error instanceof CallError) {
        throw error;
      }
      throw new ShuttingDown(error instanceof Error ? error.message : String(error));
    } finally {
      this.open.delete(running);
    }
  }
}

function withVersion(inputs: PropertyMap, version: string | undefined): PropertyMap {
  return version === undefined || version === "" ? inputs : { __internal: {}, ...inputs, version };
}
