import type { ArmRequest, ArmResource, Operation, World } from "../core.js";
import { ArmError } from "../errors.js";
import { isObject } from "../network/allocation.js";
import type { ResourceStore } from "../store.js";
import { canonicalLocation } from "./operations.js";
import { page } from "./paging.js";

/** Microsoft.Resources: subscriptions, resource groups, and what lies in them. */

const subscriptionPath = "/subscriptions/{subscriptionId}";
const groupPath = `${subscriptionPath}/resourceGroups/{resourceGroupName}`;
const groupType = "Microsoft.Resources/resourceGroups";

/** A subscription as the store holds it; ARM answers it with other names. */
export function subscriptionResource(subscriptionId: string): ArmResource {
  return {
    id: `/subscriptions/${subscriptionId}`,
    name: subscriptionId,
    type: "Microsoft.Resources/subscriptions",
    properties: {},
  };
}

export function resourceGroupResource(id: string, location: string, tags?: Record<string, string>): ArmResource {
  return {
    id,
    name: id.slice(id.lastIndexOf("/") + 1),
    type: groupType,
    location,
    ...(tags && { tags }),
    properties: { provisioningState: "Succeeded" },
  };
}

function subscriptionAnswer(resource: ArmResource) {
  return {
    id: resource.id,
    subscriptionId: resource.name,
    tenantId: "00000000-0000-0000-0000-000000000000",
    displayName: "Emulated subscription",
    state: "Enabled",
    subscriptionPolicies: {
      locationPlacementId: "Public_2014-09-01",
      quotaId: "EnterpriseAgreement_2014-09-01",
      spendingLimit: "Off",
    },
    authorizationSource: "RoleBased",
  };
}

function groupId(request: ArmRequest): string {
  return `/subscriptions/${request.params.subscriptionId}/resourceGroups/${request.params.resourceGroupName}`;
}

function findGroup(request: ArmRequest, world: World): ArmResource {
  const group = world.arm.get(groupId(request));
  if (group) return group;
  throw new ArmError(
    404,
    "ResourceGroupNotFound",
    `Resource group '${request.params.resourceGroupName}' could not be found.`,
  );
}

function writeGroup(request: ArmRequest, world: World) {
  const name = request.params.resourceGroupName ?? "";
  if (name.length > 90 || !/^[\p{L}\p{N}_().-]*[\p{L}\p{N}_()-]$/u.test(name))
    throw new ArmError(
      400,
      "InvalidResourceGroupName",
      `The resource group name '${name}' is invalid: 1-90 characters, alphanumeric, underscore, parentheses, hyphen and period (except at the end).`,
    );
  const existing = world.arm.get(groupId(request));
  const body = isObject(request.body) ? request.body : {};
  const location = typeof body.location === "string" ? canonicalLocation(body.location) : undefined;
  if (location === undefined)
    throw new ArmError(400, "LocationRequired", "The location property is required for this definition.");
  if (existing && existing.location !== location)
    throw new ArmError(
      409,
      "InvalidResourceGroupLocation",
      `Invalid resource group location '${location}'. The Resource group already exists in location '${existing.location}'.`,
    );
  const tags = isObject(body.tags)
    ? Object.fromEntries(Object.entries(body.tags).map(([tag, value]) => [tag, String(value)]))
    : undefined;
  const group = world.arm.put(resourceGroupResource(existing?.id ?? groupId(request), location, tags));
  return { status: existing ? 200 : 201, body: group };
}

/** Deletes a group with all that it holds; a vault that still protects machines refuses, as Azure's does. */
function deleteGroup(request: ArmRequest, world: World, arm: ResourceStore) {
  const group = world.arm.get(groupId(request));
  if (!group)
    throw new ArmError(
      404,
      "ResourceGroupNotFound",
      `Resource group '${request.params.resourceGroupName}' could not be found.`,
    );
  const resources = arm.listAll(group.id);
  const inside = new Set(resources.map((resource) => resource.id.toLowerCase()));
  const held = resources.flatMap((resource) =>
    world.arm
      .referrers(resource.id)
      .filter((referrer) => !inside.has(referrer.id.toLowerCase()))
      .map((referrer) => `${resource.id} is used by ${referrer.id}`),
  );
  const vaults = resources.filter((resource) => protectedItemCount(resource.id, world) > 0);
  const reasons = [...held, ...vaults.map((vault) => `${vault.id} still protects machines`)];
  if (reasons.length > 0)
    throw new ArmError(
      409,
      "ResourceGroupDeletionBlocked",
      `Deletion of resource group '${group.name}' failed as resources in it could not be deleted: ${reasons.join("; ")}.`,
    );
  for (const resource of resources) {
    world.arm.delete(resource.id);
    delete world.state.siteRecovery.vaults[resource.id.toLowerCase()];
  }
  world.arm.delete(group.id);
  // Deleted at once; ARM answers 202 with an address that then answers 200.
  return {
    status: 202,
    headers: {
      location: `${request.origin}/subscriptions/${request.params.subscriptionId}/operationresults/${world.newGuid()}?api-version=${request.apiVersion}`,
      "retry-after": "0",
    },
  };
}

