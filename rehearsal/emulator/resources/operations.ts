import type { ArmRequest, ArmResource, ArmResponse, Operation, World } from "../core.js";
import { ArmError, childNotFound, resourceNotFound } from "../errors.js";
import { isObject } from "../network/allocation.js";
import { page } from "./paging.js";

/** A write of a resource, checked as far as it is the same for every type. */
export interface Write {
  /** Id as it will be answered: the spelling of its creation. */
  id: string;
  name: string;
  /** The body, for PATCH laid over what is there. */
  body: Record<string, unknown>;
  /** `properties` of the body. */
  properties: Record<string, unknown>;
  location: string;
  tags?: Record<string, string>;
  existing?: ArmResource;
}

/** What one type of top-level resource does in the generic store. */
export interface ResourceKind {
  /** `Microsoft.Network/virtualNetworks`. */
  type: string;
  /** First half of its operations' ids, such as `VirtualNetworks`. */
  operations: string;
  /** Parameter of its name in path templates, such as `virtualNetworkName`. */
  parameter: string;
  /** Whether a name is allowed, and in words what is. */
  name: { pattern: RegExp; most: number; allowed: string };
  /** Whether Azure answers an etag and obeys If-Match: the network provider and the vaults do. */
  hasEtag?: boolean;
  /** Whether writes come with the address of a finished operation, as the network provider's do. */
  hasOperation?: boolean;
  /** What GET will answer, without name, id, type, location, tags and etag. @throws ArmError for a body that Azure refuses */
  write(write: Write, world: World): Pick<ArmResource, "properties"> & Record<string, unknown>;
  /** What GET answers of a stored resource, where that is more than what is stored. */
  render?(resource: ArmResource, world: World): ArmResource;
  /** @throws ArmError where it is in use */
  refuseDeletion?(resource: ArmResource, world: World): void;
  /** What else happens when it is stored (`resource`) or deleted (undefined). */
  changed?(id: string, resource: ArmResource | undefined, world: World): void;
}

const scopes = {
  subscription: "/subscriptions/{subscriptionId}",
  resourceGroup: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}",
};

/** GET, HEAD, PUT, PATCH, DELETE of a resource and its lists by resource group and by subscription. */
export function resourceOperations(kind: ResourceKind): Operation[] {
  const path = `${scopes.resourceGroup}/providers/${kind.type}/{${kind.parameter}}`;
  const get = (request: ArmRequest, world: World): ArmResponse => answer(kind, find(kind, request, world), world);
  const list = (scope: (request: ArmRequest) => string) => (request: ArmRequest, world: World) => {
    const { value, ...more } = page(request, world.arm.list(kind.type, scope(request)));
    return { status: 200, body: { value: value.map((resource) => rendered(kind, resource, world)), ...more } };
  };
  return [
    { id: `${kind.operations}_Get`, method: "GET", path, handle: get },
    { id: `${kind.operations}_Head`, method: "HEAD", path, handle: get },
    {
      id: `${kind.operations}_CreateOrUpdate`,
      method: "PUT",
      path,
      handle: (request, world) => put(kind, request, world),
    },
    {
      id: `${kind.operations}_Update`,
      method: "PATCH",
      path,
      handle: (request, world) => patch(kind, request, world),
    },
    {
      id: `${kind.operations}_Delete`,
      method: "DELETE",
      path,
      handle(request, world) {
        const resource = world.arm.get(idOf(kind, request));
        if (!resource) return { status: 204 };
        checkConditions(kind, request, resource);
        kind.refuseDeletion?.(resource, world);
        world.arm.delete(resource.id);
        kind.changed?.(resource.id, undefined, world);
        return { status: 200 };
      },
    },
    {
      id: `${kind.operations}_List`,
      method: "GET",
      path: `${scopes.resourceGroup}/providers/${kind.type}`,
      handle: list((request) => resourceGroupOf(request)),
    },
    {
      id: `${kind.operations}_ListAll`,
      method: "GET",
      path: `${scopes.subscription}/providers/${kind.type}`,
      handle: list((request) => `/subscriptions/${request.params.subscriptionId}`),
    },
  ];
}

/** What one collection inside a parent does: subnets, rules, routes, peerings. */
export interface ChildKind {
  parent: ResourceKind;
  /** Property of the parent and segment of the path: `subnets`. */
  collection: string;
  operations: string;
  parameter: string;
  /** Answered by GET and lists, but not written: the default rules of a security group. */
  readOnly?: boolean;
}

/**
 * Operations of a child on its own path. A child is written as a write of its parent with that one member exchanged,
 * so that both ways are checked by the same rules.
 */
