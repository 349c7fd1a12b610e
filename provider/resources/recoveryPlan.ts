/** `RecoveryPlan`: which machines fail over together, in which boot order, with which actions before and after. */

import { z } from "zod";
import { containsUnknown, isUnknown } from "../connectivity/unknown.js";
import { describeObservation, observe } from "../lifecycle/stages.js";
import { Conflict, NotAllowedInState } from "../siterecovery/errors.js";
import type {
  RecoveryPlan,
  RecoveryPlanAction,
  RecoveryPlanGroup,
  SiteRecovery,
} from "../siterecovery/siteRecovery.js";
import { changedKeys, defined, diffOf, keepSpelling, sameValue } from "./compare.js";
import { groupsOf } from "./declared.js";
import { presentOnCreate, requireFabric, requireMembers } from "./existing.js";
import { type CheckFailure, type Context, type Handler, isKept, keep, type Properties } from "./handler.js";
import { fabricId, planId } from "./ids.js";
import { observedMachinesKey, observedMembers } from "./observedMachines.js";
import { requireInFabric } from "./placeRules.js";
import {
  armId,
  computedId,
  existingName,
  inputsIn,
  planName,
  timeoutMinutes,
  timeoutOf,
  vaultFields,
  vaultKeys,
  vaultOf,
  withVault,
} from "./schema.js";
import { show, validate } from "./validate.js";

/** @see https://learn.microsoft.com/azure/site-recovery/recovery-plan-overview */
const maxItems = 100;
const maxBootGroups = 7;

