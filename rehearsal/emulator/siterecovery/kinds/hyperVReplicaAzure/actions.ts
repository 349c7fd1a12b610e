/** The bodies of the actions on a machine of Hyper-V, towards Azure and back. */

import { z } from "zod";
import { invalidInput, notAllowed } from "../../errors.js";
import { fabricOf, hyperVFabric, providersOf } from "../../fabricState.js";
import { detailsOf } from "../../itemDetails.js";
import { keyOf, sameName } from "../../names.js";
import { type Call, propertiesOf } from "../../operation.js";
import type { ItemState } from "../../state.js";
import type { ActionInput, ItemAction, Problem } from "../kind.js";

const text = z.string().nullish();
const forward = z.object({
  instanceType: z.literal("HyperVReplicaAzure"),
  recoveryPointId: text,
  primaryKekCertificatePfx: text,
  secondaryKekCertificatePfx: text,
});
const testFailover = z.object({
  failoverDirection: text,
  networkType: text,
  networkId: text,
  providerSpecificDetails: forward,
});
const failover = z.object({
  failoverDirection: text,
  sourceSiteOperations: z.enum(["Required", "NotRequired"]).nullish(),
  providerSpecificDetails: forward,
});
const applyRecoveryPoint = z.object({ recoveryPointId: text, providerSpecificDetails: forward });
const failback = z.object({
  failoverDirection: text,
  providerSpecificDetails: z.object({
    instanceType: z.literal("HyperVReplicaAzureFailback"),
    dataSyncOption: z.enum(["ForDownTime", "ForSynchronization"]),
    recoveryVmCreationOption: z.enum(["CreateVmIfNotFound", "NoAction"]),
    providerIdForAlternateRecovery: text,
  }),
});
const reProtect = z.object({
  failoverDirection: text,
  providerSpecificDetails: z.object({ instanceType: z.literal("HyperVReplicaAzure"), storageAccountId: text }),
});

const given = (value: string | null | undefined) => (value == null || value === "" ? undefined : value);

export function readAction(call: Call, item: ItemState, action: ItemAction): ActionInput {
  switch (action) {
    case "testFailover": {
      const body = propertiesOf(call.request, testFailover);
      refuseMissingCertificate(call, item, body.providerSpecificDetails);
      return {
        failoverDirection: given(body.failoverDirection),
        networkType: given(body.networkType),
        networkId: given(body.networkId),
        recoveryPointId: given(body.providerSpecificDetails.recoveryPointId),
      };
    }
    case "plannedFailover":
    case "unplannedFailover": {
      if (action === "plannedFailover" && isInAzure(item)) return readFailback(call, item);
      const body = propertiesOf(call.request, failover);
      refuseMissingCertificate(call, item, body.providerSpecificDetails);
      const performShutdown = action === "plannedFailover" || body.sourceSiteOperations === "Required";
      return {
        failoverDirection: given(body.failoverDirection),
        recoveryPointId: given(body.providerSpecificDetails.recoveryPointId),
        // Only what is sent with the shutdown makes a new point: without it, the newest that exists is used.
        recoveryPointType: performShutdown ? "Latest" : "LatestProcessed",
        performShutdown,
      };
    }
    case "applyRecoveryPoint": {
      const body = propertiesOf(call.request, applyRecoveryPoint);
      refuseMissingCertificate(call, item, body.providerSpecificDetails);
      const point = given(body.recoveryPointId) ?? given(body.providerSpecificDetails.recoveryPointId);
      if (point === undefined) {
        throw invalidInput([
          {
            path: "properties.recoveryPointId",
            message: "is missing; allowed: the id of a recovery point of the item",
          },
        ]);
      }
      return { failoverDirection: undefined, recoveryPointId: point };
    }
    case "reProtect": {
      const body = propertiesOf(call.request, reProtect);
      return { failoverDirection: given(body.failoverDirection) };
    }
  }
}

export function isInAzure(item: ItemState): boolean {
  return item.activeLocation === "Recovery";
}

/** `more`: `dataSyncOption`, `recoveryVmCreationOption`, `providerId` of another host. */
function readFailback(call: Call, item: ItemState): ActionInput {
  const body = propertiesOf(call.request, failback);
  const wanted = body.providerSpecificDetails;
  const problems: Problem[] = [];
  const other = given(wanted.providerIdForAlternateRecovery);
  const hosts = providersOf(hyperVFabric(fabricOf(call.vault, item)));
  if (
    other !== undefined &&
    !hosts.some((host) => sameName(host.id, other) || other.toLowerCase().endsWith(`/${host.id.toLowerCase()}`))
  ) {
    problems.push({
      path: "properties.providerSpecificDetails.providerIdForAlternateRecovery",
      message: `"${other}" is not a provider of the fabric; allowed: ${hosts.map((host) => host.id).join(", ") || "none is registered"}`,
    });
  }
  if (problems.length > 0) throw invalidInput(problems);
  if (detailsOf(item, "HyperVReplicaAzure").usesManagedDisks) {
    throw notAllowed(
      "FailbackNotSupportedForManagedDisks",
      `'${item.friendlyName}' uses managed disks in Azure, from which Hyper-V cannot fail back.`,
      "Only machines that replicate to a storage account, and fail over to unmanaged disks, can be failed back.",
    );
  }
  return {
    failoverDirection: given(body.failoverDirection),
    more: {
      dataSyncOption: wanted.dataSyncOption,
      recoveryVmCreationOption: wanted.recoveryVmCreationOption,
      providerId: other ?? null,
    },
  };
}

/** Data of a VMM cloud that was encrypted needs its certificate: base64 of a PFX file. */
function refuseMissingCertificate(
  { vault }: Call,
  item: ItemState,
  wanted: { primaryKekCertificatePfx?: string | null | undefined },
): void {
  const policy = vault.policies[keyOf(item.policyName)];
  const pfx = given(wanted.primaryKekCertificatePfx);
  const path = "properties.providerSpecificDetails.primaryKekCertificatePfx";
  if (pfx !== undefined && !/^[A-Za-z0-9+/]+={0,2}$/.test(pfx)) {
    throw invalidInput([
      { path, message: "is not base64; allowed: the PFX file of the encryption certificate, as base64" },
    ]);
  }
  if (pfx === undefined && policy?.details.encryption === "Enabled") {
    const message = `is missing; the data of '${item.friendlyName}' is encrypted: the PFX file of the VMM server's encryption certificate is needed, as base64`;
    throw invalidInput([{ path, message }]);
  }
}
