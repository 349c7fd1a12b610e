import { expect } from "chai";
import { createVirtualMachine } from "../../../rehearsal/emulator/compute.js";
import { describeEmulator } from "./describeEmulator.js";

const group = "/subscriptions/3f8c1a52-6d0b-4e7f-9a21-5c7d84e0b913/resourceGroups/shop-dr";
const watcher = group.replace(
  "shop-dr",
  "NetworkWatcherRG/providers/Microsoft.Network/networkWatchers/NetworkWatcher_westeurope",
);

describeEmulator(
  "Network Watcher on the drill's estate",
  ({ send, emulator }) => {
    let machineId = "";
    let cardId = "";
    beforeEach(() => {
      const made = createVirtualMachine(emulator().world, {
        resourceGroupId: group,
        name: "shop-web01-test",
        size: "Standard_D2s_v3",
        location: "westeurope",
        osType: "Windows",
        nics: [
          {
            name: "shop-web01-test-nic",
            subnetId: `${group}/providers/Microsoft.Network/virtualNetworks/shop-drill/subnets/web`,
            privateIpAddress: "10.20.10.11",
          },
        ],
      });
      machineId = made.id;
      cardId = made.networkInterfaces[0]?.id ?? "";
    });

    /** Asks, follows the address of the answer, and gives what is found there. */
    const ask = async (path: string, body?: unknown) => {
      const accepted = await send("POST", path, body);
      expect(accepted.status).to.equal(202);
      expect(accepted.text).to.equal("");
      expect((await send("GET", accepted.headers.get("azure-asyncoperation") ?? "")).body).to.deep.equal({
        status: "Succeeded",
      });
      return (await send("GET", accepted.headers.get("location") ?? "")).body;
    };
    const flow = (
      direction: string,
      remoteIPAddress: string,
      port: string,
      more: Record<string, unknown> = {},
    ) => ({
      targetResourceId: machineId,
      direction,
      protocol: "TCP",
      localPort: direction === "Inbound" ? port : "60000",
      remotePort: direction === "Inbound" ? "60000" : port,
      localIPAddress: "10.20.10.11",
      remoteIPAddress,
      ...more,
    });

    it("verifies flows and names the rule as Azure prints it", async () => {
      const verify = async (...flowOf: Parameters<typeof flow>) => {
        const { access, ruleName } = await ask(`${watcher}/ipFlowVerify`, flow(...flowOf));
        return `${access} ${ruleName}`;
      };
      expect(await verify("Inbound", "10.20.250.4", "3389")).to.equal("Deny securityRules/deny-rdp");
      expect(await verify("Inbound", "10.20.250.4", "22")).to.equal("Allow defaultSecurityRules/AllowVnetInBound");
      expect(await verify("Inbound", "203.0.113.9", "443")).to.equal("Allow securityRules/allow-https");
      expect(await verify("Inbound", "203.0.113.9", "22")).to.equal(
        "Deny defaultSecurityRules/DefaultInboundDenyAll",
      );
      expect(await verify("Outbound", "172.31.0.100", "80")).to.equal(
        "Deny defaultSecurityRules/DefaultOutboundDenyAll",
      );
      expect(await verify("Outbound", "13.107.21.200", "80")).to.equal(
        "Allow defaultSecurityRules/AllowInternetOutBound",
      );
      // The drill's network is isolated: the site's ranges are nobody there.
      expect(await verify("Inbound", "192.168.50.20", "3389")).to.equal("Deny securityRules/deny-rdp");
      expect(await verify("Inbound", "192.168.50.20", "22")).to.equal(
        "Deny defaultSecurityRules/DefaultInboundDenyAll",
      );
    });

    it("answers the effective routes of a card on a running machine", async () => {
      const { value } = await ask(`${cardId}/effectiveRouteTable`);
      const lines = value.map(
        (route: { source: string; state: string; addressPrefix: string[]; nextHopType: string }) =>
          `${route.source} ${route.state} ${route.addressPrefix} ${route.nextHopType}`,
      );
      expect(lines).to.deep.equal([
        "Default Active 10.20.0.0/16 VnetLocal",
        "Default Active 192.168.30.0/24 VnetLocal",
        "Default Active 0.0.0.0/0 Internet",
        "Default Active 10.0.0.0/8 None",
        "Default Active 100.64.0.0/10 None",
        "Default Active 172.16.0.0/12 None",
        "Default Active 192.168.0.0/16 None",
      ]);
      await send("POST", `${machineId}/deallocate`);
      const refused = await send("POST", `${cardId}/effectiveRouteTable`);
      expect([refused.status, refused.body.error.code]).to.deep.equal([
        400,
        "NetworkInterfaceNotAttachedToRunningVM",
      ]);
    });

    it("answers the next hop of an address", async () => {
      const hop = (destinationIPAddress: string) =>
        ask(`${watcher}/nextHop`, {
          targetResourceId: machineId,
          sourceIPAddress: "10.20.10.11",
          destinationIPAddress,
        });
      expect(await hop("10.20.20.5")).to.deep.equal({ nextHopType: "VnetLocal", routeTableId: "System Route" });
      expect((await hop("192.168.50.20")).nextHopType).to.equal("None");
    });

    it("answers the effective security groups with VirtualNetwork expanded", async () => {
      const { value } = await ask(`${cardId}/effectiveNetworkSecurityGroups`);
      expect(value).to.have.length(1);
      expect(value[0].association.subnet.id).to.contain("/subnets/web");
      const rules = value[0].effectiveSecurityRules;
      expect(rules.map((rule: { name: string }) => rule.name)).to.include.members([
        "securityRules/deny-rdp",
        "defaultSecurityRules/AllowVnetInBound",
      ]);
      const inner = rules.find((rule: { name: string }) => rule.name === "defaultSecurityRules/AllowVnetInBound");
      expect(inner.expandedSourceAddressPrefix).to.include.members(["10.20.0.0/16", "168.63.129.16/32"]);
    });

    it("lists everything that is wrong with a question", async () => {
      const answer = await send(
        "POST",
        `${watcher}/ipFlowVerify`,
        flow("Sideways", "10.20.250", "99999", { protocol: "ICMP" }),
      );
      expect(answer.status).to.equal(400);
      expect(answer.body.error.details.map((detail: { target: string }) => detail.target)).to.have.members([
        "direction",
        "protocol",
        "remotePort",
        "remoteIPAddress",
      ]);
      const foreign = await send(
        "POST",
        `${watcher}/ipFlowVerify`,
        flow("Inbound", "10.20.250.4", "22", { localIPAddress: "10.20.10.12" }),
      );
      expect(foreign.body.error.code).to.equal("InvalidLocalIPAddress");
      const absent = await send(
        "POST",
        `${watcher}/ipFlowVerify`,
        flow("Inbound", "10.20.250.4", "22", { targetResourceId: `${machineId}x` }),
      );
      expect(absent.status).to.equal(404);
      expect(
        (await send("POST", `${watcher}x/ipFlowVerify`, flow("Inbound", "10.20.250.4", "22"))).status,
      ).to.equal(404);
    });
  },
  { estate: "examples/drill/estate.yaml" },
);
