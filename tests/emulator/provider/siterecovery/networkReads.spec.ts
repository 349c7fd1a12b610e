import { expect } from "chai";
import { InvalidInput } from "../../../../provider/siterecovery/errors.js";
import { startStub } from "./stubServer.js";
import { caught, connectToStub, coordinates } from "./stubVault.js";

describe("reads of networks", () => {
  const group = `/subscriptions/${coordinates.subscriptionId}/resourceGroups/net/providers`;
  const nicId = `${group}/Microsoft.Network/networkInterfaces/nic1`;
  const vmId = `${group}/Microsoft.Compute/virtualMachines/vm1`;

  it("gets by id with the api-version of its provider, lists all pages, and answers undefined for 404", async () => {
    const server = await startStub((request) => {
      if (request.path.endsWith("/nic1")) return { status: 200, body: { id: nicId, name: "nic1" } };
      if (request.path.endsWith("/networkInterfaces")) {
        return request.query.has("page")
          ? { status: 200, body: { value: [{ id: "b" }] } }
          : {
              status: 200,
              body: {
                value: [{ id: "a" }],
                nextLink: `${server.origin}${request.path}?page=2&api-version=2023-09-01`,
              },
            };
      }
      return { status: 404, body: { error: { code: "ResourceNotFound", message: "no" } } };
    });
    try {
      const siteRecovery = connectToStub(server);
      expect(await siteRecovery.getResource(nicId)).to.deep.equal({ id: nicId, name: "nic1" });
      expect(server.requests[0]?.query.get("api-version")).to.equal("2023-09-01");
      expect(await siteRecovery.getResource(vmId)).to.equal(undefined);
      expect(await siteRecovery.listResources(`${group}/Microsoft.Network/networkInterfaces`)).to.deep.equal([
        { id: "a" },
        { id: "b" },
      ]);
      expect(server.requests.every(({ headers }) => headers.authorization === undefined)).to.equal(true);
      const unknown = await caught(siteRecovery.getResource(`${group}/Microsoft.Unknown/things/x`));
      expect(unknown).to.be.instanceOf(InvalidInput);
    } finally {
      await server.close();
    }
  });

  it("verifies an IP flow by the region's Network Watcher and waits for its later answer, also after a lost connection", async () => {
    let polls = 0;
    let asks = 0;
    const server = await startStub((request) => {
      if (request.path === vmId) return { status: 200, body: { id: vmId, location: "West Europe" } };
      if (request.path.endsWith("/networkWatchers")) {
        return {
          status: 200,
          body: {
            value: [
              { id: "/subscriptions/s/w0", location: "eastus" },
              { id: `${group}/Microsoft.Network/networkWatchers/w1`, location: "westeurope" },
            ],
          },
        };
      }
      if (request.path.endsWith("/w1/ipFlowVerify")) {
        asks += 1;
        if (asks === 1) return "drop";
        return {
          status: 202,
          headers: { location: `${server.origin}/later?api-version=2023-09-01`, "retry-after": "0" },
        };
      }
      if (request.path === "/later") {
        polls += 1;
        return polls < 3
          ? { status: 202 }
          : { status: 200, body: { access: "Deny", ruleName: "securityRules/noRdp" } };
      }
      if (request.path.endsWith("/effectiveRouteTable")) {
        return {
          status: 200,
          body: {
            value: [
              {
                source: "Default",
                state: "Active",
                addressPrefix: ["0.0.0.0/0"],
                nextHopType: "Internet",
                nextHopIpAddress: [],
              },
            ],
          },
        };
      }
      return { status: 404, body: {} };
    });
    try {
      const siteRecovery = connectToStub(server);
      const request = {
        virtualMachineId: vmId,
        nicId,
        direction: "Inbound",
        protocol: "TCP",
        localIpAddress: "10.0.0.4",
        localPort: "3389",
        remoteIpAddress: "10.1.0.4",
        remotePort: "60000",
      } as const;
      expect(await siteRecovery.verifyIpFlow(request)).to.deep.equal({
        access: "Deny",
        ruleName: "securityRules/noRdp",
      });
      expect(server.sent("POST", "/ipFlowVerify")[1]?.body).to.include({
        targetResourceId: vmId,
        targetNicResourceId: nicId,
        localIPAddress: "10.0.0.4",
      });
      expect(await siteRecovery.getEffectiveRoutes(nicId)).to.deep.equal([
        {
          source: "Default",
          state: "Active",
          addressPrefixes: ["0.0.0.0/0"],
          nextHopType: "Internet",
          nextHopIpAddresses: [],
        },
      ]);
    } finally {
      await server.close();
    }
  });
});
