/** How this folder writes its operations: the vault is looked up, refusals become answers, bodies are parsed. */

import { z } from "zod";
import type { ArmRequest, ArmResponse, Operation, World } from "../core.js";
import { resourceNotFound } from "../errors.js";
import { invalidInput, notFound, Refusal } from "./errors.js";
import type { ContainerState } from "./fabricState.js";
import { keyOf, vaultType } from "./names.js";
import type { FabricState, ItemState, PlanState, VaultState } from "./state.js";

/** What a handler of this folder gets. */
export interface Call {
  request: ArmRequest;
  world: World;
  vault: VaultState;
}

export function operation(
  id: string,
  method: Operation["method"],
  path: string,
  handle: (call: Call) => ArmResponse,
): Operation {
  return {
    id,
    method,
    path,
    handle(request, world) {
      try {
        return handle({ request, world, vault: vaultOf(request, world) });
      } catch (error) {
        if (error instanceof Refusal) return error.toResponse(request.clientRequestId, world.newGuid());
        throw error;
      }
    },
  };
}

/** A parameter of the path; its absence would be a fault of the template, not of the caller. */
export function param(request: ArmRequest, name: string): string {
  const value = request.params[name];
  if (value === undefined) throw new Error(`the path template of ${request.path} has no {${name}}`);
  return value;
}

function vaultOf(request: ArmRequest, world: World): VaultState {
  const [subscriptionId, resourceGroup, name] = ["subscriptionId", "resourceGroupName", "vaultName"].map((key) =>
    param(request, key),
  ) as [string, string, string];
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${vaultType}/${name}`;
  const known = world.state.siteRecovery.vaults[id.toLowerCase()];
  if (known !== undefined) return known;
  const resource = world.arm.get(id);
  if (resource === undefined) throw resourceNotFound(vaultType, name, resourceGroup);
  const vault = emptyVault(subscriptionId, resourceGroup, resource.name, resource.location ?? "westeurope");
  world.state.siteRecovery.vaults[id.toLowerCase()] = vault;
  return vault;
}

/** A vault with nothing registered in it yet. */
export function emptyVault(
  subscriptionId: string,
  resourceGroup: string,
  name: string,
  location: string,
): VaultState {
  return {
    subscriptionId,
    resourceGroup,
    name,
    location,
    fabrics: {},
    policies: {},
    mappings: {},
    items: {},
    plans: {},
    jobs: {},
    events: [],
    settings: { migrationSolutionId: null, vmwareToAzureProviderType: "InMageRcm" },
    machines: {},
  };
}

export function fabricOf({ request, vault }: Call): FabricState {
  const name = param(request, "fabricName");
  const fabric = vault.fabrics[keyOf(name)];
  if (fabric === undefined) throw notFound("fabric", name);
  return fabric;
}

/** The fabric and the container of the path, in the spelling of their creation. */
export function containerOf(call: Call): { fabric: FabricState; container: ContainerState } {
  const fabric = fabricOf(call);
  const name = param(call.request, "containerName");
  const container = fabric.containers[keyOf(name)] ?? containerByInternalName(fabric, name);
  if (container === undefined) throw notFound("protection container", name);
  return { fabric, container };
}

/** Ids of recovery points name the container `cloud_<internal id>`, and are used as they come. */
function containerByInternalName(fabric: FabricState, name: string): ContainerState | undefined {
  return keyOf(name) === keyOf(`cloud_${fabric.internalIdentifier}`)
    ? Object.values(fabric.containers)[0]
    : undefined;
}

export function itemOf(call: Call): ItemState {
  const { fabric, container } = containerOf(call);
  const name = param(call.request, "itemName");
  const item = call.vault.items[keyOf(fabric.name, container.name, name)];
  if (item === undefined) throw notFound("replication protected item", name);
  return item;
}

export function planOf({ request, vault }: Call): PlanState {
  const name = param(request, "planName");
  const plan = vault.plans[keyOf(name)];
  if (plan === undefined) throw notFound("recovery plan", name);
  return plan;
}

/** The `properties` of the body by a schema; throws one refusal that lists every problem. Unknown fields are ignored, as Azure does. */
export function propertiesOf<T>(request: ArmRequest, schema: z.ZodType<T>): T {
  if (request.body === undefined || request.body === null) {
    throw invalidInput([{ path: "properties", message: "the request has no body; this operation needs one" }]);
  }
  const result = z.object({ properties: schema }).safeParse(request.body, { reportInput: true });
  if (result.success) return result.data.properties;
  throw invalidInput(
    result.error.issues.map((issue) => ({ path: issue.path.join(".") || "body", message: messageOf(issue) })),
  );
}

/** What is wrong with a value and what is allowed; a message of a schema's own says it already. */
function messageOf(issue: z.core.$ZodIssue): string {
  if (!/^Invalid (input|option): /.test(issue.message)) return issue.message;
  const allowed =
    issue.code === "invalid_value"
      ? issue.values.map(String).join(", ")
      : issue.code === "invalid_type"
        ? `of type ${issue.expected}`
        : issue.message;
  if (issue.input === undefined) return `is required; allowed: ${allowed}`;
  const isShort = JSON.stringify(issue.input).length <= 80;
  return `value${isShort ? ` ${JSON.stringify(issue.input)}` : ""} is not allowed; allowed: ${allowed}`;
}
