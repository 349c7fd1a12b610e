import { expect } from "chai";
import {
  type Body,
  describeSiteRecovery,
  drill,
  estate,
  failover,
  type SiteRecovery,
} from "./describeSiteRecovery.js";

const items = (site: SiteRecovery) => `${site.container}/replicationProtectedItems`;

async function made(site: SiteRecovery): Promise<{ machines: string[]; addresses: string[] }> {
  const list = async (type: string) => (await site.send("GET", `${site.group}/providers/${type}`)).body.value;
  const machines = (await list("Microsoft.Compute/virtualMachines")).map((machine) => String(machine.name));
  const nics = await list("Microsoft.Network/networkInterfaces");
  const addresses = nics.map((nic) => String(nic.properties.ipConfigurations[0]?.properties.privateIPAddress));
  return { machines, addresses };
}

describeSiteRecovery("test failover of an item", (current) => {
  it("makes a machine with -test behind its name in the subnet of the same name, and its own address where that is free", async () => {
    const site = current();
    const { status, job } = await site.run(
      "POST",
      `${items(site)}/web01/testFailover`,
      drill(site.network("drill")),
    );
    expect(status).to.equal("Succeeded");
    expect(await made(site)).to.deep.equal({ machines: ["web01-test"], addresses: ["10.20.1.11"] });
    expect(job.customDetails.protectedItemDetails[0]).to.include({ testVmName: "web01-test", subnet: "web" });
  });

  it("never falls back to a subnet that Azure keeps for a gateway, a firewall or Bastion", async () => {
    const site = current();
    const subnet = (name: string, third: number) => ({
      name,
      properties: { addressPrefix: `10.30.${third}.0/26` },
    });
    const names = ["AzureBastionSubnet", "AzureFirewallManagementSubnet", "AzureFirewallSubnet", "GatewaySubnet"];
    const put = (name: string, subnets: object[]) =>
      site.send("PUT", site.network(name), {
        location: "westeurope",
        properties: { addressSpace: { addressPrefixes: ["10.30.0.0/16"] }, subnets },
      });
    await put("bubble", [...names.map(subnet), subnet("machines", 9)]);
    const { status, job } = await site.run(
      "POST",
      `${items(site)}/app01/testFailover`,
      drill(site.network("bubble")),
    );
    expect(status).to.equal("Succeeded");
    expect(job.customDetails.protectedItemDetails[0]).to.include({ subnet: "machines" });

    await put("services", names.map(subnet));
    const nowhere = await site.run("POST", `${items(site)}/web01/testFailover`, drill(site.network("services")));
    expect(nowhere.status).to.equal("Failed");
    expect(nowhere.job.errors[0]?.serviceErrorDetails.message).to.contain("web");
  });

  it("falls back to a free address where the item's own is taken", async () => {
    const site = current();
    await site.run("POST", `${items(site)}/app01/testFailover`, drill(site.network("drill")));
    const nics = (await site.send("GET", `${site.group}/providers/Microsoft.Network/networkInterfaces`)).body
      .value;
    expect(nics[0]?.properties.ipConfigurations[0]?.properties.privateIPAddress).to.equal("10.20.1.4");
    const nic = {
      location: "westeurope",
      properties: {
        ipConfigurations: [
          {
            name: "a",
            properties: {
              subnet: { id: `${site.network("drill")}/subnets/web` },
              privateIPAllocationMethod: "Static",
              privateIPAddress: "10.20.1.11",
            },
          },
        ],
      },
    };
    const put = await site.send(
      "PUT",
      `${site.group}/providers/Microsoft.Network/networkInterfaces/squatter`,
      nic,
    );
    expect(put.status, JSON.stringify(put.body)).to.be.oneOf([200, 201]);
    const { status } = await site.run("POST", `${items(site)}/web01/testFailover`, drill(site.network("drill")));
    expect(status).to.equal("Succeeded");
    expect((await made(site)).addresses).to.include("10.20.1.5");
  });

  it("offers nothing while it runs, then only the cleanup, then again what a protected item offers", async () => {
    const site = current();
    const started = await site.send("POST", `${items(site)}/web01/testFailover`, drill(site.network("drill")));
    expect(started.status).to.equal(202);
    expect((await site.item("web01")).currentScenario.scenarioName).to.equal("None");
    await site.advance(2);
    const running = await site.item("web01");
    expect(running.currentScenario.scenarioName).to.equal("TestFailover");
    expect(running.allowedOperations).to.deep.equal([]);
    await site.advance(15 * 60);
    const waiting = await site.item("web01");
    expect(waiting).to.include({
      protectionState: "Protected",
      protectionStateDescription: "Cleanup test failover pending",
      testFailoverState: "WaitingForCompletion",
      testFailoverStateDescription: "Waiting for user input",
    });
    expect(waiting.allowedOperations).to.deep.equal(["TestFailoverCleanup"]);
    await site.run("POST", `${items(site)}/web01/testFailoverCleanup`, { properties: { comments: "fine" } });
    const clean = await site.item("web01");
    expect(clean.testFailoverState).to.equal("MarkedForDeletion");
    expect(clean.allowedOperations).to.deep.equal(["UnplannedFailover", "DisableProtection", "TestFailover"]);
  });

  it("takes about thirteen minutes, and nine more for a machine whose disks must be made bootable", async () => {
    const site = current();
    const minutes = async (name: string) => {
      const { job } = await site.run("POST", `${items(site)}/${name}/testFailover`, drill(site.network("drill")));
      return (Date.parse(job.endTime) - Date.parse(job.startTime)) / 60_000;
    };
    expect(await minutes("web01")).to.be.closeTo(13, 0.5);
    expect(await minutes("app01")).to.be.closeTo(22, 0.5);
    expect(await minutes("old01")).to.be.closeTo(22, 0.5);
  });

  it("is refused with the item's state while another waits for its cleanup, and 409 while one runs", async () => {
    const site = current();
    const path = `${items(site)}/web01/testFailover`;
    await site.send("POST", path, drill(site.network("drill")));
    const busy = await site.send("POST", path, drill(site.network("drill")));
    expect(busy.status).to.equal(409);
    expect(busy.body.error.details[0]).to.include({ code: "AnotherOperationInProgress" });
    await site.advance(15 * 60);
    for (const [action, body] of [
      ["testFailover", drill(site.network("drill"))],
      ["unplannedFailover", failover()],
    ] as const) {
      const refused = await site.send("POST", `${items(site)}/web01/${action}`, body);
      expect(refused.status).to.equal(400);
      expect(refused.body.error.details[0]?.message).to.contain("allowed: TestFailoverCleanup");
    }
    expect((await site.send("GET", "/replicationJobs")).body.value).to.have.length(1);
  });

  it("is taken back by the cleanup to the last card and disk", async () => {
    const site = current();
    const before = (await site.send("GET", `${site.group}/resources`)).body.value.map((each) => each.id);
    await site.run("POST", `${items(site)}/web01/testFailover`, drill(site.network("drill")));
    expect((await site.send("GET", `${site.group}/resources`)).body.value).to.have.length(before.length + 3);
    await site.run("POST", `${items(site)}/web01/testFailoverCleanup`, { properties: { comments: "" } });
    const after = (await site.send("GET", `${site.group}/resources`)).body.value.map((each) => each.id);
    expect(after).to.deep.equal(before);
  });

  it("fails at the task that a fault names, and the tasks behind it are left out", async () => {
    const site = current();
    const fault = {
      kind: "failTask",
      taskName: "VmTfoInitiateFailover",
      code: "28031",
      message: "no capacity",
      times: 1,
    };
    expect((await site.admin("POST", "faults", fault)).status).to.be.oneOf([200, 201]);
    const { status, job } = await site.run(
      "POST",
      `${items(site)}/web01/testFailover`,
      drill(site.network("drill")),
    );
    expect(status).to.equal("Failed");
    expect(job.tasks.map((task: Body) => task.state)).to.deep.equal(["Succeeded", "Failed", "Other", "Other"]);
    expect(job.errors[0]?.serviceErrorDetails).to.include({ code: "28031", message: "no capacity" });
    expect((await site.item("web01")).allowedOperations).to.include("TestFailover");
    const again = await site.run("POST", `${items(site)}/web01/testFailover`, drill(site.network("drill")));
    expect(again.status).to.equal("Succeeded");
  });

  it("names everything that is wrong with the request at once, before any job", async () => {
    const site = current();
    const refused = await site.send("POST", `${items(site)}/web01/testFailover`, {
      properties: { networkType: 5, providerSpecificDetails: { instanceType: "InMage", recoveryPointId: 7 } },
    });
    expect(refused.status).to.equal(400);
    const paths = refused.body.error.details.map((each) => each.message.split(":")[0]);
    expect(paths).to.have.members([
      "properties.networkType",
      "properties.providerSpecificDetails.instanceType",
      "properties.providerSpecificDetails.recoveryPointId",
    ]);
    const unknown = await site.send("POST", `${items(site)}/web01/testFailover`, drill(site.network("nowhere")));
    expect(unknown.body.error.message).to.contain("nowhere");
    expect((await site.send("GET", "/replicationJobs")).body.value).to.have.length(0);
  });
});

describeSiteRecovery(
  "test failover into a network without the item's subnet",
  (current) => {
    it("uses the first subnet in alphabetical order, whatever the case of its name", async () => {
      const site = current();
      await site.run("POST", `${items(site)}/web01/testFailover`, drill(site.network("other")));
      expect((await made(site)).addresses).to.deep.equal(["10.30.2.4"]);
    });
  },
  () => {
    const subnets = [
      { name: "Zulu", addressPrefix: "10.30.1.0/24" },
      { name: "bravo", addressPrefix: "10.30.2.0/24" },
      { name: "Charlie", addressPrefix: "10.30.3.0/24" },
    ];
    const base = estate();
    return {
      ...base,
      networks: [...(base.networks ?? []), { name: "other", addressPrefixes: ["10.30.0.0/16"], subnets }],
    };
  },
);
