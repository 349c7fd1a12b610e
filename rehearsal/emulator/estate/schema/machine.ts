/** Machines on-premises. */

import { z } from "zod";
import { address, guid, itemName, machineName, shown, wholeNumber } from "./values.js";

export const machineSchema = z.strictObject({
  name: machineName,
  /** Default `vmware`; a physical server is known to the physical site and has no vCenter; `hyperv` stands on a Hyper-V host; `classic` belongs to `classicVMware`. */
  kind: z.enum(["vmware", "physical", "hyperv", "classic"]).default("vmware"),
  /** Only with kind `classic`: a VMware machine or physical server of `classicVMware`. */
  classic: z
    .strictObject({
      /** Its id there; default: a GUID made from its name. */
      id: guid.optional(),
      isPhysical: z.boolean().default(false),
    })
    .optional(),
  /** Only with kind `hyperv`, and then required: the site, or the VMM server and the cloud, in which it stands. */
  hyperV: z
    .strictObject({
      /** Name of one of `hyperVSites`. */
      site: itemName.optional(),
      /** Name of one of `vmmServers`, with a cloud of it. */
      vmmServer: itemName.optional(),
      cloud: itemName.optional(),
      /** Name of a host of the site or server; default: the first. */
      host: itemName.optional(),
      generation: z.union([z.literal(1), z.literal(2)]).default(1),
      /** The id of the machine as a protectable item; default: a GUID made from its name. */
      id: guid.optional(),
    })
    .optional(),
  os: z.strictObject({
    type: z.enum(["Windows", "Linux"]),
    name: z.string().min(1),
    version: z.string().optional(),
  }),
  size: z
    .strictObject({
      cores: wholeNumber(1, 416, "cores").default(2),
      memoryMB: wholeNumber(256, 12_582_912, "MB").default(4096),
    })
    .default({ cores: 2, memoryMB: 4096 }),
  firmware: z.enum(["bios", "uefi"]).default("bios"),
  disks: z
    .array(
      z.strictObject({
        /** Default: a GUID made from the machine's and the disk's place. */
        id: z.string().min(1).optional(),
        /** Of the virtual hard disk, on Hyper-V; default `<machine>_disk_<n>`. */
        name: z.string().min(1).optional(),
        sizeGB: wholeNumber(1, 32_767, "GB"),
        /** Default: the first disk is the operating system's. */
        isOs: z.boolean().optional(),
      }),
    )
    .min(1, { error: "must name at least one disk" })
    .default([{ sizeGB: 64 }]),
  nics: z
    .array(
      z.strictObject({
        /** Default: one made from the machine's and the card's place. */
        mac: z
          .string()
          .regex(/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i, {
            error: (issue) => `${shown(issue.input)} is not a MAC address; allowed: 00:50:56:01:02:03`,
          })
          .optional(),
        /** Of the card on Hyper-V; default: a GUID made from the machine's and the card's place. */
        id: z.string().min(1).optional(),
        /** Name of one of `onPremises.networks`, or any name where that list is empty. */
        network: z.string().min(1),
        ip: address,
        /** Default `static`. */
        ipType: z.enum(["static", "dynamic"]).default("static"),
      }),
    )
    .min(1, { error: "must name at least one network card" }),
  /** The replication agent on the machine; versions older than 9.8 make a failover take minutes longer. Default 9.66.0.0. */
  mobilityAgent: z
    .strictObject({
      version: z.string({ error: 'must be text in quotes, such as "9.66"' }).regex(/^\d+(?:\.\d+){1,3}$/, {
        error: (issue) => `${shown(issue.input)} is not a version; allowed: such as "9.66" or "9.66.7264.1"`,
      }),
    })
    .default({ version: "9.66.0.0" }),
  /** Whether the guest takes its address by DHCP when asked to; default true. */
  dhcpEnabled: z.boolean().default(true),
  /** Drivers that start with the machine; default: the ones Azure needs. */
  bootDrivers: z.array(z.string().min(1)).default(["storvsc", "vmbus", "storflt", "intelide", "atapi"]),
  /** Windows: whether remote desktop answers; default true on Windows, false on Linux. */
  rdpEnabled: z.boolean().optional(),
  /** Whether SSH answers; default false on Windows, true on Linux. */
  sshEnabled: z.boolean().optional(),
  /** Changed data in MB an hour, 0-1,000,000; default 500. */
  churnMBPerHour: z.number().min(0).max(1_000_000).default(500),
  powerState: z.enum(["on", "off"]).default("on"),
});
