/** `Fabric`: a Hyper-V site. Other fabrics register themselves: appliances, configuration servers, VMM servers. */

import { z } from "zod";
import { Conflict } from "../siterecovery/errors.js";
import { changedKeys, defined, diffOf } from "./compare.js";
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
import { validate } from "./validate.js";

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

  async check(context, _olds, news) {
    const { inputs, failures } = validate(fabricSchema, news);
    const filled = withVault(context, inputs, failures);
    return { inputs: { ...filled, fabricId: computedId(filled, ["name"], () => idOf(filled)) }, failures };
  },

  diff(_id, olds, news) {
    return diffOf(changedKeys(olds, news, Object.keys(fabricSchema.shape)), news, identity);
  },

  async reconcile(context, news) {
    const siteRecovery = context.connect(vaultOf(news));
    const id = idOf(news);
    const present = await siteRecovery.findFabric(id);
    if (present && present.instanceType !== "HyperVSite") {
      throw new Conflict(
        `creating fabric "${String(news.name)}": a fabric of this name exists and is of kind ${present.instanceType || "unknown"}, declared is HyperVSite. Choose another name`,
        { resourceId: id },
      );
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

function idOf(inputs: Properties): string {
  return fabricId(vaultOf(inputs), String(inputs.name));
}
