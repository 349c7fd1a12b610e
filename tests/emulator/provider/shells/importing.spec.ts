import { expect } from "chai";
import { type Emulator, startEmulator } from "../../../../rehearsal/emulator/index.js";
import { estateOfAllKinds, vault, vaultId } from "../../loop/rings.js";
import { CallFailed, PluginProcess } from "./pluginProcess.js";

/** Resources with the list of Azure that holds what they declare. */
const lists = [
  ["Fabric", "replicationFabrics"],
  ["ReplicationPolicy", "replicationPolicies"],
  ["ProtectionContainerMapping", "replicationProtectionContainerMappings"],
  ["NetworkMapping", "replicationNetworkMappings"],
  ["ReplicatedItem", "replicationProtectedItems"],
  ["RecoveryPlan", "replicationRecoveryPlans"],
  ["Failover", "replicationProtectedItems"],
  ["Failover", "replicationRecoveryPlans"],
] as const;

/** What no program can declare, by the end of its id, and the words that have to say why. */
const refused: Record<string, RegExp> = {
  "Fabric shop-fabric": /of kind InMageRcm, and registers itself.*Allowed: HyperVSite/,
  "Fabric vmm": /of kind VMM, and registers itself/,
  "Fabric classic": /of kind VMware, and registers itself/,
  "ReplicationPolicy second-site":
    /HyperVReplica2012R2.*Allowed: InMageRcm, HyperVReplicaAzure, InMageRcmFailback/,
  "ProtectionContainerMapping second-site": /HyperVReplica2012R2.*Allowed: InMageRcm, HyperVReplicaAzure\./,
  "ProtectionContainerMapping old": /InMageAzureV2.*Allowed: InMageRcm, HyperVReplicaAzure\./,
  "NetworkMapping pair": /leads to .*replicationNetworks.*another VMM server/,
  "ReplicatedItem old01": /InMageAzureV2.*Failover drives/,
  "ReplicatedItem old02": /InMageAzureV2.*Failover drives/,
  "ReplicatedItem pair01": /HyperVReplica2012R2.*Failover drives/,
  "ReplicatedItem pair02": /HyperVReplica2012R2.*Failover drives/,
};

describe("importing by the plugin", function () {
  this.timeout(120_000);
  let emulator: Emulator;
  let plugin: PluginProcess;

  before(async () => {
    emulator = await startEmulator({ estate: estateOfAllKinds(), speed: 20_000 });
    plugin = await PluginProcess.start({ SITERECOVERY_ENDPOINT: emulator.origin });
    await plugin.configure({ ...vault, evidenceDirectory: "none" });
  });
  after(async () => {
    plugin.stop();
    await emulator.stop();
  });

  interface Listed {
    id: string;
    name: string;
    properties: { customDetails?: { instanceType?: string }; recoveryNetworkId?: string };
  }
  async function listed(path: string): Promise<Listed[]> {
    const answer = await fetch(`${emulator.origin}${vaultId}/${path}?api-version=2025-01-01`);
    return ((await answer.json()) as { value: Listed[] }).value;
  }
  /** The key of `refused` that a listed thing has; names of VMM servers and their networks are made up by Azure. */
  function keyOf(kind: string, { name, properties }: Listed): string {
    if (kind === "NetworkMapping")
      return `${kind} ${properties.recoveryNetworkId?.includes("replicationNetworks") ? "pair" : name}`;
    const fabricKind = kind === "Fabric" ? properties.customDetails?.instanceType : undefined;
    return `${kind} ${fabricKind === "VMM" ? "vmm" : fabricKind === "VMware" ? "classic" : name}`;
  }

  for (const [kind, path] of lists) {
    it(`takes ${path} of every kind over as ${kind} without a difference, also after a refresh, or says why not`, async () => {
      const all = await listed(path);
      expect(all.length).to.be.greaterThan(1);
      const outcomes = new Set<string>();
      for (const each of all) {
        const { id } = each;
        const why = refused[keyOf(kind, each)];
        const read = await plugin.read(kind, id).catch((error: unknown) => error);
        if (why) {
          expect(read, id).to.be.instanceOf(CallFailed);
          expect((read as CallFailed).message).to.match(why);
          outcomes.add("refused");
          continue;
        }
        if (read instanceof Error) throw read;
        const { inputs: imported, outputs } = read as Awaited<ReturnType<typeof plugin.read>>;
        expect(imported, "a default of this stack alone").to.not.have.property("evidenceDirectory");
        const { inputs, failures } = await plugin.check(kind, imported, imported);
        expect(failures, id).to.deep.equal([]);
        const diff = await plugin.diff(kind, id, { inputs: imported, outputs }, inputs);
        expect(diff.changes, `${id}: ${JSON.stringify(diff)}`).to.equal("none");
        const refreshed = await plugin.read(kind, id, { inputs, outputs });
        // The line of the other shell is kept beside the inputs, for a stack that moves there.
        const { __provider: _line, ...again } = refreshed.inputs;
        expect(again, id).to.deep.equal(inputs);
        expect((await plugin.diff(kind, id, refreshed, inputs)).changes, id).to.equal("none");
        outcomes.add("taken");
      }
      expect([...outcomes]).to.include("taken");
    });
  }

  it("writes nothing, and refuses a drill and an id of another kind by what is allowed", async () => {
    expect(emulator.log().filter(({ method }) => method !== "GET")).to.deep.equal([]);
    for (const [kind, id, words] of [
      [
        "TestFailover",
        `${vaultId}/replicationRecoveryPlans/shop`,
        /cannot be imported: a drill is what one run made/,
      ],
      ["Fabric", `${vaultId}/replicationPolicies/daily`, /not an id of this kind.*replicationFabrics\/<name>/],
      ["NetworkMapping", vaultId, /replicationNetworks\/<name>\/replicationNetworkMappings\/<name>/],
    ] as const) {
      const error: unknown = await plugin.read(kind, id).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(CallFailed);
      expect((error as CallFailed).message).to.match(words);
    }
  });
});
