/** Fabrics, by kind: what stands on-premises as the vault knows it. */

interface FabricBase {
  name: string;
  /** The name that people see; default: the name. */
  friendlyName?: string;
  internalIdentifier: string;
  /** By lower-case name. */
  containers: Record<string, ContainerState>;
}

export interface ContainerState {
  name: string;
  /** Default: the name. */
  friendlyName?: string;
}

export type FabricState = InMageRcmFabric | HyperVFabric | VMwareFabric;

/** One replication appliance with its process server, of one modernised VMware fabric. */
export interface InMageRcmFabric extends FabricBase {
  kind: "InMageRcm";
  vmwareSiteId: string;
  physicalSiteId: string;
  appliance: { name: string; id: string; biosId: string; version: string; fqdn: string; ipAddress: string };
  runAsAccounts: { id: string; name: string }[];
  /** Those that the appliance may write to: where machines can be failed back to. */
  datastores: string[];
}

/** Hyper-V hosts, of a site of their own or managed by a VMM server. */
export interface HyperVFabric extends FabricBase {
  kind: "HyperVSite" | "VMM";
  hosts: HyperVHost[];
  /** Key encryption certificate of a VMM server that encrypts data; null: none. */
  kekCertificate: { thumbprint: string; expiresAt: number } | null;
  /** VM networks of a VMM server. */
  networks: { id: string; friendlyName: string }[];
}

export interface HyperVHost {
  /** Of the provider that runs on it: a GUID. */
  id: string;
  name: string;
  version: string;
}

/** The configuration server of classic VMware and physical machines, with its servers. */
export interface VMwareFabric extends FabricBase {
  kind: "VMware";
  version: string;
  processServers: { id: string; name: string; ipAddress: string }[];
  masterTargets: {
    id: string;
    name: string;
    ipAddress: string;
    retentionVolumes: string[];
    datastores: string[];
  }[];
  runAsAccounts: { id: string; name: string }[];
}

/** The fabric that an item was protected from; it does not go while it has items. */
export function fabricOf(
  { fabrics }: { fabrics: Record<string, FabricState> },
  { name, fabricName }: { name: string; fabricName: string },
): FabricState {
  const fabric = fabrics[fabricName.toLowerCase()];
  if (fabric !== undefined) return fabric;
  throw new Error(`the item ${name} has no fabric ${fabricName}`);
}

/** The fabric as one of classic VMware; another kind would be a fault of the caller. */
export function vmwareFabric(fabric: FabricState): VMwareFabric {
  if (fabric.kind === "VMware") return fabric;
  throw new Error(`the fabric ${fabric.name} is not of classic VMware`);
}

/** The fabric as one of modernised VMware; another kind would be a fault of the caller. */
export function inMageRcmFabric(fabric: FabricState): InMageRcmFabric {
  if (fabric.kind === "InMageRcm") return fabric;
  throw new Error(`the fabric ${fabric.name} is not of modernised VMware`);
}

/** The fabric as one of Hyper-V; another kind would be a fault of the caller. */
export function hyperVFabric(fabric: FabricState): HyperVFabric {
  if (fabric.kind === "HyperVSite" || fabric.kind === "VMM") return fabric;
  throw new Error(`the fabric ${fabric.name} is not of Hyper-V`);
}

/** The providers of a fabric by which the vault talks to it, by id and name. */
export function providersOf(fabric: FabricState): { id: string; name: string }[] {
  switch (fabric.kind) {
    case "InMageRcm":
      return [{ id: fabric.appliance.id, name: fabric.appliance.name }];
    case "VMM":
    case "VMware":
      return [{ id: fabric.internalIdentifier, name: fabric.friendlyName ?? fabric.name }];
    case "HyperVSite":
      return fabric.hosts.map(({ id, name }) => ({ id, name }));
  }
}
