import { expect } from "chai";
import { unknownMarker } from "../../../../provider/connectivity/unknown.js";
import { checkClaiming } from "../../../../provider/resources/claiming.js";
import type { Properties } from "../../../../provider/resources/handler.js";
import { handlers } from "../../../../provider/resources/index.js";
import { NotFound, Unauthorized } from "../../../../provider/siterecovery/errors.js";
import {
  group,
  itemIdOf,
  machineIdOf,
  makeContext,
  networkIdOf,
  planIdOf,
  policyIdOf,
  storageId,
  validInputs,
} from "./fakeEstate.js";
import { FakeSiteRecovery } from "./fakeSiteRecovery.js";

interface Given {
  fake?: FakeSiteRecovery;
  olds?: Properties;
  /** Declared before, in the same program. */
  before?: [token: string, inputs: Properties];
}

/** The reasons of a preview by property; nothing is ever written for them. */
async function refusals(token: string, changes: Properties, given: Given = {}): Promise<Record<string, string>> {
  const { fake = vault(), olds = {}, before } = given;
  const context = makeContext(fake);
  const check = (name: string, from: Properties, inputs: Properties) => {
    const handler = handlers.get(name);
    if (!handler) throw new Error(`no handler ${name}`);
    return checkClaiming(handler, context, from, { ...validInputs[name]?.(), ...inputs });
  };
  if (before) await check(before[0], {}, before[1]);
  const { failures } = await check(token, olds, changes);
  expect(fake.writes).to.deep.equal([]);
  return Object.fromEntries(failures.map(({ property, reason }) => [property, reason]));
}

function vault(): FakeSiteRecovery {
  const fake = new FakeSiteRecovery();
  fake.addItem("db01");
  return fake;
}

