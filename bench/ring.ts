/** A plan of a hundred machines round the whole ring: the handlers over HTTP, on the emulator's clock. */

import { failover } from "../provider/resources/failover.js";
import { type Context, newRunMemory, type Properties } from "../provider/resources/handler.js";
import { connect } from "../provider/siterecovery/azure/index.js";
import type { SiteRecovery } from "../provider/siterecovery/siteRecovery.js";
import { type EstateInput, startEmulator } from "../rehearsal/emulator/index.js";
import { estate, groupId, vault, vaultId } from "./estate.js";
import { atMost, type Row, report } from "./rows.js";

const bootGroups = 5;

interface Ring {
  name: string;
  estate: (names: readonly string[]) => EstateInput;
  stages: readonly string[];
  /** The arguments that the ring needs beside its stage. */
  inputs: (siteRecovery: SiteRecovery) => Promise<Properties>;
}

const rings: readonly Ring[] = [
  {
    name: "VMware",
    estate: (names) => ({
      ...estate(names.length, true),
      recoveryPlans: [{ name: "all", groups: groups(names) }],
    }),
    stages: ["failedOver", "committed", "reprotected", "failedBack", "failbackCommitted", "protected"],
    inputs: async (siteRecovery) => {
      const fabric = await siteRecovery.findFabric(`${vaultId}/replicationFabrics/bench-fabric`);
      const [agent] = fabric?.reprotectAgents ?? [];
      const [server] = fabric?.processServers ?? [];
      return {
        reprotect: {
          reprotectAgentId: agent?.id,
          datastoreName: agent?.accessibleDatastores[0],
          logStorageAccountId: `${groupId}/providers/Microsoft.Storage/storageAccounts/benchlogs`,
        },
        reverse: { processServerId: server?.id, policyId: `${vaultId}/replicationPolicies/daily` },
      };
    },
  },
  {
    name: "Hyper-V",
    estate: (names) => {
      const { machines = [], ...rest } = estate(names.length, false);
      return {
        ...rest,
        machines: machines.map((machine) => ({ ...machine, kind: "hyperv", hyperV: { site: "bench-site" } })),
        hyperVSites: [{ name: "bench-site", hosts: [{ name: "host1" }] }],
        hyperVPolicies: [{ name: "hourly" }],
        replicatedItems: names.map((machine) => ({
          machine,
          policy: "hourly",
          targetNetwork: "recovery",
          targetSubnet: "all",
        })),
        recoveryPlans: [{ name: "all", groups: groups(names) }],
      };
    },
    stages: ["failedOver", "committed", "failedBack", "failbackCommitted", "protected"],
    inputs: async () => ({ kind: "planned", failback: { dataSyncOption: "ForDownTime" } }),
  },
];

export async function measureRing(isQuick: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  for (const ring of rings) rows.push(...(await measure(ring, isQuick ? 20 : 100)));
  return rows;
}

async function measure(ring: Ring, count: number): Promise<Row[]> {
  const names = Array.from({ length: count }, (_, index) => `m${index}`);
  // Fast enough that waiting for the clock is no part of what is measured.
  const emulator = await startEmulator({ estate: ring.estate(names), speed: 1_000_000 });
  try {
    const siteRecovery = connect({
      vault,
      endpoint: emulator.origin,
      credential: () => Promise.reject(new Error("a rehearsal asks for no credential")),
      beforeWrite: async () => {},
      pollIntervalSeconds: 1,
    });
    const program = { targetId: `${vaultId}/replicationRecoveryPlans/all`, ...(await ring.inputs(siteRecovery)) };
    let at = await up(siteRecovery, { ...program, stage: "protected" });
    const before = emulator.log().length;
    const clock = emulator.world.clock.now();
    const cpu = process.cpuUsage();
    const started = performance.now();
    for (const stage of ring.stages) {
      at = await up(siteRecovery, { ...program, stage }, at);
      if (at.outputs.lastAppliedStage !== stage) throw new Error(`${ring.name}: ${stage} was not reached`);
    }
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const calls = emulator.log().slice(before);
    const writes = calls.filter(({ method, path }) => method === "POST" && path.includes("/vaults/")).length;
    const hours = (emulator.world.clock.now() - clock) / 3_600_000;
    return [
      atMost(`ring: ${ring.name}, a plan of ${count} machines, all stages`, seconds, 10, " s", 1),
      report(
        `ring: ${ring.name}, processor time of handlers and emulator`,
        `${((user + system) / 1e6).toFixed(1)} s`,
      ),
      report(`ring: ${ring.name}, its calls`, `${writes} starts, ${calls.length - writes} others`),
      report(`ring: ${ring.name}, on the emulator's clock`, `${hours.toFixed(1)} h`),
    ];
  } finally {
    await emulator.stop();
  }
}

interface Resource {
  id: string;
  inputs: Properties;
  outputs: Properties;
}

/** What one `pulumi up` does with the resource: check, diff, update, each with the lists that a new process reads. */
async function up(siteRecovery: SiteRecovery, program: Properties, prior?: Resource): Promise<Resource> {
  siteRecovery.forgetSnapshot();
  const context: Context = {
    connect: () => siteRecovery,
    defaults: {},
    ...newRunMemory(),
    log: () => {},
  };
  const { inputs, failures } = await failover.check(context, prior?.inputs ?? {}, program);
  if (failures.length > 0)
    throw new Error(failures.map(({ property, reason }) => `${property} ${reason}`).join("\n"));
  const { id, outputs } = await failover.reconcile(
    context,
    inputs,
    prior && { id: prior.id, outputs: prior.outputs },
  );
  return { id, inputs, outputs };
}

function groups(names: readonly string[]): string[][] {
  const size = Math.ceil(names.length / bootGroups);
  return Array.from({ length: bootGroups }, (_, index) => names.slice(index * size, (index + 1) * size));
}
