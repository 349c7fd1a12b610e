import { expect } from "chai";
import type { ConnectivityPlan } from "../../../../provider/connectivity/index.js";
import { failover } from "../../../../provider/resources/failover.js";
import type { ConnectivityCheck } from "../../../../provider/resources/failoverConnectivity.js";
import type { Emulator, EstateInput } from "../../../../rehearsal/emulator/index.js";
import { makeContext, up } from "../../../unit/provider/resources/fakeEstate.js";
import { connectTo, estate, itemId, withEmulator } from "../siterecovery/emulatedVault.js";

type AdminRule = NonNullable<NonNullable<EstateInput["networkManagers"]>[number]["securityAdminRules"]>[number];

const adminRule = (access: AdminRule["access"], changes: Partial<AdminRule> = {}): AdminRule => ({
  name: "rdp",
  priority: 10,
  direction: "Inbound",
  access,
  protocol: "Tcp",
  destinationPorts: ["3389"],
  networks: ["shop-recovery"],
  ...changes,
});

function managed(rules: AdminRule[]): EstateInput {
  return { ...estate(), networkManagers: [{ name: "central", securityAdminRules: rules }] };
}

const questions = (emulator: Emulator) =>
  emulator.log().filter(({ path }) => path.endsWith("/listNetworkManagerEffectiveSecurityAdminRules")).length;

const declare = (stage: string) => ({
  targetId: itemId("web01"),
  stage,
  connectivity: { apply: true, access: [{ path: "private" }] },
});

describe("rules of Virtual Network Manager, over HTTP", function () {
  this.timeout(240_000);

  it("are seen in the preview, and Azure says afterwards what the plan said", async () => {
    await withEmulator({ speed: 20_000, estate: managed([adminRule("AlwaysAllow")]) }, async (emulator) => {
      const context = makeContext(connectTo(emulator, { pollIntervalSeconds: 1 }));
      const before = await up(failover, context, declare("protected"));
      const { inputs } = await failover.check(context, before.inputs, declare("failedOver"));
      const plan = inputs.connectivityPlan as ConnectivityPlan;
      expect(plan.fix.rules).to.deep.equal([]);
      expect(plan.machines[0]?.nics[0]?.access[0]).to.deep.include({
        outcome: "allowed",
        decidedBy: { scope: "admin", rule: "rdp" },
      });
      const after = await up(failover, context, declare("failedOver"), before);
      const [check] = after.outputs.connectivityCheck as ConnectivityCheck[];
      expect(check?.access[0]).to.include({
        reachable: true,
        differsFromPlan: false,
        decidedBy: "securityAdminRules/rdp",
      });
    });
  });

  it("refuse what no NSG rule can open again, and the plan offers none", async () => {
    await withEmulator({ speed: 20_000, estate: managed([adminRule("Deny")]) }, async (emulator) => {
      const context = makeContext(connectTo(emulator, { pollIntervalSeconds: 1 }));
      const before = await up(failover, context, declare("protected"));
      const after = await up(failover, context, declare("failedOver"), before);
      const plan = after.outputs.connectivityPlan as ConnectivityPlan;
      expect(plan.fix.rules).to.deep.equal([]);
      expect(plan.findings.map(({ id }) => id)).to.include("adminRuleBlocks");
      const [check] = after.outputs.connectivityCheck as ConnectivityCheck[];
      expect(check?.access[0]).to.include({
        reachable: false,
        differsFromPlan: false,
        decidedBy: "securityAdminRules/rdp",
      });
    });
  });

  it("are read over all pages, of the named network alone, and told apart where two share a name", async () => {
    const many = Array.from({ length: 120 }, (_, index) =>
      adminRule(index === 119 ? "Deny" : "Allow", { name: `rule-${index}`, priority: index + 1 }),
    );
    const rules = [
      ...many.map((rule, index) => (index === 119 ? rule : { ...rule, destinationPorts: ["22"] })),
      adminRule("Deny", { name: "elsewhere", networks: ["shop-drill"], destinationPorts: ["22"] }),
    ];
    await withEmulator({ speed: 20_000, estate: managed(rules) }, async (emulator) => {
      const context = makeContext(connectTo(emulator, { pollIntervalSeconds: 1 }));
      const { inputs } = await failover.check(context, {}, declare("protected"));
      const plan = inputs.connectivityPlan as ConnectivityPlan;
      expect(plan.machines[0]?.nics[0]?.access[0]?.decidedBy).to.deep.equal({ scope: "admin", rule: "rule-119" });
      expect(questions(emulator)).to.equal(2);
    });
  });

  it("cost a preview no question where there is no Virtual Network Manager", async () => {
    await withEmulator({ speed: 20_000 }, async (emulator) => {
      const context = makeContext(connectTo(emulator, { pollIntervalSeconds: 1 }));
      await failover.check(context, {}, declare("protected"));
      expect(emulator.log().filter(({ method }) => method !== "GET")).to.deep.equal([]);
    });
  });
});
