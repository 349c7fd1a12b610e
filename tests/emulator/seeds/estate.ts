import type { EstateInput } from "../../../rehearsal/emulator/index.js";
import { estateOfAllKinds } from "../loop/rings.js";

/** GUID of the recovery services provider of the second host of the Hyper-V site. */
export const secondHostId = "0f0f0f0f-1111-4222-8333-444444444444";

/**
 * The estate of all kinds with what the documents speak of besides: machines that are not replicated yet, a second
 * datastore, a second Hyper-V host, and a VMM cloud whose data is encrypted in Azure.
 */
export function estateOfDocuments(): EstateInput {
  const estate = estateOfAllKinds();
  const os = { type: "Windows" as const, name: "Windows Server 2019" };
  const twoDisks = [{ sizeGB: 64 }, { sizeGB: 128 }];
  const nic = (ip: string) => [{ network: "corp", ip }];
  return {
    ...estate,
    availabilitySets: [{ name: "shop-set" }],
    hyperVSites: [{ name: "branch", hosts: [{ name: "host1" }, { name: "host2", id: secondHostId }] }],
    machines: [
      ...(estate.machines ?? []),
      { name: "app01", os, disks: twoDisks, nics: [...nic("192.168.1.61"), ...nic("192.168.2.61")] },
      {
        name: "hv03",
        kind: "hyperv",
        hyperV: { site: "branch" },
        os,
        disks: twoDisks,
        nics: nic("192.168.1.62"),
      },
      {
        name: "enc01",
        kind: "hyperv",
        hyperV: { vmmServer: "vmm.example.com", cloud: "gold" },
        os,
        nics: nic("192.168.1.63"),
      },
    ],
    hyperVPolicies: [...(estate.hyperVPolicies ?? []), { name: "secret", encryption: true }],
    replicatedItems: [
      ...(estate.replicatedItems ?? []),
      { machine: "enc01", policy: "secret", targetNetwork: "prod", targetSubnet: "web", testNetwork: "drill" },
    ],
  };
}
