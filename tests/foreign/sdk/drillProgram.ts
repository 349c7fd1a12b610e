/**
 * A drill and a failover as a user of the official SDK would write it: nothing here knows that the other side is an
 * emulator. Arguments: address, and the ids as JSON. Prints what it saw as JSON.
 */

import {
  type RecoveryPlan,
  type ReplicationProtectedItem,
  SiteRecoveryManagementClient,
} from "@azure/arm-recoveryservices-siterecovery";

export interface DrillInput {
  subscriptionId: string;
  resourceGroupName: string;
  vaultName: string;
  fabricName: string;
  containerName: string;
  machineId: string;
  processServerId: string;
  runAsAccountId: string;
  resourceGroupId: string;
  networkId: string;
  testNetworkId: string;
  storageAccountId: string;
}

export interface DrillSeen {
  states: string[];
  points: number;
  testMachine: string | undefined;
  planGroups: string[];
  jobs: { scenario: string | undefined; state: string | undefined; tasks: number }[];
  refusal: { statusCode: number; code: string; detail: string };
  isGone: boolean;
}

/** `isPlainHttp`: the two settings that the SDK needs for an address without TLS; never for a real one. */
export async function runDrill(endpoint: string, input: DrillInput, isPlainHttp: boolean): Promise<DrillSeen> {
  const credential = { getToken: async () => ({ token: "none", expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const client = new SiteRecoveryManagementClient(credential, input.subscriptionId, {
    endpoint,
    ...(isPlainHttp ? { allowInsecureConnection: true } : {}),
  });
  if (isPlainHttp) client.pipeline.removePolicy({ name: "bearerTokenAuthenticationPolicy" });
  const vault = [input.vaultName, input.resourceGroupName] as const;
  const container = [...vault, input.fabricName, input.containerName] as const;
  const item = [...container, "web01"] as const;
  const states: string[] = [];
  const see = (each: ReplicationProtectedItem) => {
    const { protectionState, testFailoverState, activeLocation, allowedOperations } = each.properties ?? {};
    states.push([protectionState, testFailoverState, activeLocation, allowedOperations?.join("+")].join("/"));
  };

  const policy = await client.replicationPolicies.beginCreateAndWait(...vault, "gold", {
    properties: {
      providerSpecificInput: {
        instanceType: "InMageRcm",
        recoveryPointHistoryInMinutes: 1440,
        crashConsistentFrequencyInMinutes: 5,
        appConsistentFrequencyInMinutes: 60,
        enableMultiVmSync: "true",
      },
    },
  });
  await client.replicationProtectionContainerMappings.beginCreateAndWait(...container, "gold", {
    properties: {
      policyId: policy.id ?? "",
      targetProtectionContainerId: "Microsoft Azure",
    },
  });
  const enabled = await client.replicationProtectedItems.beginCreateAndWait(...item, {
    properties: {
      policyId: policy.id ?? "",
      providerSpecificDetails: {
        instanceType: "InMageRcm",
        fabricDiscoveryMachineId: input.machineId,
        targetResourceGroupId: input.resourceGroupId,
        processServerId: input.processServerId,
        runAsAccountId: input.runAsAccountId,
        disksDefault: { diskType: "Premium_LRS", logStorageAccountId: input.storageAccountId },
        targetNetworkId: input.networkId,
        targetSubnetName: "web",
        testNetworkId: input.testNetworkId,
        targetVmName: "web01",
      },
    },
  });
  let current = enabled;
  for (let looks = 0; current.properties?.protectionState !== "Protected" && looks < 10_000; looks += 1) {
    current = await client.replicationProtectedItems.get(...item);
  }
  see(current);
  const updated = await client.replicationProtectedItems.beginUpdateAndWait(...item, {
    properties: {
      providerSpecificDetails: {
        instanceType: "InMageRcm",
        vmNics: nicsOf(current).map((nicId) => ({
          nicId,
          isPrimaryNic: "true",
          targetSubnetName: "web",
          targetStaticIPAddress: "10.20.1.20",
        })),
      },
    },
  });
  see(updated);
  const plan = await client.replicationRecoveryPlans.beginCreateAndWait(...vault, "plan", {
    properties: {
      primaryFabricId: `${policy.id?.replace(/\/replicationPolicies\/.*$/, "")}/replicationFabrics/${input.fabricName}`,
      recoveryFabricId: "Microsoft Azure",
      failoverDeploymentModel: "ResourceManager",
      groups: [
        {
          groupType: "Boot",
          replicationProtectedItems: [{ id: current.id ?? "" }],
          startGroupActions: [],
          endGroupActions: [],
        },
      ],
    },
  });
  const drilled = await client.replicationRecoveryPlans.beginTestFailoverAndWait(...vault, "plan", {
    properties: {
      failoverDirection: "PrimaryToRecovery",
      networkType: "VmNetworkAsInput",
      networkId: input.testNetworkId,
      providerSpecificDetails: [{ instanceType: "InMageRcm", recoveryPointType: "LatestProcessed" }],
    },
  });
  see(await client.replicationProtectedItems.get(...item));
  const refusal = await refusalOf(() =>
    client.replicationProtectedItems.beginUnplannedFailoverAndWait(...item, {
      properties: {
        failoverDirection: "PrimaryToRecovery",
        providerSpecificDetails: { instanceType: "InMageRcm", performShutdown: "false" },
      },
    }),
  );
  const testMachine = await testMachineOf(client, vault, drilled);
  await client.replicationRecoveryPlans.beginTestFailoverCleanupAndWait(...vault, "plan", {
    properties: { comments: "done" },
  });
  see(await client.replicationProtectedItems.get(...item));
  const failedOver = await client.replicationProtectedItems.beginUnplannedFailoverAndWait(...item, {
    properties: {
      failoverDirection: "PrimaryToRecovery",
      sourceSiteOperations: "NotRequired",
      providerSpecificDetails: { instanceType: "InMageRcm", performShutdown: "true" },
    },
  });
  see(failedOver);
  const points = [];
  for await (const point of client.recoveryPoints.listByReplicationProtectedItems(...item)) points.push(point);
  const older = points[2]?.id ?? "";
  see(
    await client.replicationProtectedItems.beginApplyRecoveryPointAndWait(...item, {
      properties: {
        recoveryPointId: older,
        providerSpecificDetails: { instanceType: "InMageRcm", recoveryPointId: older },
      },
    }),
  );
  see(await client.replicationProtectedItems.beginFailoverCommitAndWait(...item));
  const jobs = [];
  for await (const job of client.replicationJobs.list(...vault)) {
    const { properties } = await client.replicationJobs.get(...vault, job.name ?? "");
    jobs.push({
      scenario: properties?.scenarioName,
      state: properties?.state,
      tasks: properties?.tasks?.length ?? 0,
    });
  }
  await client.replicationRecoveryPlans.beginDeleteAndWait(...vault, "plan");
  await client.replicationProtectedItems.beginDeleteAndWait(...item, {
    properties: {
      disableProtectionReason: "MigrationComplete",
    },
  });
  const gone = await refusalOf(() => client.replicationProtectedItems.get(...item));
  await client.replicationProtectionContainerMappings.beginDeleteAndWait(...container, "gold", {
    properties: {},
  });
  await client.replicationPolicies.beginDeleteAndWait(...vault, "gold");
  return {
    states,
    points: points.length,
    testMachine,
    planGroups: (plan.properties?.groups ?? []).map((group) => group.groupType),
    jobs,
    refusal,
    isGone: gone.statusCode === 404,
  };
}

function nicsOf(item: ReplicationProtectedItem): string[] {
  const details = item.properties?.providerSpecificDetails;
  if (details?.instanceType !== "InMageRcm" || !("vmNics" in details)) return [];
  return (details.vmNics ?? []).flatMap((nic) => ("nicId" in nic && nic.nicId !== undefined ? [nic.nicId] : []));
}

async function testMachineOf(
  client: SiteRecoveryManagementClient,
  vault: readonly [string, string],
  plan: RecoveryPlan,
) {
  const job = plan.properties?.currentScenario?.jobId?.split("/").at(-1) ?? "";
  const details = (await client.replicationJobs.get(...vault, job)).properties?.customDetails;
  return details?.instanceType === "TestFailoverJobDetails" && "protectedItemDetails" in details
    ? details.protectedItemDetails?.[0]?.testVmName
    : undefined;
}

async function refusalOf(call: () => Promise<unknown>): Promise<DrillSeen["refusal"]> {
  try {
    await call();
  } catch (error) {
    const { statusCode, code, response } = error as {
      statusCode: number;
      code: string;
      response?: { parsedBody?: { error?: { details?: { code: string }[] } } };
    };
    return { statusCode, code, detail: response?.parsedBody?.error?.details?.[0]?.code ?? "" };
  }
  throw new Error("the call was not refused");
}

/** As a program of its own: the certificate that it trusts comes from the environment, as for any Node program. */
async function main(): Promise<void> {
  const [endpoint, input] = process.argv.slice(2);
  if (endpoint === undefined || input === undefined) throw new Error("usage: drillProgram.ts ADDRESS IDS-AS-JSON");
  console.log(JSON.stringify(await runDrill(endpoint, JSON.parse(input) as DrillInput, false)));
}

if (process.argv[1]?.endsWith("drillProgram.ts")) {
  main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