describe("what inputs name and Azure does not have", () => {
  it("is refused in the preview of a machine, all at once, with what there is and what was probably meant", async () => {
    const told = await refusals("ReplicatedItem", {
      protectionContainerName: "cont3",
      policyId: policyIdOf("dayly"),
      targetNetworkId: networkIdOf("prd"),
      testSubnetName: "wbe",
      fabricDiscoveryMachineId: machineIdOf("app10"),
      nics: [{ nicId: "nic-app01", testSubnetName: "db", targetSubnetName: "anything" }],
    });
    expect(told).to.have.all.keys(
      "protectionContainerName",
      "policyId",
      "targetNetworkId",
      "testSubnetName",
      "fabricDiscoveryMachineId",
      "nics[0].testSubnetName",
    );
    expect(told.protectionContainerName).to.equal(
      'value "cont3" is no protection container of fabric "site1" (did you mean cont1?); allowed: cont1, cont2',
    );
    expect(told.targetNetworkId)
      .to.contain("is not in Azure")
      .and.to.contain('allowed: prod, test of resource group "dr-rg"; a network that this program makes');
    expect(told.testSubnetName).to.equal(
      'value "wbe" is no subnet of network "test" (did you mean web?); allowed: app, web; a subnet that this program makes is given as its output name, not as a text',
    );
    expect(told["nics[0].testSubnetName"]).to.contain('value "db" is no subnet of network "test"');
    expect(told.fabricDiscoveryMachineId).to.contain("did you mean app01?");
    expect(told.policyId).to.contain("is not in the vault").and.to.contain(policyIdOf("daily"));
  });

  it("is asked of a policy's kind only where that kind can be", async () => {
    const told = await refusals("ProtectionContainerMapping", { instanceType: "InMageRcmm" });
    expect(told.instanceType).to.equal(
      'value "InMageRcmm" is not allowed (did you mean InMageRcm?); allowed: "InMageRcm", "HyperVReplicaAzure"',
    );
    expect(told).to.not.have.property("policyId");
  });

  it("is refused of a fabric, and nothing is asked of what would lie in it", async () => {
    for (const token of ["ReplicatedItem", "ProtectionContainerMapping", "RecoveryPlan"]) {
      const changes = token === "RecoveryPlan" ? { bootGroups: [{ replicatedItemIds: [] }] } : {};
      const told = await refusals(token, { fabricName: "site9", ...changes });
      expect(told.fabricName, token).to.equal(
        'value "site9" is no fabric of vault "drvault" (did you mean site1?); allowed: site1, vmm1',
      );
      expect(told, token).to.not.have.property("protectionContainerName");
    }
  });

  it("is refused of a network mapping: a fabric that is no VMM server, its network, and the network of Azure", async () => {
    expect((await refusals("NetworkMapping", { fabricName: "site1" })).fabricName).to.equal(
      'value "site1" is no VMM server; allowed: vmm1',
    );
    const told = await refusals("NetworkMapping", {
      networkName: "corp",
      recoveryNetworkId: networkIdOf("other"),
      recoveryFabricName: "vmm2",
    });
    expect(told).to.have.all.keys("networkName", "recoveryNetworkId", "recoveryFabricName");
  });

  it("is refused of a plan's machines and of a drill's network", async () => {
    const plan = { bootGroups: [{ replicatedItemIds: [itemIdOf("db01"), itemIdOf("db02")] }] };
    const members = await refusals("RecoveryPlan", plan);
    expect(members).to.have.all.keys("bootGroups[0].replicatedItemIds[1]");
    expect(members["bootGroups[0].replicatedItemIds[1]"]).to.contain(
      'replicationProtectedItems/db02" does not replicate, and no ReplicatedItem before this plan declares it (did you mean db01?); allowed: db01',
    );
    const drill = { targetId: itemIdOf("db01"), testNetworkId: networkIdOf("tset") };
    expect((await refusals("TestFailover", drill)).testNetworkId).to.contain("is not in Azure");
  });

  it("is not refused where it is not known yet, or where the program declares it before", async () => {
    const unknown = { fabricName: unknownMarker, targetNetworkId: unknownMarker, testSubnetName: unknownMarker };
    expect(await refusals("ReplicatedItem", { ...unknown, policyId: unknownMarker })).to.deep.equal({});
    const mapping = { fabricName: "hyperv-site", protectionContainerName: "to-come" };
    expect(await refusals("ProtectionContainerMapping", mapping, { before: ["Fabric", {}] })).to.deep.equal({});
    const policy = { policyId: policyIdOf("gold") };
    expect(
      await refusals("ProtectionContainerMapping", policy, { before: ["ReplicationPolicy", {}] }),
    ).to.deep.equal({});
    const member = { bootGroups: [{ replicatedItemIds: [itemIdOf("app01")] }] };
    expect(await refusals("RecoveryPlan", member, { before: ["ReplicatedItem", {}] })).to.deep.equal({});
  });

  it("is not looked for in inputs that the last up had already: no list, and no end of a preview over what was taken away since", async () => {
    const fake = vault();
    fake.resources.clear();
    fake.fabrics.length = 0;
    for (const token of ["ReplicatedItem", "ProtectionContainerMapping", "NetworkMapping"]) {
      const before = await handlers.get(token)?.check(makeContext(vault()), {}, validInputs[token]?.() ?? {});
      expect(await refusals(token, {}, { fake, olds: before?.inputs ?? {} }), token).to.deep.equal({});
    }
    expect(fake.calls).to.deep.equal([]);
  });

  it("refuses nothing where Azure does not let it be read, or has no such vault yet", async () => {
    for (const error of [new Unauthorized("no rights"), new NotFound("no vault")]) {
      const fake = vault();
      for (const call of ["listFabrics", "listPolicies", "listItems", "findItem", "listResources"])
        fake.broken.set(call, error);
      const wrong = { fabricName: "site9", targetNetworkId: networkIdOf("prd") };
      expect(await refusals("ReplicatedItem", wrong, { fake })).to.deep.equal({});
    }
  });

  it("is looked for in lists that machines share", async () => {
    const fake = vault();
    const context = makeContext(fake);
    const item = handlers.get("ReplicatedItem");
    for (const name of ["app01", "web07", "db01"]) {
      const inputs = {
        ...validInputs.ReplicatedItem?.(),
        name: `new-${name}`,
        fabricDiscoveryMachineId: machineIdOf(name),
      };
      await item?.check(context, {}, inputs);
    }
    // The containers of the fabric, the machines of the appliance's site; virtual networks, resource groups and storage
    // accounts of the subscription.
    expect(fake.calls.filter((call) => call === "listResources")).to.have.length(5);
  });

  it("is told of a target with what the vault has of its kind", async () => {
    const fake = vault();
    fake.resources.set(planIdOf("shop").toLowerCase(), { id: planIdOf("shop"), name: "shop" });
    const target = async (targetId: string) => (await refusals("Failover", { targetId }, { fake })).targetId;
    expect(await target(itemIdOf("db1"))).to.contain("(did you mean db01?); allowed: db01");
    expect(await target(planIdOf("shpo"))).to.contain(
      'is not in vault "drvault", and nothing before this resource declares it (did you mean shop?); allowed: shop',
    );
    expect((await refusals("TestFailover", { targetId: planIdOf("x") }, { fake })).targetId).to.contain(
      "allowed: shop",
    );
  });
});

