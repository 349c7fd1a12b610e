import type { ArmRequest, Operation, World } from "../core.js";
import { resourceNotFound } from "../errors.js";
import { page } from "./paging.js";

/**
 * Microsoft.OffAzure: what the appliance has discovered on-premises, read only. Replication of a machine is enabled by
 * the id that it has here.
 */

const group = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.OffAzure";

export const offAzureOperations: Operation[] = ["VMwareSites", "ServerSites"].flatMap((site) => [
  getOperation(site, "Site", "", "siteName"),
  ...collection(site, "machines", "Machines", "machineName"),
  ...collection(site, "runAsAccounts", "RunAsAccounts", "accountName"),
]);

function collection(site: string, segment: string, operations: string, parameter: string): Operation[] {
  return [
    getOperation(site, operations, `/${segment}/{${parameter}}`, parameter),
    {
      id: `${site}_${operations}_List`,
      method: "GET",
      path: `${group}/${site}/{siteName}/${segment}`,
      handle(request, world) {
        find(request, world, siteId(request, site), site, request.params.siteName ?? "");
        const entries = world.arm.list(`Microsoft.OffAzure/${site}/${segment}`, siteId(request, site));
        const { value, nextLink } = page(request, entries.map(inRecordedOrder));
        // Recorded: null on the last page, not absent.
        return { status: 200, body: { value, nextLink: nextLink ?? null } };
      },
    },
  ];
}

function getOperation(site: string, operations: string, below: string, parameter: string): Operation {
  return {
    id: `${site}_${operations}_Get`,
    method: "GET",
    path: `${group}/${site}/{siteName}${below}`,
    handle(request, world) {
      const id = `${siteId(request, site)}${below.replace(/\{.*\}/, request.params[parameter] ?? "")}`;
      return {
        status: 200,
        body: inRecordedOrder(find(request, world, id, site, request.params[parameter] ?? "")),
      };
    },
  };
}

function siteId(request: ArmRequest, site: string): string {
  const { subscriptionId, resourceGroupName, siteName } = request.params;
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.OffAzure/${site}/${siteName}`;
}

function find(request: ArmRequest, world: World, id: string, site: string, name: string) {
  const found = world.arm.get(id);
  if (found) return found;
  throw resourceNotFound(`Microsoft.OffAzure/${site}`, name, request.params.resourceGroupName ?? "");
}

/** As recorded: machines have their properties first, accounts last. Neither has a location. */
function inRecordedOrder(resource: { [key: string]: unknown }) {
  const { id, name, type, properties, tags } = resource;
  const isMachine = String(type).toLowerCase().endsWith("/machines");
  return isMachine
    ? { properties, id, name, type, ...(tags !== undefined && { tags }) }
    : { id, name, type, properties };
}
