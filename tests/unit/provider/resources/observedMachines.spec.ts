import { expect } from "chai";
import type { Properties } from "../../../../provider/resources/handler.js";
import { handlers } from "../../../../provider/resources/index.js";
import type { ObservedMachine } from "../../../../provider/resources/observedMachines.js";
import { SiteRecoveryError } from "../../../../provider/siterecovery/errors.js";
import { itemIdOf, makeContext, planIdOf, validInputs } from "./fakeEstate.js";
import { FakeSiteRecovery } from "./fakeSiteRecovery.js";

async function checked(token: string, changes: Properties = {}, prepare?: (fake: FakeSiteRecovery) => void) {
  const fake = new FakeSiteRecovery();
  fake.addItem("app01");
  fake.addItem("db01");
  prepare?.(fake);
  const context = makeContext(fake);
  const handler = handlers.get(token);
  if (handler === undefined) throw new Error(`no handler ${token}`);
  const news = { ...validInputs[token]?.(), ...changes };
  const { inputs, failures } = await handler.check(context, {}, news);
  expect(failures).to.deep.equal([]);
  return { inputs, handler, news, context, machines: inputs.observedMachines as ObservedMachine[] | undefined };
}

describe("observedMachines", () => {
  it("tells of the machines of a plan, a drill and a failover what a rule cannot ask Azure", async () => {
    for (const token of ["TestFailover", "Failover"]) {
      const { machines } = await checked(token);
      expect(machines?.map(({ itemName }) => itemName)).to.deep.equal(["app01"]);
      expect(machines?.[0]).to.include({
        replicatedItemId: itemIdOf("app01"),
        scenario: "vmware",
        stage: "protected",
        isReplicated: true,
      });
    }
    const { machines } = await checked("RecoveryPlan");
    expect(machines?.map(({ itemName }) => itemName)).to.deep.equal(["db01", "app01"]);
  });

  it("tells of machines that do not replicate yet what the program declares of them", async () => {
    const fake = new FakeSiteRecovery();
    const context = makeContext(fake);
    await handlers.get("ReplicatedItem")?.check(context, {}, validInputs.ReplicatedItem?.() ?? {});
    const plan = { ...validInputs.RecoveryPlan?.(), bootGroups: [{ replicatedItemIds: [itemIdOf("app01")] }] };
    const answer = await handlers.get("RecoveryPlan")?.check(context, {}, plan);
    const [machine] = (answer?.inputs.observedMachines ?? []) as ObservedMachine[];
    expect(machine).to.include({ itemName: "app01", isReplicated: false });
    expect(machine).not.to.have.property("stage");
  });

  it("is JSON without holes, and holds nothing that changes by the minute", async () => {
    const { machines } = await checked("Failover");
    expect(JSON.parse(JSON.stringify(machines))).to.deep.equal(machines);
    expect(machines?.[0]).not.to.have.any.keys(
      "lastRecoveryPoint",
      "healthErrors",
      "replicationHealth",
      "isReady",
    );
  });

  it("refuses no plan where the vault cannot be read, and knows then of no machine", async () => {
    const { machines, inputs } = await checked("RecoveryPlan", {}, (fake) => {
      fake.listItems = () => Promise.reject(new SiteRecoveryError("503"));
    });
    expect(machines).to.equal(undefined);
    expect(inputs).not.to.have.property("observedMachines");
  });

  it("makes no update by itself: a machine that was drilled since is no difference of the plan", async () => {
    const before = await checked("RecoveryPlan");
    const after = { ...before.inputs, observedMachines: [] };
    expect(before.handler.diff(planIdOf("shop-plan"), before.inputs, after).hasChanges).to.equal(false);
  });
});
