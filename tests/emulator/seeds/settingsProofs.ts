/** What Azure is told of a machine's disks, size, network, place and keys, and what it makes of that. */

import { expect } from "chai";
import { failoverSchema } from "../../../provider/resources/failoverSchema.js";
import type { Properties } from "../../../provider/resources/handler.js";
import { testFailoverSchema } from "../../../provider/resources/testFailover.js";
import { groupId, type Ring, vaultId } from "../loop/rings.js";
import { secondHostId } from "./estate.js";
import type { Enabled, Evidence, Stop, VirtualMachine } from "./evidence.js";

export type Proof = (evidence: Evidence) => Promise<void> | void;

/** The stop of a stage. */
export function stop(stops: Map<string, Stop>, stage: string): Stop {
  const found = stops.get(stage);
  if (!found) throw new Error(`the ring has no ${stage}`);
  return found;
}

/** The body with which an action was started. */
export function sent(at: Stop, action: string): Properties {
  const start = at.starts.find((each) => each.action === action);
  if (!start) throw new Error(`no ${action} among ${at.starts.map((each) => each.action).join()}`);
  return start.body;
}

const resource = (type: string, name: string) => `${groupId}/providers/${type}/${name}`;
const storageAccountId = resource("Microsoft.Storage/storageAccounts", "shopdrlogs");
const networkId = resource("Microsoft.Network/virtualNetworks", "prod");
const drillNetworkId = resource("Microsoft.Network/virtualNetworks", "drill");
const availabilitySetId = resource("Microsoft.Compute/availabilitySets", "shop-set");
const keyVariable = "SITERECOVERY_TEST_KEY";

/** A modernised machine of two disks and two adapters: one disk replicates, everything about the machine is told. */
function vmwareMachine(e: Evidence): Promise<Enabled> {
  const { processServerId } = e.rings.vmware.way.reverse as Properties;
  return e.enable("app01", "shop-fabric", ({ id, disks, nics }) => ({
    enabled: {
      protectionContainerName: "shop-container",
      policyId: `${vaultId}/replicationPolicies/daily`,
      fabricDiscoveryMachineId: id,
      processServerId,
      targetResourceGroupId: groupId,
      disks: disks
        .slice(0, 1)
        .map((disk) => ({ diskId: disk.id, logStorageAccountId: storageAccountId, diskType: "Premium_LRS" })),
      targetNetworkId: networkId,
      targetSubnetName: "web",
    },
    changed: {
      targetVmName: "app01-dr",
      targetVmSize: "Standard_D8s_v5",
      targetAvailabilitySetId: availabilitySetId,
      testNetworkId: drillNetworkId,
      nics: nics.map(({ macAddress }, index) => ({
        nicId: macAddress,
        targetSubnetName: "web",
        testSubnetName: "web",
        ...(index === 0
          ? { isPrimary: true, targetStaticIpAddress: "10.20.0.61" }
          : { isSelectedForFailover: false }),
      })),
    },
  }));
}

/** A machine of a Hyper-V site with the same wishes. */
function hyperVMachine(e: Evidence): Promise<Enabled> {
  return e.enable("hv03", "branch", ({ id, disks, protectionContainerName }) => ({
    enabled: {
      instanceType: "HyperVReplicaAzure",
      protectionContainerName,
      policyId: `${vaultId}/replicationPolicies/hourly`,
      protectableItemId: id,
      guestOsType: "Windows",
      osDiskId: disks[0]?.id,
      diskIds: disks.slice(0, 1).map((disk) => disk.id),
      targetStorageAccountId: storageAccountId,
      targetResourceGroupId: groupId,
      targetNetworkId: networkId,
      targetSubnetName: "web",
    },
    changed: {
      targetVmName: "hv03-dr",
      targetVmSize: "Standard_D4s_v5",
      targetAvailabilitySetId: availabilitySetId,
    },
  }));
}

function made({ machines }: Enabled, name: string): VirtualMachine {
  const machine = machines.find((each) => each.name === name);
  if (!machine) throw new Error(`Azure has no ${name} but ${machines.map((each) => each.name).join()}`);
  return machine;
}

/** A machine of the VMM cloud whose data is encrypted. */
function encrypted(e: Evidence, way: Properties): Ring {
  const targetId = e.rings.vmm.targetId.replace(/[^/]+$/, "enc01");
  return { ...e.rings.vmm, targetId, itemIds: [targetId], way };
}

