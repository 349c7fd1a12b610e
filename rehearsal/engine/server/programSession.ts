import type { ReadResourceRequest, RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import { EngineError } from "../errors.js";
import type { Severity, Step } from "../events.js";
import { deepEqual, fromProgram, type PropertyMap, type UnsupportedValue } from "../propertyValues.js";
import type { ResourceState } from "../state/resourceState.js";
import type { ResourceGoal } from "../steps/goal.js";
import type { Operation } from "../steps/operation.js";
import type { StepGenerator } from "../steps/stepGenerator.js";
import { defaultProviderUrn, isStack, makeUrn, packageOf } from "../urn.js";
import { type EngineCalls, ShuttingDown } from "./engineServer.js";
import { parseRead, parseRegistration } from "./registrationRequest.js";

/** Answers the calls of one run of a program. */
export class ProgramSession implements EngineCalls {
  private readonly defaultProviders = new Map<string, Promise<ResourceState>>();
  private readonly open = new Set<Promise<unknown>>();
  private stackOutputs: { state: ResourceState; outputs: PropertyMap } | undefined;

  constructor(
    private readonly operation: Operation,
    private readonly generator: StepGenerator,
    /** The stack's configuration, of which default providers get their inputs. */
    private readonly config: PropertyMap,
  ) {}

  async registerResource(request: RegisterResourceRequest): Promise<ResourceState> {
    const { goal, refusals } = parseRegistration(request);
    return await this.track(async () => {
      const reference = goal.custom ? await this.providerReference(goal, refusals) : undefined;
      this.refuseIfAny(goal, refusals);
      return await this.generator.register(goal, reference);
    });
  }

  async readResource(request: ReadResourceRequest): Promise<ResourceState> {
    const { goal, refusals, id } = parseRead(request);
    return await this.track(async () => {
      const reference = await this.providerReference(goal, refusals);
      this.refuseIfAny(goal, refusals);
      return await this.generator.read(goal, id, reference);
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
      throw new EngineError(`cannot complete a resource '${urn}' whose registration isn't pending`);
    }
    if (isStack(urn)) {
      // Kept until the end, when it is clear whether outputs that are missing are gone or were only not reached.
      this.stackOutputs = { state, outputs: values };
      return;
    }
    await this.track(() => this.setOutputs(state, values));
  }

  async invoke(token: string, args: PropertyMap): Promise<PropertyMap> {
    if (token !== "pulumi:pulumi:getResource") {
      return await this.invokeProvider(token, args);
    }
    const state = this.generator.stateOf(String(args.urn));
    if (state === undefined) {
      throw new EngineError(`unknown resource ${String(args.urn)}`);
    }
    return { urn: state.urn, id: state.id ?? "", state: state.outputs ?? {} };
  }

  private async invokeProvider(token: string, args: PropertyMap): Promise<PropertyMap> {
    const refusal = `function ${token} is not implemented by the embedded engine. Use the Pulumi CLI for it`;
    if (this.operation.providers.refusal(token) !== undefined) {
      throw this.refuse("", [refusal]);
    }
    await this.defaultProvider(packageOf(token));
    const provider = await this.operation.providers.forType(token);
    if (provider.invoke === undefined) {
      throw this.refuse("", [refusal]);
    }
    return await provider.invoke(token, args);
  }

  async allDone(): Promise<void> {
    while (this.open.size > 0) {
      await Promise.allSettled(this.open);
    }
    await this.operation.executor.drain();
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
    const old = this.generator.oldStateOf(state.urn);
    if (!this.operation.isPreview && !deepEqual(before ?? {}, outputs)) {
      await this.operation.store.set(state, current);
    }
    this.generator.setState(current);
    const op: Step["op"] =
      old === undefined ? "create" : deepEqual(old.inputs ?? {}, state.inputs ?? {}) ? "same" : "update";
    this.operation.outputsRegistered({
      op,
      urn: state.urn,
      type: state.type,
      new: current,
      isLogical: true,
      ...(old === undefined ? {} : { old }),
    });
  }

  private async providerReference(goal: ResourceGoal, refusals: string[]): Promise<string> {
    const refusal =
      goal.type === "pulumi:pulumi:StackReference" ? undefined : this.operation.providers.refusal(goal.type);
    if (refusal !== undefined && !refusals.some((text) => text.includes(goal.type))) {
      refusals.push(refusal);
    }
    if (refusals.length > 0) {
      return "";
    }
    const { urn, id } = await this.defaultProvider(packageOf(goal.type));
    return `${urn}::${id}`;
  }

  private defaultProvider(packageName: string): Promise<ResourceState> {
    let provider = this.defaultProviders.get(packageName);
    if (provider === undefined) {
      const { stack, project, providers } = this.operation;
      provider = this.generator.registerDefaultProvider(
        defaultProviderUrn(stack, project, packageName),
        `pulumi:providers:${packageName}`,
        providers.defaultInputs(packageName, this.config),
      );
      this.defaultProviders.set(packageName, provider);
    }
    return provider;
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
    this.operation.executor.stop("failed");
    return new ShuttingDown(refusals.join("; "));
  }

  /** Runs work that the program waits for; any failure ends the program. */
  private async track<T>(work: () => Promise<T>): Promise<T> {
    const running = work();
    this.open.add(running);
    try {
      return await running;
    } catch (error) {
      throw new ShuttingDown(error instanceof Error ? error.message : String(error));
    } finally {
      this.open.delete(running);
    }
  }
}