describe("the parts of a machine that inputs name", () => {
  /** An appliance's site that knows app01, with one adapter and two disks. */
  function discovering(): FakeSiteRecovery {
    const fake = vault();
    const id = machineIdOf("app01");
    fake.resources.set(id.toLowerCase(), {
      id,
      properties: {
        displayName: "app01",
        networkAdapters: [{ macAddress: "nic-app01", ipAddressList: ["10.1.0.4"] }],
        disks: [{ uuid: "disk-a" }, { uuid: "disk-b" }],
      },
    });
    return fake;
  }
  const disk = { diskType: "Standard_LRS", logStorageAccountId: storageId };

  it("are refused where the appliance knows others, each by its path, with those that there are", async () => {
    const told = await refusals(
      "ReplicatedItem",
      {
        disksDefault: undefined,
        disks: [
          { ...disk, diskId: "disk-a" },
          { ...disk, diskId: "disk-c" },
        ],
        nics: [{ nicId: "nic-app02" }, { nicId: unknownMarker }, { nicId: "NIC-APP01" }],
      },
      { fake: discovering() },
    );
    expect(told).to.deep.equal({
      "nics[0].nicId":
        'value "nic-app02" is no adapter of machine "app01" (did you mean nic-app01?); allowed: nic-app01 (10.1.0.4)',
      "disks[1].diskId":
        'value "disk-c" is no disk of machine "app01" (did you mean disk-a?); allowed: disk-a, disk-b',
    });
  });

  it("are those that replicate where the machine does already, and are not judged where nobody tells them", async () => {
    const fake = discovering();
    fake.addItem("app01");
    const olds = validInputs.ReplicatedItem?.() ?? {};
    const told = await refusals("ReplicatedItem", { nics: [{ nicId: "nic-app09" }] }, { fake, olds });
    expect(told["nics[0].nicId"]).to.contain('is no adapter of machine "app01"');
    const silent = discovering();
    silent.resources.set(machineIdOf("app01").toLowerCase(), { id: machineIdOf("app01"), properties: {} });
    expect(await refusals("ReplicatedItem", { nics: [{ nicId: "nic-app09" }] }, { fake: silent })).to.deep.equal(
      {},
    );
  });

  it("get static addresses of their subnet only, and none that Azure keeps", async () => {
    const at = (targetStaticIpAddress: string, testStaticIpAddress: string) =>
      refusals("ReplicatedItem", {
        nics: [
          {
            nicId: "nic-app01",
            targetSubnetName: "web",
            testSubnetName: "web",
            targetStaticIpAddress,
            testStaticIpAddress,
          },
        ],
      });
    const network = vault().resources.get(networkIdOf("prod").toLowerCase()) as {
      properties: { subnets: { properties: { addressPrefix: string } }[] };
    };
    const prefix = network.properties.subnets[0]?.properties.addressPrefix ?? "";
    const start = prefix.split(".").slice(0, 3).join(".");
    const told = await at("203.0.113.9", `${start}.2`);
    expect(told["nics[0].targetStaticIpAddress"]).to.contain(
      `value "203.0.113.9" does not fit subnet "web" of network "prod" (${prefix}): it is not in it; allowed: ${start}.4-`,
    );
    expect(told["nics[0].testStaticIpAddress"]).to.contain("does not fit subnet");
    expect(await at(`${start}.9`, unknownMarker)).to.deep.equal({});
  });
});

