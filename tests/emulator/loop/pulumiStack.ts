/**
 * A stack as Pulumi's engine keeps it, and the calls that it makes, in the order and with the values measured on the real
 * one: check with the old inputs, diff with the old outputs, what is stored after a failure, replacements, targets,
 * refresh. No processes and no protocol: histories of thousands of commands run on it.
 */

import { type Context, PartialFailure, type Properties } from "../../../provider/resources/handler.js";
import { handlers } from "../../../provider/resources/index.js";

/** One resource of a program. */
export interface Declared {
  name: string;
  /** The handler's token, such as `Failover`. */
  token: string;
  args: Properties;
  /** The name that it had before: without it, a renamed resource is a new one and the old one is deleted. */
  alias?: string;
}

interface Stored {
  name: string;
  token: string;
  id: string;
  inputs: Properties;
  outputs: Properties;
  /** Pulumi's `initErrors`: the next `up` updates it whatever `diff` says. */
  isFailed: boolean;
  /** The old half of a replacement whose delete failed. */
  isToDelete: boolean;
}

/** Everything that `pulumi stack export` would hold. */
export type StackState = readonly Stored[];

export interface UpOptions {
  /** `up --refresh`. */
  refresh?: boolean;
  /** Names of `--target`; all where absent. */
  targets?: readonly string[];
  /** Names of `--replace`. */
  replace?: readonly string[];
}

export interface UpResult {
  isWell: boolean;
  /** What the user reads of it: failures of check, errors and reasons. */
  errors: string[];
  /** Names of the resources whose step ended well, `same` included. */
  settled: string[];
}

/** What the process of this command is ended by; whatever it would have stored is lost. */
export class Killed extends Error {}

export class PulumiStack {
  #resources: Stored[] = [];

  /** @param isDead whether the process of the present command was killed: nothing that it still says is stored. */
  constructor(private readonly isDead: () => boolean = () => false) {}

  export(): StackState {
    return structuredClone(this.#resources);
  }

  import(state: StackState): void {
    this.#resources = structuredClone([...state]);
  }

  find(name: string): Readonly<Stored> | undefined {
    return this.#find(name);
  }

  /** Check and diff of everything, as a preview runs them for a dynamic resource; nothing is stored. */
  async preview(context: Context, program: readonly Declared[]): Promise<UpResult> {
    const result: UpResult = { isWell: true, errors: [], settled: [] };
    for (const declared of program) {
      const old = this.find(declared.name) ?? this.#aliased(declared);
      const { inputs, failures } = await this.#check(context, declared, old?.inputs ?? {});
      result.errors.push(...failures);
      if (failures.length > 0) break;
      try {
        if (old) handlerOf(declared.token).diff(old.id, structuredClone(old.outputs), inputs);
      } catch (error) {
        result.errors.push(...wordsOf(error));
        break;
      }
    }
    return { ...result, isWell: result.errors.length === 0 };
  }

  async up(context: Context, program: readonly Declared[], options: UpOptions = {}): Promise<UpResult> {
    const result: UpResult = { isWell: true, errors: [], settled: [] };
    try {
      if (options.refresh) await this.refresh(context);
      const isTargeted = (name: string) => options.targets?.includes(name) ?? true;
      const replaced: Stored[] = this.#resources.filter((each) => each.isToDelete);
      for (const declared of program) {
        const old = this.#find(declared.name) ?? this.#aliased(declared);
        if (old) old.name = declared.name;
        if (!isTargeted(declared.name)) continue;
        const isForced = options.replace?.includes(declared.name) ?? false;
        await this.#step(context, declared, old, isForced, replaced);
        result.settled.push(declared.name);
      }
      // Deletes come last, dependents before what they depend on.
      const gone = this.#resources.filter((each) => !program.some(({ name }) => name === each.name));
      for (const old of [...gone.filter(({ name }) => isTargeted(name)), ...replaced].reverse())
        await this.#delete(context, old);
    } catch (error) {
      if (error instanceof Killed) throw error;
      result.isWell = false;
      result.errors.push(...wordsOf(error));
    }
    return result;
  }

  /** Read, then the diff that decides what is shown; never a check. */
  async refresh(context: Context): Promise<void> {
    for (const stored of [...this.#resources]) {
      if (stored.isToDelete) continue;
      const handler = handlerOf(stored.token);
      const found = await this.#alive(handler.read(context, stored.id, structuredClone(stored.outputs)));
      if (!found) {
        this.#resources = this.#resources.filter((each) => each !== stored);
        continue;
      }
      handler.diff(stored.id, found.outputs, stored.inputs);
      stored.outputs = clean(found.outputs);
      if (found.inputs) stored.inputs = clean(found.inputs);
      // Measured: a refresh that succeeds clears the mark of a partial failure.
      stored.isFailed = false;
    }
  }

  async #step(
    context: Context,
    declared: Declared,
    old: Stored | undefined,
    isForced: boolean,
    replaced: Stored[],
  ): Promise<void> {
    const handler = handlerOf(declared.token);
    const { inputs, failures } = await this.#check(context, declared, old && !isForced ? old.inputs : {});
    if (failures.length > 0) throw new CheckFailed(failures);
    if (!old) return this.#create(context, declared, inputs);
    if (isForced) return this.#replace(context, declared, inputs, old, replaced);
    const diff = handler.diff(old.id, structuredClone(old.outputs), inputs);
    if (diff.hasChanges && diff.replaces.length > 0) {
      const again = await this.#check(context, declared, {});
      if (again.failures.length > 0) throw new CheckFailed(again.failures);
      if (!diff.deleteBeforeReplace) return this.#replace(context, declared, again.inputs, old, replaced);
      await this.#delete(context, old);
      return this.#create(context, declared, again.inputs);
    }
    if (!diff.hasChanges && !old.isFailed) {
      // Measured: new inputs, old outputs.
      old.inputs = inputs;
      return;
    }
    try {
      const prior = { id: old.id, outputs: structuredClone(old.outputs) };
      const { outputs } = await this.#alive(handler.reconcile(context, inputs, prior));
      Object.assign(old, { inputs, outputs: clean(outputs), isFailed: false });
    } catch (error) {
      if (error instanceof PartialFailure)
        Object.assign(old, { inputs, outputs: clean(error.properties), isFailed: true });
      throw error;
    }
  }

  async #create(context: Context, { name, token }: Declared, inputs: Properties): Promise<void> {
    const made = { name, token, inputs, isToDelete: false };
    try {
      const { id, outputs } = await this.#alive(handlerOf(token).reconcile(context, inputs, undefined));
      this.#resources.push({ ...made, id, outputs: clean(outputs), isFailed: false });
    } catch (error) {
      if (error instanceof PartialFailure)
        this.#resources.push({ ...made, id: error.id, outputs: clean(error.properties), isFailed: true });
      throw error;
    }
  }

