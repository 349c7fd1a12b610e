import { expect } from "chai";
import { createVirtualMachine, deleteVirtualMachine } from "../../../rehearsal/emulator/compute.js";
import { AddressUnavailable } from "../../../rehearsal/emulator/network/allocation.js";
import { card, describeEmulator, network, resourceGroup } from "./describeEmulator.js";

const here = { location: "westeurope" };

describeEmulator("Microsoft.Compute", ({ send, at, emulator }) => {
  const machine = (name: string) => at(`Microsoft.Compute/virtualMachines/${name}`);
  const nic = (name: string) => at(`Microsoft.Network/networkInterfaces/${name}`);
  const subnet = () => at("Microsoft.Network/virtualNetworks/net1/subnets/a");
  const body = (...nics: string[]) => ({
    ...here,
    properties: {
      hardwareProfile: { vmSize: "Standard_B2s" },
      storageProfile: { osDisk: { osType: "Linux", createOption: "FromImage" } },
      osProfile: { computerName: "vm", adminUsername: "shop", adminPassword: "never answered" },
      networkProfile: { networkInterfaces: nics.map((name) => ({ id: nic(name) })) },
    },
  });
  const spec = (name: string, privateIpAddress?: string) => ({
    resourceGroupId: resourceGroup,
    name,
    size: "Standard_D2s_v3",
    location: "westeurope",
    osType: "Windows" as const,
    nics: [
      { name: `${name}-nic`, subnetId: subnet(), ...(privateIpAddress !== undefined && { privateIpAddress }) },
    ],
    disks: [
      { name: `${name}-os`, sizeGB: 64, isOsDisk: true },
      { name: `${name}-data`, sizeGB: 32, isOsDisk: false },
    ],
  });
  beforeEach(async () => {
    await send("PUT", at("Microsoft.Network/virtualNetworks/net1"), network({ a: "10.0.0.0/24" }));
  });

  it("makes a machine on existing cards, with its disk, and never answers its password", async () => {
    await send("PUT", nic("n1"), card(subnet()));
    const made = await send("PUT", machine("vm1"), body("n1"));
    expect(made.status).to.equal(201);
    expect(made.text).not.to.contain("never answered");
    expect(made.body.properties.vmId).to.match(/^[0-9a-f-]{36}$/);
    const disk = made.body.properties.storageProfile.osDisk.managedDisk.id;
    expect((await send("GET", disk)).body.properties.diskState).to.equal("Attached");
    expect((await send("GET", nic("n1"))).body.properties.virtualMachine).to.deep.equal({ id: machine("vm1") });
    expect((await send("DELETE", nic("n1"))).body.error.code).to.equal("NicInUse");
    expect((await send("DELETE", disk)).body.error.code).to.equal("OperationNotAllowed");
    expect((await send("PUT", machine("vm2"), body("n1"))).body.error.code).to.equal("NicInUse");
    expect((await send("PUT", machine("vm2"), body("none"))).body.error.code).to.equal("InvalidResourceReference");
    // Without deleteOption the parts stay behind, free.
    expect((await send("DELETE", machine("vm1"))).status).to.equal(200);
    expect((await send("GET", disk)).body.properties.diskState).to.equal("Unattached");
    expect((await send("DELETE", nic("n1"))).status).to.equal(200);
  });

  it("tells whether a machine runs", async () => {
    await send("PUT", nic("n1"), card(subnet()));
    await send("PUT", machine("vm1"), body("n1"));
    const power = async () => (await send("GET", `${machine("vm1")}/instanceView`)).body.statuses[1].code;
    expect(await power()).to.equal("PowerState/running");
    expect((await send("POST", `${machine("vm1")}/deallocate`)).status).to.equal(200);
    expect(await power()).to.equal("PowerState/deallocated");
    const expanded = await send("GET", `${machine("vm1")}?$expand=instanceView`);
    expect(expanded.body.properties.instanceView.statuses[1].code).to.equal("PowerState/deallocated");
    expect((await send("GET", machine("vm1"))).text).not.to.contain("deallocated");
  });

  it("lets a failover make a machine with cards and disks, and take exactly that away again", async () => {
    const { world } = emulator();
    const before = Object.keys(world.state.arm).sort();
    const made = createVirtualMachine(world, spec("db01", "10.0.0.11"));
    expect(made.networkInterfaces[0]).to.deep.include({ privateIpAddress: "10.0.0.11", isStatic: true });
    const answer = await send("GET", made.id);
    expect(answer.body.properties.storageProfile.dataDisks).to.have.length(1);
    const configuration = (await send("GET", nic("db01-nic"))).body.properties.ipConfigurations[0].properties;
    expect(configuration).to.deep.include({ privateIPAddress: "10.0.0.11", privateIPAllocationMethod: "Static" });
    expect(
      (await send("GET", `${resourceGroup}/resources`)).body.value.map((entry: { name: string }) => entry.name),
    ).to.include.members(["db01", "db01-nic", "db01-os", "db01-data"]);
    expect(deleteVirtualMachine(world, made.id)).to.equal(true);
    expect(Object.keys(world.state.arm).sort()).to.deep.equal(before);
    expect(deleteVirtualMachine(world, made.id)).to.equal(false);
  });

  it("keeps what somebody attached to a failed-over machine when that is taken away", async () => {
    const { world } = emulator();
    const made = createVirtualMachine(world, spec("db01"));
    await send("PUT", at("Microsoft.Compute/disks/extra"), {
      ...here,
      properties: { diskSizeGB: 8, creationData: { createOption: "Empty" } },
    });
    const { body: found } = await send("GET", made.id);
    const extra = {
      lun: 7,
      name: "extra",
      createOption: "Attach",
      managedDisk: { id: at("Microsoft.Compute/disks/extra") },
    };
    found.properties.storageProfile.dataDisks.push(extra);
    expect((await send("PUT", made.id, found)).status).to.equal(200);
    deleteVirtualMachine(world, made.id);
    expect((await send("GET", at("Microsoft.Compute/disks/extra"))).body.properties.diskState).to.equal(
      "Unattached",
    );
    expect((await send("GET", at("Microsoft.Compute/disks/db01-data"))).status).to.equal(404);
  });

  it("refuses a failover's address that is taken, reserved or out of range before anything is made", () => {
    const { world } = emulator();
    createVirtualMachine(world, spec("first", "10.0.0.11"));
    const before = JSON.stringify(Object.keys(world.state.arm));
    const problem = (address: string) => {
      try {
        createVirtualMachine(world, spec("second", address));
      } catch (error) {
        if (error instanceof AddressUnavailable) return `${error.problem} ${error.code}`;
        throw error;
      }
      return "made";
    };
    expect(problem("10.0.0.11")).to.equal("taken PrivateIPAddressIsAllocated");
    expect(problem("10.0.0.1")).to.equal("reserved PrivateIPAddressInReservedRange");
    expect(problem("192.168.1.1")).to.equal("outOfRange PrivateIPAddressNotInSubnet");
    expect(problem("10.0.0.999")).to.equal("notAnAddress InvalidIPAddressFormat");
    expect(JSON.stringify(Object.keys(world.state.arm))).to.equal(before);
  });

  it("never gives two cards of one machine the same address", () => {
    const made = createVirtualMachine(emulator().world, {
      ...spec("two"),
      nics: ["a", "b", "c"].map((name) => ({ name: `two-${name}`, subnetId: subnet() })),
    });
    expect(made.networkInterfaces.map((entry) => entry.privateIpAddress)).to.deep.equal([
      "10.0.0.4",
      "10.0.0.5",
      "10.0.0.6",
    ]);
  });

  it("deletes a resource group with everything in it, and refuses while something outside uses it", async () => {
    const group = resourceGroup.replace("siterecovery-rg", "drill-rg");
    expect((await send("PUT", group, here)).status).to.equal(201);
    const other = `${group}/providers/Microsoft.Network/networkSecurityGroups/nsg`;
    await send("PUT", other, { ...here, properties: {} });
    const net = at("Microsoft.Network/virtualNetworks/net1");
    const withGroup = {
      name: "a",
      properties: { addressPrefix: "10.0.0.0/24", networkSecurityGroup: { id: other } },
    };
    await send("PUT", net, { ...network({}), properties: { ...network({}).properties, subnets: [withGroup] } });
    expect((await send("DELETE", group)).body.error.code).to.equal("ResourceGroupDeletionBlocked");
    await send("PUT", net, network({ a: "10.0.0.0/24" }));
    const deleted = await send("DELETE", group);
    expect(deleted.status).to.equal(202);
    expect((await send("GET", deleted.headers.get("location") ?? "")).status).to.equal(200);
    expect((await send("GET", other)).body.error.code).to.equal("ResourceGroupNotFound");
  });

  it("keeps an availability set while machines are in it", async () => {
    const set = at("Microsoft.Compute/availabilitySets/set");
    await send("PUT", set, { ...here, properties: {} });
    createVirtualMachine(emulator().world, { ...spec("db01"), availabilitySetId: set });
    expect((await send("GET", set)).body.properties.virtualMachines).to.deep.equal([{ id: machine("db01") }]);
    expect((await send("DELETE", set)).body.error.code).to.equal("OperationNotAllowed");
  });
});

describeEmulator("storage accounts and vaults", ({ send, at }) => {
  it("are stored with what Azure adds, and refuse bad names and doubles", async () => {
    const account = at("Microsoft.Storage/storageAccounts/shoplogs");
    const body = { ...here, sku: { name: "Standard_LRS" }, kind: "StorageV2" };
    const made = await send("PUT", account, body);
    expect(made.body.properties.primaryEndpoints.blob).to.equal("https://shoplogs.blob.core.windows.net/");
    expect((await send("PUT", at("Microsoft.Storage/storageAccounts/Shop_Logs"), body)).body.error.code).to.equal(
      "InvalidResourceName",
    );
    const vault = at("Microsoft.RecoveryServices/vaults/second-vault");
    expect((await send("PUT", vault, { ...here, properties: {} })).status).to.equal(201);
    expect((await send("GET", at("Microsoft.RecoveryServices/vaults"))).body.value).to.have.length(2);
    const policies = await send("GET", `${vault}/replicationPolicies`);
    expect([policies.status, policies.body.value]).to.deep.equal([200, []]);
    expect((await send("DELETE", vault)).status).to.equal(200);
    expect((await send("GET", `${vault}/replicationPolicies`)).status).to.equal(404);
  });
});
