/** Fabrics, by kind: what stands on-premises as the vault knows it. */

interface FabricBase {
  name: string;
  internalIdentifier: string;
  /** By lower-case name. */
  containers: Record<string, { name: string }>;
}

export type FabricState = InMageRcmFabric;

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

/** The fabric as one of modernised VMware; another kind would be a fault of the caller. */
export function inMageRcmFabric(fabric: FabricState): InMageRcmFabric {
  if (fabric.kind === "InMageRcm") return fabric;
  throw new Error(`the fabric ${fabric.name} is not of modernised VMware`);
}