  /** Create first; the old half goes at the end of the update. */
  async #replace(
    context: Context,
    declared: Declared,
    inputs: Properties,
    old: Stored,
    replaced: Stored[],
  ): Promise<void> {
    await this.#create(context, declared, inputs);
    old.isToDelete = true;
    replaced.push(old);
  }

  async #delete(context: Context, old: Stored): Promise<void> {
    await this.#alive(handlerOf(old.token).delete(context, old.id, structuredClone(old.outputs)));
    this.#resources = this.#resources.filter((each) => each !== old);
  }

  async #check(
    context: Context,
    { token, args }: Declared,
    olds: Properties,
  ): Promise<{ inputs: Properties; failures: string[] }> {
    const checking = handlerOf(token).check(context, structuredClone(olds), structuredClone(args));
    const { inputs, failures } = await this.#alive(checking);
    return { inputs: clean(inputs), failures: failures.map(({ property, reason }) => `${property} ${reason}`) };
  }

  async #alive<T>(answer: Promise<T>): Promise<T> {
    const outcome = await answer.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    if (this.isDead()) throw new Killed("the process was killed");
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  }

  #find(name: string): Stored | undefined {
    return this.#resources.find((each) => each.name === name && !each.isToDelete);
  }

  #aliased({ alias, token }: Declared): Stored | undefined {
    return this.#resources.find((each) => each.name === alias && each.token === token && !each.isToDelete);
  }
}

class CheckFailed extends Error {
  constructor(readonly failures: string[]) {
    super(failures.join("\n"));
  }
}

function handlerOf(token: string) {
  const handler = handlers.get(token);
  if (!handler) throw new Error(`there is no handler ${token}`);
  return handler;
}

/** Results travel as JSON. */
function clean(properties: Properties): Properties {
  return JSON.parse(JSON.stringify(properties)) as Properties;
}

/** What the user reads: of a partial failure the reasons only. */
function wordsOf(error: unknown): string[] {
  if (error instanceof PartialFailure) return error.reasons;
  if (error instanceof CheckFailed) return error.failures;
  return [error instanceof Error ? error.message : String(error)];
}
