/**
 * What both shells need around the handlers: settings from configuration and environment, one connection per vault,
 * and the probe that keeps a provider from walking on after its engine is gone.
 */

import net from "node:net";
import type { Context } from "../resources/handler.js";
import { type Cloud, cloudSettings } from "../siterecovery/azure/clouds.js";
import { credentialFromEnvironment } from "../siterecovery/azure/credentials.js";
import { connect } from "../siterecovery/azure/index.js";
import { InvalidInput } from "../siterecovery/errors.js";
import type { SiteRecovery, VaultCoordinates } from "../siterecovery/siteRecovery.js";

export interface ShellHooks {
  log(severity: "info" | "warning", message: string): void;
  /** Awaited before every request that changes something; throws to stop. */
  beforeWrite(): Promise<void>;
}

/** Reads a key of the namespace `siterecovery`; objects arrive as JSON text. */
export type ReadConfig = (key: string) => string | undefined;

/**
 * Builds the context of a provider process.
 *
 * Environment variables win over configuration: refresh and destroy see the configuration that the last `up` stored,
 * but always the present environment (measured), and a rehearsal's endpoint changes from run to run.
 */
export function createContext(readConfig: ReadConfig, env: NodeJS.ProcessEnv, hooks: ShellHooks): Context {
  const connections = new Map<string, SiteRecovery>();
  const cloud = parseCloud(env.SITERECOVERY_CLOUD ?? readConfig("cloud") ?? env.ARM_ENVIRONMENT ?? "public");
  const endpoint = env.SITERECOVERY_ENDPOINT || readConfig("endpoint") || cloudSettings(cloud).endpoint;
  const defaults: Partial<VaultCoordinates> = {};
  const subscriptionId = readConfig("subscriptionId") ?? env.ARM_SUBSCRIPTION_ID;
  if (subscriptionId) defaults.subscriptionId = subscriptionId;
  const resourceGroupName = readConfig("resourceGroupName");
  if (resourceGroupName) defaults.resourceGroupName = resourceGroupName;
  const vaultName = readConfig("vaultName");
  if (vaultName) defaults.vaultName = vaultName;

  return {
    defaults,
    kept: new Set(),
    declared: new Map(),
    log: hooks.log,
    connect(vault) {
      const key = `${vault.subscriptionId}/${vault.resourceGroupName}/${vault.vaultName}`.toLowerCase();
      let connection = connections.get(key);
      if (!connection) {
        connection = connect({
          vault,
          endpoint,
          cloud,
          credential: () => credentialFromEnvironment(env, cloud),
          beforeWrite: hooks.beforeWrite,
          ...numberSetting(readConfig, "pollIntervalSeconds"),
          ...numberSetting(readConfig, "maxThrottleWaitSeconds"),
        });
        connections.set(key, connection);
      }
      return connection;
    },
  };
}

/**
 * A cloud by name (azure-native's `usgov` too), or as JSON `{endpoint, authority, audience}`.
 *
 * @throws InvalidInput naming what is allowed
 */
function parseCloud(text: string): Cloud {
  const trimmed = text.trim();
  if (trimmed.startsWith("{")) {
    try {
      return JSON.parse(trimmed) as Cloud;
    } catch {
      throw new InvalidInput(
        `siterecovery:cloud: ${trimmed} is not JSON. Allowed: public, usgovernment, china, or {"endpoint", "authority", "audience"}.`,
      );
    }
  }
  const name = trimmed.toLowerCase() === "usgov" ? "usgovernment" : trimmed.toLowerCase();
  // Refuses a name that is none.
  cloudSettings(name);
  return name as Cloud;
}

function numberSetting<K extends string>(readConfig: ReadConfig, key: K): Partial<Record<K, number>> {
  const text = readConfig(key);
  if (text === undefined || text === "") return {};
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0)
    throw new InvalidInput(
      `siterecovery:${key}: ${JSON.stringify(text)} is not allowed. Allowed: a number of seconds, 0 or more.`,
    );
  return { [key]: value } as Partial<Record<K, number>>;
}

/**
 * Refuses a write when the engine that asked for it no longer answers: a provider process outlives a killed CLI
 * (measured) and must not go on starting things that nobody records.
 *
 * @param address `host:port` of the engine; undefined = not run by an engine, nothing to probe.
 */
export async function requireEngine(address: string | undefined): Promise<void> {
  if (!address) return;
  const separator = address.lastIndexOf(":");
  const host = address.slice(0, separator).replace(/^\[|\]$/g, "") || "127.0.0.1";
  const port = Number(address.slice(separator + 1));
  const isAlive = await new Promise<boolean>((resolve) => {
    const socket = net.connect({ host, port });
    const end = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.setTimeout(5000, () => end(false));
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
  if (!isAlive)
    throw new Error(
      "the engine that asked for this change is gone; nothing more is started. Run `pulumi up` again to go on",
    );
}