/** How many machines a vault protects. */
export function protectedItemCount(vaultId: string, world: World): number {
  return Object.keys(world.state.siteRecovery.vaults[vaultId.toLowerCase()]?.items ?? {}).length;
}

function listed(resources: ArmResource[], request: ArmRequest) {
  const filter = request.query.get("$filter");
  const wanted = filter === null ? undefined : /^\s*resourceType\s+eq\s+'([^']+)'\s*$/i.exec(filter)?.[1];
  if (filter !== null && wanted === undefined)
    throw new ArmError(
      400,
      "InvalidFilterInQueryString",
      `Invalid $filter '${filter}'; allowed here: resourceType eq '<type>'.`,
    );
  const ofType = resources.filter(
    (resource) =>
      resource.type !== groupType &&
      // A list of resources names top-level ones only.
      resource.type.split("/").length === 2 &&
      (wanted === undefined || resource.type.toLowerCase() === wanted.toLowerCase()),
  );
  const brief = ofType.map(({ id, name, type, location, tags, sku, kind }) => ({
    id,
    name,
    type,
    ...(kind !== undefined && { kind }),
    ...(sku !== undefined && { sku }),
    location,
    ...(tags && { tags }),
  }));
  return { status: 200, body: page(request, brief, 1000) };
}

/** @param arm the present store: a listing of everything is more than `World` offers */
export function resourceGroupOperations(arm: () => ResourceStore): Operation[] {
  return [
    {
      id: "Subscriptions_List",
      method: "GET",
      path: "/subscriptions",
      handle: (request, world) => ({
        status: 200,
        body: page(request, world.arm.list("Microsoft.Resources/subscriptions").map(subscriptionAnswer)),
      }),
    },
    {
      id: "Subscriptions_Get",
      method: "GET",
      path: subscriptionPath,
      handle(request, world) {
        const found = world.arm.get(`/subscriptions/${request.params.subscriptionId}`);
        // Checked before by ARM's manners.
        return found ? { status: 200, body: subscriptionAnswer(found) } : { status: 404 };
      },
    },
    {
      id: "ResourceGroups_List",
      method: "GET",
      path: `${subscriptionPath}/resourceGroups`,
      handle: (request, world) => ({
        status: 200,
        body: page(request, world.arm.list(groupType, `/subscriptions/${request.params.subscriptionId}`), 1000),
      }),
    },
    {
      id: "ResourceGroups_Get",
      method: "GET",
      path: groupPath,
      handle: (request, world) => ({ status: 200, body: findGroup(request, world) }),
    },
    {
      id: "ResourceGroups_CheckExistence",
      method: "HEAD",
      path: groupPath,
      handle: (request, world) => ({ status: world.arm.get(groupId(request)) ? 204 : 404 }),
    },
    { id: "ResourceGroups_CreateOrUpdate", method: "PUT", path: groupPath, handle: writeGroup },
    {
      id: "ResourceGroups_Update",
      method: "PATCH",
      path: groupPath,
      handle(request, world) {
        const group = findGroup(request, world);
        const body = isObject(request.body) ? request.body : {};
        return writeGroup({ ...request, body: { location: group.location, tags: group.tags, ...body } }, world);
      },
    },
    {
      id: "ResourceGroups_Delete",
      method: "DELETE",
      path: groupPath,
      handle: (request, world) => deleteGroup(request, world, arm()),
    },
    {
      id: "ResourceGroups_DeleteResult",
      method: "GET",
      path: `${subscriptionPath}/operationresults/{operationId}`,
      handle: () => ({ status: 200 }),
    },
    {
      id: "Resources_ListByResourceGroup",
      method: "GET",
      path: `${groupPath}/resources`,
      handle: (request, world) => listed(arm().listAll(findGroup(request, world).id), request),
    },
    {
      id: "Resources_List",
      method: "GET",
      path: `${subscriptionPath}/resources`,
      handle: (request) => listed(arm().listAll(`/subscriptions/${request.params.subscriptionId}`), request),
    },
  ];
}
