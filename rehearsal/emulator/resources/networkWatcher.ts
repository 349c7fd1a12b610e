import { z } from "zod";
import type { ArmRequest, ArmResource, ArmResponse, Operation, World } from "../core.js";
import { ArmError, resourceNotFound } from "../errors.js";
import type { Json } from "../json.js";
import { parseAddress } from "../network/addresses.js";
import { ipConfigurations } from "../network/allocation.js";
import { cardContext, type FlowVerdict, groupOf, verifyFlow } from "../network/flows.js";
import { effectiveRoutes, nextHop } from "../network/routes.js";
import { rulesOf, type SecurityRule } from "../network/securityRules.js";
import { isPropagationDisabled, virtualNetworkTag } from "../network/topology.js";
import { virtualMachineOf } from "./networkInterfaces.js";
import { invalidRequest } from "./operations.js";
import { cardIdsOf, isRunning } from "./virtualMachines.js";

/** Network Watcher, and the effective rules and routes of network cards: questions that Azure answers after a while. */

const subscription = "/subscriptions/{subscriptionId}";
const group = `${subscription}/resourceGroups/{resourceGroupName}/providers/Microsoft.Network`;

const port = z
  .string()
  .regex(/^(?:\*|\d{1,5})$/)
  .refine((text) => text === "*" || Number(text) <= 65_535, { error: "must be 0-65535 or *" });
const address = z
  .string()
  .refine((text) => parseAddress(text) !== undefined, { error: "must be an IPv4 address" });

const flowBody = z.looseObject({
  targetResourceId: z.string().startsWith("/"),
  direction: z.enum(["Inbound", "Outbound"]),
  protocol: z.enum(["TCP", "UDP"]),
  localPort: port,
  remotePort: port,
  localIPAddress: address,
  remoteIPAddress: address,
  targetNicResourceId: z.string().startsWith("/").nullish(),
});

const hopBody = z.looseObject({
  targetResourceId: z.string().startsWith("/"),
  sourceIPAddress: address,
  destinationIPAddress: address,
  targetNicResourceId: z.string().startsWith("/").nullish(),
});

export const networkWatcherOperations: Operation[] = [
  {
    id: "NetworkWatchers_VerifyIPFlow",
    method: "POST",
    path: `${group}/networkWatchers/{networkWatcherName}/ipFlowVerify`,
    body: "required",
    handle(request, world) {
      const watcher = findWatcher(request, world);
      const body = parseBody(flowBody, request.body);
      const card = findCard(
        body.targetResourceId,
        body.targetNicResourceId ?? undefined,
        body.localIPAddress,
        world,
      );
      const verdict = verifyFlow(
        cardContext(card, world, body.localIPAddress),
        {
          direction: body.direction,
          protocol: body.protocol.toLowerCase(),
          localAddress: body.localIPAddress,
          ...portOf("localPort", body.localPort),
          remoteAddress: body.remoteIPAddress,
          ...portOf("remotePort", body.remotePort),
        },
        world,
      );
      return answerLater(request, world, watcher.location, {
        access: verdict.access,
        ruleName: ruleName(verdict),
      });
    },
  },
  {
    id: "NetworkWatchers_GetNextHop",
    method: "POST",
    path: `${group}/networkWatchers/{networkWatcherName}/nextHop`,
    body: "required",
    handle(request, world) {
      const watcher = findWatcher(request, world);
      const body = parseBody(hopBody, request.body);
      const card = findCard(
        body.targetResourceId,
        body.targetNicResourceId ?? undefined,
        body.sourceIPAddress,
        world,
      );
      const routes = effectiveRoutes(cardContext(card, world, body.sourceIPAddress), world);
      const route = nextHop(routes, parseAddress(body.destinationIPAddress) ?? 0);
      return answerLater(request, world, watcher.location, {
        nextHopType: route?.nextHopType ?? "None",
        ...(route?.nextHopIpAddress[0] !== undefined && { nextHopIpAddress: route.nextHopIpAddress[0] }),
        routeTableId: route?.tableId ?? "System Route",
      });
    },
  },
  {
    id: "NetworkInterfaces_GetEffectiveRouteTable",
    method: "POST",
    path: `${group}/networkInterfaces/{networkInterfaceName}/effectiveRouteTable`,
    handle(request, world) {
      const card = findRunningCard(request, world);
      const context = cardContext(card, world);
      const value = effectiveRoutes(context, world).map(({ tableId: _, ...route }) => ({
        ...route,
        disableBgpRoutePropagation: isPropagationDisabled(context.subnet, world),
      }));
      return answerLater(request, world, card.location, { value });
    },
  },
  {
    id: "NetworkInterfaces_ListEffectiveNetworkSecurityGroups",
    method: "POST",
    path: `${group}/networkInterfaces/{networkInterfaceName}/effectiveNetworkSecurityGroups`,
    handle(request, world) {
      const card = findRunningCard(request, world);
      const { subnet, network } = cardContext(card, world);
      const tag = virtualNetworkTag(network, subnet, world).map((prefix) =>
        prefix.includes("/") ? prefix : `${prefix}/32`,
      );
      const places: [ArmResource, Record<string, Json>][] = [
        [subnet, { subnet: { id: subnet.id } }],
        [card, { networkInterface: { id: card.id } }],
      ];
      const value = places.flatMap(([place, association]) => {
        const found = groupOf(place, world);
        return found
          ? [
              {
                networkSecurityGroup: { id: found.id },
                association,
                effectiveSecurityRules: effectiveRules(found, tag),
              },
            ]
          : [];
      });
      return answerLater(request, world, card.location, { value });
    },
  },
  {
    id: "Network_OperationStatus",
    method: "GET",
    path: `${subscription}/providers/Microsoft.Network/locations/{location}/operations/{operationId}`,
    handle(request) {
      requireOperationId(request);
      // Writes are finished and questions decided when they are answered.
      return { status: 200, body: { status: "Succeeded" } };
    },
  },
  {
    id: "Network_OperationResult",
    method: "GET",
    path: `${subscription}/providers/Microsoft.Network/locations/{location}/operationResults/{operationId}`,
    handle(request, world) {
      requireOperationId(request);
      const result = world.state.results?.[request.params.operationId?.toLowerCase() ?? ""];
      if (result) return { status: 200, body: result };
      throw new ArmError(404, "OperationNotFound", `Operation ${request.params.operationId} was not found.`);
    },
  },
];

