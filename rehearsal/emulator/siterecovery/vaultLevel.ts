/** Vault settings, vault health, target sizes and supported operating systems. */

import { z } from "zod";
import type { Operation } from "../core.js";
import { notFound } from "./errors.js";
import { startJob } from "./jobs/start.js";
import { kindOf } from "./kinds/index.js";
import { accepted } from "./longRunning.js";
import { itemPath, itemType, sameName, vaultId, vaultPath, vaultType } from "./names.js";
import { type Call, itemOf, operation, param, propertiesOf } from "./operation.js";
import { page } from "./paging.js";

const vaultSettingPath = `${vaultPath}/replicationVaultSettings/{vaultSettingName}`;
export const vaultHealthPath = `${vaultPath}/replicationVaultHealth`;

function renderSettings({ vault }: Call): unknown {
  return {
    id: `${vaultId(vault)}/replicationVaultSettings/default`,
    name: "default",
    type: `${vaultType}/replicationVaultSettings`,
    properties: { ...vault.settings },
  };
}

function getSettings(call: Call) {
  const name = param(call.request, "vaultSettingName");
  if (!sameName(name, "default")) throw notFound("vault setting", name);
  return { status: 200, body: renderSettings(call) };
}

const settingsSchema = z.object({
  migrationSolutionId: z.string().nullish(),
  vmwareToAzureProviderType: z.enum(["InMageRcm", "InMageAzureV2"]).nullish(),
});

/** One entry for each kind of warning, naming the items that carry it. */
export function getHealth(call: Call) {
  const { vault, world } = call;
  const now = world.clock.now();
  const issues = new Map<string, { category: string; message: string; ids: string[] }>();
  for (const item of Object.values(vault.items)) {
    for (const error of kindOf(item).healthErrors(vault, item, now)) {
      const { errorCode, errorCategory, summaryMessage } = error as Record<string, string>;
      const issue = issues.get(errorCode ?? "") ?? {
        category: errorCategory ?? "",
        message: summaryMessage ?? "",
        ids: [],
      };
      issue.ids.push(item.eventCorrelationId);
      issues.set(errorCode ?? "", issue);
    }
  }
  const items = Object.keys(vault.items).length;
  const warned = new Set([...issues.values()].flatMap((issue) => issue.ids)).size;
  const summary = (count: number) => ({ resourceCount: count, issues: [], categorizedResourceCounts: {} });
  return {
    status: 200,
    body: {
      name: "Default",
      type: `${vaultType}/replicationVaultHealth`,
      id: `${vaultId(vault)}/replicationVaultHealth/Default`,
      properties: {
        vaultErrors: [],
        protectedItemsHealth: {
          resourceCount: items,
          issues: [...issues].map(([summaryCode, issue]) => ({
            summaryCode,
            category: issue.category,
            severity: "Warning",
            summaryMessage: issue.message,
            affectedResourceType: "replicationProtectedItems",
            affectedResourceSubtype: "",
            affectedResourceCorrelationIds: issue.ids,
          })),
          categorizedResourceCounts: { Normal: items - warned, Warning: warned, Critical: 0 },
        },
        fabricsHealth: summary(Object.keys(vault.fabrics).length),
        containersHealth: summary(
          Object.values(vault.fabrics).flatMap((fabric) => Object.keys(fabric.containers)).length,
        ),
      },
    },
  };
}

/** Cores, memory in GB, most data disks, most network cards. */
const sizes: [string, number, number, number, number][] = [
  ["Standard_B2s", 2, 4, 4, 3],
  ["Standard_B2ms", 2, 8, 4, 3],
  ["Standard_F2s_v2", 2, 4, 4, 2],
  ["Standard_F4s_v2", 4, 8, 8, 2],
  ["Standard_F8s_v2", 8, 16, 16, 4],
  ["Standard_D2s_v3", 2, 8, 4, 2],
  ["Standard_D4s_v3", 4, 16, 8, 2],
  ["Standard_D8s_v3", 8, 32, 16, 4],
  ["Standard_D16s_v3", 16, 64, 32, 8],
  ["Standard_D32s_v3", 32, 128, 32, 8],
  ["Standard_D64s_v3", 64, 256, 32, 8],
  ["Standard_E4s_v3", 4, 32, 8, 2],
  ["Standard_E8s_v3", 8, 64, 16, 4],
];

