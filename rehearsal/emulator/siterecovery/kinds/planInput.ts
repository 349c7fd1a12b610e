/** What a recovery plan's request means for one of its items: one entry for each provider kind, with a type of point. */

import { z } from "zod";
import { invalidInput } from "../errors.js";
import { detailsOf } from "../itemDetails.js";
import { keyOf, sameName } from "../names.js";
import type { ItemState, VaultState } from "../state.js";
import { kindOf } from "./index.js";
import type { ActionInput, Problem } from "./kind.js";

const forward = ["Latest", "LatestApplicationConsistent", "LatestCrashConsistent", "LatestProcessed"] as const;
const back = ["ApplicationConsistent", "CrashConsistent"] as const;
const classicBack = ["LatestTime", "LatestTag"] as const;
const pointTypes = [...forward, ...back, ...classicBack];

export const entriesSchema = z
  .array(
    z.looseObject({
      instanceType: z.string(),
      recoveryPointType: z
        .enum(pointTypes, {
          error: ({ input }) =>
            input === "Custom"
              ? '"Custom" is not possible for a plan, which takes a type of point for all of its machines; start the items one by one'
              : `${JSON.stringify(input)} is not allowed; allowed: ${pointTypes.join(", ")}`,
        })
        .nullish(),
      useMultiVmSyncPoint: z.string().nullish(),
      primaryKekCertificatePfx: z.string().nullish(),
      dataSyncOption: z.enum(["ForDownTime", "ForSynchronization"]).nullish(),
      recoveryVmCreationOption: z.enum(["CreateVmIfNotFound", "NoAction"]).nullish(),
    }),
  )
  .nullish();
export type PlanEntries = z.output<typeof entriesSchema>;
type PlanEntry = NonNullable<PlanEntries>[number];

export type PlanScenario = "TestFailover" | "UnplannedFailover" | "PlannedFailover";

export interface PlanRequest {
  direction: string;
  performShutdown: boolean;
  entries: PlanEntries;
}

type Tell = (name: string, message: string) => void;

/** Pushes what is wrong with the request for this item; the same problem of several items is told once. */
function planInput(
  vault: VaultState,
  item: ItemState,
  scenario: PlanScenario,
  request: PlanRequest,
  problems: Problem[],
): ActionInput {
  const own = item.details.instanceType;
  const isFailback = own === "HyperVReplicaAzure" && item.activeLocation === "Recovery";
  const instanceType = isFailback ? "HyperVReplicaAzureFailback" : own;
  const index = (request.entries ?? []).findIndex((entry) => entry.instanceType === instanceType);
  const entry = request.entries?.[index];
  const path = `properties.providerSpecificDetails${index === -1 ? "" : `.${index}`}`;
  const tell: Tell = (name, message) => {
    const problem = { path: `${path}.${name}`, message };
    if (!problems.some((each) => each.path === problem.path && each.message === message)) problems.push(problem);
  };
  const input: ActionInput = { failoverDirection: request.direction, performShutdown: request.performShutdown };
  if (isFailback) return { ...input, more: failbackInput(item, entry, tell) };
  const allowed = pointTypesOf(own);
  const type = entry?.recoveryPointType ?? undefined;
  if (type !== undefined && !allowed.includes(type)) {
    tell("recoveryPointType", `"${type}" is not allowed for ${own}; allowed: ${allowed.join(", ")}`);
  }
  if (type === undefined && own === "InMageRcmFailback") {
    tell("recoveryPointType", `is missing; allowed: ${allowed.join(", ")}`);
  }
  if (own === "InMage") {
    return { ...input, recoveryPointType: type === "LatestTag" ? "LatestApplicationConsistent" : "Latest" };
  }
  if (own === "HyperVReplicaAzure") {
    tellMissingCertificate(vault, item, entry, tell);
    // Without a shutdown nothing makes a new point: the newest that exists is used.
    const isLatest = (type ?? "Latest") === "Latest" && scenario === "UnplannedFailover";
    if (isLatest && !request.performShutdown) return { ...input, recoveryPointType: "LatestProcessed" };
  }
  return { ...input, recoveryPointType: type ?? "Latest" };
}

function pointTypesOf(instanceType: string): readonly string[] {
  if (instanceType === "InMageRcmFailback") return back;
  return instanceType === "InMage" ? classicBack : forward;
}

function failbackInput(item: ItemState, entry: PlanEntry | undefined, tell: Tell): { [key: string]: string } {
  const { dataSyncOption, recoveryVmCreationOption } = entry ?? {};
  if (dataSyncOption == null) tell("dataSyncOption", "is missing; allowed: ForDownTime, ForSynchronization");
  if (recoveryVmCreationOption == null) {
    tell("recoveryVmCreationOption", "is missing; allowed: CreateVmIfNotFound, NoAction");
  }
  if (detailsOf(item, "HyperVReplicaAzure").usesManagedDisks) {
    tell(
      "instanceType",
      `'${item.friendlyName}' uses managed disks in Azure, from which Hyper-V cannot fail back`,
    );
  }
  return { dataSyncOption: dataSyncOption ?? "", recoveryVmCreationOption: recoveryVmCreationOption ?? "" };
}

function tellMissingCertificate(
  vault: VaultState,
  item: ItemState,
  entry: PlanEntry | undefined,
  tell: Tell,
): void {
  const isEncrypted = vault.policies[keyOf(item.policyName)]?.details.encryption === "Enabled";
  if (!isEncrypted || (entry?.primaryKekCertificatePfx ?? "") !== "") return;
  tell(
    "primaryKekCertificatePfx",
    "is missing; the data is encrypted: the PFX file of the VMM server's encryption certificate is needed, as base64",
  );
}

const actions = {
  TestFailover: "testFailover",
  UnplannedFailover: "unplannedFailover",
  PlannedFailover: "plannedFailover",
} as const;

/** @throws Refusal with every problem */
export function planInputs(
  vault: VaultState,
  items: ItemState[],
  scenario: PlanScenario,
  request: PlanRequest,
): Map<ItemState, ActionInput> {
  const problems: Problem[] = [];
  const inputs = new Map(items.map((item) => [item, planInput(vault, item, scenario, request, problems)]));
  const directions = new Set(items.map((item) => kindOf(item).direction(item, actions[scenario])));
  const [direction] = directions;
  if (directions.size > 1 || !sameName(direction ?? request.direction, request.direction)) {
    const wanted =
      directions.size > 1 ? "items of the plan go both ways; start them one by one" : `allowed: ${direction}`;
    problems.unshift({
      path: "properties.failoverDirection",
      message: `"${request.direction}" is not valid now; ${wanted}`,
    });
  }
  if (problems.length > 0) throw invalidInput(problems);
  return inputs;
}
