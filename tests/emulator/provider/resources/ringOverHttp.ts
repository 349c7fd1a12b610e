/** What the specs of the rings share: handlers over HTTP against an emulator that runs fast. */

import { expect } from "chai";
import { type Stage, stages } from "../../../../provider/lifecycle/stages.js";
import { failover } from "../../../../provider/resources/failover.js";
import { PartialFailure, type Properties } from "../../../../provider/resources/handler.js";
import type { SiteRecovery } from "../../../../provider/siterecovery/siteRecovery.js";
import type { Emulator, EstateInput } from "../../../../rehearsal/emulator/index.js";
import { makeContext, type Resource, type TestContext, up } from "../../../unit/provider/resources/fakeEstate.js";
import { connectTo, fabricId, groupId, vaultId, withEmulator } from "../siterecovery/emulatedVault.js";

export interface Ring {
  emulator: Emulator;
  siteRecovery: SiteRecovery;
  /** ARM id of a replicated item, as the vault lists it. */
  item(name: string): Promise<string>;
  /** One `pulumi up` of a `Failover`. */
  go(inputs: Properties, prior?: Resource, context?: TestContext): Promise<Resource & { hasChanged: boolean }>;
  /** The same where it has to fail after its preview: the reasons, and what a stack stores of it. */
  fail(inputs: Properties, prior?: Resource): Promise<{ reasons: string; stored: Resource }>;
  /** What a preview shows: the lines, or the reasons of its refusal. */
  preview(inputs: Properties, prior?: Resource): Promise<{ lines: string; failures: string }>;
  /** Accepted starts in the order in which Azure took them, as `<action> <target>`. */
  starts(): string[];
  fault(fault: object): Promise<void>;
  /** Moves the emulator's clock. */
  advance(seconds: number): Promise<void>;
  /** The power state of the machine in Azure, or `gone`. */
  azureMachine(name: string): Promise<string>;
}

export const planIdOf = (name: string) => `${vaultId}/replicationRecoveryPlans/${name}`;

