/** `siterecovery connectivity`: plans who can connect the day after, from what Azure holds now. Reads only. */

import { functions } from "../provider/functions/index.js";
import type { PlanConnectivityResult } from "../provider/functions/planConnectivity.js";
import type { Properties } from "../provider/resources/handler.js";
import { parseTarget, planId, vaultId } from "../provider/resources/ids.js";
import { createContext } from "../provider/shells/context.js";
import type { VaultCoordinates } from "../provider/siterecovery/siteRecovery.js";
import { readArguments, UsageError } from "./arguments.js";

const options = {
  vault: { type: "string" },
  subscription: { type: "string" },
  "resource-group": { type: "string" },
  target: { type: "string" },
  drill: { type: "boolean" },
  network: { type: "string" },
  access: { type: "string", multiple: true },
  "allow-production-network": { type: "boolean" },
  endpoint: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

export const connectivityUsage = `siterecovery connectivity --vault NAME --subscription ID --resource-group NAME [options]
siterecovery connectivity --vault /subscriptions/.../vaults/NAME [options]

  --target NAME|ID             a recovery plan or a replicated machine; default all machines of the vault
  --drill                      plans a test failover; default a failover
  --network ID                 ARM id of the network of the run; default each machine's own
  --access PATH[:PORT][=SOURCE,...]   may be repeated; PATH one of vpn, expressRoute, bastion, internet, private
                               e.g. --access bastion --access internet:3389=203.0.113.0/24
  --allow-production-network   a drill in the network of a real failover
  --endpoint URL               default Azure; SITERECOVERY_ENDPOINT wins
  --json                       the plan as JSON

Credentials as the provider takes them: ARM_* variables, else those of the Azure CLI or a managed identity.
`;

const vaultPattern =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.RecoveryServices\/vaults\/([^/]+)\/?$/i;

/** @returns the exit status: 0, or 2 where the command line cannot be used; other failures are thrown */
export async function connectivity(args: readonly string[]): Promise<number> {
  let request: Request | "help";
  try {
    request = read(args, process.env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`siterecovery connectivity: ${error.message}\n\n${connectivityUsage}`);
    return 2;
  }
  if (request === "help") {
    process.stdout.write(connectivityUsage);
    return 0;
  }
  const { vault, endpoint, isJson, inputs } = request;
  const context = createContext({ endpoint }, process.env, {
    log: () => undefined,
    beforeWrite: () => Promise.reject(new Error("this command only reads")),
  });
  const targetId = await targetOf(
    request.target,
    vault,
    (id) => context.connect(vault).findPlan(id),
    async () =>
      (await context.connect(vault).listItems()).map(({ id, name, friendlyName }) => ({ id, name, friendlyName })),
  );
  const planned = functions.get("planConnectivity");
  if (!planned) throw new Error("there is no function planConnectivity");
  const { result, failures } = await planned.call(context, {
    ...vault,
    ...inputs,
    ...(targetId === undefined ? {} : { targetId }),
  });
  if (failures.length > 0) {
    console.error(
      ["siterecovery connectivity:", ...failures.map(({ property, reason }) => `  ${property} ${reason}`)].join(
        "\n",
      ),
    );
    return 2;
  }
  const { plan, lines } = result as unknown as PlanConnectivityResult;
  process.stdout.write(isJson ? `${JSON.stringify(plan, null, 2)}\n` : `${lines.join("\n")}\n`);
  return 0;
}

interface Request {
  vault: VaultCoordinates;
  target: string | undefined;
  endpoint: string | undefined;
  isJson: boolean;
  inputs: Properties;
}

/** @throws UsageError with every problem */
function read(args: readonly string[], env: NodeJS.ProcessEnv): Request | "help" {
  const { values } = readArguments(args, options);
  if (values.help === true) return "help";
  const problems: string[] = [];
  const byId = vaultPattern.exec(values.vault ?? "");
  const vaultName = byId?.[3] ?? values.vault;
  const subscriptionId = byId?.[1] ?? values.subscription ?? env.ARM_SUBSCRIPTION_ID;
  const resourceGroupName = byId?.[2] ?? values["resource-group"];
  if (!vaultName) problems.push("--vault is required: the vault's name or ARM id");
  if (!subscriptionId)
    problems.push("--subscription is required where --vault is a name (or the variable ARM_SUBSCRIPTION_ID)");
  if (!resourceGroupName) problems.push("--resource-group is required where --vault is a name");
  const access = (values.access ?? []).map((text) => parseAccess(text, problems));
  if (problems.length > 0) throw new UsageError(problems.join("; "));
  return {
    vault: {
      subscriptionId: subscriptionId ?? "",
      resourceGroupName: resourceGroupName ?? "",
      vaultName: vaultName ?? "",
    },
    target: values.target,
    endpoint: values.endpoint,
    isJson: values.json === true,
    inputs: {
      purpose: values.drill === true ? "testFailover" : "failover",
      ...(values.network === undefined ? {} : { networkId: values.network }),
      ...(values["allow-production-network"] === true ? { allowProductionNetwork: true } : {}),
      ...(access.length === 0 ? {} : { access }),
    },
  };
}

/** `internet:3389=203.0.113.0/24,198.51.100.7`; the values themselves are checked with all others. */
function parseAccess(text: string, problems: string[]): Properties {
  const match = /^([A-Za-z]+)(?::(\d+))?(?:=(.+))?$/.exec(text);
  if (match === null) {
    problems.push(
      `--access: ${JSON.stringify(text)} is not allowed. Allowed: PATH[:PORT][=SOURCE,...], such as internet:3389=203.0.113.0/24`,
    );
    return {};
  }
  const [, path = "", port, sources] = match;
  return {
    path,
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(sources === undefined ? {} : { sources: sources.split(",").map((source) => source.trim()) }),
  };
}

/** A target by its id, else the recovery plan of that name, else the machine of that name. */
async function targetOf(
  target: string | undefined,
  vault: VaultCoordinates,
  findPlan: (id: string) => Promise<unknown>,
  listItems: () => Promise<{ id: string; name: string; friendlyName: string }[]>,
): Promise<string | undefined> {
  if (target === undefined || target.startsWith("/")) return target;
  const id = planId(vault, target);
  if (parseTarget(id) !== undefined && (await findPlan(id)) !== undefined) return id;
  const wanted = target.toLowerCase();
  const items = await listItems();
  const found = items.filter(({ name, friendlyName }) =>
    [name, friendlyName].some((candidate) => candidate.toLowerCase() === wanted),
  );
  const [item, other] = found;
  if (item !== undefined && other === undefined) return item.id;
  const names = [...new Set(items.map(({ friendlyName }) => friendlyName))].sort();
  throw new Error(
    other === undefined
      ? `--target: vault ${vaultId(vault)} has neither a recovery plan nor a machine "${target}". Machines: ${names.slice(0, 20).join(", ") || "none"}`
      : `--target: several machines are called "${target}": ${found.map((each) => each.id).join(", ")}. Give the id`,
  );
}
