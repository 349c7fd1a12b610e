import { status } from "@grpc/grpc-js";
import type { Alias as AliasMessage } from "@pulumi/pulumi/proto/alias_pb.js";
import type { ReadResourceRequest, RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import { fromProgram, type PropertyValue, type UnsupportedValue } from "../propertyValues.js";
import { fromStruct } from "../protobufStruct.js";
import { type Alias, emptyGoal, type ResourceGoal } from "../steps/goal.js";
import { formatPropertyPath, parsePropertyPath } from "../steps/propertyPath.js";
import { stackType } from "../urn.js";
import { CallError } from "./callError.js";
import { hookBindings } from "./hookCallbacks.js";

/** A request, read: what the program wants, and everything in it that this engine does not implement. */
export interface ParsedRegistration {
  goal: ResourceGoal;
  refusals: string[];
}

/** Gives a registration what a child has of its parent unless it says otherwise. */
export function inheritFromParent(request: RegisterResourceRequest, parent: ResourceGoal): void {
  if (request.getDeletedwith() === "") {
    request.setDeletedwith(parent.deletedWith);
  }
  if (!request.hasProtect() && parent.protect !== undefined) {
    request.setProtect(parent.protect);
  }
  if (!request.hasRetainondelete() && parent.retainOnDelete !== undefined) {
    request.setRetainondelete(parent.retainOnDelete);
  }
}

/** Reads a registration. Options that are not implemented are named, never ignored. */
export function parseRegistration(request: RegisterResourceRequest): ParsedRegistration {
  const refusals: string[] = [];
  const refuse = (isUsed: boolean, option: string, why: string): void => {
    if (isUsed) {
      refusals.push(
        `resource option ${option} is not implemented by the embedded engine: ${why}. Use the Pulumi CLI for it`,
      );
    }
  };
  const type = request.getType();
  const newer = request as NewerFields;
  refuse(request.getRemote(), "remote", "components that a plugin makes need that plugin");
  const unsupported: UnsupportedValue[] = [];
  const inputs = fromProgram(fromStruct(request.getObject()), "", unsupported) as ResourceGoal["inputs"];
  refusals.push(
    ...unsupported.map(
      ({ path, what }) =>
        `property ${path} is ${what}, which the embedded engine does not implement. Use the Pulumi CLI for it`,
    ),
  );
  const triggerMessage = newer.getReplacementTrigger?.();
  const trigger =
    triggerMessage === undefined
      ? undefined
      : fromProgram((triggerMessage.toJavaScript() ?? null) as PropertyValue, "replacementTrigger", unsupported);
  const propertyDependencies: Record<string, string[]> = {};
  for (const [key, dependencies] of request.getPropertydependenciesMap().entries()) {
    propertyDependencies[key] = dependencies.getUrnsList().sort();
  }
  return {
    goal: {
      type,
      name: request.getName(),
      custom: request.getCustom(),
      inputs,
      parent: request.getParent(),
      dependencies: [...new Set(request.getDependenciesList())].sort(),
      propertyDependencies: Object.fromEntries(
        Object.entries(propertyDependencies).sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
      ...(request.hasProtect() ? { protect: request.getProtect() } : {}),
      ...(request.hasRetainondelete() ? { retainOnDelete: request.getRetainondelete() } : {}),
      deletedWith: request.getDeletedwith(),
      replaceOnChanges: request.getReplaceonchangesList(),
      replaceWith: newer.getReplaceWithList?.() ?? [],
      ...(trigger === undefined ? {} : { replacementTrigger: trigger }),
      importId: request.getImportid(),
      provider: request.getProvider(),
      providers: Object.fromEntries(request.getProvidersMap().entries()),
      version: request.getVersion(),
      deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
      ignoreChanges: request.getIgnorechangesList(),
      hooks: hookBindings(newer.getHooks?.()),
      hideDiffs: parseHideDiffs(newer.getHidediffsList?.() ?? [], refusals),
      additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
      aliases: [...request.getAliasurnsList().map(aliasUrn), ...request.getAliasesList().map(parseAlias)],
      customTimeouts: parseTimeouts(request, refusals),
    },
    refusals,
  };
}

/** Reads a request for a resource that the program names by its id. */
export function parseRead(request: ReadResourceRequest): ParsedRegistration & { id: string } {
  const refusals: string[] = [];
  const type = request.getType();
  const unsupported: UnsupportedValue[] = [];
  const inputs = fromProgram(fromStruct(request.getProperties()), "", unsupported) as ResourceGoal["inputs"];
  refusals.push(
    ...unsupported.map(
      ({ path, what }) => `property ${path} is ${what}, which the embedded engine does not implement`,
    ),
  );
  return {
    id: request.getId(),
    refusals,
    goal: {
      ...emptyGoal,
      type,
      name: request.getName(),
      inputs,
      parent: request.getParent(),
      dependencies: [...new Set(request.getDependenciesList())].sort(),
      provider: request.getProvider(),
      version: request.getVersion(),
      additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    },
  };
}

/** True for the registration of the stack's own resource. */
export function isStackRegistration(goal: ResourceGoal): boolean {
  return goal.type === stackType;
}

/** @throws {CallError} */
function aliasUrn(urn: string): Alias {
  if (!/^urn:pulumi:[^:]*::[^:]*::.*::/.test(urn)) {
    const why = urn === "" ? "missing required URN" : `invalid URN ${JSON.stringify(urn)}`;
    throw new CallError(`invalid alias URN: ${why}`, status.INVALID_ARGUMENT);
  }
  return { urn };
}

function parseAlias(message: AliasMessage): Alias {
  if (message.hasUrn()) {
    return aliasUrn(message.getUrn());
  }
  const spec = message.getSpec();
  if (spec === undefined) {
    return {};
  }
  return {
    ...(spec.getName() === "" ? {} : { name: spec.getName() }),
    ...(spec.getType() === "" ? {} : { type: spec.getType() }),
    ...(spec.getStack() === "" ? {} : { stack: spec.getStack() }),
    ...(spec.getProject() === "" ? {} : { project: spec.getProject() }),
    ...(spec.getParenturn() === "" ? {} : { parentUrn: spec.getParenturn() }),
    ...(spec.getNoparent() ? { hasNoParent: true } : {}),
  };
}

const secondsPerUnit: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 };

function parseTimeouts(request: RegisterResourceRequest, refusals: string[]): ResourceGoal["customTimeouts"] {
  const timeouts: ResourceGoal["customTimeouts"] = {};
  const message = request.getCustomtimeouts();
  const texts = {
    create: message?.getCreate(),
    update: message?.getUpdate(),
    delete: message?.getDelete(),
    read: readTimeout(message),
  };
  for (const [kind, text] of Object.entries(texts) as [keyof typeof timeouts, string | undefined][]) {
    if (text === undefined || text === "") {
      continue;
    }
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|µs|ns|m|s)/g)];
    if (parts.map((part) => part[0]).join("") !== text) {
      refusals.push(`customTimeouts.${kind} is "${text}", expected a duration such as "90s", "30m" or "1h30m"`);
      continue;
    }
    timeouts[kind] = parts.reduce(
      (sum, [, amount, unit]) => sum + Number(amount) * (secondsPerUnit[unit ?? ""] ?? 0),
      0,
    );
  }
  return timeouts;
}

/**
 * Fields that not every release of the SDK has: its request classes are the program's protocol, read with the
 * engine's, and a field that is unknown here cannot be set there either.
 */
interface NewerFields {
  getReplaceWithList?(): string[];
  getReplacementTrigger?(): { toJavaScript(): unknown } | undefined;
  getHooks?(): ReturnType<RegisterResourceRequest["getHooks"]>;
  getHidediffsList?(): string[];
  getRead?(): string;
}

function parseHideDiffs(texts: readonly string[], refusals: string[]): string[] {
  return texts.map((text) => {
    const path = parsePropertyPath(text);
    if (path === undefined) {
      refusals.push(`hideDiffs names "${text}", expected the path of a property such as "a.b[0]" or "a[*]"`);
    }
    return path === undefined ? text : formatPropertyPath(path);
  });
}

function readTimeout(message: unknown): string | undefined {
  return (message as NewerFields | undefined)?.getRead?.();
}
