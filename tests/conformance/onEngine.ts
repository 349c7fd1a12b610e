import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { DiffDisplay } from "../../rehearsal/engine/display/diffDisplay.js";
import { JsonEvents } from "../../rehearsal/engine/display/jsonDisplay.js";
import {
  Deployment,
  type OperationOptions,
  type OperationSummary,
  type ResourceProviderHost,
} from "../../rehearsal/engine/index.js";
import { connectGrpcProvider } from "../../rehearsal/engine/providers/grpcProvider.js";
import { StateStore } from "../../rehearsal/engine/state/stateStore.js";
import {
  type Case,
  type CaseStep,
  contentsOf,
  type Observation,
  providerDirectory,
  type StoredDeployment,
  Workplace,
  withPending,
} from "./cases.js";
import { observe } from "./observation.js";
import { OrderOfCalls } from "./order.js";

const passphrase = "correct horse";

interface ServedProvider {
  server: { forceShutdown(): void };
  port: number;
}

/** The cases' provider, in this process: over gRPC all the same. */
const host: ResourceProviderHost = {
  packageName: "conf",
  defaultInputs: (config) =>
    Object.fromEntries(
      Object.entries(config).flatMap(([key, value]) => (key.startsWith("conf:") ? [[key.slice(5), value]] : [])),
    ),
  async start(context) {
    const { serve } = createRequire(__filename)(join(providerDirectory, "serve.js")) as {
      serve(directory: string, engineAddress: string): Promise<ServedProvider>;
    };
    const { server, port } = await serve(context.programDirectory, context.engineAddress);
    return await connectGrpcProvider(`127.0.0.1:${port}`, async () => server.forceShutdown());
  },
};

/** Runs a case on the embedded engine. */
export async function runOnEngine(of: Case): Promise<Observation[]> {
  const workplace = new Workplace(of);
  try {
    const observations: Observation[] = [];
    const order = new OrderOfCalls();
    for (const step of of.steps) {
      workplace.prepare(step);
      observations.push(await runStep(of, workplace, step, order));
    }
    return observations;
  } finally {
    workplace.remove();
  }
}

async function runStep(
  { isDigested }: Case,
  workplace: Workplace,
  step: CaseStep,
  order: OrderOfCalls,
): Promise<Observation> {
  const isPreview = step.do.startsWith("preview");
  const kind =
    step.do === "up" ? "update" : step.do === "preview" ? "preview" : step.do.replace("preview", "").toLowerCase();
  const { stack = "dev" } = step;
  const statePath = join(workplace.directory, ".rehearsal", `${stack}.json`);
  if (step.pending !== undefined) {
    const stored = JSON.parse(readFileSync(statePath, "utf8")) as { deployment: StoredDeployment };
    const deployment = withPending(stored.deployment, step.pending);
    writeFileSync(statePath, JSON.stringify({ ...stored, deployment }));
  }
  const shown: string[] = [];
  const display = new DiffDisplay(stack, "p", kind as "preview", isPreview, (text) => shown.push(text));
  const deployment = new Deployment({
    directory: workplace.directory,
    stack,
    environment: { ...process.env, PULUMI_CONFIG_PASSPHRASE: passphrase },
    hosts: [host],
    onEvent: (event) => display.handle(event),
  });
  const summary = await operate(deployment, step);
  const calls = workplace.calls();
  const resources = isPreview ? undefined : await readState(statePath, stack);
  order.check(step, calls, resources);
  const json = new JsonEvents();
  return observe(
    summary.result === "succeeded" ? "succeeded" : "failed",
    summary.events.flatMap((event) => json.convert(event, isPreview)),
    step.showsDiff === true ? shown.join("") : summary.text,
    step.showsDiff === true,
    calls,
    resources,
    { directory: workplace.directory, isDigested },
  );
}

async function operate(deployment: Deployment, step: CaseStep): Promise<OperationSummary> {
  const { refresh, continueOnError, targets, targetDependents, excludes, excludeDependents, replaces } = step;
  const { clearPendingCreates, ignoreProtect, excludeProtected } = step;
  const options: OperationOptions = {
    ...(refresh === undefined ? {} : { refresh }),
    ...(ignoreProtect === undefined ? {} : { ignoreProtect }),
    ...(excludeProtected === undefined ? {} : { excludeProtected }),
    ...(clearPendingCreates === undefined ? {} : { clearPendingCreates }),
    ...(continueOnError === undefined ? {} : { continueOnError }),
    ...(targets === undefined ? {} : { targets }),
    ...(targetDependents === undefined ? {} : { targetDependents }),
    ...(excludes === undefined ? {} : { excludes }),
    ...(excludeDependents === undefined ? {} : { excludeDependents }),
    ...(replaces === undefined ? {} : { replaces }),
  };
  switch (step.do) {
    case "preview":
      return await deployment.preview(options);
    case "up":
      return await deployment.up(options);
    case "refresh":
      return await deployment.refresh(options);
    case "previewRefresh":
      return await deployment.previewRefresh(options);
    case "destroy":
      return await deployment.destroy(options);
    case "previewDestroy":
      return await deployment.previewDestroy(options);
  }
}

/** The resources kept, secrets in the clear as `pulumi stack export --show-secrets` gives them. */
async function readState(path: string, stack: string): Promise<Record<string, unknown>[]> {
  const store = await StateStore.open({ path, stack, passphrase }, false);
  try {
    const deployment = { resources: store.base, pending_operations: store.interrupted };
    return contentsOf(JSON.parse(JSON.stringify(deployment, showSecrets)) as StoredDeployment);
  } finally {
    store.close();
  }
}

function showSecrets(_key: string, value: unknown): unknown {
  if (
    typeof value === "object" &&
    value !== null &&
    "4dabf18193072939515e22adb298388d" in value &&
    "value" in value
  ) {
    const { value: content, ...rest } = value;
    return { ...rest, plaintext: JSON.stringify(content) };
  }
  return value;
}
