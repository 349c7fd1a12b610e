import { expect } from "chai";
import {
  checkWantedAccess,
  guestChecklist,
  isUnknown,
  unknownMarker,
} from "../../../../provider/connectivity/index.js";
import type { WantedAccess } from "../../../../provider/connectivity/types.js";

describe("checkWantedAccess", () => {
  it("finds nothing wrong with access that is complete, or that its defaults complete", () => {
    const access: WantedAccess[] = [
      { path: "vpn" },
      {
        path: "internet",
        sources: ["203.0.113.0/24", "203.0.113.7"],
        port: 443,
        protocol: "Tcp",
        machines: ["APP01"],
      },
      { path: "private", sources: ["VirtualNetwork", "asg:web", "Storage.WestEurope"] },
    ];
    expect(checkWantedAccess(access, ["app01"])).to.deep.equal([]);
  });

  it("names every problem at once, with property, value and what is allowed", () => {
    const access = [
      { path: "telnet", port: 0, protocol: "Icmp" },
      { path: "internet" },
      { path: "vpn", sources: [] },
      { path: "vpn", sources: ["10.0.0.0/24", "10.0.0.0/33", "fd00::/8"], machines: ["db9"] },
    ] as WantedAccess[];
    const problems = checkWantedAccess(access, ["app01", "db01"]);
    expect(problems.map(({ property }) => property)).to.deep.equal([
      "access[0].path",
      "access[0].port",
      "access[0].protocol",
      "access[1].sources",
      "access[2].sources",
      "access[3].sources[1]",
      "access[3].sources[2]",
      "access[3].machines[0]",
    ]);
    expect(problems[0]?.reason).to.equal('is "telnet", allowed: vpn, expressRoute, bastion, internet, private');
    expect(problems[7]?.reason).to.equal('is "db9", allowed: app01, db01');
  });

  it("leaves alone what is not known yet", () => {
    const access = [
      { path: unknownMarker, port: unknownMarker, sources: [unknownMarker], machines: [unknownMarker] },
    ] as unknown as WantedAccess[];
    expect(checkWantedAccess(access, ["app01"], isUnknown)).to.deep.equal([]);
  });
});

describe("guestChecklist", () => {
  it("asks of Windows what Microsoft's table asks, by path", () => {
    const ids = (paths: Parameters<typeof guestChecklist>[1]) =>
      guestChecklist("Windows", paths).map(({ id }) => id);
    expect(ids(["internet"]))
      .to.include("firewallPublic")
      .and.not.include("firewallDomainPrivate");
    expect(ids(["vpn"]))
      .to.include("firewallDomainPrivate")
      .and.not.include("firewallPublic");
    expect(ids(["vpn"])).to.include.members([
      "rdpEnabled",
      "noPersistentRoutes",
      "sanPolicy",
      "noPendingUpdates",
      "azureServices",
      "vmAgent",
      "bootDiagnostics",
      "domainReachable",
      "otherPoint",
    ]);
  });

  it("asks of Linux that SSH starts and passes the firewall", () => {
    expect(guestChecklist("Linux", ["vpn"]).map(({ id }) => id)).to.include.members([
      "sshAtBoot",
      "firewallSsh",
      "integrationServices",
      "dhcp",
      "bootDiagnostics",
      "otherPoint",
    ]);
  });
});