export function childOperations(child: ChildKind): Operation[] {
  const { parent, collection } = child;
  const list = `${scopes.resourceGroup}/providers/${parent.type}/{${parent.parameter}}/${collection}`;
  const path = `${list}/{${child.parameter}}`;
  const members = (request: ArmRequest, world: World): Record<string, unknown>[] => {
    const value = rendered(parent, find(parent, request, world), world).properties[collection];
    return Array.isArray(value) ? value.filter(isObject) : [];
  };
  const named = (request: ArmRequest) => request.params[child.parameter] ?? "";
  const member = (request: ArmRequest, world: World) =>
    members(request, world).find((candidate) => isSameName(candidate.name, named(request)));
  const idOfMember = (request: ArmRequest) => `${idOf(parent, request)}/${collection}/${named(request)}`;
  const exchange = (request: ArmRequest, world: World, replacement: Record<string, unknown> | undefined) => {
    const resource = find(parent, request, world);
    const others = members(request, world);
    const index = others.findIndex((candidate) => isSameName(candidate.name, named(request)));
    if (replacement === undefined) others.splice(index, 1);
    else if (index === -1) others.push(replacement);
    else others[index] = replacement;
    const properties = { ...resource.properties, [collection]: others };
    store(parent, resource.id, { ...resource, properties }, resource, world);
  };
  const answerMember = (request: ArmRequest, world: World, status: number): ArmResponse => {
    const found = member(request, world);
    if (!found) throw childNotFound(idOfMember(request));
    return {
      status,
      headers: {
        ...etagHeader(found),
        ...(status !== 200 || request.method === "PUT" ? operationHeader(parent, request, world) : {}),
      },
      body: found,
    };
  };
  const reads: Operation[] = [
    {
      id: `${child.operations}_Get`,
      method: "GET",
      path,
      handle: (request, world) => answerMember(request, world, 200),
    },
    {
      id: `${child.operations}_List`,
      method: "GET",
      path: list,
      handle: (request, world) => ({ status: 200, body: page(request, members(request, world)) }),
    },
  ];
  if (child.readOnly) return reads;
  return [
    ...reads,
    {
      id: `${child.operations}_CreateOrUpdate`,
      method: "PUT",
      path,
      handle(request, world) {
        const existing = member(request, world);
        checkConditions(parent, request, existing);
        const body = isObject(request.body) ? request.body : {};
        checkName(networkName, named(request));
        exchange(request, world, {
          ...body,
          name: typeof existing?.name === "string" ? existing.name : named(request),
        });
        return answerMember(request, world, existing ? 200 : 201);
      },
    },
    {
      id: `${child.operations}_Delete`,
      method: "DELETE",
      path,
      handle(request, world) {
        const existing = member(request, world);
        if (!existing) return { status: 204 };
        checkConditions(parent, request, existing);
        exchange(request, world, undefined);
        return { status: 200 };
      },
    },
  ];
}

function put(kind: ResourceKind, request: ArmRequest, world: World): ArmResponse {
  const id = idOf(kind, request);
  const existing = world.arm.get(id);
  checkConditions(kind, request, existing);
  checkName(kind.name, request.params[kind.parameter] ?? "");
  const body = isObject(request.body) ? request.body : {};
  const location = typeof body.location === "string" ? canonicalLocation(body.location) : existing?.location;
  if (location === undefined)
    throw new ArmError(400, "LocationRequired", "The location property is required for this definition.");
  if (existing?.location !== undefined && location !== existing.location)
    throw new ArmError(
      409,
      "InvalidResourceLocation",
      `The resource '${existing.name}' already exists in location '${existing.location}' in resource group '${request.params.resourceGroupName}'. A resource with the same name cannot be created in location '${location}'. Please select a new resource name.`,
    );
  const stored = store(kind, existing?.id ?? id, { ...body, location }, existing, world);
  return {
    ...answer(kind, stored, world, existing ? 200 : 201),
    headers: { ...etagHeader(stored), ...operationHeader(kind, request, world) },
  };
}

function patch(kind: ResourceKind, request: ArmRequest, world: World): ArmResponse {
  const existing = find(kind, request, world);
  checkConditions(kind, request, existing);
  const body = isObject(request.body) ? request.body : {};
  if (typeof body.location === "string" && canonicalLocation(body.location) !== existing.location)
    throw new ArmError(400, "InvalidResourceLocation", `The location of '${existing.name}' cannot be changed.`);
  const merged = merge(existing, { ...body, location: existing.location });
  // Tags are exchanged as a whole; everything else is laid over what is there.
  if ("tags" in body) merged.tags = body.tags;
  return answer(kind, store(kind, existing.id, merged, existing, world), world);
}

/** Checks, stores and returns a resource; what `write` throws leaves everything as it was. */
export function store(
  kind: ResourceKind,
  id: string,
  body: Record<string, unknown>,
  existing: ArmResource | undefined,
  world: World,
): ArmResource {
  const name = existing?.name ?? id.slice(id.lastIndexOf("/") + 1);
  const location = typeof body.location === "string" ? body.location : "";
  const tags = readTags(body.tags);
  const properties = isObject(body.properties) ? body.properties : {};
  if (body.properties !== undefined && body.properties !== null && !isObject(body.properties))
    throw invalidRequest([{ path: "properties", message: "must be an object" }]);
  const written = kind.write(
    { id, name, body, properties, location, ...(tags && { tags }), ...(existing && { existing }) },
    world,
  );
  const resource: ArmResource = {
    name,
    id,
    ...(kind.hasEtag && { etag: `W/"${world.newGuid()}"` }),
    type: kind.type,
    location,
    ...(tags && { tags }),
    ...written,
  };
  world.arm.put(resource);
  kind.changed?.(id, resource, world);
  return world.arm.get(id) ?? resource;
}

