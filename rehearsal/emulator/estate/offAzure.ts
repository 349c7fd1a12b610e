import type { ArmResource } from "../core.js";
import {
  diskId,
  guestDiskName,
  guidOf,
  macAddress,
  machineGuid,
  offAzureMachineId,
  physicalSiteId,
  runAsAccountId,
  vmwareSiteId,
} from "./names.js";
import type { Estate, EstateMachine } from "./schema.js";

/**
 * What the appliance reports of an estate to Azure: its sites, the machines that it discovered, its accounts. VMware's
 * shapes are the recorded ones; a physical server's are the part of them that does not speak of vSphere (no recording).
 * @param now simulated milliseconds: discovery ran a day before
 */
export function offAzureResources(estate: Estate, now: number): ArmResource[] {
  const discovered = new Date(now - 86_400_000).toISOString();
  return [
    site(vmwareSiteId(estate), "Microsoft.OffAzure/VMwareSites", estate),
    site(physicalSiteId(estate), "Microsoft.OffAzure/ServerSites", estate),
    ...estate.machines.flatMap((machine) => {
      if (machine.kind === "hyperv" || machine.kind === "classic") return [];
      return machine.kind === "physical"
        ? [physicalServer(estate, machine, discovered)]
        : [virtualMachine(estate, machine, discovered)];
    }),
    ...estate.runAsAccounts.map((account): ArmResource => {
      const id = runAsAccountId(estate, account.name);
      return {
        id,
        name: lastSegment(id),
        type: "Microsoft.OffAzure/VMwareSites/runasaccounts",
        properties: {
          displayName: account.name,
          credentialType: account.credentialType,
          createdTimestamp: discovered,
          updatedTimestamp: discovered,
          applianceName: estate.appliance.name,
        },
      };
    }),
  ];
}

function site(id: string, type: string, estate: Estate): ArmResource {
  return {
    id,
    name: lastSegment(id),
    type,
    properties: {
      agentDetails: { version: estate.appliance.version },
      applianceName: estate.appliance.name,
      provisioningState: "Succeeded",
    },
  };
}

function virtualMachine(estate: Estate, machine: EstateMachine, discovered: string): ArmResource {
  const id = offAzureMachineId(estate, machine);
  const isOn = machine.powerState === "on";
  const guid = machineGuid(estate, machine);
  return resource(id, "Microsoft.OffAzure/VMwareSites/machines", {
    vCenterFQDN: "vcenter.example.com",
    vCenterId: `${vmwareSiteId(estate)}/vcenters/vcenter`,
    instanceUuid: guid,
    dataCenterScope: "datacenter",
    description: "",
    disks: machine.disks.map((disk, index) => ({
      uuid: diskId(estate, machine, index),
      label: `Hard disk ${index + 1}`,
      diskProvisioningPolicy: "ThinProvisioned",
      diskScrubbingPolicy: "LazilyScrubbed",
      diskMode: "persistent",
      controllerType: "VirtualLsiLogicSASController",
      maxSizeInBytes: disk.sizeGB * 2 ** 30,
      name: `scsi0:${index}`,
      diskType: "Static",
      lun: index,
      path: `[datastore1] ${machine.name}/${machine.name}${index === 0 ? "" : `_${index}`}.vmdk`,
    })),
    hostInMaintenanceMode: false,
    hostName: "esx01.example.com",
    hostPowerState: "poweredOn",
    hostVersion: "7.0.3",
    networkAdapters: adapters(estate, machine),
    vMwareToolsStatus: isOn ? "OK" : "NotRunning",
    vMwareToolsVersion: "12352",
    changeTrackingSupported: true,
    changeTrackingEnabled: false,
    maxSnapshots: -1,
    diskEnabledUuid: "yes",
    numberOfSnapshots: 0,
    altGuestName: machine.os.type === "Windows" ? "windows9Server64Guest" : "otherLinux64Guest",
    powerStatus: isOn ? "ON" : "OFF",
    vmFqdn: machine.name,
    vmConfigurationFileLocation: `[datastore1] ${machine.name}/${machine.name}.vmx`,
    firmware: machine.firmware === "uefi" ? "efi" : "bios",
    guestOSDetails: { osType: null, osName: null, osVersion: null, osArchitecture: null },
    ...discovery(estate, machine, discovered),
  });
}

