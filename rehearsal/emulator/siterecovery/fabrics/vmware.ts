/** What a fabric of classic VMware shows: its configuration server, with process servers and master targets. */

import type { Json } from "../../json.js";
import type { VMwareFabric } from "../fabricState.js";
import { days, sameName, wholeSeconds } from "../names.js";
import type { Call } from "../operation.js";
import { heartbeat } from "./inMageRcm.js";

const memory = 16 * 1024 ** 3;
const space = 600 * 1024 ** 3;
/** Numbers of a machine at rest. */
const load = {
  systemLoad: "0",
  systemLoadStatus: "Green",
  cpuLoad: "2%",
  cpuLoadStatus: "Green",
  totalMemoryInBytes: memory,
  availableMemoryInBytes: Math.floor(memory * 0.7),
  memoryUsageStatus: "Green",
  totalSpaceInBytes: space,
  availableSpaceInBytes: Math.floor(space * 0.9),
  spaceUsageStatus: "Green",
};

export function vmwareDetails(call: Call, fabric: VMwareFabric): { [key: string]: Json } {
  const at = heartbeat(call);
  const expiry = wholeSeconds(call.world.clock.now() + 3 * 365 * days);
  const certificate = { sslCertExpiryDate: expiry, sslCertExpiryRemainingDays: 3 * 365 };
  const items = Object.values(call.vault.items).filter((item) => sameName(item.fabricName, fabric.name)).length;
  const agent = { agentVersion: fabric.version, lastHeartbeat: at, versionStatus: "NotSupported" };
  const [first] = fabric.processServers;
  return {
    instanceType: "VMware",
    processServers: fabric.processServers.map((server) => ({
      friendlyName: server.name,
      id: server.id,
      ipAddress: server.ipAddress,
      osType: "Windows",
      ...agent,
      mobilityServiceUpdates: ["Windows", "Linux"].map((osType) => ({
        version: fabric.version,
        rebootStatus: "NotRequired",
        osType,
      })),
      hostId: server.id,
      machineCount: String(items),
      replicationPairCount: String(items),
      ...load,
      psServiceStatus: "Running",
      ...certificate,
      osVersion: null,
    })),
    masterTargetServers: fabric.masterTargets.map((server) => ({
      id: server.id,
      ipAddress: server.ipAddress,
      name: server.name,
      osType: "Windows",
      ...agent,
      retentionVolumes: server.retentionVolumes.map((volumeName) => ({
        volumeName,
        capacityInBytes: 10 * 1024 ** 3,
        freeSpaceInBytes: 9 * 1024 ** 3,
        thresholdPercentage: 80,
      })),
      dataStores: server.datastores.map((symbolicName) => ({
        symbolicName,
        uuid: symbolicName,
        capacity: "2047.75",
        freeSpace: "1720.17",
        type: "VMFS",
      })),
      validationErrors: [],
      diskCount: 1,
      osVersion: "Microsoft Windows Server 2012 R2 Datacenter",
    })),
    runAsAccounts: fabric.runAsAccounts.map(({ id, name }) => ({ accountId: id, accountName: name })),
    replicationPairCount: String(items),
    processServerCount: String(fabric.processServers.length),
    agentCount: String(items),
    protectedServers: String(items),
    ...load,
    webLoad: "0",
    webLoadStatus: "Green",
    databaseServerLoad: "1.14",
    databaseServerLoadStatus: "Green",
    csServiceStatus: "Running",
    ipAddress: first?.ipAddress ?? "",
    ...agent,
    hostName: fabric.friendlyName ?? fabric.name,
    ...certificate,
    psTemplateVersion: fabric.version,
  };
}
