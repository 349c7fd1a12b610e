/** `ProtectionContainerMapping`: makes a policy usable for the machines of a protection container. */

import { z } from "zod";
import { containsUnknown } from "../connectivity/unknown.js";
import { Conflict } from "../siterecovery/errors.js";
import type { ProtectionContainerMapping } from "../siterecovery/siteRecovery.js";
import { changedKeys, defined, diffOf, keepSpelling, sameValue } from "./compare.js";
import {
  type Asking,
  ifAnswered,
  presentOnCreate,
  requireContainer,
  requireFabric,
  requirePolicy,
  sameText,
} from "./existing.js";
import { type Handler, isKept, keep, type Properties } from "./handler.js";
import { mappingId } from "./ids.js";
import { isKnownVault, requireInVault } from "./placeRules.js";
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

export const protectionContainerMappingSchema = z.strictObject({
  ...vaultFields,
  /** Name of the mapping. */
  name: resourceName,
  /** Name of the fabric that the container belongs to. */
  fabricName: existingName,
  /** Name of the protection container whose machines replicate by the policy. */
  protectionContainerName: existingName,
  /** ARM id of the replication policy. */
  policyId: armId("Microsoft.RecoveryServices/vaults/replicationPolicies"),
  /** Where machines replicate to. Default `Microsoft Azure`, Azure's own literal for Azure as a target. */
  targetProtectionContainerId: z
    .string({ error: "allowed: `Microsoft Azure` or the ARM id of a container" })
    .default("Microsoft Azure"),
  /** Provider kind. InMageRcm (default) = modernised VMware and physical machines, HyperVReplicaAzure = Hyper-V. */
  instanceType: z.enum(["InMageRcm", "HyperVReplicaAzure"]).default("InMageRcm"),
  timeoutMinutes: timeoutMinutes(15),
});

const identity = [...vaultKeys, "name", "fabricName", "protectionContainerName"];

/** Azure has no call that gives a mapping another policy: these need a new one, of the same ARM id. */
const fixed = ["policyId", "targetProtectionContainerId", "instanceType"];

export const protectionContainerMapping: Handler = {
  token: "ProtectionContainerMapping",
  schema: protectionContainerMappingSchema,

  async check(context, olds, news) {
    const { inputs, failures } = validate(protectionContainerMappingSchema, news);
    const policy = context.declared.get(String(inputs.policyId).toLowerCase());
    const kind = policy?.instanceType;
    if (
      typeof kind === "string" &&
      !containsUnknown([kind, inputs.instanceType]) &&
      kind !== inputs.instanceType
    ) {
      failures.push({
        property: "instanceType",
        reason: `value ${show(inputs.instanceType)} does not fit policy "${String(policy?.name)}", which is for ${kind}; allowed: ${show(kind)}`,
      });
    }
    const filled = withVault(context, inputs, failures);
    requireInVault(filled, "policyId", filled.policyId, failures);
    const asking = { context, olds, inputs: filled, failures };
    if (await requireFabric(asking)) await requireContainer(asking);
    await requirePolicy(asking);
    await refuseRename(asking);
    if (failures.length === 0 && !containsUnknown(filled)) {
      const present = await presentOnCreate(asking, idOf(filled), (siteRecovery) =>
        siteRecovery.findMapping(idOf(filled)),
      );
      const others = present ? otherSettings(filled, present) : "";
      if (others !== "") failures.push({ property: "name", reason: `value ${show(filled.name)}: ${others}` });
    }
    return { inputs: filled, failures };
  },

  diff(_id, olds, news) {
    return diffOf(
      changedKeys(olds, news, Object.keys(protectionContainerMappingSchema.shape)),
      news,
      identity,
      fixed,
    );
  },

  async reconcile(context, news) {
    const vault = vaultOf(news);
    const siteRecovery = context.connect(vault);
    const id = idOf(news);
    const wanted = {
      policyId: String(news.policyId),
      targetProtectionContainerId: String(news.targetProtectionContainerId),
      instanceType: String(news.instanceType),
    };
    const present = await siteRecovery.findMapping(id);
    if (present === undefined) await siteRecovery.putMapping(id, wanted, timeoutOf(news, 15));
    else {
      const others = otherSettings(news, present);
      if (others !== "") {
        throw new Conflict(`creating protection container mapping "${String(news.name)}": ${others}`, {
          resourceId: id,
        });
      }
    }
    keep(context, id);
    return { id, outputs: { ...news } };
  },

  async read(context, id, outputs) {
    const present = await context.connect(vaultOf(outputs)).findMapping(id);
    if (!present) return undefined;
    const stored = inputsIn(protectionContainerMappingSchema, outputs);
    const inputs = defined({
      ...stored,
      policyId: keepSpelling(outputs.policyId, present.policyId),
      targetProtectionContainerId: keepSpelling(
        outputs.targetProtectionContainerId,
        present.targetProtectionContainerId,
      ),
    });
    return { inputs, outputs: { ...outputs, ...inputs } };
  },

  async delete(context, id, outputs) {
    if (isKept(context, id, `protection container mapping "${String(outputs.name)}"`)) return;
    const siteRecovery = context.connect(vaultOf(outputs));
    if (!(await siteRecovery.findMapping(id))) return;
    await siteRecovery.removeMapping(id, String(outputs.instanceType ?? "InMageRcm"), timeoutOf(outputs, 15));
  },
};

/**
 * Another name is another mapping: the old one would have to go, which Azure refuses while machines replicate by its
 * policy, and no later `up` could finish that or take it back.
 */
async function refuseRename({ context, olds, inputs, failures }: Asking): Promise<void> {
  const place = [...vaultKeys, "fabricName", "protectionContainerName", "policyId"];
  if (typeof olds.name !== "string" || containsUnknown([inputs.name, ...place.map((key) => inputs[key])])) return;
  if (!isKnownVault(inputs) || changedKeys(olds, inputs, ["name"]).length === 0) return;
  if (changedKeys(olds, inputs, place).length > 0) return;
  const items = await ifAnswered(() => context.connect(vaultOf(inputs)).listItems());
  const users = (items ?? []).filter(
    (item) =>
      sameText(item.fabricName, String(inputs.fabricName)) &&
      sameText(item.protectionContainerName, String(inputs.protectionContainerName)) &&
      sameValue(item.policyId, inputs.policyId),
  );
  if (users.length === 0) return;
  const names = users.map(({ name }) => name).sort();
  failures.push({
    property: "name",
    reason: `value ${show(inputs.name)} would replace mapping ${show(olds.name)}, by which ${names.slice(0, 5).join(", ")}${names.length > 5 ? ` and ${names.length - 5} more` : ""} replicate, and Azure removes no mapping that is in use; keep the name, or end their replication in an update of its own first`,
  });
}

function idOf(inputs: Properties): string {
  const { fabricName, protectionContainerName, name } = inputs;
  return mappingId(vaultOf(inputs), String(fabricName), String(protectionContainerName), String(name));
}

/** Why a mapping that is there cannot be taken over; empty where it can. */
function otherSettings(wanted: Properties, present: ProtectionContainerMapping): string {
  const others = (["policyId", "targetProtectionContainerId"] as const).filter(
    (key) => !sameValue(present[key], wanted[key]),
  );
  if (others.length === 0) return "";
  return `a mapping of this name exists with other settings (${others
    .map((key) => `${key} is ${present[key]}, declared ${String(wanted[key])}`)
    .join("; ")}). Declare its settings to take it over, or choose another name`;
}