function answer(kind: ResourceKind, resource: ArmResource, world: World, status = 200): ArmResponse {
  return { status, headers: etagHeader(resource), body: rendered(kind, resource, world) };
}

function rendered(kind: ResourceKind, resource: ArmResource, world: World): ArmResource {
  return kind.render ? kind.render(resource, world) : resource;
}

function find(kind: ResourceKind, request: ArmRequest, world: World): ArmResource {
  const resource = world.arm.get(idOf(kind, request));
  if (resource) return resource;
  throw resourceNotFound(kind.type, request.params[kind.parameter] ?? "", request.params.resourceGroupName ?? "");
}

/** The id of the resource that a request names. */
function idOf(kind: ResourceKind, request: ArmRequest): string {
  return `${resourceGroupOf(request)}/providers/${kind.type}/${request.params[kind.parameter]}`;
}

function resourceGroupOf(request: ArmRequest): string {
  return `/subscriptions/${request.params.subscriptionId}/resourceGroups/${request.params.resourceGroupName}`;
}

function checkName(rule: ResourceKind["name"], name: string): void {
  if (name.length <= rule.most && rule.pattern.test(name)) return;
  throw new ArmError(
    400,
    "InvalidResourceName",
    `Resource name ${name} is invalid. The name can be up to ${rule.most} characters long. ${rule.allowed}`,
  );
}

function checkConditions(kind: ResourceKind, request: ArmRequest, existing: { etag?: unknown } | undefined): void {
  if (!kind.hasEtag) return;
  const { "if-match": wanted, "if-none-match": unwanted } = request.headers;
  const isMet =
    (wanted === undefined || (existing !== undefined && (wanted === "*" || isSameTag(wanted, existing.etag)))) &&
    (unwanted === undefined ||
      existing === undefined ||
      (unwanted !== "*" && !isSameTag(unwanted, existing.etag)));
  if (!isMet)
    throw new ArmError(
      412,
      "PreconditionFailed",
      `Precondition failed: the present etag is ${String(existing?.etag ?? "none")}.`,
    );
}

function isSameTag(sent: string, etag: unknown): boolean {
  const bare = (tag: string) => tag.replace(/^W\//, "").replaceAll('"', "");
  return typeof etag === "string" && sent.split(",").some((tag) => bare(tag.trim()) === bare(etag));
}

function etagHeader(resource: { etag?: unknown }): Record<string, string> {
  return typeof resource.etag === "string" ? { etag: resource.etag } : {};
}

/** Every write is finished when it is answered; the address is sent because the network provider sends it. */
function operationHeader(kind: ResourceKind, request: ArmRequest, world: World): Record<string, string> {
  if (!kind.hasOperation) return {};
  const location = world.arm.get(idOf(kind, request))?.location ?? "global";
  const namespace = kind.type.split("/")[0];
  return {
    "azure-asyncoperation": `${request.origin}/subscriptions/${request.params.subscriptionId}/providers/${namespace}/locations/${location}/operations/${world.newGuid()}?api-version=${request.apiVersion}`,
  };
}

function readTags(value: unknown): Record<string, string> | undefined {
  if (value === undefined || value === null) return undefined;
  const entries = isObject(value) ? Object.entries(value) : [];
  if (!isObject(value) || entries.some(([, tag]) => typeof tag !== "string"))
    throw new ArmError(400, "InvalidTagValue", "Tags must be an object whose values are texts.");
  return Object.fromEntries(entries.map(([name, tag]) => [name, String(tag)]));
}

/** `West Europe` and `westeurope` are the same region. */
export function canonicalLocation(location: string): string {
  return location.replaceAll(" ", "").toLowerCase();
}

function merge(old: Record<string, unknown>, change: Record<string, unknown>): Record<string, unknown> {
  const result = { ...old };
  for (const [name, value] of Object.entries(change)) {
    const before = result[name];
    result[name] = isObject(value) && isObject(before) ? merge(before, value) : value;
  }
  return result;
}

/** 400 for a body of the wrong shape, one detail for each problem. */
export function invalidRequest(problems: { path: string; message: string }[]): ArmError {
  return new ArmError(400, "InvalidRequestFormat", "Cannot parse the request.", {
    details: problems.map((problem) => ({
      code: "InvalidRequestContent",
      message: `${problem.path}: ${problem.message}`,
      target: problem.path,
    })),
  });
}

function isSameName(a: unknown, b: string): boolean {
  return typeof a === "string" && a.toLowerCase() === b.toLowerCase();
}

/** Name rule of almost everything in Microsoft.Network. */
export const networkName = {
  pattern: /^\w(?:[\w.-]*\w)?$/,
  most: 80,
  allowed:
    "It must begin with a word character, and it must end with a word character or with '_'. The name may contain word characters or '.', '-', '_'.",
};