describe("where a failed-over machine is to be made, and with what", () => {
  const inGroup = (type: string, name: string) => `${group}/providers/${type}/${name}`;

  it("is refused where Azure does not have it, each by its path, with what there is", async () => {
    const told = await refusals("ReplicatedItem", {
      targetResourceGroupId: group.replace("dr-rg", "dr-rgg"),
      disksDefault: {
        diskType: "Standard_LRS",
        logStorageAccountId: inGroup("Microsoft.Storage/storageAccounts", "drlog"),
        diskEncryptionSetId: inGroup("Microsoft.Compute/diskEncryptionSets", "keys"),
      },
      targetBootDiagnosticsStorageAccountId: storageId,
      targetAvailabilitySetId: inGroup("Microsoft.Compute/availabilitySets", "shop"),
    });
    expect(told).to.have.all.keys(
      "targetResourceGroupId",
      "disksDefault.logStorageAccountId",
      "disksDefault.diskEncryptionSetId",
      "targetAvailabilitySetId",
    );
    expect(told.targetResourceGroupId).to.contain(
      "is not in Azure (did you mean dr-rg?); allowed: dr-rg; a resource group that this program makes is given as its output id",
    );
    expect(told["disksDefault.logStorageAccountId"]).to.contain(
      'is not in Azure (did you mean drlogs?); allowed: drlogs of resource group "dr-rg"; a storage account that this program makes',
    );
    expect(told.targetAvailabilitySetId).to.contain("is not in Azure; allowed: none is there");
  });

  it("is not refused where it is unknown, was there in the last up, or may not be read", async () => {
    const missing = { targetResourceGroupId: group.replace("dr-rg", "gone") };
    expect(await refusals("ReplicatedItem", { targetResourceGroupId: unknownMarker })).to.deep.equal({});
    const olds = { ...validInputs.ReplicatedItem?.(), instanceType: "InMageRcm", ...missing };
    expect(await refusals("ReplicatedItem", missing, { olds })).to.deep.equal({});
    const fake = vault();
    fake.broken.set("listResources", new Unauthorized("reading resources: AuthorizationFailed"));
    expect(await refusals("ReplicatedItem", missing, { fake })).to.deep.equal({});
  });
});

describe("another name of a mapping", () => {
  const inputs = () => validInputs.ProtectionContainerMapping?.() ?? {};

  it("is refused while machines replicate by it, naming them, because Azure would not remove the old one", async () => {
    const told = await refusals("ProtectionContainerMapping", { name: "another" }, { olds: inputs() });
    expect(told.name)
      .to.contain('value "another" would replace mapping')
      .and.to.contain("by which db01 replicate")
      .and.to.contain("keep the name");
  });

  it("is allowed where none does, with an unknown name, and together with another container or policy", async () => {
    const olds = inputs();
    const others: [Properties, FakeSiteRecovery?][] = [
      [{ name: "another" }, new FakeSiteRecovery()],
      [{ name: unknownMarker }],
      [{ name: "another", protectionContainerName: "cont2" }],
      [{ name: "another", policyId: unknownMarker }],
      [{}],
    ];
    for (const [changes, fake] of others)
      expect(
        await refusals("ProtectionContainerMapping", changes, { olds, ...(fake ? { fake } : {}) }),
        JSON.stringify(changes),
      ).to.not.have.property("name");
  });
});
