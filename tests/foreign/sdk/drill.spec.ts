/** The official JavaScript SDK as the client of the emulator, over TLS as it is, and over http with its two settings. */

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { offAzureMachineId, processServerId, runAsAccountId } from "../../../rehearsal/emulator/estate/names.js";
import { estateSchema } from "../../../rehearsal/emulator/estate/schema.js";
import { type EstateInput, startEmulator } from "../../../rehearsal/emulator/index.js";
import { estate } from "../../emulator/siterecovery/describeSiteRecovery.js";
import { type DrillInput, type DrillSeen, runDrill } from "./drillProgram.js";

/** Nothing is replicated yet: the program does all of it. */
const input: EstateInput = estate({ replicatedItems: [], recoveryPlans: [], policies: [] });

function drillInput(): DrillInput {
  const parsed = estateSchema.parse(input);
  const group = `/subscriptions/${parsed.subscriptionId}/resourceGroups/shop`;
  const machine = parsed.machines[0];
  if (machine === undefined) throw new Error("the estate has no machine");
  return {
    subscriptionId: parsed.subscriptionId,
    resourceGroupName: "shop",
    vaultName: "shop-vault",
    fabricName: "shop-vault-vmwarefabric",
    containerName: "shop-vault-replicationcontainer",
    machineId: offAzureMachineId(parsed, machine),
    processServerId: processServerId(parsed),
    runAsAccountId: runAsAccountId(parsed, "windows"),
    resourceGroupId: group,
    networkId: `${group}/providers/Microsoft.Network/virtualNetworks/prod`,
    testNetworkId: `${group}/providers/Microsoft.Network/virtualNetworks/drill`,
    storageAccountId: `${group}/providers/Microsoft.Storage/storageAccounts/shoplogs`,
  };
}

function expectWholeDrill(seen: DrillSeen): void {
  const ready = "UnplannedFailover+DisableProtection+TestFailover";
  const failedOver = "CompleteMigration+Commit+DisableProtection+ChangePit+SwitchProtection";
  expect(seen.states).to.deep.equal([
    `Protected/None/Primary/${ready}`,
    `Protected/None/Primary/${ready}`,
    "Protected/WaitingForCompletion/Primary/TestFailoverCleanup",
    `Protected/MarkedForDeletion/Primary/${ready}`,
    `UnplannedFailoverCommitPendingStatesBegin/MarkedForDeletion/Recovery/${failedOver}`,
    `UnplannedFailoverCommitPendingStatesBegin/MarkedForDeletion/Recovery/${failedOver}`,
    "UnplannedFailoverCommitted/MarkedForDeletion/Recovery/CompleteMigration+DisableProtection+SwitchProtection",
  ]);
  expect(seen.points).to.be.greaterThan(3);
  expect(seen.testMachine).to.equal("web01-test");
  expect(seen.planGroups).to.deep.equal(["Shutdown", "Failover", "Boot"]);
  expect(seen.refusal).to.deep.equal({
    statusCode: 400,
    code: "BadRequest",
    detail: "OperationNotAllowedOnProtectedItem",
  });
  expect(seen.isGone).to.equal(true);
  expect(seen.jobs.map((job) => `${job.scenario} ${job.state} ${job.tasks}`)).to.deep.equal([
    "CommitFailover Succeeded 2",
    "ChangePit Succeeded 2",
    "UnplannedFailover Succeeded 5",
    "TestFailoverCleanup Succeeded 2",
    "TestFailover Succeeded 3",
    "SaveRecoveryPlan Succeeded 1",
    "UpdateVmProperties Succeeded 1",
    "EnableDr Succeeded 5",
    "AssociateProtectionProfile Succeeded 4",
    "AddProtectionProfile Succeeded 2",
  ]);
}

describe("the official JavaScript SDK", function () {
  this.timeout(240_000);

  it("runs a whole drill, failover and commit over http with the two settings that a plain address needs", async () => {
    const emulator = await startEmulator({ estate: input, speed: 20_000 });
    try {
      expectWholeDrill(await runDrill(emulator.origin, drillInput(), true));
    } finally {
      await emulator.stop();
    }
  });

  it("runs the same unchanged over TLS, trusting the emulator's certificate", async () => {
    const emulator = await startEmulator({ estate: input, speed: 20_000, tls: true });
    try {
      const program = join(__dirname, "drillProgram.ts");
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ["--import", "tsx", program, emulator.origin, JSON.stringify(drillInput())],
        { env: { ...process.env, NODE_EXTRA_CA_CERTS: emulator.certificatePath } },
      );
      expectWholeDrill(JSON.parse(stdout) as DrillSeen);
    } finally {
      await emulator.stop();
    }
  });
});
