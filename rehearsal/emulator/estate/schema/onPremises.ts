/** What manages machines on-premises: Hyper-V sites, VMM servers, the configuration server of classic VMware. */

import { z } from "zod";
import { address, guid, itemName, stringList } from "./values.js";

const hyperVHostsSchema = z
  .array(z.strictObject({ name: itemName, id: guid.optional(), version: z.string().default("5.1.8000.0") }))
  .min(1, { error: "must name at least one host" });

/** A Hyper-V site with its hosts. */
export const hyperVSiteSchema = z.strictObject({
  name: itemName,
  id: guid.optional(),
  /** Default true; false: the hosts stand ready, and register as soon as somebody creates the fabric of this name. */
  registered: z.boolean().default(true),
  hosts: hyperVHostsSchema,
});

/** A VMM server with its clouds and VM networks. */
export const vmmServerSchema = z.strictObject({
  name: itemName,
  /** Default: a GUID made from the name. */
  id: guid.optional(),
  /** Name of the fabric; default: 64 hexadecimal digits made from the name. */
  fabricName: itemName.optional(),
  clouds: z
    .array(z.strictObject({ name: itemName, id: guid.optional() }))
    .min(1, { error: "must name at least one cloud" }),
  networks: z.array(z.strictObject({ name: itemName, id: guid.optional() })).default([]),
  hosts: hyperVHostsSchema.default([{ name: "host1", version: "5.1.8000.0" }]),
});

/** Where a VM network leads: to a network in Azure, or to a VM network of another VMM server. */
export const networkMappingSchema = z.strictObject({
  /** Default: the VM network's name. */
  name: itemName.optional(),
  vmmServer: itemName,
  /** A VM network of that server. */
  network: itemName,
  /** The other VMM server; default: none, the network leads to Azure. */
  targetVmmServer: itemName.optional(),
  /** Name of one of `networks`; with `targetVmmServer`, of a VM network of that server. */
  targetNetwork: itemName,
});

const classicServer = {
  name: itemName,
  id: z.string().min(1).optional(),
  ipAddress: address.default("192.0.2.20"),
};

/** The configuration server of classic VMware and physical machines: existing ones can be driven, none can be added. */
export const classicVMwareSchema = z.strictObject({
  name: itemName,
  id: guid.optional(),
  /** Name of the fabric; default: 64 hexadecimal digits made from the name. */
  fabricName: itemName.optional(),
  version: z.string().default("9.12.0.0"),
  processServers: z
    .array(z.strictObject(classicServer))
    .min(1, { error: "must name at least one process server" })
    .default([{ name: "process-server", ipAddress: "192.0.2.20" }]),
  masterTargets: z
    .array(
      z.strictObject({
        ...classicServer,
        retentionVolumes: stringList.default(["R"]),
        datastores: stringList.default(["datastore1"]),
      }),
    )
    .default([
      { name: "master-target", ipAddress: "192.0.2.21", retentionVolumes: ["R"], datastores: ["datastore1"] },
    ]),
  runAsAccounts: z.array(z.strictObject({ name: itemName, id: z.string().min(1) })).default([]),
});
