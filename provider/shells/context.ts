/**
 * What both shells need around the handlers: settings from configuration and environment, one connection per vault,
 * and the probe that keeps a provider from walking on after its engine is gone.
 */

import net from "node:net";
import { type Context, newRunMemory, type Severity } from "../resources/handler.js";
import { credentialFromEnvironment } from "../siterecovery/azure/credentials.js";
import { connect } from "../siterecovery/azure/index.js";
import type { SiteRecovery } from "../siterecovery/siteRecovery.js";
import { configurationError, type GivenConfig, readSettings, type Settings } from "./config.js";
import { evidenceKeeper } from "./evidenceKeeper.js";
import type { SecretTexts } from "./secretTexts.js";

export interface ShellHooks {
  log(severity: Severity, message: string): void;
  /** Awaited before every request that changes something; throws to stop. */
  beforeWrite(): Promise<void>;
  /** Ends every wait; what runs in Azure goes on. */
  signal?: AbortSignal;
  /** `host:port` of the engine; undefined where none runs this. */
  engineAddress?: string | undefined;
  /** What must be in nothing that is written. */
  secrets?: SecretTexts;
}

/**
 * Builds the context of a provider process from a stack's configuration.
 *
 * @param given the keys of the namespace `siterecovery`, all of them; objects as JSON text
 * @throws InvalidInput naming every setting that is wrong
 */
export function createContext(given: GivenConfig, env: NodeJS.ProcessEnv, hooks: ShellHooks): Context {
  const { settings, failures } = readSettings(given, env);
  if (failures.length > 0) throw configurationError(failures);
  return contextOf(settings, hooks);
}

/** The context that settings make: one connection per vault, opened when it is first used. */
export function contextOf(settings: Settings, hooks: ShellHooks): Context {
  const { defaults, cloud, endpoint, credentials, pollIntervalSeconds, maxThrottleWaitSeconds } = settings;
  const connections = new Map<string, SiteRecovery>();
  return {
    defaults,
    evidence: evidenceKeeper(settings.evidenceDirectory, hooks.engineAddress, hooks.secrets),
    ...newRunMemory(),
    log: hooks.log,
    connect(vault) {
      const key = `${vault.subscriptionId}/${vault.resourceGroupName}/${vault.vaultName}`.toLowerCase();
      let connection = connections.get(key);
      if (!connection) {
        connection = connect({
          vault,
          endpoint,
          cloud,
          credential: () => credentialFromEnvironment(credentials, cloud),
          beforeWrite: hooks.beforeWrite,
          signal: hooks.signal,
          ...(pollIntervalSeconds === undefined ? {} : { pollIntervalSeconds }),
          ...(maxThrottleWaitSeconds === undefined ? {} : { maxThrottleWaitSeconds }),
        });
        connections.set(key, connection);
      }
      return connection;
    },
  };
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
