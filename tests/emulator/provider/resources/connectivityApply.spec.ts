import { expect } from "chai";
import type { MachineEvidence } from "../../../../provider/evidence/types.js";
import type { AppliedConnectivity } from "../../../../provider/resources/connectivityApply.js";
import { failover } from "../../../../provider/resources/failover.js";
import type { ConnectivityCheck } from "../../../../provider/resources/failoverConnectivity.js";
import type { Context, Properties } from "../../../../provider/resources/handler.js";
import { testFailover } from "../../../../provider/resources/testFailover.js";
import type { Emulator } from "../../../../rehearsal/emulator/index.js";
import { makeContext, type Resource, up } from "../../../unit/provider/resources/fakeEstate.js";
import { connectTo, groupId, itemId, testNetworkId, withEmulator } from "../siterecovery/emulatedVault.js";
import { planIdOf, wayBack } from "./ringOverHttp.js";

const planId = planIdOf("shop");
const network = `${groupId}/providers/Microsoft.Network`;
const nsgPath = `${network}/networkSecurityGroups/shop-nsg`;

/** RDP from a range on the Internet: needs a rule and a public IP for each machine. */
const overInternet = { apply: true, access: [{ path: "internet", sources: ["198.51.100.0/24"] }] };
/** RDP from inside the network: needs a rule past the one that denies it. */
const inside = { apply: true, access: [{ path: "private" }] };

async function get<T>(emulator: Emulator, path: string): Promise<T | undefined> {
  const answer = await fetch(`${emulator.origin}${path}?api-version=2023-09-01`);
  return answer.status === 404 ? undefined : ((await answer.json()) as T);
}

