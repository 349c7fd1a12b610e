/**
 * Making and removing a Hyper-V site. Other fabrics register from on-premises and cannot be made by a call. Hosts that the
 * estate holds ready for a site register with it as soon as it is there.
 */

import { z } from "zod";
import type { ArmResponse, Operation } from "../../core.js";
import { guidOf } from "../../estate/names.js";
import { invalidInput, notAllowed } from "../errors.js";
import type { FabricState, HyperVFabric } from "../fabricState.js";
import type { Step } from "../jobs/scenario.js";
import { type JobSpec, startJob } from "../jobs/start.js";
import { accepted } from "../longRunning.js";
import { fabricId, fabricPath, keyOf, sameName, vaultKey } from "../names.js";
import { type Call, fabricOf, operation, param, propertiesOf } from "../operation.js";
import { renderFabric } from "./render.js";

const schema = z.object({ customDetails: z.looseObject({ instanceType: z.string() }).nullish() });

/** `FabricSpecificCreationInput` is the API's word for "nothing special": a Hyper-V site. */
const siteTypes = ["FabricSpecificCreationInput", "HyperVSite"];

export function getFabric(call: Call): ArmResponse {
  return { status: 200, body: renderFabric(call, fabricOf(call), false) };
}

function startFabricJob(
  call: Call,
  fabric: Pick<FabricState, "name" | "internalIdentifier">,
  spec: Pick<JobSpec, "scenario" | "friendlyName" | "tasks"> & Partial<JobSpec>,
): ArmResponse {
  const job = startJob(call.world, call.vault, {
    clientRequestId: call.request.clientRequestId,
    resourceId: fabricId(call.vault, fabric.name),
    targetObjectId: fabric.internalIdentifier,
    targetObjectName: fabric.name,
    targetInstanceType: "Server",
    startDelaySeconds: 0,
    input: { name: fabric.name },
    ...spec,
  });
  return accepted(call, job);
}

function create(call: Call): ArmResponse {
  const name = param(call.request, "fabricName");
  const given = propertiesOf(call.request, schema).customDetails?.instanceType ?? siteTypes[0];
  if (given === undefined || !siteTypes.includes(given)) {
    const message = `"${given}" registers from on-premises and cannot be created; allowed: ${siteTypes.join(", ")}`;
    throw invalidInput([{ path: "properties.customDetails.instanceType", message }]);
  }
  const before = call.vault.fabrics[keyOf(name)];
  if (before !== undefined && before.kind !== "HyperVSite") {
    throw notAllowed(
      "FabricAlreadyExists",
      `The fabric '${before.name}' already exists and is of kind ${before.kind}.`,
      "Choose another name for the Hyper-V site.",
      409,
    );
  }
  const internalIdentifier =
    before?.internalIdentifier ?? guidOf("fabric", vaultKey(call.vault), name.toLowerCase());
  return startFabricJob(
    call,
    { name: before?.name ?? name, internalIdentifier },
    {
      scenario: "CreateSite",
      friendlyName: "Create a site",
      tasks: [
        {
          taskId: "RegisterVmmTask",
          name: "RegisterVmmTask",
          friendlyName: "Create a site",
          seconds: 2,
          step: "fabric.create",
        },
      ],
    },
  );
}

function remove(call: Call, isForced: boolean): ArmResponse {
  const fabric = fabricOf(call);
  const { vault } = call;
  if (fabric.kind !== "HyperVSite") {
    throw notAllowed(
      "FabricRegisteredOnPremises",
      `The fabric '${fabric.name}' of kind ${fabric.kind} is unregistered on-premises.`,
      "Remove its items and mappings, and unregister it where it was installed.",
    );
  }
  const isIn = (each: { fabricName: string }) => sameName(each.fabricName, fabric.name);
  const users = [
    ...Object.values(vault.items)
      .filter(isIn)
      .map((item) => `replication protected item '${item.name}'`),
    ...Object.values(vault.mappings)
      .filter(isIn)
      .map((mapping) => `protection container mapping '${mapping.name}'`),
  ];
  if (users.length > 0) {
    const more = users.length > 10 ? ` and ${users.length - 10} more` : "";
    throw notAllowed(
      "FabricInUse",
      `The Hyper-V site '${fabric.name}' is in use by ${users.slice(0, 10).join(", ")}${more}.`,
      "Disable the replication of its machines and remove its mappings first.",
      409,
    );
  }
  const friendlyName = isForced ? "Purge the server" : "Delete the site";
  return startFabricJob(call, fabric, {
    scenario: isForced ? "PurgeVMM" : "UnregisterFabric",
    friendlyName,
    removesResource: true,
    tasks: [
      {
        taskId: "UnregisterFabricTask",
        name: "UnregisterFabricTask",
        friendlyName,
        seconds: 2,
        step: "fabric.remove",
      },
    ],
  });
}

export const siteOperations: Operation[] = [
  operation("ReplicationFabrics_Create", "PUT", fabricPath, create),
  operation("ReplicationFabrics_Delete", "POST", `${fabricPath}/remove`, (call) => remove(call, false)),
  operation("ReplicationFabrics_Purge", "DELETE", fabricPath, (call) => remove(call, true)),
];

/** A site has one container, which it names after itself. */
export function siteOf(name: string, internalIdentifier: string, hosts: HyperVFabric["hosts"]): HyperVFabric {
  const container = `cloud_${internalIdentifier}`;
  return {
    kind: "HyperVSite",
    name,
    internalIdentifier,
    containers: { [keyOf(container)]: { name: container, friendlyName: name } },
    hosts,
    kekCertificate: null,
    networks: [],
  };
}

export const fabricSteps: Record<string, Step> = {
  "fabric.create": ({ vault, job }) => {
    const key = keyOf(job.targetObjectName);
    const waiting = vault.waitingSites?.[key];
    vault.fabrics[key] ??= waiting ?? siteOf(job.targetObjectName, job.targetObjectId, []);
    return "done";
  },
  "fabric.remove": ({ vault, job }) => {
    const key = keyOf(job.targetObjectName);
    const fabric = vault.fabrics[key];
    delete vault.fabrics[key];
    // Its hosts stay where they are, and would register again.
    if (fabric?.kind === "HyperVSite" && fabric.hosts.length > 0)
      vault.waitingSites = { ...vault.waitingSites, [key]: fabric };
    return "done";
  },
};