/** Answers that are kept for fetching; a client that waits longer asks again. */
const keptResults = 1000;

/** 202 with the addresses of a finished operation: what Azure answers first to each of these questions. */
function answerLater(
  request: ArmRequest,
  world: World,
  location: string | undefined,
  body: { [key: string]: unknown },
): ArmResponse {
  const id = world.newGuid();
  const results = world.state.results ?? {};
  // JSON only: what is undefined leaves the answer here and not in the state file.
  results[id] = JSON.parse(JSON.stringify(body));
  for (const old of Object.keys(results).slice(0, -keptResults)) delete results[old];
  world.state.results = results;
  const base = `${request.origin}/subscriptions/${request.params.subscriptionId}/providers/Microsoft.Network/locations/${location ?? "global"}`;
  return {
    status: 202,
    headers: {
      location: `${base}/operationResults/${id}?api-version=${request.apiVersion}`,
      "azure-asyncoperation": `${base}/operations/${id}?api-version=${request.apiVersion}`,
      "retry-after": String(Math.floor(world.retryAfterSeconds() / 3)),
    },
  };
}

/**
 * A rule as IP flow verify prints it: `securityRules/<name>` or `defaultSecurityRules/<name>`, where the closing
 * default rules have names of their own.
 */
function ruleName(verdict: FlowVerdict): string {
  // Chosen, Azure documents no name: a public address without any group, and the absence of groups.
  if (verdict.decidedAt === "platform") return "platform/StandardPublicIPAddressWithoutNetworkSecurityGroup";
  if (!verdict.rule) return "";
  if (verdict.decidedAt === "networkManager") return `securityAdminRules/${verdict.rule.name}`;
  return prefixed(verdict.rule, (name) =>
    name === "DenyAllInBound"
      ? "DefaultInboundDenyAll"
      : name === "DenyAllOutBound"
        ? "DefaultOutboundDenyAll"
        : name,
  );
}

function prefixed(
  rule: Pick<SecurityRule, "name" | "isDefault">,
  rename: (name: string) => string = (name) => name,
): string {
  return rule.isDefault ? `defaultSecurityRules/${rename(rule.name)}` : `securityRules/${rule.name}`;
}

