import { z } from "zod";
import { InvalidInput, NotFound, SiteRecoveryError, Timeout } from "../errors.js";
import type { EffectiveRoute, IpFlowRequest, IpFlowResult } from "../siteRecovery.js";
import { list, object, text, words } from "./answers.js";
import type { ArmClient } from "./armClient.js";
import type { Delivery } from "./delivery.js";
import type { Doing } from "./failures.js";
import { type Pacing, pause, pauseMs, requireNotCancelled } from "./pacing.js";

/** The version of each provider that is spoken, by its namespace in lower case. */
const API_VERSIONS: Record<string, string> = {
  "microsoft.network": "2023-09-01",
  "microsoft.compute": "2023-09-01",
  "microsoft.storage": "2023-01-01",
  "microsoft.resources": "2021-04-01",
  "microsoft.offazure": "2020-01-01",
  "microsoft.recoveryservices": "2023-06-01",
};
/** Resource groups and subscriptions have no namespace in their path. */
const RESOURCES_VERSION = "2021-04-01";

/** How long a question to Network Watcher may take; Microsoft says that it is a matter of seconds. */
const ANSWER_BOUND_MS = 120_000;

/** The api-version for a path, by the last provider that it names. @throws InvalidInput for a provider we do not speak */
function apiVersionOf(path: string): string {
  const namespace = [...path.matchAll(/\/providers\/([^/?]+)/gi)].at(-1)?.[1]?.toLowerCase();
  if (namespace === undefined) return RESOURCES_VERSION;
  const version = API_VERSIONS[namespace];
  if (version === undefined) {
    throw new InvalidInput(
      `id: "${path}" is of provider "${namespace}". Allowed: ${Object.keys(API_VERSIONS).join(", ")}.`,
    );
  }
  return version;
}

const watchers = list(object({ id: text, location: text }));
const ipFlow = object({ access: z.enum(["Allow", "Deny"]), ruleName: text });
const routes = list(
  object({ source: text, state: text, addressPrefix: words, nextHopType: text, nextHopIpAddress: words }),
);

/** Networks and machines by their ARM ids, through the Site Recovery client's own pipeline. */
export class NetworkReader {
  #watchers: Promise<{ id?: string; location?: string }[]> | undefined;
  readonly #arm: ArmClient;
  readonly #pacing: Pacing;
  readonly #subscriptionId: string;

  constructor(arm: ArmClient, pacing: Pacing, subscriptionId: string) {
    this.#arm = arm;
    this.#pacing = pacing;
    this.#subscriptionId = subscriptionId;
  }

  async getResource(id: string): Promise<Record<string, unknown> | undefined> {
    return this.#arm.getJson(reading("resource", id), requireId(id), apiVersionOf(id));
  }

  /** All pages. A list address that is not there (a resource group that is gone) is an empty list. */
  async listResources(path: string): Promise<Record<string, unknown>[]> {
    const doing = { operation: "listing", kind: "resources", name: path, id: path };
    const found: Record<string, unknown>[] = [];
    const seen = new Set<string>();
    let next: string | undefined = requireId(path);
    while (next !== undefined) {
      if (seen.has(next))
        throw new SiteRecoveryError(`listing resources "${path}": the list names the same next page twice.`);
      seen.add(next);
      const page: Record<string, unknown> | undefined = await this.#arm.getJson(doing, next, apiVersionOf(path));
      const { value, nextLink } = object({ value: list(z.record(z.string(), z.unknown())), nextLink: text }).parse(
        page,
      );
      found.push(...value);
      next = nextLink;
    }
    return found;
  }

  /** Creates or replaces, and waits until Azure has done it. */
  async putResource(
    id: string,
    body: Record<string, unknown>,
    ifMatch?: string,
  ): Promise<Record<string, unknown>> {
    const doing = { ...reading("resource", id), operation: "writing" };
    const version = apiVersionOf(id);
    const answer = await this.#arm.write(doing, "PUT", requireId(id), version, body, ifMatch);
    const { provisioningState } = object({ provisioningState: text }).parse(answer.body?.properties ?? {});
    if (answer.body !== undefined && (provisioningState === undefined || provisioningState === "Succeeded"))
      return answer.body;
    if (answer.delivery?.pollAddress !== undefined || answer.delivery?.resultAddress !== undefined)
      await this.#await(doing, answer.delivery);
    return (await this.getResource(id)) ?? {};
  }

  /** Deletes and waits; already gone is success. */
  async deleteResource(id: string): Promise<void> {
    const doing = { ...reading("resource", id), operation: "deleting" };
    try {
      const answer = await this.#arm.write(doing, "DELETE", requireId(id), apiVersionOf(id));
      if (answer.status === 202) await this.#await(doing, answer.delivery);
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
    }
  }

  /** A POST that asks a question about a resource; undefined where Azure does not know it. */
  async askResource(path: string, body: Record<string, unknown>): Promise<Record<string, unknown> | undefined> {
    try {
      return await this.#ask({ ...reading("resource", path), operation: "asking" }, requireId(path), body);
    } catch (error) {
      if (error instanceof NotFound) return undefined;
      throw error;
    }
  }

