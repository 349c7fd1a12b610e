/** `Fabric`: a Hyper-V site. Other fabrics register themselves: appliances, configuration servers, VMM servers. */

import { z } from "zod";
import { Conflict } from "../siterecovery/errors.js";
import type { Fabric as SiteRecoveryFabric } from "../siterecovery/siteRecovery.js";
import { changedKeys, defined, diffOf } from "./compare.js";
import { presentOnCreate } from "./existing.js";
import { type Handler, isKept, keep, type Properties } from "./handler.js";
import { fabricId } from "./ids.js";
import {
  computedId,
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

/** @see https://learn.microsoft.com/rest/api/site-recovery/replication-fabrics/create */
export const fabricSchema = z.strictObject({
  ...vaultFields,
  /** Name of the site. */
  name: resourceName,
  /** Kind of fabric. HyperVSite (default) is the only one that a program can make. */
  instanceType: z.enum(["HyperVSite"]).default("HyperVSite"),
  timeoutMinutes: timeoutMinutes(15),
});

const identity = [...vaultKeys, "name"];

export const fabric: Handler = {
  token: "Fabric",
  schema: fabricSchema,

  async check(context, olds, news) {
    const { inputs, failures } = validate(fabricSchema, news);
    const filled = withVault(context, inputs, failures);
    const id = computedId(filled, ["name"], () => idOf(filled));
    if (failures.length === 0) {
      const asking = { context, olds, inputs: filled, failures };
      const present = await presentOnCreate(asking, id, (siteRecovery) => siteRecovery.findFabric(id));
      if (present && present.instanceType !== "HyperVSite")
        failures.push({ property: "name", reason: `value ${show(filled.name)}: ${otherKind(present)}` });
    }
    return { inputs: { ...filled, fabricId: id }, failures };
  },

  diff(_id, olds, news) {
    return diffOf(changedKeys(olds, news, Object.keys(fabricSchema.shape)), news, identity);
  },

  async reconcile(context, news) {
    const siteRecovery = context.connect(vaultOf(news));
    const id = idOf(news);
    const present = await siteRecovery.findFabric(id);
    if (present && present.instanceType !== "HyperVSite") {
      throw new Conflict(`creating fabric "${String(news.name)}": ${otherKind(present)}`, { resourceId: id });
    }
    const made = present ?? (await siteRecovery.putHyperVSite(id, timeoutOf(news, 15)));
    keep(context, id);
    return { id, outputs: { ...news, health: made.health } };
  },

  async read(context, id, outputs) {
    const present = await context.connect(vaultOf(outputs)).findFabric(id);
    if (!present) return undefined;
    const inputs = defined({
      ...inputsIn(fabricSchema, outputs, "fabricId"),
      instanceType: present.instanceType,
    });
    return { inputs, outputs: { ...outputs, ...inputs, health: present.health } };
  },

  async delete(context, id, outputs) {
    if (isKept(context, id, `fabric "${String(outputs.name)}"`)) return;
    const siteRecovery = context.connect(vaultOf(outputs));
    if (!(await siteRecovery.findFabric(id))) return;
    const inUse = (await siteRecovery.listItems()).filter(
      (item) => item.fabricName.toLowerCase() === String(outputs.name).toLowerCase(),
    );
    if (inUse.length > 0) {
      throw new Conflict(
        `deleting fabric "${String(outputs.name)}": ${inUse.length} replicated item${inUse.length === 1 ? "" : "s"} (${inUse
          .slice(0, 5)
          .map((item) => item.name)
          .join(", ")}) still replicate from it. Disable their replication first`,
        { resourceId: id, operation: "deleting" },
      );
    }
    await siteRecovery.removeFabric(id, timeoutOf(outputs, 15));
  },
};

/** Why a fabric that is there cannot be taken over. */
function otherKind({ instanceType }: SiteRecoveryFabric): string {
  return `a fabric of this name exists and is of kind ${instanceType || "unknown"}, declared is HyperVSite. Choose another name`;
}

function idOf(inputs: Properties): string {
  return fabricId(vaultOf(inputs), String(inputs.name));
}