function effectiveRules(found: ArmResource, virtualNetwork: string[]) {
  const stored = new Map<string, ArmResource>();
  for (const collection of ["securityRules", "defaultSecurityRules"]) {
    const list = found.properties[collection];
    for (const entry of Array.isArray(list) ? (list as ArmResource[]) : [])
      stored.set(`${collection}/${entry.name}`, entry);
  }
  return rulesOf(found).map((rule) => {
    const name = prefixed(rule);
    const properties = stored.get(name)?.properties ?? {};
    const list = (one: unknown, many: unknown) => [
      ...(typeof one === "string" && one !== "" ? [one] : []),
      ...(Array.isArray(many) ? many.map(String) : []),
    ];
    const side = (which: "source" | "destination") => {
      const prefixes = list(properties[`${which}AddressPrefix`], properties[`${which}AddressPrefixes`]);
      const ports = list(properties[`${which}PortRange`], properties[`${which}PortRanges`]).map((text) =>
        text === "*" ? "0-65535" : text.includes("-") ? text : `${text}-${text}`,
      );
      const capital = which === "source" ? "Source" : "Destination";
      return {
        [`${which}PortRange`]: ports[0],
        [`${which}PortRanges`]: ports,
        [`${which}AddressPrefix`]: prefixes[0] === "*" ? "0.0.0.0/0" : prefixes[0],
        [`${which}AddressPrefixes`]: prefixes.map((prefix) => (prefix === "*" ? "0.0.0.0/0" : prefix)),
        ...(prefixes.some((prefix) => prefix.toLowerCase() === "virtualnetwork") && {
          [`expanded${capital}AddressPrefix`]: virtualNetwork,
        }),
      };
    };
    return {
      name,
      protocol: rule.protocol === "*" ? "All" : `${rule.protocol[0]?.toUpperCase()}${rule.protocol.slice(1)}`,
      ...side("source"),
      ...side("destination"),
      access: rule.access,
      priority: rule.priority,
      direction: rule.direction,
    };
  });
}

function findWatcher(request: ArmRequest, world: World): ArmResource {
  const { subscriptionId, resourceGroupName = "", networkWatcherName = "" } = request.params;
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.Network/networkWatchers/${networkWatcherName}`;
  const watcher = world.arm.get(id);
  if (watcher) return watcher;
  throw resourceNotFound("Microsoft.Network/networkWatchers", networkWatcherName, resourceGroupName);
}

/** The card of a machine that a question is about: the named one, else the one that has the address. */
function findCard(machineId: string, cardId: string | undefined, address: string, world: World): ArmResource {
  const machine = world.arm.get(machineId);
  if (machine?.type !== "Microsoft.Compute/virtualMachines")
    throw new ArmError(
      404,
      "ResourceNotFound",
      `The target resource ${machineId} was not found or is no virtual machine.`,
    );
  if (!isRunning(machine))
    throw new ArmError(400, "TargetVmNotRunning", `The target virtual machine ${machine.id} is not running.`);
  const cards = cardIdsOf(machine)
    .filter((id) => cardId === undefined || id.toLowerCase() === cardId.toLowerCase())
    .flatMap((id) => world.arm.get(id) ?? []);
  const card = cards.find((candidate) =>
    ipConfigurations(candidate).some((entry) => entry.privateIpAddress === address),
  );
  if (card) return card;
  throw new ArmError(
    400,
    "InvalidLocalIPAddress",
    `The address ${address} belongs to no ${cardId === undefined ? `network interface of ${machine.id}` : `configuration of ${cardId}`}.`,
  );
}

function findRunningCard(request: ArmRequest, world: World): ArmResource {
  const { subscriptionId, resourceGroupName = "", networkInterfaceName = "" } = request.params;
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.Network/networkInterfaces/${networkInterfaceName}`;
  const card = world.arm.get(id);
  if (!card)
    throw resourceNotFound("Microsoft.Network/networkInterfaces", networkInterfaceName, resourceGroupName);
  const machine = virtualMachineOf(card.id, world);
  if (!machine || !isRunning(machine))
    throw new ArmError(
      400,
      "NetworkInterfaceNotAttachedToRunningVM",
      `Network interface ${card.id} must be attached to a running virtual machine for this operation.`,
    );
  return card;
}

function requireOperationId(request: ArmRequest): void {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(request.params.operationId ?? "")) return;
  throw new ArmError(404, "OperationNotFound", `Operation ${request.params.operationId} was not found.`);
}

function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw invalidRequest(
    result.error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message })),
  );
}

function portOf<Name extends string>(name: Name, text: string): { [key in Name]?: number } {
  const result: { [key in Name]?: number } = {};
  if (text !== "*") result[name] = Number(text);
  return result;
}