  /** @see https://learn.microsoft.com/rest/api/network-watcher/network-watchers/verify-ip-flow */
  async verifyIpFlow(request: IpFlowRequest): Promise<IpFlowResult | undefined> {
    const doing = {
      operation: "verifying IP flow of",
      kind: "virtual machine",
      name: lastName(request.virtualMachineId),
      id: request.virtualMachineId,
    };
    const machine = object({ location: text }).parse(await this.getResource(request.virtualMachineId));
    const watcher = (await this.#networkWatchers()).find(
      ({ location }) => location !== undefined && sameRegion(location, machine.location),
    );
    if (watcher?.id === undefined) return undefined;
    const answer = await this.#ask(doing, `${watcher.id}/ipFlowVerify`, {
      targetResourceId: request.virtualMachineId,
      ...(request.nicId === undefined ? {} : { targetNicResourceId: request.nicId }),
      direction: request.direction,
      protocol: request.protocol,
      localPort: request.localPort,
      remotePort: request.remotePort,
      localIPAddress: request.localIpAddress,
      remoteIPAddress: request.remoteIpAddress,
    });
    const { access, ruleName } = this.#parse(doing, ipFlow, answer);
    return { access, ruleName: ruleName ?? "" };
  }

  /** @see https://learn.microsoft.com/rest/api/virtualnetwork/network-interfaces/get-effective-route-table */
  async getEffectiveRoutes(nicId: string): Promise<EffectiveRoute[]> {
    const doing = reading("effective routes of network interface", nicId);
    const answer = await this.#ask(doing, `${requireId(nicId)}/effectiveRouteTable`);
    return this.#parse(doing, object({ value: routes }), answer).value.map((route) => ({
      source: route.source ?? "",
      state: route.state ?? "",
      addressPrefixes: route.addressPrefix,
      nextHopType: route.nextHopType ?? "",
      nextHopIpAddresses: route.nextHopIpAddress,
    }));
  }

  #networkWatchers(): Promise<{ id?: string; location?: string }[]> {
    this.#watchers ??= this.listResources(
      `/subscriptions/${this.#subscriptionId}/providers/Microsoft.Network/networkWatchers`,
    )
      .then((found) => watchers.parse(found))
      .catch((error: unknown) => {
        this.#watchers = undefined;
        throw error;
      });
    return this.#watchers;
  }

  /** A question that Azure may answer later: 202, then the result at Location, or the status address' own output. */
  async #ask(doing: Doing, path: string, body?: unknown): Promise<Record<string, unknown> | undefined> {
    const version = apiVersionOf(path);
    const first = await this.#arm.ask(doing, path, version, body);
    if (first.status !== 202) return first.body;
    return this.#await(doing, first.delivery);
  }

  async #await(doing: Doing, delivery: Delivery | undefined): Promise<Record<string, unknown> | undefined> {
    const statusAddress = delivery?.pollAddress;
    const resultAddress = delivery?.resultAddress;
    if (statusAddress === undefined && resultAddress === undefined) {
      throw new SiteRecoveryError(
        `${doing.operation} ${doing.kind} "${doing.name}": Azure answers later, and does not say where.`,
      );
    }
    const startedAt = Date.now();
    for (;;) {
      const pacing = this.#pacing;
      await pause(Math.max(pauseMs(pacing, Date.now() - startedAt), delivery?.retryAfterMs ?? 0), pacing.signal);
      requireNotCancelled(pacing, `${doing.operation} ${doing.kind} "${doing.name}"`, { resourceId: doing.id });
      if (Date.now() - startedAt > ANSWER_BOUND_MS) {
        throw new Timeout(
          `${doing.operation} ${doing.kind} "${doing.name}": no answer within ${ANSWER_BOUND_MS / 1000} s. Ask again.`,
          {
            resourceId: doing.id,
            code: "WaitTimeout",
          },
        );
      }
      const answer = await this.#arm.poll(doing, statusAddress ?? resultAddress ?? "");
      if (statusAddress === undefined) {
        if (answer.status !== 202) return answer.body;
        continue;
      }
      const { status, error, properties } = operationStatus.parse(answer.body);
      if (status === "Failed" || status === "Canceled" || status === "Cancelled") {
        throw new SiteRecoveryError(
          `${doing.operation} ${doing.kind} "${doing.name}": ${error?.message ?? status} (${error?.code ?? status}).`,
          { code: error?.code ?? status, resourceId: doing.id, operation: doing.operation },
        );
      }
      if (status === "Succeeded") {
        if (resultAddress === undefined) return properties?.output;
        return (await this.#arm.poll(doing, resultAddress)).body;
      }
    }
  }

  #parse<T>(doing: Doing, schema: z.ZodType<T>, answer: unknown): T {
    const parsed = schema.safeParse(answer);
    if (parsed.success) return parsed.data;
    throw new SiteRecoveryError(
      `${doing.operation} ${doing.kind} "${doing.name}": the answer is not understood: ${parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ")}.`,
      { resourceId: doing.id, operation: doing.operation },
    );
  }
}

const operationStatus = object({
  status: text,
  error: object({ code: text, message: text }).optional(),
  properties: object({ output: z.record(z.string(), z.unknown()).optional() }).optional(),
});

function reading(kind: string, id: string): Doing {
  return { operation: "reading", kind, name: lastName(id), id };
}

function lastName(id: string): string {
  return id.split("/").at(-1) ?? id;
}

/** `East US` and `eastus` are one region. */
function sameRegion(a: string, b: string | undefined): boolean {
  const plain = (region: string): string => region.replace(/\s+/g, "").toLowerCase();
  return b !== undefined && plain(a) === plain(b);
}

function requireId(id: string): string {
  if (id.startsWith("/subscriptions/") || /^\/subscriptions\//i.test(id)) return id;
  throw new InvalidInput(`id: "${id}" is not an ARM id. Allowed: /subscriptions/<subscription>/...`);
}
