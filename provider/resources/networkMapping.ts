/** `NetworkMapping`: which virtual network of Azure the machines of a VMM network come up in. */

import { z } from "zod";
import { containsUnknown } from "../connectivity/unknown.js";
import { Conflict } from "../siterecovery/errors.js";
import type { NetworkMapping } from "../siterecovery/siteRecovery.js";
import { changedKeys, defined, diffOf, keepSpelling, sameValue } from "./compare.js";
import { presentOnCreate, requireFabric, requireVmNetwork } from "./existing.js";
import { requireNetworks } from "./existingNetworks.js";
import { type Handler, isKept, keep, type Properties } from "./handler.js";
import { fabricId } from "./ids.js";
import { isKnownVault } from "./placeRules.js";
import {
  armId,
  existingName,
  inputsIn,
  resourceName,
  timeoutMinutes,
  timeoutOf,
  vaultFields,
  vaultKeys,
  vaultOf,
  withVault,
} from "./schema.js";
import { show, validate } from "./validate.js";

/** @see https://learn.microsoft.com/rest/api/site-recovery/replication-network-mappings/create */
export const networkMappingSchema = z.strictObject({
  ...vaultFields,
  /** Name of the mapping. */
  name: resourceName,
  /** Name of the VMM server's fabric. */
  fabricName: existingName,
  /** Name of the network in that fabric: a GUID, as the vault lists it. */
  networkName: existingName,
  /** ARM id of the virtual network of a failover. Can be changed in place; machines that failed over stay where they are. */
  recoveryNetworkId: armId("Microsoft.Network/virtualNetworks"),
  /** Name of the fabric to map to. Left out = Azure. */
  recoveryFabricName: existingName.optional(),
  timeoutMinutes: timeoutMinutes(15),
});

/** Azure's own literal for itself; no fabric of the vault. */
const azureFabric = "Microsoft Azure";

const vmmServer = { instanceType: "VMM", words: "VMM server" };

const identity = [...vaultKeys, "name", "fabricName", "networkName"];

export const networkMapping: Handler = {
  token: "NetworkMapping",
  schema: networkMappingSchema,

  async check(context, olds, news) {
    const { inputs, failures } = validate(networkMappingSchema, news);
    const filled = withVault(context, inputs, failures);
    const asking = { context, olds, inputs: filled, failures };
    if (await requireFabric(asking, "fabricName", vmmServer)) await requireVmNetwork(asking);
    if (filled.recoveryFabricName !== azureFabric) await requireFabric(asking, "recoveryFabricName");
    if (isKnownVault(filled)) {
      const network = { property: "recoveryNetworkId", subnets: [] };
      await requireNetworks(asking, context.connect(vaultOf(filled)), [network]);
    }
    if (failures.length === 0 && !containsUnknown(filled)) {
      const present = await presentOnCreate(asking, idOf(filled), (siteRecovery) =>
        siteRecovery.findNetworkMapping(idOf(filled)),
      );
      const other = present ? otherNetwork(filled, present) : "";
      if (other !== "") failures.push({ property: "name", reason: `value ${show(filled.name)}: ${other}` });
    }
    return { inputs: filled, failures };
  },

  diff(_id, olds, news) {
    return diffOf(changedKeys(olds, news, Object.keys(networkMappingSchema.shape)), news, identity);
  },

  async reconcile(context, news, prior) {
    const siteRecovery = context.connect(vaultOf(news));
    const id = idOf(news);
    const wanted = defined({
      recoveryNetworkId: String(news.recoveryNetworkId),
      recoveryFabricName: news.recoveryFabricName as string | undefined,
    });
    const options = timeoutOf(news, 15);
    const present = await siteRecovery.findNetworkMapping(id);
    if (present === undefined) await siteRecovery.putNetworkMapping(id, wanted, options);
    else if (!sameValue(present.recoveryNetworkId, wanted.recoveryNetworkId)) {
      if (!prior) {
        throw new Conflict(`creating network mapping "${String(news.name)}": ${otherNetwork(news, present)}`, {
          resourceId: id,
        });
      }
      await siteRecovery.updateNetworkMapping(id, wanted, options);
    }
    keep(context, id);
    return { id, outputs: { ...news } };
  },

  async read(context, id, outputs) {
    const present = await context.connect(vaultOf(outputs)).findNetworkMapping(id);
    if (!present) return undefined;
    const inputs = defined({
      ...inputsIn(networkMappingSchema, outputs),
      recoveryNetworkId: keepSpelling(outputs.recoveryNetworkId, present.recoveryNetworkId),
    });
    return { inputs, outputs: { ...outputs, ...inputs } };
  },

  async delete(context, id, outputs) {
    if (isKept(context, id, `network mapping "${String(outputs.name)}"`)) return;
    const siteRecovery = context.connect(vaultOf(outputs));
    if (!(await siteRecovery.findNetworkMapping(id))) return;
    await siteRecovery.deleteNetworkMapping(id, timeoutOf(outputs, 15));
  },
};

/** Why a mapping that is there cannot be taken over; empty where it can. */
function otherNetwork(wanted: Properties, { recoveryNetworkId }: NetworkMapping): string {
  if (sameValue(recoveryNetworkId, wanted.recoveryNetworkId)) return "";
  return `a mapping of this name exists to ${recoveryNetworkId}, declared is ${String(wanted.recoveryNetworkId)}. Declare its network to take it over, then change it, or choose another name`;
}

function idOf(inputs: Properties): string {
  const fabric = fabricId(vaultOf(inputs), String(inputs.fabricName));
  return `${fabric}/replicationNetworks/${String(inputs.networkName)}/replicationNetworkMappings/${String(inputs.name)}`;
}