function physicalServer(estate: Estate, machine: EstateMachine, discovered: string): ArmResource {
  return resource(offAzureMachineId(estate, machine), "Microsoft.OffAzure/ServerSites/machines", {
    disks: machine.disks.map((disk, index) => ({
      id: diskId(estate, machine, index),
      name: guestDiskName(machine.os.type, index),
      maxSizeInBytes: disk.sizeGB * 2 ** 30,
      diskType: "Basic",
    })),
    networkAdapters: adapters(estate, machine),
    fqdn: machine.name,
    hydratedFqdn: machine.name,
    powerStatus: machine.powerState === "on" ? "ON" : "OFF",
    firmware: machine.firmware === "uefi" ? "UEFI" : "BIOS",
    ...discovery(estate, machine, discovered),
  });
}

function adapters(estate: Estate, machine: EstateMachine) {
  return machine.nics.map((nic, index) => ({
    label: `Network adapter ${index + 1}`,
    adapterType: "VirtualVmxnet3",
    nicId: String(4000 + index),
    macAddress: macAddress(estate, machine, index),
    ipAddressList: machine.powerState === "on" ? [nic.ip] : [],
    networkName: nic.network,
    ipAddressType: nic.ipType === "static" ? "Static" : "Dynamic",
  }));
}

/** What discovery finds of any machine. */
function discovery(estate: Estate, machine: EstateMachine, discovered: string) {
  const bios = guidOf("bios", machineGuid(estate, machine));
  return {
    ...applications(estate, machine),
    operatingSystemDetails: {
      osType: machine.os.type === "Windows" ? "windowsguest" : "linuxguest",
      osName: machine.os.name,
      osVersion: machine.os.version ?? null,
      osArchitecture: null,
    },
    biosSerialNumber: bios,
    biosGuid: bios,
    displayName: machine.name,
    isDeleted: false,
    createdTimestamp: discovered,
    tags: { asrprotectedmachine: "False" },
    updatedTimestamp: discovered,
  };
}

/** Discovery of applications, which the estate does not describe: none found, as recorded for such machines. */
function applications(estate: Estate, machine: EstateMachine) {
  const unassociated = {
    discoveryScopeStatus: "RunAsAccountNotAssociated",
    errors: [],
    hydratedRunAsAccountId: null,
  };
  const web = {
    totalWebServerCount: 0,
    totalWebApplicationCount: 0,
    discoveryScopeStatus: "RunAsAccountNotAssociated",
  };
  return {
    numberOfApplications: -1,
    guestDetailsDiscoveryTimestamp: null,
    isGuestDetailsDiscoveryInProgress: true,
    dependencyMapping: "Disabled",
    dependencyMappingStartTime: null,
    dependencyMappingEndTime: null,
    runAsAccountId: null,
    applianceNames: [estate.appliance.name],
    errors: [],
    applicationDiscovery: unassociated,
    dependencyMapDiscovery: unassociated,
    staticDiscovery: { discoveryScopeStatus: "DiscoverySucceeded", errors: [], hydratedRunAsAccountId: null },
    sqlDiscovery: {
      successfullyDiscoveredServerCount: -1,
      totalServerCount: -1,
      sqlMetadataHydratedRunAsAccountId: null,
      sqlMetadataDiscoveryPipe: "Unknown",
      discoveryScopeStatus: "RunAsAccountNotAssociated",
    },
    webAppDiscovery: web,
    oracleDiscovery: {
      totalInstanceCount: 0,
      totalDatabaseCount: 0,
      shallowDiscoveryStatus: "Disabled",
      discoveryScopeStatus: "DiscoverySucceeded",
    },
    springBootDiscovery: {
      totalInstanceCount: 0,
      totalApplicationCount: 0,
      shallowDiscoveryStatus: "Disabled",
      discoveryScopeStatus: "DiscoverySucceeded",
    },
    iisDiscovery: web,
    tomcatDiscovery: web,
    appsAndRoles: null,
    productSupportStatus: {
      currentVersion: null,
      esuStatus: "Unknown",
      supportStatus: "Unknown",
      supportEndDate: "0001-01-01T00:00:00",
      esuYear: "Unknown",
    },
    numberOfProcessorCore: machine.size.cores,
    allocatedMemoryInMB: machine.size.memoryMB,
  };
}

function resource(id: string, type: string, properties: Record<string, unknown>): ArmResource {
  return { id, name: lastSegment(id), type, tags: { asrprotectedmachine: "False" }, properties };
}

function lastSegment(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
