import type callback from "@pulumi/pulumi/proto/callback_pb.js";
import resource from "@pulumi/pulumi/proto/resource_pb.js";
import { EngineError } from "../errors.js";
import type { PropertyMap } from "../propertyValues.js";
import { toStruct } from "../protobufStruct.js";
import { type HookBindings, type HookSubject, type Hooks, hookTypes } from "../steps/hooks.js";
import { nameOf, typeOf } from "../urn.js";
import type { Callbacks } from "./callbacks.js";

/** Registers a hook of the program. */
export function registerHook(
  request: resource.RegisterResourceHookRequest,
  hooks: Hooks,
  callbacks: Callbacks,
): void {
  const target = requireCallback(request.getCallback(), request.getName());
  hooks.register(request.getName(), {
    runsInPreviews: request.getOnDryRun(),
    ignoresErrors: request.getIgnoreErrors(),
    async call(subject) {
      const call = describe(new resource.ResourceHookRequest(), subject);
      if (subject.newOutputs !== undefined) {
        call.setNewOutputs(toStruct(subject.newOutputs));
      }
      const answer = resource.ResourceHookResponse.deserializeBinary(await callbacks.invoke(target, call));
      if (answer.getError() !== "") {
        throw new EngineError(answer.getError());
      }
    },
  });
}

/** Registers a hook of the program that is asked when something failed. */
export function registerErrorHook(
  request: resource.RegisterErrorHookRequest,
  hooks: Hooks,
  callbacks: Callbacks,
): void {
  const target = requireCallback(request.getCallback(), request.getName());
  hooks.registerForErrors(request.getName(), {
    async call(subject, operation, errors) {
      const call = describe(new resource.ErrorHookRequest(), subject);
      call.setFailedOperation(operation);
      call.setErrorsList([...errors]);
      const answer = resource.ErrorHookResponse.deserializeBinary(await callbacks.invoke(target, call));
      if (answer.getError() !== "") {
        throw new EngineError(answer.getError());
      }
      return answer.getRetry();
    },
  });
}

/** The names of a registration's hooks. */
export function hookBindings(
  message: resource.RegisterResourceRequest.ResourceHooksBinding | undefined,
): HookBindings {
  const names = message?.toObject() as Record<string, string[] | undefined> | undefined;
  return Object.fromEntries(
    [...hookTypes]
      .sort()
      .map((type) => [type, names?.[`${type.charAt(0).toLowerCase()}${type.slice(1)}List`] ?? []] as const)
      .filter(([, list]) => list.length > 0),
  );
}

function requireCallback(target: callback.Callback | undefined, name: string): callback.Callback {
  if (target === undefined || target.getTarget() === "") {
    throw new EngineError(`hook "${name}": target must be specified`);
  }
  return target;
}

function describe<Request extends resource.ResourceHookRequest | resource.ErrorHookRequest>(
  request: Request,
  { state, newInputs, oldInputs, oldOutputs }: HookSubject,
): Request {
  request.setUrn(state.urn);
  request.setId(state.id ?? "");
  request.setName(nameOf(state.urn));
  request.setType(typeOf(state.urn));
  const put = (
    properties: PropertyMap | undefined,
    set: (struct: ReturnType<typeof toStruct>) => unknown,
  ): void => {
    if (properties !== undefined) {
      set(toStruct(properties));
    }
  };
  put(newInputs, (struct) => request.setNewInputs(struct));
  put(oldInputs, (struct) => request.setOldInputs(struct));
  put(oldOutputs, (struct) => request.setOldOutputs(struct));
  return request;
}
