import type { Operation } from "../core.js";
import { resourceNotFound } from "../errors.js";
import { adminRulesOf } from "../network/adminRules.js";
import { page } from "./paging.js";

/**
 * What Virtual Network Manager has put in force. Its own configurations are not written here: an estate file declares the
 * rules (`networkManagers`), and a client reads what holds on a network.
 */
export const networkManagerOperations: Operation[] = [
  {
    // Shape of the published example; `skipToken` travels in the body of the next question.
    id: "ListNetworkManagerEffectiveSecurityAdminRules",
    method: "POST",
    path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Network/virtualNetworks/{virtualNetworkName}/listNetworkManagerEffectiveSecurityAdminRules",
    handle(request, world) {
      const { subscriptionId, resourceGroupName = "", virtualNetworkName = "" } = request.params;
      const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.Network/virtualNetworks/${virtualNetworkName}`;
      const network = world.arm.get(id);
      if (!network)
        throw resourceNotFound("Microsoft.Network/virtualNetworks", virtualNetworkName, resourceGroupName);
      const token = (request.body as { skipToken?: unknown } | undefined)?.skipToken;
      const query = new URLSearchParams(request.query);
      if (typeof token === "string" && token !== "") query.set("$skipToken", token);
      const { value, nextLink } = page({ ...request, query }, adminRulesOf(network, world));
      return {
        status: 200,
        body: {
          value: value.map(({ resource }) => {
            const { appliesTo: _, ...properties } = resource.properties;
            return {
              id: resource.id,
              kind: "Custom",
              properties: { ...properties, provisioningState: "Succeeded" },
              configurationDescription: "",
              ruleCollectionDescription: "",
              ruleCollectionAppliesToGroups: [],
              ruleGroups: [],
            };
          }),
          skipToken: nextLink === undefined ? "" : (new URL(nextLink).searchParams.get("$skipToken") ?? ""),
        },
      };
    },
  },
];