const operatingSystems = [
  { osName: "Windows Server 2022", osType: "Windows", osVersions: ["2022"] },
  { osName: "Windows Server 2019", osType: "Windows", osVersions: ["2019"] },
  { osName: "Windows Server 2016", osType: "Windows", osVersions: ["2016"] },
  { osName: "Windows Server 2012 R2", osType: "Windows", osVersions: ["2012R2"] },
  { osName: "Ubuntu", osType: "Linux", osVersions: ["18.04", "20.04", "22.04"] },
  { osName: "Red Hat Enterprise Linux", osType: "Linux", osVersions: ["7", "8", "9"] },
  { osName: "SUSE Linux Enterprise Server", osType: "Linux", osVersions: ["12", "15"] },
  { osName: "Debian", osType: "Linux", osVersions: ["10", "11", "12"] },
];

export const vaultOperations: Operation[] = [
  operation("ReplicationVaultSetting_List", "GET", `${vaultPath}/replicationVaultSettings`, (call) =>
    page(call.request, [call], renderSettings),
  ),
  operation("ReplicationVaultSetting_Get", "GET", vaultSettingPath, getSettings),
  operation("ReplicationVaultSetting_Create", "PUT", vaultSettingPath, (call) => {
    getSettings(call);
    const given = propertiesOf(call.request, settingsSchema);
    if (given.migrationSolutionId != null) call.vault.settings.migrationSolutionId = given.migrationSolutionId;
    if (given.vmwareToAzureProviderType != null) {
      call.vault.settings.vmwareToAzureProviderType = given.vmwareToAzureProviderType;
    }
    return getSettings(call);
  }),
  operation("ReplicationVaultHealth_Get", "GET", vaultHealthPath, getHealth),
  operation("ReplicationVaultHealth_Refresh", "POST", `${vaultHealthPath}/default/refresh`, (call) => {
    const job = startJob(call.world, call.vault, {
      scenario: "RefreshVaultHealth",
      friendlyName: "Refresh the vault's health",
      clientRequestId: call.request.clientRequestId,
      resourceId: `${vaultId(call.vault)}/replicationVaultHealth`,
      targetObjectId: call.vault.name,
      targetObjectName: call.vault.name,
      targetInstanceType: "Other",
      startDelaySeconds: 0,
      tasks: [],
    });
    return accepted(call, job);
  }),
  operation(
    "TargetComputeSizes_ListByReplicationProtectedItems",
    "GET",
    `${itemPath}/targetComputeSizes`,
    (call) => {
      const item = itemOf(call);
      const id = `${vaultId(call.vault)}/replicationFabrics/${item.fabricName}/replicationProtectionContainers/${item.containerName}/replicationProtectedItems/${item.name}`;
      return page(call.request, sizes, ([name, cores, memoryInGB, maxDataDiskCount, maxNicsCount]) => ({
        id: `${id}/targetComputeSizes/${name}`,
        name,
        type: `${itemType}/targetComputeSizes`,
        properties: {
          name,
          friendlyName: name,
          cpuCoresCount: cores,
          vCPUsAvailable: cores,
          memoryInGB,
          maxDataDiskCount,
          maxNicsCount,
          errors: [],
          highIopsSupported: "Supported",
          hyperVGenerations: ["V1", "V2"],
        },
      }));
    },
  ),
  operation(
    "SupportedOperatingSystems_Get",
    "GET",
    `${vaultPath}/replicationSupportedOperatingSystems`,
    ({ vault, request }) => ({
      status: 200,
      body: {
        id: `${vaultId(vault)}/replicationSupportedOperatingSystems`,
        name: "default",
        type: `${vaultType}/replicationSupportedOperatingSystems`,
        properties: {
          supportedOsList: [
            {
              instanceType: request.query.get("instanceType") ?? "InMageRcm",
              supportedOs: operatingSystems.map((each) => ({
                ...each,
                osVersions: each.osVersions.map((version) => ({ version, servicePack: "" })),
              })),
            },
          ],
        },
      },
    }),
  ),
];