async function put(emulator: Emulator, path: string, body: unknown): Promise<void> {
  const answer = await fetch(`${emulator.origin}${path}?api-version=2023-09-01`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}

interface Rule {
  id: string;
  name: string;
  properties: Record<string, unknown>;
}

/** What is there of Microsoft.Network that a run could have made, by name. */
async function parts(emulator: Emulator): Promise<{ rules: string[]; publicIps: string[]; nsgs: string[] }> {
  const nsg = await get<{ properties: { securityRules: Rule[] } }>(emulator, nsgPath);
  const names = async (type: string) =>
    ((await get<{ value: { name: string }[] }>(emulator, `${network}/${type}`))?.value ?? []).map(
      ({ name }) => name,
    );
  return {
    rules: (nsg?.properties.securityRules ?? []).map(({ name }) => name),
    publicIps: await names("publicIPAddresses"),
    nsgs: await names("networkSecurityGroups"),
  };
}

const untouched = { rules: ["deny-rdp"], publicIps: [], nsgs: ["shop-nsg"] };

/** A context whose provider process dies at its n-th write to Microsoft.Network. */
function dyingAt(emulator: Emulator, lives: number): { context: Context; hasDied: () => boolean } {
  let left = lives;
  let dead = false;
  const siteRecovery = connectTo(emulator, { pollIntervalSeconds: 1 });
  const guard = (): void => {
    if (dead || left === 0) {
      dead = true;
      throw new Error("killed");
    }
    left -= 1;
  };
  const { putResource, deleteResource } = siteRecovery;
  siteRecovery.putResource = async (...args) => {
    guard();
    return putResource.apply(siteRecovery, args);
  };
  siteRecovery.deleteResource = async (...args) => {
    guard();
    return deleteResource.apply(siteRecovery, args);
  };
  return { context: makeContext(siteRecovery), hasDied: () => dead };
}

function contextOf(emulator: Emulator): Context {
  return makeContext(connectTo(emulator, { pollIntervalSeconds: 1 }));
}

function drillOf(connectivity: Properties): Properties {
  return { targetId: planId, testNetworkId, connectivity };
}

async function cleanUp(emulator: Emulator, drill: Resource): Promise<void> {
  await testFailover.delete(contextOf(emulator), drill.id, drill.outputs);
}

function access(drill: Resource): MachineEvidence["access"] {
  return (drill.outputs.machines as MachineEvidence[]).flatMap((machine) => machine.access);
}

function starts(emulator: Emulator, action: string): number {
  return emulator
    .log()
    .filter(
      ({ method, status, path }) =>
        method === "POST" && status === 202 && new RegExp(`/${action}(\\?|$)`).test(path),
    ).length;
}

describe("TestFailover with connectivity.apply, over HTTP", function () {
  this.timeout(240_000);

  it("lets people in as planned, says so in the preview, and leaves nothing after the clean-up", async () => {
    await withEmulator({ speed: 20_000 }, async (emulator) => {
      const context = contextOf(emulator);
      const checked = await testFailover.check(context, {}, drillOf(overInternet));
      const lines = (checked.inputs.preview as { lines: string[] }).lines.join("\n");
      expect(lines).to.include("once the machines exist, `up` adds this fix");
      expect(await parts(emulator)).to.deep.equal(untouched);

      const drill = await up(testFailover, context, drillOf(overInternet));
      const applied = drill.outputs.appliedConnectivity as AppliedConnectivity;
      expect(applied.rules.map(({ name }) => name)).to.deep.equal(["siterecovery-internet-tcp-3389"]);
      expect(applied.publicIps).to.have.length(2);
      for (const { address } of applied.publicIps) expect(address).to.be.a("string");
      expect(access(drill).map(({ reachable }) => reachable)).to.deep.equal([true, true]);
      expect(drill.outputs.findings).to.deep.equal([]);

      await cleanUp(emulator, drill);
      expect(await parts(emulator)).to.deep.equal(untouched);
    });
  });

  it("makes an NSG for each subnet where a public IP has none before it, and takes it back", async () => {
    await withEmulator({ speed: 20_000 }, async (emulator) => {
      const subnets = [{ name: "shop", properties: { addressPrefix: "10.20.0.0/20" } }];
      await put(emulator, testNetworkId, {
        location: "westeurope",
        properties: { addressSpace: { addressPrefixes: ["10.20.0.0/16"] }, subnets },
      });
      const drill = await up(testFailover, contextOf(emulator), drillOf(overInternet));
      const applied = drill.outputs.appliedConnectivity as AppliedConnectivity;
      expect(applied.networkSecurityGroups).to.have.length(1);
      expect(applied.rules).to.deep.equal([]);
      expect(access(drill).map(({ reachable }) => reachable)).to.deep.equal([true, true]);
      await cleanUp(emulator, drill);
      expect(await parts(emulator)).to.deep.equal(untouched);
    });
  });

  it("ends the same whatever write it is killed at: one drill, the same parts, none left behind", async () => {
    await withEmulator({ speed: 20_000 }, async (emulator) => {
      for (let lives = 0; ; lives += 1) {
        const first = dyingAt(emulator, lives);
        const killed = await up(testFailover, first.context, drillOf(overInternet)).catch(() => undefined);
        // Killed before anything was recorded: the next run is a create that knows nothing.
        const drill = killed ?? (await up(testFailover, contextOf(emulator), drillOf(overInternet)));
        const applied = drill.outputs.appliedConnectivity as AppliedConnectivity;
        expect(applied.rules, `killed at write ${lives}`).to.have.length(1);
        expect(applied.publicIps, `killed at write ${lives}`).to.have.length(2);
        expect(access(drill).map(({ reachable }) => reachable)).to.deep.equal([true, true]);

        const second = dyingAt(emulator, lives);
        await testFailover.delete(second.context, drill.id, drill.outputs).catch(() => undefined);
        if (second.hasDied()) await cleanUp(emulator, drill);
        expect(await parts(emulator), `killed at write ${lives}`).to.deep.equal(untouched);
        expect(starts(emulator, "testFailover")).to.equal(lives + 1);
        if (!first.hasDied() && !second.hasDied()) break;
      }
    });
  });

  it("takes parts of an interrupted run back that no state knows of", async () => {
    await withEmulator({ speed: 20_000 }, async (emulator) => {
      const drill = await up(testFailover, contextOf(emulator), drillOf(overInternet));
      const { appliedConnectivity: _lost, machines: _too, ...outputs } = drill.outputs;
      await cleanUp(emulator, { ...drill, outputs });
      expect(await parts(emulator)).to.deep.equal(untouched);
    });
  });

  it("leaves alone, and names, what somebody changed meanwhile", async () => {
    await withEmulator({ speed: 20_000 }, async (emulator) => {
      const drill = await up(testFailover, contextOf(emulator), drillOf(inside));
      const [rule] = (drill.outputs.appliedConnectivity as AppliedConnectivity).rules;
      if (!rule) throw new Error("no rule was added");
      const before = await get<Rule>(emulator, rule.id);
      await put(emulator, rule.id, { properties: { ...before?.properties, destinationPortRange: "3390" } });
      const said: string[] = [];
      const context = { ...contextOf(emulator), log: (_severity: string, text: string) => void said.push(text) };
      await testFailover.delete(context, drill.id, drill.outputs);
      expect((await parts(emulator)).rules).to.have.members(["deny-rdp", rule.name]);
      expect(said.join("\n")).to.include(`rule ${rule.name} of NSG shop-nsg was changed since it was added`);
    });
  });

  it("steps around a rule that took its priority since the preview, and says so", async () => {
    await withEmulator({ speed: 20_000 }, async (emulator) => {
      const said: string[] = [];
      const context = { ...contextOf(emulator), log: (_severity: string, text: string) => void said.push(text) };
      const { inputs } = await testFailover.check(context, {}, drillOf(inside));
      await put(emulator, `${nsgPath}/securityRules/other`, {
        properties: {
          priority: 199,
          direction: "Inbound",
          access: "Allow",
          protocol: "Tcp",
          sourceAddressPrefix: "10.99.0.0/16",
          sourcePortRange: "*",
          destinationAddressPrefix: "*",
          destinationPortRange: "443",
        },
      });
      const drill = await testFailover.reconcile(contextOf(emulator), inputs, undefined);
      const [rule] = (drill.outputs.appliedConnectivity as AppliedConnectivity).rules;
      expect((await get<Rule>(emulator, rule?.id ?? ""))?.properties.priority).to.equal(198);
      await cleanUp(emulator, { ...drill, inputs });
      expect((await parts(emulator)).rules).to.have.members(["deny-rdp", "other"]);
    });
  });

  it("takes the fix back when apply is taken away while the drill waits, and applies it when it comes", async () => {
    await withEmulator({ speed: 20_000 }, async (emulator) => {
      const context = contextOf(emulator);
      let drill = await up(testFailover, context, drillOf(inside));
      drill = await up(testFailover, context, drillOf({ access: inside.access }), drill);
      expect(await parts(emulator)).to.deep.equal(untouched);
      expect(drill.outputs).to.not.have.property("appliedConnectivity");
      drill = await up(testFailover, context, drillOf(inside), drill);
      expect((await parts(emulator)).rules).to.have.length(2);
      expect(starts(emulator, "testFailover")).to.equal(1);
      await cleanUp(emulator, drill);
      expect(await parts(emulator)).to.deep.equal(untouched);
    });
  });
});

describe("Failover with connectivity.apply, over HTTP", function () {
  this.timeout(240_000);

  it("applies once the machine runs in Azure, checks it with Azure, and keeps it through a commit", async () => {
    await withEmulator({ speed: 20_000 }, async (emulator) => {
      const context = makeContext(connectTo(emulator, { pollIntervalSeconds: 1 }));
      const declare = (stage: string) => ({ targetId: itemId("web01"), stage, connectivity: inside });
      let at = await up(failover, context, declare("protected"));
      expect(await parts(emulator)).to.deep.equal(untouched);
      at = await up(failover, context, declare("failedOver"), at);
      const check = at.outputs.connectivityCheck as ConnectivityCheck[];
      expect(check[0]?.access[0]).to.include({ reachable: true, differsFromPlan: false });
      expect((await parts(emulator)).rules).to.have.length(2);
      at = await up(failover, context, declare("committed"), at);
      const applied = at.outputs.appliedConnectivity as AppliedConnectivity;
      expect(applied.rules).to.have.length(1);
      const told = context.logged.flatMap((line) => /connectivity (?:stays )?applied/.exec(line)?.[0] ?? []);
      expect(told).to.deep.equal(["connectivity applied", "connectivity stays applied"]);
      expect((await parts(emulator)).rules).to.have.length(2);
    });
  });

  /** All that the ring needs, for a stage and the connectivity there. */
  async function ring(emulator: Emulator) {
    const way = await wayBack(connectTo(emulator));
    return (stage: string, connectivity: Properties = overInternet) => ({
      targetId: itemId("web01"),
      stage,
      through: true,
      connectivity,
      ...way,
    });
  }

  it("takes exactly that back once the machine runs on-premises again", async () => {
    await withEmulator({ speed: 20_000 }, async (emulator) => {
      const context = contextOf(emulator);
      const declare = await ring(emulator);
      let at = await up(failover, context, declare("protected"));
      at = await up(failover, context, declare("reprotected"), at);
      expect((at.outputs.appliedConnectivity as AppliedConnectivity).publicIps).to.have.length(1);
      at = await up(failover, context, declare("failedBack"), at);
      expect(at.outputs).to.not.have.property("appliedConnectivity");
      expect(at.outputs).to.not.have.property("connectivityCheck");
      expect(await parts(emulator)).to.deep.equal(untouched);
    });
  });

  for (const lives of [0, 1])
    it(`applies in the next run what a kill after reprotected, before write ${lives + 1}, left undone`, async () => {
      await withEmulator({ speed: 20_000 }, async (emulator) => {
        const declare = await ring(emulator);
        const before = await up(failover, contextOf(emulator), declare("protected"));
        const { context, hasDied } = dyingAt(emulator, lives);
        // A killed process saves nothing: the next run begins with the state from before.
        await up(failover, context, declare("reprotected"), before).catch(() => undefined);
        expect(hasDied()).to.equal(true);
        const after = await up(failover, contextOf(emulator), declare("reprotected"), before);
        const applied = after.outputs.appliedConnectivity as AppliedConnectivity;
        expect(applied.publicIps).to.have.length(1);
        expect(applied.rules).to.have.length(1);
        const check = after.outputs.connectivityCheck as ConnectivityCheck[];
        expect(check[0]?.access[0]).to.include({ reachable: true, differsFromPlan: false });
        expect(await parts(emulator)).to.deep.include({ nsgs: ["shop-nsg"] });
        const { publicIps, rules } = await parts(emulator);
        expect([publicIps.length, rules.length]).to.deep.equal([1, 2]);
        expect(starts(emulator, "unplannedFailover")).to.equal(1);
        expect(starts(emulator, "reProtect")).to.be.at.most(1);
        const back = await up(failover, contextOf(emulator), declare("failedBack"), after);
        expect(back.outputs).to.not.have.property("appliedConnectivity");
        expect(await parts(emulator)).to.deep.equal(untouched);
      });
    });

  for (const lives of [0, 1])
    it(`takes back in the next run what a kill after failedBack, before write ${lives + 1}, left there, recorded or not`, async () => {
      await withEmulator({ speed: 20_000 }, async (emulator) => {
        const declare = await ring(emulator);
        const start = await up(failover, contextOf(emulator), declare("protected"));
        const applied = await up(failover, contextOf(emulator), declare("reprotected"), start);
        const { appliedConnectivity: _lost, ...unrecorded } = applied.outputs;
        const { context, hasDied } = dyingAt(emulator, lives);
        await up(failover, context, declare("failedBack"), applied).catch(() => undefined);
        expect(hasDied()).to.equal(true);
        const state = { ...applied, outputs: unrecorded };
        const after = await up(failover, contextOf(emulator), declare("failedBack"), state);
        expect(after.outputs).to.not.have.property("connectivityPending");
        expect(await parts(emulator)).to.deep.equal(untouched);
      });
    });

  it("takes the fix back at reprotected when apply is taken away there", async () => {
    await withEmulator({ speed: 20_000 }, async (emulator) => {
      const declare = await ring(emulator);
      let at = await up(failover, contextOf(emulator), declare("protected"));
      at = await up(failover, contextOf(emulator), declare("reprotected"), at);
      at = await up(failover, contextOf(emulator), declare("reprotected", { access: overInternet.access }), at);
      expect(at.outputs).to.not.have.property("appliedConnectivity");
      expect(await parts(emulator)).to.deep.equal(untouched);
    });
  });

  it("applies at reprotected what is declared there for the first time, asking Azure where the machine is", async () => {
    await withEmulator({ speed: 20_000 }, async (emulator) => {
      const declare = await ring(emulator);
      let at = await up(failover, contextOf(emulator), declare("protected", { apply: false }));
      at = await up(failover, contextOf(emulator), declare("reprotected", { apply: false }), at);
      const { connectivityPlan: _outputs, ...outputs } = at.outputs;
      const { connectivityPlan: _inputs, ...inputs } = at.inputs;
      at = await up(failover, contextOf(emulator), declare("reprotected"), { ...at, inputs, outputs });
      expect((at.outputs.appliedConnectivity as AppliedConnectivity).publicIps).to.have.length(1);
      const [check] = at.outputs.connectivityCheck as ConnectivityCheck[];
      expect(check?.access[0]).to.include({ reachable: true, differsFromPlan: false });
    });
  });

  it("goes on by itself after a failure in between, and starts nothing a second time", async () => {
    await withEmulator({ speed: 20_000 }, async (emulator) => {
      const declare = (stage: string) => ({ targetId: itemId("web01"), stage, connectivity: inside });
      const before = await up(failover, contextOf(emulator), declare("protected"));
      const { context } = dyingAt(emulator, 0);
      const failure: unknown = await up(failover, context, declare("failedOver"), before).catch((error) => error);
      const partial = failure as { properties: Properties; reasons: string[] };
      expect(partial.reasons.join(" ")).to.include("their connectivity could not be settled: killed");
      expect(partial.properties.connectivityPending).to.equal(true);
      const { inputs } = await failover.check(contextOf(emulator), before.inputs, declare("failedOver"));
      expect(failover.diff(before.id, partial.properties, inputs).hasChanges).to.equal(true);
      const after = await failover.reconcile(contextOf(emulator), inputs, {
        id: before.id,
        outputs: partial.properties,
      });
      expect(after.outputs).to.not.have.property("connectivityPending");
      expect((after.outputs.appliedConnectivity as AppliedConnectivity).rules).to.have.length(1);
      expect(starts(emulator, "unplannedFailover")).to.equal(1);
    });
  });
});
