import { expect } from "chai";
import { describePlan, planConnectivity } from "../../../../provider/connectivity/index.js";
import { input, machine, network, nic, nsg, nsgId, rule, subnet } from "./shop.js";

const estate = input({
  machines: [
    machine("app01"),
    machine("database01", {
      osType: "Linux",
      nics: [nic({ sourceIp: "10.20.2.9", target: { subnetName: "web", staticIp: "10.20.2.9" } })],
    }),
    machine("web01", { nics: [nic({ target: { subnetName: "web" } })] }),
    machine("web02", { nics: [nic({ target: { subnetName: "gone" } })] }),
  ],
  networks: [
    network("prod", {
      subnets: [subnet("app", "10.20.1.0/24", { nsgId: nsgId("app-nsg") }), subnet("web", "10.20.2.0/24")],
    }),
  ],
  nsgs: [nsg("app-nsg", [rule("DenyRdp", 200, { access: "Deny" })])],
});

describe("describePlan", () => {
  it("tells a plan as a tired person reads it", () => {
    expect(describePlan(planConnectivity(estate))).to.deep.equal([
      "app01       Windows  192.168.10.5 -> 10.20.1.10         prod/app 10.20.1.0/24  RDP by VPN: BLOCKED",
      "  RDP by VPN is blocked: rule DenyRdp (200) of NSG app-nsg on subnet app denies it",
      "  fix: NSG app-nsg: add siterecovery-vpn-tcp-3389 (199, Tcp 192.168.50.0/24 -> 10.20.1.10 port 3389)",
      "database01  Linux    10.20.2.9 (kept)                   prod/web 10.20.2.0/24  SSH by VPN: ok",
      "web01       Windows  192.168.10.5 -> some free address  prod/web 10.20.2.0/24  RDP by VPN: ok",
      "web02       Windows  NO ADDRESS                         prod",
      '  ERROR: network prod has no subnet "gone" -> choose one of: app, web',
      "warning: Azure cannot reserve the 1 set address in subnet web (10.20.2.0/24) before the machines exist; 1 NIC without a set address may take it -> set an address on every NIC of this subnet, and keep other machines out of it",
      "warning: subnet web (10.20.2.0/24) repeats the on-premises range 10.20.2.0/24 of database01 -> all machines of the range must move together, and on-premises routes must then send it to Azure",
      "note: 2 machines get another address: app01, web01 -> update their DNS names after the failover",
      "note: Azure cannot reserve the 1 set address in subnet app (10.20.1.0/24) before the machines exist -> keep other machines out of this subnet",
      "note: machines in app, web of network prod reach the Internet by Azure's default outbound access only, which subnets made since 2026-03-31 may lack -> a NAT gateway makes the way out certain (agent registration, Windows activation, updates)",
      "Smallest fix in all: 1 rule.",
      "Inside each Windows machine, before the failover: RDP on, firewall allows RDP (Domain, Private), no persistent routes or WinHTTP proxy, SAN policy OnlineAll, no pending updates, services that Azure needs run, Azure VM agent installed.",
      "For each Windows machine, after the failover: NSGs allow the port, boot diagnostics screenshot looked at, domain controller and DNS reachable, another recovery point where it does not start.",
      "Inside each Linux machine, before the failover: SSH starts at boot, firewall allows SSH, Hyper-V drivers present.",
      "For each Linux machine, after the failover: NSGs allow the port, address by DHCP expected, boot diagnostics screenshot looked at, another recovery point where it does not start.",
    ]);
  });

  it("tells only the machines that are asked for, and what concerns all", () => {
    const lines = describePlan(planConnectivity(estate), { machines: ["DATABASE01"] });
    expect(lines[0]).to.equal("database01  Linux  10.20.2.9 (kept)  prod/web 10.20.2.0/24  SSH by VPN: ok");
    expect(lines.filter((line) => /^(app|web)/.test(line))).to.deep.equal([]);
    expect(lines.some((line) => line.startsWith("note:"))).to.equal(true);
  });

  it("tells a reason once, however many machines share it, and keeps columns narrow beside a long name", () => {
    const long = "zz-a-very-long-name-that-somebody-gave-a-machine";
    const names = ["app01", "app02", "app03", long];
    const machines = names.map((name) => machine(name, { nics: [nic({ target: { subnetName: "app" } })] }));
    const [first, why, fix, app02, app03, last, ...shared] = describePlan(
      planConnectivity({ ...estate, machines }),
    );
    expect(first?.indexOf("Windows")).to.equal(38);
    expect(first).to.match(/RDP by VPN: BLOCKED$/);
    expect([why, fix].map((line) => line?.slice(0, 6))).to.deep.equal(["  RDP ", "  fix:"]);
    for (const [line, name] of [
      [app02, "app02"],
      [app03, "app03"],
      [last, long],
    ] as const) {
      expect(line?.startsWith(`${name} `)).to.equal(true);
      expect(line).to.match(/RDP by VPN: BLOCKED \(as app01\)$/);
    }
    expect(shared.filter((line) => line.startsWith(" "))).to.deep.equal([]);
  });

  it("tells the public IP and the NSG that a fix makes", () => {
    const open = input({ access: [{ path: "internet", sources: ["203.0.113.0/24"] }] });
    const lines = describePlan(planConnectivity(open));
    expect(lines.filter((line) => line.startsWith("  fix:"))).to.deep.equal([
      "  fix: attach a Standard public IP",
      "  fix: make NSG siterecovery-app-nsg for the NIC, with siterecovery-internet-tcp-3389 (100, Tcp 203.0.113.0/24 -> 10.20.1.10 port 3389)",
    ]);
  });

  it("labels the NICs of a machine that has several", () => {
    const second = nic({ nicId: "n2", isPrimary: false, target: { subnetName: "web", staticIp: "10.20.2.7" } });
    const lines = describePlan(
      planConnectivity(input({ machines: [machine("app01", { nics: [nic(), second] })] })),
    );
    expect(lines[1]).to.equal("  NIC n2: 192.168.10.5 -> 10.20.2.7, prod/web 10.20.2.0/24");
  });

  it("replaces letters that a plain terminal cannot show", () => {
    const lines = describePlan(planConnectivity(input({ machines: [machine("z\u00fcrich\u001b[31m")] })));
    expect(lines[0]?.startsWith("z?rich?[31m")).to.equal(true);
  });
});