export const settingsProofs = {
  disksAreChosen: async (e) => {
    for (const enabled of [await vmwareMachine(e), await hyperVMachine(e)]) {
      const { storageProfile } = (enabled.machines[0]?.properties ?? {}) as { storageProfile: Properties };
      expect(storageProfile.osDisk, "the disk that replicates").to.be.an("object");
      expect(storageProfile.dataDisks, "the disk that was left out").to.deep.equal([]);
    }
  },
  computeSettings: async (e) => {
    for (const [enabled, name, size] of [
      [await vmwareMachine(e), "app01-dr", "Standard_D8s_v5"],
      [await hyperVMachine(e), "hv03-dr", "Standard_D4s_v5"],
    ] as const) {
      expect(enabled.wrote.map(({ method }) => method)).to.deep.equal(["PUT", "PATCH"]);
      const { id, properties } = made(enabled, name);
      expect(id.toLowerCase()).to.contain(groupId.toLowerCase());
      expect(properties).to.have.nested.property("hardwareProfile.vmSize", size);
      expect(properties).to.have.nested.property("availabilitySet.id", availabilitySetId);
    }
    const { storageProfile } = made(await vmwareMachine(e), "app01-dr").properties as {
      storageProfile: Properties;
    };
    expect(storageProfile).to.have.nested.property("osDisk.managedDisk.storageAccountType", "Premium_LRS");
  },
  networkSettings: async (e) => {
    const enabled = await vmwareMachine(e);
    expect(enabled.over.item.providerSpecificDetails).to.include({
      targetNetworkId: networkId,
      testNetworkId: drillNetworkId,
    });
    const own = enabled.adapters;
    expect(
      own.map(({ privateIPAddress }) => privateIPAddress),
      "one adapter was left out",
    ).to.deep.equal(["10.20.0.61"]);
    expect(own[0]).to.have.nested.property("subnet.id", `${networkId}/subnets/web`);
    const [card] = (await hyperVMachine(e)).adapters;
    expect(card).to.have.nested.property("subnet.id", `${networkId}/subnets/web`);
    expect(card).to.include({ privateIPAllocationMethod: "Dynamic" });
  },
  drillPoint: async (e) => {
    e.untouched();
    const { targetId } = e.rings.hyperV;
    const { value } = (await e.shown(`${targetId}/recoveryPoints`)) as { value: { id: string; name: string }[] };
    const [, point] = value;
    const { during } = await e.drill("hyperV", { recoveryPoint: `${targetId}/recoveryPoints/${point?.name}` });
    const details = sent(during, "testFailover").providerSpecificDetails as Properties;
    expect(String(details.recoveryPointId).split("/").at(-1)).to.equal(point?.name);
    expect(during.outputs).to.include({ status: "waitingForCleanup" });
    const gone = `${targetId}/recoveryPoints/99999999-2222-4333-8444-555555555555`;
    const refused = await e.drill("hyperV", { recoveryPoint: gone }).then(
      () => "it ran",
      (error: Error) => error.message,
    );
    expect(refused).to.match(/recoveryPoint.*not there any more/);
  },
  alternateLocation: async (e) => {
    const { reprotect } = e.rings.vmware.way as { reprotect: Properties };
    const ring = await e.ring("vmware", { reprotect: { ...reprotect, datastoreName: "datastore2" } });
    const back = stop(ring, "reprotected");
    expect(sent(back, "reProtect").providerSpecificDetails).to.include({ datastoreName: "datastore2" });
    expect(back.item.providerSpecificDetails).to.include({ targetDataStoreName: "datastore2" });
    expect(stop(ring, "failedBack").isSourceOn).to.equal(true);
    const { failures } = await e.preview("vmware", {
      stage: "failedOver",
      reprotect: { ...reprotect, datastoreName: "nowhere" },
    });
    expect(failures).to.match(/reprotect\.datastoreName: value "nowhere".*datastore1.*datastore2/);
  },
  alternateHyperV: async (e) => {
    const failback = {
      dataSyncOption: "ForDownTime",
      recoveryVmCreationOption: "CreateVmIfNotFound",
      providerIdForAlternateRecovery: secondHostId,
    };
    let place: { hostId: string; exists: boolean } | undefined;
    const [, , back] = await e.steps(
      "hyperV",
      ["failedOver", "committed", "failedBack"].map((stage) => ({ stage, failback })),
      ({ siteRecovery }) => {
        const machines = Object.values(siteRecovery.vaults).flatMap((vault) => Object.values(vault.machines));
        place = machines.find(({ name }) => name === "hv01")?.hyperV ?? undefined;
        if (place) place.exists = false;
      },
    );
    expect(back?.preview).to.match(/a machine that is gone is made/);
    expect(back && sent(back, "plannedFailover").providerSpecificDetails).to.include({
      recoveryVmCreationOption: "CreateVmIfNotFound",
      providerIdForAlternateRecovery: secondHostId,
    });
    expect(place).to.include({ exists: true, hostId: secondHostId });
    expect(back?.isSourceOn).to.equal(true);
  },
  encryptionCertificate: async (e) => {
    expect(await e.refusal(encrypted(e, {}), { stage: "protected" })).to.match(/encryption: is required.*enc01/);
    const key = Buffer.from("a certificate that opens the disks").toString("base64");
    process.env[keyVariable] = key;
    try {
      const way = { encryption: { primaryCertificate: { environmentVariable: keyVariable } } };
      const [over] = await e.steps(encrypted(e, way), [{ stage: "failedOver" }]);
      expect(over?.starts.map(({ action }) => action)).to.deep.equal(["unplannedFailover"]);
      expect(over && sent(over, "unplannedFailover").providerSpecificDetails).to.have.property(
        "primaryKekCertificatePfx",
      );
      expect(over?.inAzure).to.equal("running");
      expect(JSON.stringify([over?.outputs, over?.lines]), "what is stored and told").to.not.contain(key);
    } finally {
      delete process.env[keyVariable];
    }
  },
  guestIsNoArgument: async (e) => {
    const schemas = { ...failoverSchema.shape, ...testFailoverSchema.shape };
    expect(Object.keys(schemas).join()).to.not.match(/vmwareTools|guest|notify|maintenance/i);
    // An argument that only sounds as if it did something inside the machine is refused by its name.
    const { failures } = await e.preview("vmware", { stage: "failedOver", disableVmwareTools: true });
    expect(failures).to.match(/disableVmwareTools/);
    // Azure is told of one step, and of nothing to do in the guest.
    const over = stop(await e.ring("vmware"), "failedOver");
    expect(over.starts.map(({ action }) => action)).to.deep.equal(["unplannedFailover"]);
    expect(Object.keys(sent(over, "unplannedFailover").providerSpecificDetails as Properties)).to.have.members([
      "instanceType",
      "performShutdown",
    ]);
  },
} satisfies Record<string, Proof>;
