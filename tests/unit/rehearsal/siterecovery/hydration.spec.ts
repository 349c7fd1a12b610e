import { expect } from "chai";
import {
  hydrationReasons,
  isOlder,
} from "../../../../rehearsal/emulator/siterecovery/kinds/inMageRcm/hydration.js";
import type { SourceMachine } from "../../../../rehearsal/emulator/siterecovery/state.js";

const machine = (changes: Partial<SourceMachine> = {}): SourceMachine => ({
  name: "web01",
  isPhysical: false,
  osType: "Windows",
  osName: "Windows Server 2019",
  cores: 2,
  memoryMB: 4096,
  firmware: "BIOS",
  disks: [],
  nics: [],
  agentVersion: "9.66.0.0",
  isDhcpEnabled: true,
  bootDrivers: ["storvsc", "vmbus", "storflt", "intelide", "atapi"],
  churnMBPerHour: 100,
  isPoweredOn: true,
  ...changes,
});

describe("hydrationReasons", () => {
  it("finds none on a Windows machine of VMware with a new agent, DHCP and all drivers", () => {
    expect(hydrationReasons(machine())).to.deep.equal([]);
  });

  for (const [what, changes, reason] of [
    ["a physical server", { isPhysical: true }, "physical"],
    ["a Linux machine of VMware", { osType: "Linux" }, "Linux"],
    ["an agent before 9.8", { agentVersion: "9.7.123" }, "9.7.123"],
    ["DHCP switched off", { isDhcpEnabled: false }, "DHCP"],
    ["a missing boot driver", { bootDrivers: ["storvsc", "vmbus", "storflt", "intelide"] }, "atapi"],
  ] as const) {
    it(`names ${what}`, () => {
      const reasons = hydrationReasons(
        machine({
          ...changes,
          ...("bootDrivers" in changes ? { bootDrivers: [...changes.bootDrivers] } : {}),
        } as Partial<SourceMachine>),
      );
      expect(reasons).to.have.length(1);
      expect(reasons[0]).to.contain(reason);
    });
  }
});

describe("isOlder", () => {
  it("compares versions by number and not by letter", () => {
    expect(isOlder("9.10", [9, 8])).to.equal(false);
    expect(isOlder("9.8", [9, 8])).to.equal(false);
    expect(isOlder("9.7.9999", [9, 8])).to.equal(true);
    expect(isOlder("10.0", [9, 8])).to.equal(false);
  });
});
