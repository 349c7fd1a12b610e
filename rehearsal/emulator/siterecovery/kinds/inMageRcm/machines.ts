/** What is known of a machine on-premises: the estate's word, else what its discovery resource says. */

import type { ArmResource, World } from "../../../core.js";
import type { SourceMachine, VaultState } from "../../state.js";

/** The machine behind a `fabricDiscoveryMachineId`; undefined where nothing of that id was discovered. */
export function sourceMachine(world: World, vault: VaultState, machineId: string): SourceMachine | undefined {
  const known = vault.machines[machineId.toLowerCase()];
  if (known !== undefined) return known;
  const resource = world.arm.get(machineId);
  return resource === undefined ? undefined : fromDiscovery(resource);
}

/** A machine that somebody put into the ARM store directly: what discovery does not tell is assumed to be in order. */
function fromDiscovery(resource: ArmResource): SourceMachine {
  const text = (value: unknown, fallback: string) =>
    typeof value === "string" && value !== "" ? value : fallback;
  const list = (value: unknown) => (Array.isArray(value) ? (value as Record<string, unknown>[]) : []);
  const { properties } = resource;
  const os = (properties.operatingSystemDetails ?? {}) as Record<string, unknown>;
  const addresses = (adapter: Record<string, unknown>) => (adapter.ipAddressList ?? []) as string[];
  return {
    name: text(properties.displayName, resource.name),
    isPhysical: /\/ServerSites\//i.test(resource.id),
    osType: /linux/i.test(text(os.osType, "windows")) ? "Linux" : "Windows",
    osName: text(os.osName, "Microsoft Windows Server 2019 (64-bit)"),
    cores: Number(properties.numberOfProcessorCore ?? 2),
    memoryMB: Number(properties.allocatedMemoryInMB ?? 4096),
    firmware: /efi/i.test(text(properties.firmware, "bios")) ? "UEFI" : "BIOS",
    disks: list(properties.disks).map((disk, index) => ({
      id: text(disk.uuid, `disk-${index}`),
      sizeGB: Math.max(1, Math.round(Number(disk.maxSizeInBytes ?? 0) / 1024 ** 3)),
      isOsDisk: index === 0,
    })),
    nics: list(properties.networkAdapters).map((adapter) => ({
      mac: text(adapter.macAddress, ""),
      network: text(adapter.networkName, "VM Network"),
      ip: addresses(adapter).find((address) => !address.includes(":")) ?? "",
      ipType: text(adapter.ipAddressType, "Static") === "Dynamic" ? "Dynamic" : "Static",
    })),
    agentVersion: "9.66.0.0",
    isDhcpEnabled: true,
    bootDrivers: ["storvsc", "vmbus", "storflt", "intelide", "atapi"],
    churnMBPerHour: 500,
    isPoweredOn: text(properties.powerStatus, "ON") === "ON",
  };
}
