import { expect } from "chai";
import { bootDiagnostics as rule } from "../../../../../sdk/policy/rules/bootDiagnostics.js";
import { broken, expectNothing, failover, itemId, judgeStack, machine, resource, unknown } from "../builders.js";

const account = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/a";
const item = (name: string, more: Record<string, unknown>) =>
  resource(
    "ReplicatedItem",
    { name, replicatedItemId: itemId(name), instanceType: "InMageRcm", ...more },
    {},
    name,
  );

describe("boot-diagnostics", () => {
  it("is met by machines with an account, also one that is not known yet", () => {
    expectNothing(
      judgeStack(rule, [
        item("web", { targetBootDiagnosticsStorageAccountId: account }),
        item("db", { targetBootDiagnosticsStorageAccountId: unknown }),
        failover({}, [machine("app")]),
      ]),
    );
  });

  it("is broken by machines without one, all in one violation", () => {
    const dark = machine("app", { bootDiagnosticsStorageAccountId: undefined });
    const stack = [
      item("web", {}),
      item("db", {}),
      failover({}, [dark, machine("web", { bootDiagnosticsStorageAccountId: undefined })]),
    ];
    expect(broken(judgeStack(rule, stack))).to.equal("web, db, app: no targetBootDiagnosticsStorageAccountId");
    expect(broken(judgeStack(rule, stack, { exceptMachines: ["db"] }))).to.contain("web, app:");
  });

  it("says nothing of Hyper-V, which has no such setting, and of a stack without machines", () => {
    expectNothing(judgeStack(rule, [item("web", { instanceType: "HyperVReplicaAzure" })]));
    expectNothing(judgeStack(rule, [failover({ observedMachines: undefined })]));
  });
});
