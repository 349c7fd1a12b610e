/** Fabrics, their recovery services providers and containers, and the appliances. */

import type { Operation } from "../../core.js";
import { notFound } from "../errors.js";
import { containerPath, fabricPath, sameName, vaultPath } from "../names.js";
import { containerOf, fabricOf, operation, param } from "../operation.js";
import { page } from "../paging.js";
import { renderAppliance } from "./inMageRcm.js";
import { allProviders, providerName, renderContainer, renderFabric, renderProvider } from "./render.js";
import { siteOperations } from "./sites.js";

const providers = `${fabricPath}/replicationRecoveryServicesProviders`;

export const fabricOperations: Operation[] = [
  operation("ReplicationFabrics_List", "GET", `${vaultPath}/replicationFabrics`, (call) =>
    page(call.request, Object.values(call.vault.fabrics), (fabric) => renderFabric(call, fabric, true)),
  ),
  operation("ReplicationFabrics_Get", "GET", fabricPath, (call) => ({
    status: 200,
    body: renderFabric(call, fabricOf(call), false),
  })),
  ...siteOperations,
  operation(
    "ReplicationRecoveryServicesProviders_List",
    "GET",
    `${vaultPath}/replicationRecoveryServicesProviders`,
    (call) =>
      page(call.request, allProviders(Object.values(call.vault.fabrics)), (each) => renderProvider(call, each)),
  ),
  operation("ReplicationRecoveryServicesProviders_ListByReplicationFabrics", "GET", providers, (call) =>
    page(call.request, allProviders([fabricOf(call)]), (each) => renderProvider(call, each)),
  ),
  operation("ReplicationRecoveryServicesProviders_Get", "GET", `${providers}/{providerName}`, (call) => {
    const name = param(call.request, "providerName");
    // Items name their provider by its id, lists by its name: both are the same one.
    const found = allProviders([fabricOf(call)]).find(
      (each) => sameName(name, providerName(each)) || sameName(name, each.provider.id),
    );
    if (found === undefined) throw notFound("recovery services provider", name);
    return { status: 200, body: renderProvider(call, found) };
  }),
  operation(
    "ReplicationProtectionContainers_List",
    "GET",
    `${vaultPath}/replicationProtectionContainers`,
    (call) => {
      const all = Object.values(call.vault.fabrics).flatMap((fabric) =>
        Object.values(fabric.containers).map((container) => ({ fabric, container })),
      );
      return page(call.request, all, ({ fabric, container }) => renderContainer(call.vault, fabric, container));
    },
  ),
  operation(
    "ReplicationProtectionContainers_ListByReplicationFabrics",
    "GET",
    `${fabricPath}/replicationProtectionContainers`,
    (call) => {
      const fabric = fabricOf(call);
      return page(call.request, Object.values(fabric.containers), (each) =>
        renderContainer(call.vault, fabric, each),
      );
    },
  ),
  operation("ReplicationProtectionContainers_Get", "GET", containerPath, (call) => {
    const { fabric, container } = containerOf(call);
    return { status: 200, body: renderContainer(call.vault, fabric, container) };
  }),
  operation("ReplicationAppliances_List", "GET", `${vaultPath}/replicationAppliances`, (call) => {
    const appliances = Object.values(call.vault.fabrics).flatMap((fabric) =>
      fabric.kind === "InMageRcm" ? [renderAppliance(call, fabric)] : [],
    );
    const details = { instanceType: "InMageRcm", appliances };
    return {
      status: 200,
      body: { value: [{ properties: { providerSpecificDetails: details } }], nextLink: null },
    };
  }),
];
