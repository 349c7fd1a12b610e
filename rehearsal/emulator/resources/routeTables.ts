import { z } from "zod";
import type { Operation } from "../core.js";
import { ArmError } from "../errors.js";
import { parseAddress } from "../network/addresses.js";
import { parseSecurityAddress } from "../network/securityRules.js";
import {
  childOperations,
  invalidRequest,
  networkName,
  type ResourceKind,
  resourceOperations,
} from "./operations.js";
import { member, parseProperties } from "./shapes.js";

const routeBody = member(
  z.looseObject({
    addressPrefix: z.string().refine((text) => text === "0.0.0.0/0" || parseSecurityAddress(text) !== undefined, {
      error: "must be an address prefix or a service tag",
    }),
    nextHopType: z.enum(["VirtualNetworkGateway", "VnetLocal", "Internet", "VirtualAppliance", "None"]),
    nextHopIpAddress: z.string().nullish(),
  }),
);
const tableBody = z.looseObject({
  routes: z.array(routeBody).optional(),
  disableBgpRoutePropagation: z.boolean().default(false),
});

const type = "Microsoft.Network/routeTables";

export const routeTableKind: ResourceKind = {
  type,
  operations: "RouteTables",
  parameter: "routeTableName",
  name: networkName,
  hasEtag: true,
  hasOperation: true,
  write(write, world) {
    const body = parseProperties(tableBody, write.properties);
    const { routes, provisioningState: _, resourceGuid: _g, subnets: _s, ...rest } = body;
    const old = write.existing?.properties.routes;
    return {
      properties: {
        provisioningState: "Succeeded",
        resourceGuid: write.existing?.properties.resourceGuid ?? world.newGuid(),
        ...rest,
        routes: routes
          ? routes.map((route, index) => readRoute(route, index, routes, write.id))
          : Array.isArray(old)
            ? old
            : [],
      },
    };
  },
  render(table, world) {
    const subnets = world.arm
      .referrers(table.id)
      .flatMap((network) => world.arm.get(network.id)?.properties.subnets ?? [])
      .flatMap((list) => (Array.isArray(list) ? list : [list]))
      .filter((subnet) => String(subnet?.properties?.routeTable?.id).toLowerCase() === table.id.toLowerCase());
    const routes = table.properties.routes;
    return {
      ...table,
      properties: {
        ...table.properties,
        routes: Array.isArray(routes)
          ? routes.map(({ name, id, ...route }) => ({ name, id, etag: table.etag, ...route }))
          : [],
        ...(subnets.length > 0 && { subnets: subnets.map((subnet) => ({ id: subnet.id })) }),
      },
    };
  },
  refuseDeletion(table, world) {
    const users = world.arm.referrers(table.id);
    if (users.length === 0) return;
    throw new ArmError(
      400,
      "InUseRouteTableCannotBeDeleted",
      `Route table ${table.id} is in use and cannot be deleted: ${users.map((user) => user.id).join(", ")}.`,
    );
  },
};

/** Route tables, and their routes on their own paths. */
export const routeTableOperations: Operation[] = [
  ...resourceOperations(routeTableKind),
  ...childOperations({
    parent: routeTableKind,
    collection: "routes",
    operations: "Routes",
    parameter: "routeName",
  }),
];

function readRoute(
  route: z.output<typeof routeBody>,
  index: number,
  routes: z.output<typeof routeBody>[],
  tableId: string,
) {
  const {
    nextHopType,
    nextHopIpAddress,
    addressPrefix,
    provisioningState: _,
    hasBgpOverride: _b,
    ...rest
  } = route.properties;
  const isAppliance = nextHopType === "VirtualAppliance";
  if (isAppliance && parseAddress(nextHopIpAddress ?? "") === undefined)
    throw invalidRequest([
      {
        path: `properties.routes.${index}.properties.nextHopIpAddress`,
        message: "must be an IPv4 address where nextHopType is VirtualAppliance",
      },
    ]);
  const other = routes.slice(0, index).find((candidate) => candidate.properties.addressPrefix === addressPrefix);
  if (other)
    throw new ArmError(
      400,
      "RouteConflict",
      `Route ${route.name} conflicts with route ${other.name}. Routes cannot have the same AddressPrefix: ${addressPrefix}.`,
    );
  return {
    name: route.name,
    id: `${tableId}/routes/${route.name}`,
    type: `${type}/routes`,
    properties: {
      provisioningState: "Succeeded",
      addressPrefix,
      nextHopType,
      ...(isAppliance && { nextHopIpAddress }),
      ...rest,
      hasBgpOverride: false,
    },
  };
}