const anyText = z.string({ error: "allowed: a text" }).min(1, "allowed: a text that is not empty");
const fabricLocation = z.enum(["Primary", "Recovery"]);
/** Azure's form of a timeout in actions. */
const actionTimeout = z
  .string({ error: "allowed: an ISO 8601 duration such as PT10M" })
  .regex(
    /^P(?=.)(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?$/,
    "allowed: an ISO 8601 duration such as PT10M",
  );

const action = z.strictObject({
  /** Name, unique in the plan. */
  name: anyText,
  /** For which kinds of run the action is meant. */
  failoverTypes: z
    .array(
      z.enum([
        "TestFailover",
        "UnplannedFailover",
        "PlannedFailover",
        "Commit",
        "TestFailoverCleanup",
        "ReverseReplicate",
        "Failback",
        "CancelFailover",
      ]),
    )
    .min(1, "allowed: at least one failover type"),
  failoverDirections: z
    .array(z.enum(["PrimaryToRecovery", "RecoveryToPrimary"]))
    .min(1, "allowed: at least one direction"),
  /** manual: the run stops until somebody completes it; script: of a VMM server; runbook: of an Automation account. */
  details: z.discriminatedUnion(
    "kind",
    [
      z.strictObject({ kind: z.literal("manual"), description: anyText.optional() }),
      z.strictObject({
        kind: z.literal("script"),
        path: anyText,
        timeout: actionTimeout.optional(),
        fabricLocation,
      }),
      z.strictObject({
        kind: z.literal("runbook"),
        runbookId: armId("Microsoft.Automation/automationAccounts/runbooks"),
        timeout: actionTimeout.optional(),
        fabricLocation,
      }),
    ],
    { error: 'allowed: an object of kind "manual", "script" or "runbook"' },
  ),
});

const actions = {
  /** Run before the group, in order. */
  startGroupActions: z.array(action).optional(),
  /** Run after the group, in order. */
  endGroupActions: z.array(action).optional(),
};

export const recoveryPlanSchema = z.strictObject({
  ...vaultFields,
  /** Name of the recovery plan. */
  name: planName,
  /** Name of the fabric that the machines are protected in. */
  fabricName: existingName,
  /** Where the plan fails over to. Default `Microsoft Azure`. */
  recoveryFabricId: anyText.default("Microsoft Azure"),
  failoverDeploymentModel: z.enum(["ResourceManager", "Classic", "NotApplicable"]).default("ResourceManager"),
  /** Actions around the shutdown of the source machines. */
  shutdownGroup: z.strictObject(actions).optional(),
  /** Actions around the failover of all machines, which runs in parallel. */
  failoverGroup: z.strictObject(actions).optional(),
  /** Machines in boot order: 1-7 groups, at most 100 machines in all, each in one group; a group boots after the one before. */
  bootGroups: z
    .array(
      z.strictObject({
        /** ARM ids of replicated items. */
        replicatedItemIds: z.array(
          armId(
            "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/replicationProtectedItems",
          ),
        ),
        ...actions,
      }),
    )
    .min(1, `allowed: 1-${maxBootGroups} boot groups`)
    .max(maxBootGroups, `allowed: 1-${maxBootGroups} boot groups`),
  timeoutMinutes: timeoutMinutes(15),
});

/** Why a plan that is there cannot be taken over. */
const otherPlan =
  "a plan of this name exists with other groups or settings. Declare its groups to take it over, then change them, or choose another name";

const identity = [...vaultKeys, "name"];
/** Azure updates groups only. */
const fixed = ["fabricName", "recoveryFabricId", "failoverDeploymentModel"];
const groupKeys = ["shutdownGroup", "failoverGroup", "bootGroups"];

export const recoveryPlan: Handler = {
  token: "RecoveryPlan",
  schema: recoveryPlanSchema,

  async check(context, olds, news) {
    const { inputs, failures } = validate(recoveryPlanSchema, news);
    const filled = withVault(context, inputs, failures);
    membershipRules(filled, failures);
    actionRules(filled, failures);
    const recoveryPlanId = computedId(filled, ["name"], () => idOf(filled));
    context.declared.set(recoveryPlanId.toLowerCase(), filled);
    const asking = { context, olds, inputs: filled, failures };
    if (await requireFabric(asking)) await requireMembers(asking);
    if (failures.length === 0 && !containsUnknown(filled)) {
      const present = await presentOnCreate(asking, recoveryPlanId, (siteRecovery) =>
        siteRecovery.findPlan(recoveryPlanId),
      );
      if (present && !isSamePlan(filled, present))
        failures.push({ property: "name", reason: `value ${show(filled.name)}: ${otherPlan}` });
    }
    const observed = failures.length > 0 ? {} : await observedMembers(context, filled);
    return { inputs: { ...filled, recoveryPlanId, ...observed }, failures };
  },

  diff(_id, olds, news) {
    const changes = changedKeys(
      olds,
      news,
      Object.keys(recoveryPlanSchema.shape).filter((key) => !groupKeys.includes(key)),
    );
    for (const key of groupKeys) if (!sameGroups(key, olds[key], news[key])) changes.push(key);
    return diffOf(changes, news, identity, fixed);
  },

  async reconcile(context, news, prior) {
    const vault = vaultOf(news);
    const siteRecovery = context.connect(vault);
    const name = String(news.name);
    const id = idOf(news);
    const groups = groupsOf(news);
    const settings = {
      primaryFabricId: fabricId(vault, String(news.fabricName)),
      recoveryFabricId: String(news.recoveryFabricId),
      failoverDeploymentModel: String(news.failoverDeploymentModel),
      groups,
    };
    const options = timeoutOf(news, 15);
    const present = await siteRecovery.findPlan(id);
    if (present === undefined) await siteRecovery.putPlan(id, settings, options);
    else {
      const isEqual = isSamePlan(news, present);
      if (!prior && !isEqual) {
        throw new Conflict(`creating recovery plan "${name}": ${otherPlan}`, { resourceId: id });
      }
      if (!isEqual) await siteRecovery.updatePlan(id, groups, options);
    }
    keep(context, id);
    const members = groups.flatMap((group) => group.replicatedItemIds);
    const isWithMachines = members.some((member) => context.claims.isDeclared(member));
    return { id, outputs: { ...news, ...(isWithMachines ? { [withMachines]: true } : {}) } };
  },

  async read(context, id, outputs) {
    const present = await context.connect(vaultOf(outputs)).findPlan(id);
    if (!present) return undefined;
    const stored = inputsIn(recoveryPlanSchema, outputs, "recoveryPlanId", observedMachinesKey);
    const observed = observedGroups(present);
    const inputs = defined({
      ...stored,
      fabricName: keepSpelling(
        stored.fabricName,
        present.primaryFabricId.slice(present.primaryFabricId.lastIndexOf("/") + 1),
      ),
      recoveryFabricId: keepSpelling(stored.recoveryFabricId, present.recoveryFabricId),
      failoverDeploymentModel: keepSpelling(stored.failoverDeploymentModel, present.failoverDeploymentModel),
      ...Object.fromEntries(
        groupKeys.map((key) => [key, sameGroups(key, stored[key], observed[key]) ? stored[key] : observed[key]]),
      ),
    });
    return { inputs, outputs: { ...outputs, ...inputs } };
  },

  async delete(context, id, outputs) {
    if (isKept(context, id, `recovery plan "${String(outputs.name)}"`)) return;
    const siteRecovery = context.connect(vaultOf(outputs));
    const plan = await siteRecovery.findPlan(id);
    if (!plan) return;
    if (outputs[withMachines] === true) await requireHome(context, siteRecovery, plan);
    await siteRecovery.deletePlan(id, timeoutOf(outputs, 15));
  },
};

/** The output that the same program declares machines of the plan: a destroy then means them as well. */
const withMachines = "withMachines";

/**
 * A `destroy` deletes a plan before its machines, and those refuse to go while they are away from home: so does the plan,
 * or a half of the set-up would be gone in the middle of a disaster. Machines that the program still declares stay, and
 * their plan may go; so may one of machines that are set up elsewhere.
 *
 * @throws NotAllowedInState naming each machine that is away, and the way
 */
async function requireHome(context: Context, siteRecovery: SiteRecovery, plan: RecoveryPlan): Promise<void> {
  const members = new Set(plan.groups.flatMap((group) => group.replicatedItemIds.map((id) => id.toLowerCase())));
  const away = (await siteRecovery.listItems()).filter((item) => {
    if (!members.has(item.id.toLowerCase()) || context.claims.isDeclared(item.id)) return false;
    const observation = observe(item);
    return observation.kind === "stage" && observation.stage !== "protected";
  });
  if (away.length === 0) return;
  throw new NotAllowedInState(
    `deleting recovery plan "${plan.name}": ${away
      .map((item) => `${item.friendlyName} is ${describeObservation(item)}`)
      .join("; ")}, and the plan is what takes its machines back together. Nothing was deleted in Azure. ` +
      "Run `pulumi up` with the observed stage declared, bring the machines to `protected` with their Failover, and destroy then; " +
      "to give up the plan alone, take it out of the program and run `pulumi up` while its machines stay in it.",
    { resourceId: plan.id, operation: "deleting" },
  );
}

function idOf(inputs: Properties): string {
  return planId(vaultOf(inputs), String(inputs.name));
}

interface Group {
  replicatedItemIds?: string[];
  startGroupActions?: RecoveryPlanAction[];
  endGroupActions?: RecoveryPlanAction[];
}

function membershipRules(inputs: Properties, failures: CheckFailure[]): void {
  if (!Array.isArray(inputs.bootGroups)) return;
  const first = new Map<string, string>();
  let count = 0;
  (inputs.bootGroups as Group[]).forEach((group, groupIndex) => {
    if (!Array.isArray(group?.replicatedItemIds)) return;
    group.replicatedItemIds.forEach((id, index) => {
      count += 1;
      if (isUnknown(id) || typeof id !== "string") return;
      const property = `bootGroups[${groupIndex}].replicatedItemIds[${index}]`;
      const earlier = first.get(id.toLowerCase());
      if (earlier)
        failures.push({
          property,
          reason: `value ${show(id)} is in the plan already, at ${earlier}; a machine is in one group of a plan`,
        });
      else first.set(id.toLowerCase(), property);
      requireInFabric(inputs, property, id, failures);
    });
  });
  if (count > maxItems) {
    failures.push({
      property: "bootGroups",
      reason: `value has ${count} replicated items in all; allowed: at most ${maxItems} in a plan. Split it into several plans`,
    });
  }
  if (count === 0 && !containsUnknown(inputs.bootGroups))
    failures.push({
      property: "bootGroups",
      reason: "value has no replicated item; allowed: at least one in the plan",
    });
}

/** `waitingFor` and `completed` tell actions apart by their names. */
function actionRules(inputs: Properties, failures: CheckFailure[]): void {
  const groups: [string, unknown][] = [
    ["shutdownGroup", inputs.shutdownGroup],
    ["failoverGroup", inputs.failoverGroup],
    ...(Array.isArray(inputs.bootGroups) ? inputs.bootGroups : []).map((group, index): [string, unknown] => [
      `bootGroups[${index}]`,
      group,
    ]),
  ];
  const first = new Map<string, string>();
  for (const [path, group] of groups) {
    for (const key of ["startGroupActions", "endGroupActions"] as const) {
      const given: unknown = (group as Group | undefined)?.[key];
      for (const [index, action] of (Array.isArray(given) ? given : []).entries()) {
        const name: unknown = (action as { name?: unknown } | null)?.name;
        if (typeof name !== "string" || isUnknown(name)) continue;
        const property = `${path}.${key}[${index}].name`;
        const earlier = first.get(name);
        if (earlier === undefined) first.set(name, property);
        else
          failures.push({
            property,
            reason: `value ${show(name)} is given twice; ${earlier} has it already, and the name of an action is unique in its plan`,
          });
      }
    }
  }
}

/** Azure's groups in the form of the inputs. */
function observedGroups(plan: RecoveryPlan): Properties {
  const of = (group: RecoveryPlanGroup | undefined): Properties | undefined => {
    if (!group) return undefined;
    return defined({
      startGroupActions: group.startGroupActions.length > 0 ? group.startGroupActions : undefined,
      endGroupActions: group.endGroupActions.length > 0 ? group.endGroupActions : undefined,
    });
  };
  const actionsOnly = (groupType: RecoveryPlanGroup["groupType"]) => {
    const found = of(plan.groups.find((group) => group.groupType === groupType));
    return found && Object.keys(found).length > 0 ? found : undefined;
  };
  return {
    shutdownGroup: actionsOnly("Shutdown"),
    failoverGroup: actionsOnly("Failover"),
    bootGroups: plan.groups
      .filter((group) => group.groupType === "Boot")
      .map((group) => ({ replicatedItemIds: group.replicatedItemIds, ...of(group) })),
  };
}

function isSamePlan(inputs: Properties, plan: RecoveryPlan): boolean {
  const observed = observedGroups(plan);
  return (
    groupKeys.every((key) => sameGroups(key, inputs[key], observed[key])) &&
    sameValue(fabricId(vaultOf(inputs), String(inputs.fabricName)), plan.primaryFabricId) &&
    sameValue(inputs.recoveryFabricId, plan.recoveryFabricId) &&
    sameValue(inputs.failoverDeploymentModel, plan.failoverDeploymentModel)
  );
}

/** Groups mean the same whatever the order of machines inside one, and with no actions or an empty list of them. */
function sameGroups(key: string, a: unknown, b: unknown): boolean {
  if (containsUnknown(b)) return false;
  const normal = (group: unknown) => {
    if (typeof group !== "object" || group === null) return key === "bootGroups" ? group : { start: [], end: [] };
    const { replicatedItemIds = [], startGroupActions = [], endGroupActions = [] } = group as Group;
    const items = Array.isArray(replicatedItemIds)
      ? replicatedItemIds.map((id) => String(id).toLowerCase()).sort()
      : replicatedItemIds;
    return key === "bootGroups"
      ? { items, start: startGroupActions, end: endGroupActions }
      : { start: startGroupActions, end: endGroupActions };
  };
  if (key !== "bootGroups") return sameValue(normal(a), normal(b));
  return sameValue(Array.isArray(a) ? a.map(normal) : a, Array.isArray(b) ? b.map(normal) : b);
}