export async function withRing(estate: EstateInput, body: (ring: Ring) => Promise<void>): Promise<void> {
  await withEmulator({ speed: 20_000, estate }, async (emulator) => {
    const siteRecovery = connectTo(emulator, { pollIntervalSeconds: 1 });
    const admin = async (path: string, content: object) => {
      const answer = await fetch(`${emulator.origin}/_emulator/${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(content),
      });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    };
    await body({
      emulator,
      siteRecovery,
      async item(name) {
        const found = (await siteRecovery.listItems()).find((item) => item.name === name);
        if (!found) throw new Error(`no replicated item ${name}`);
        return found.id;
      },
      go: (inputs, prior, context = makeContext(siteRecovery)) => up(failover, context, inputs, prior),
      async fail(inputs, prior) {
        const context = makeContext(siteRecovery);
        const checked = await failover.check(context, prior?.inputs ?? {}, inputs);
        if (checked.failures.length > 0)
          throw new Error(`refused in preview: ${checked.failures.map(({ reason }) => reason).join("\n")}`);
        const error = await failover.reconcile(context, checked.inputs, prior).then(
          () => new Error("it should have failed"),
          (reason: unknown) => reason,
        );
        if (!(error instanceof PartialFailure)) throw error;
        const stored = { id: error.id, inputs: checked.inputs, outputs: error.properties };
        return { reasons: error.reasons.join("\n"), stored };
      },
      async preview(inputs, prior) {
        const { inputs: checked, failures } = await failover.check(
          makeContext(siteRecovery),
          prior?.inputs ?? {},
          inputs,
        );
        const preview = checked.preview as { lines?: string[]; drift?: string[] } | undefined;
        return {
          lines: [...(preview?.lines ?? []), ...(preview?.drift ?? [])].join("\n"),
          failures: failures.map(({ property, reason }) => `${property} ${reason}`).join("\n"),
        };
      },
      starts: () =>
        emulator
          .log()
          .filter(({ method, status, path }) => method === "POST" && status === 202 && path.includes("/vaults/"))
          .map(({ path }) => (path.split("?")[0] ?? "").split("/").slice(-2).reverse().join(" "))
          .filter((start) => !start.startsWith("resume ")),
      fault: (fault) => admin("faults", fault),
      advance: (advanceSeconds) => admin("clock", { advanceSeconds }),
      async azureMachine(name) {
        const path = `${groupId}/providers/Microsoft.Compute/virtualMachines/${name}/instanceView`;
        const answer = await fetch(`${emulator.origin}${path}?api-version=2024-03-01`);
        if (answer.status === 404) return "gone";
        const { statuses } = (await answer.json()) as { statuses: { code: string }[] };
        return statuses.map(({ code }) => code).find((code) => code.startsWith("PowerState/")) ?? "";
      },
    });
  });
}

/** Every stage, and the way back to the first. */
export const wholeRing: readonly Stage[] = [...stages, "protected"];

/** One `pulumi up` for each stage, each of which has to be reached, and one more that finds nothing to change. */
export async function walk(
  ring: Ring,
  program: Properties,
  stages: readonly Stage[],
  prior: Resource,
): Promise<Resource> {
  let at = prior;
  for (const stage of stages) {
    at = await ring.go({ ...program, stage }, at);
    expect(at.outputs, stage).to.include({ observedStage: stage, lastAppliedStage: stage });
    expect((await ring.go({ ...program, stage }, at)).hasChanged, `an up without a change at ${stage}`).to.equal(
      false,
    );
  }
  return at;
}

/** The arguments of modernised machines' way back, out of what the vault itself lists. */
export async function wayBack(siteRecovery: SiteRecovery): Promise<Properties> {
  const fabric = await siteRecovery.findFabric(fabricId);
  const [agent] = fabric?.reprotectAgents ?? [];
  const [server] = fabric?.processServers ?? [];
  if (!agent || !server) throw new Error("the estate's appliance has no reprotect agent");
  return {
    reprotect: {
      reprotectAgentId: agent.id,
      datastoreName: agent.accessibleDatastores[0],
      logStorageAccountId: `${groupId}/providers/Microsoft.Storage/storageAccounts/shopdrlogs`,
    },
    reverse: { processServerId: server.id, policyId: `${vaultId}/replicationPolicies/daily` },
  };
}

/** Networks and a storage account in Azure, and nothing on-premises: what every estate of the rings begins with. */
export function azureSide(): Omit<EstateInput, "machines"> {
  const network = (name: string): NonNullable<EstateInput["networks"]>[number] => ({
    name,
    addressPrefixes: ["10.20.0.0/16"],
    subnets: [{ name: "shop", addressPrefix: "10.20.0.0/20" }],
  });
  return {
    subscriptionId: vaultId.split("/")[2] ?? "",
    resourceGroup: "shop-dr",
    location: "westeurope",
    vault: { name: "shop-vault" },
    networks: [network("shop-recovery"), network("shop-drill")],
    storageAccounts: [{ name: "shopdrlogs" }],
  };
}

export type EstateMachine = NonNullable<EstateInput["machines"]>[number];

/** A machine on-premises. @param more where it stands, and whatever else differs */
export function machine(name: string, ip: string, more: Partial<EstateMachine>): EstateMachine {
  return {
    name,
    os: { type: "Windows", name: "Windows Server 2019" },
    nics: [{ network: "corp", ip }],
    ...more,
  };
}

/** Machines in a cloud of a VMM server, replicated by its one policy. */
export function vmmCloud(
  names: readonly string[],
  policy: NonNullable<EstateInput["hyperVPolicies"]>[number],
): EstateInput {
  const place = { kind: "hyperv", hyperV: { vmmServer: "vmm.example.com", cloud: "gold" } } as const;
  return {
    ...azureSide(),
    machines: names.map((name, index) => machine(name, `192.168.1.${31 + index}`, place)),
    vmmServers: [{ name: "vmm.example.com", clouds: [{ name: "gold" }], networks: [{ name: "corp" }] }],
    hyperVPolicies: [policy],
    replicatedItems: names.map((name) => replicated(name, policy.name)),
  };
}

/** A replicated item of a machine, into the recovery network. */
export function replicated(
  machine: string,
  policy: string,
  more: object = {},
): NonNullable<EstateInput["replicatedItems"]>[number] {
  return {
    machine,
    policy,
    targetNetwork: "shop-recovery",
    targetSubnet: "shop",
    testNetwork: "shop-drill",
    testSubnet: "shop",
    ...more,
  };
}
