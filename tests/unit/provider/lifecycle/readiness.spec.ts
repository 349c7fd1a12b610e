import { expect } from "chai";
import {
  checkMachine,
  checkVault,
  extraTimeReasons,
  isOlder,
  type MachineFacts,
} from "../../../../provider/lifecycle/readiness.js";

const gibibyte = 2 ** 30;

const machine = (changes: Partial<MachineFacts> = {}): MachineFacts => ({
  name: "app01",
  scenario: "vmware",
  stage: "protected",
  isReady: true,
  isDrillPending: false,
  isPhysical: false,
  osType: "Windows",
  targetVmName: "app01",
  targetNetworkId: "/n/prod",
  testNetworkId: "/n/test",
  agentVersion: "9.55.6765.1",
  disks: [{ diskId: "disk0", isOsDisk: true, capacityInBytes: 40 * gibibyte }],
  replicationHealth: "Normal",
  healthErrors: [],
  lastRecoveryPoint: "2024-05-01T10:00:00Z",
  lastTestFailover: "2024-05-01T10:00:00Z",
  missingBootDrivers: [],
  isDhcpDisabled: false,
  ...changes,
});

const ids = (changes: Partial<MachineFacts>, notBefore?: string) =>
  checkMachine(machine(changes), notBefore).map((check) => `${check.severity} ${check.id}`);

const disk = (gib: number, isOsDisk = false) => ({ diskId: `d${gib}`, isOsDisk, capacityInBytes: gib * gibibyte });

describe("checkMachine", () => {
  it("refuses what a Hyper-V machine has and Azure does not take, and holds generation 2 to its own limits", () => {
    const on = (changes: Partial<MachineFacts>) => ids({ scenario: "hyperV", ...changes });
    const shared = {
      isGeneration2: false,
      unsupportedDisks: ["a shared virtual hard disk", "a pass-through disk"],
    };
    expect(on({ hyperV: shared })).to.deep.equal(["error unsupportedDisk", "error unsupportedDisk"]);
    const second = { isGeneration2: true, unsupportedDisks: [] };
    expect(on({ hyperV: second, disks: [disk(300, true)] })).to.deep.equal([]);
    expect(on({ hyperV: second, disks: [disk(301, true)] })).to.deep.equal(["error generation2OsDiskSize"]);
    expect(on({ hyperV: second, osType: "Linux" })).to.deep.equal(["warning generation2Linux"]);
    expect(on({ disks: [disk(301, true)] })).to.deep.equal([]);
  });

  it("finds nothing with a machine that is in order", () => {
    expect(checkMachine(machine(), "2024-04-01T00:00:00Z")).to.deep.equal([]);
  });

  const cases: [string, Partial<MachineFacts>, string[]][] = [
    ["a drill that waits", { isDrillPending: true }, ["error testFailoverPending"]],
    ["an initial replication that runs", { isReady: false }, ["error notReplicated"]],
    ["a machine that a job works on", { stage: undefined }, ["warning busy"]],
    ["a machine in Azure", { stage: "committed" }, ["info notProtected"]],
    ["no recovery point", { lastRecoveryPoint: undefined }, ["warning noRecoveryPoint"]],
    [
      "points at a second site, which Azure does not tell",
      { scenario: "vmmToVmm", lastRecoveryPoint: undefined },
      [],
    ],
    ["a name that Azure refuses", { targetVmName: "app_01" }, ["error targetVmName"]],
    ["a name without room for -test", { targetVmName: "a".repeat(60) }, ["warning testVmName"]],
    ["no operating system disk", { disks: [disk(1)] }, ["error osDisk"]],
    ["an operating system disk above 2048 GiB", { disks: [disk(2049, true)] }, ["error osDiskSize"]],
    ["a data disk above 8192 GiB", { disks: [disk(40, true), disk(8193)] }, ["error dataDiskSize"]],
    [
      "a Hyper-V data disk above 4095 GiB",
      { scenario: "hyperV", disks: [disk(40, true), disk(4096)] },
      ["error dataDiskSize"],
    ],
    [
      "17 data disks of Hyper-V",
      { scenario: "hyperV", disks: [disk(40, true), ...Array.from({ length: 17 }, () => disk(1))] },
      ["error dataDiskCount"],
    ],
    ["managed disks of Hyper-V", { scenario: "hyperV", usesManagedDisks: true }, ["warning managedDisks"]],
    ["a classic machine", { scenario: "vmwareClassic" }, ["warning classicDeprecated"]],
    [
      "the production network as test network",
      { testNetworkId: "/N/PROD" },
      ["warning productionNetworkAsTestNetwork"],
    ],
    ["no failover network", { targetNetworkId: undefined }, ["warning noTargetNetwork"]],
    ["a critical health", { replicationHealth: "Critical" }, ["error replicationHealth"]],
    [
      "health errors, each by its own level",
      {
        healthErrors: [
          { code: "1", level: "Error", message: "a" },
          { code: "2", level: "Warning", message: "b" },
        ],
      },
      ["error health.1", "warning health.2"],
    ],
    ["a guest that nobody told of", { isDhcpDisabled: undefined }, ["info guestNotVisible"]],
  ];
  for (const [what, changes, expected] of cases) {
    it(`names ${what}`, () => {
      expect(ids(changes)).to.deep.equal(expected);
    });
  }

  it("names a drill that is too old or never was, only where drills are looked at", () => {
    expect(ids({ lastTestFailover: undefined })).to.deep.equal([]);
    expect(ids({ lastTestFailover: undefined }, "2024-05-01T00:00:00Z")).to.deep.equal(["warning neverTested"]);
    const told = [{ code: "161011", level: "Error", message: "never tested" }];
    expect(ids({ lastTestFailover: undefined, healthErrors: told }, "2024-05-01T00:00:00Z")).to.deep.equal([
      "warning neverTested",
    ]);
    expect(ids({ healthErrors: told })).to.deep.equal(["warning health.161011"]);
    expect(ids({}, "2024-05-02T00:00:00Z")).to.deep.equal(["warning testFailoverOld"]);
  });

  it("gives every finding a remedy and the machine's name", () => {
    for (const [, changes] of cases)
      for (const check of checkMachine(machine(changes))) {
        expect(check.machine).to.equal("app01");
        expect(check.remedy.length).to.be.greaterThan(10);
      }
  });
});

describe("extraTimeReasons", () => {
  it("has each of the seeds' reasons, together, and none for Hyper-V", () => {
    expect(extraTimeReasons(machine())).to.deep.equal([]);
    expect(
      extraTimeReasons(
        machine({ osType: "Linux", agentVersion: "9.7.1", isDhcpDisabled: true, missingBootDrivers: ["storvsc"] }),
      ),
    ).to.have.length(4);
    expect(extraTimeReasons(machine({ isPhysical: true }))).to.deep.equal(["it is a physical server"]);
    expect(extraTimeReasons(machine({ scenario: "hyperV", osType: "Linux" }))).to.deep.equal([]);
  });
});

describe("isOlder", () => {
  it("compares versions as numbers, part by part", () => {
    expect(isOlder("9.7.9999", "9.8")).to.equal(true);
    expect(isOlder("9.55.6765.1", "9.8")).to.equal(false);
    expect(isOlder("9.8", "9.8.0.0")).to.equal(false);
    expect(isOlder("10.0", "9.8")).to.equal(false);
  });
});

describe("checkVault", () => {
  it("says that a vault with machines cannot move, and nothing of an empty one", () => {
    expect(checkVault([machine()]).map((check) => check.id)).to.deep.equal(["vaultMove"]);
    expect(checkVault([])).to.deep.equal([]);
  });
});
