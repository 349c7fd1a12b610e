import { request as httpRequest } from "node:http";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../../rehearsal/emulator/index.js";

/** An answer as a test looks at it. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads any shape, and fails where the shape is another
  body: any;
}

export interface Client {
  emulator: () => Emulator;
  /** Sends a request; `path` without api-version gets one, a body is sent as JSON. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Path of the resource group's provider part: `/subscriptions/.../providers/<rest>`. */
  at(rest: string): string;
}

export const subscription = "/subscriptions/00000000-0000-0000-0000-000000000001";
export const resourceGroup = `${subscription}/resourceGroups/siterecovery-rg`;

/** A `describe` whose every test gets an emulator of its own on a free port, with a frozen clock. */
export function describeEmulator(
  title: string,
  tests: (client: Client) => void,
  options: EmulatorOptions = {},
): void {
  describe(title, () => {
    let running: Emulator | undefined;
    beforeEach(async () => {
      running = await startEmulator({ frozen: true, startTime: "2026-01-31T08:00:00Z", ...options });
    });
    afterEach(async () => running?.stop());
    const emulator = (): Emulator => {
      if (!running) throw new Error("the emulator has not started");
      return running;
    };
    tests({
      emulator,
      at: (rest) => `${resourceGroup}/providers/${rest}`,
      send: (method, path, body, headers) => send(emulator().origin, method, path, body, headers),
    });
  });
}

export async function send(
  origin: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const isArm = !path.startsWith("/_emulator/") && !path.includes("api-version");
  const url = path.startsWith("http") ? path : `${origin}${path}`;
  const response = await fetch(isArm ? `${url}${url.includes("?") ? "&" : "?"}api-version=2023-06-01` : url, {
    method,
    headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text !== "" ? JSON.parse(text) : undefined,
  };
}

/** The code of the error that ends a request without an answer. */
export function failure(origin: string, method: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${origin}${path}`, { method }, (response) =>
      reject(new Error(`answered ${response.statusCode}`)),
    );
    request.on("error", (error) => resolve("code" in error ? String(error.code) : error.message));
    request.end();
  });
}

/** A network 10.0.0.0/16 with the given subnets (name to prefix). */
export function network(subnets: Record<string, string>, more: Record<string, unknown> = {}) {
  return {
    location: "westeurope",
    properties: {
      addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
      subnets: Object.entries(subnets).map(([name, addressPrefix]) => ({ name, properties: { addressPrefix } })),
      ...more,
    },
  };
}

/** A network card with one address in a subnet; `address` makes it static. */
export function card(subnetId: string, address?: string, more: Record<string, unknown> = {}) {
  return {
    location: "westeurope",
    properties: {
      ipConfigurations: [
        {
          name: "ipconfig1",
          properties: {
            subnet: { id: subnetId },
            privateIPAllocationMethod: address === undefined ? "Dynamic" : "Static",
            ...(address !== undefined && { privateIPAddress: address }),
            ...more,
          },
        },
      ],
    },
  };
}
