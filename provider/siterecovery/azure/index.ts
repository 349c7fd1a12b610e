import type { TokenCredential } from "@azure/identity";
import { InvalidInput } from "../errors.js";
import type { SiteRecovery, VaultCoordinates } from "../siteRecovery.js";
import { ArmClient } from "./armClient.js";
import { type Cloud, cloudSettings } from "./clouds.js";
import { parseEndpoint } from "./endpoint.js";
import { azureBuckets, noBuckets } from "./rateLimit.js";
import { openVault } from "./vault.js";

export interface ConnectOptions {
  vault: VaultCoordinates;
  /** `https://management.azure.com`, or `http://127.0.0.1:<port>` of an emulator. */
  endpoint: string;
  /** Whose tokens are asked for; default public. Not used for a loopback endpoint. */
  cloud?: Cloud;
  /** Asked when the first token is needed; never for a loopback endpoint, which gets none. */
  credential: () => Promise<TokenCredential>;
  /** The longest pause between two looks at running jobs, in seconds; 0.02-3600, default 30. Azure's Retry-After is obeyed beyond it. */
  pollIntervalSeconds?: number;
  /** How long one request waits out 429 answers in all, in seconds; 0-86400, default 600. */
  maxThrottleWaitSeconds?: number;
  /** How long a request that may be repeated is repeated after lost connections and 5xx, in seconds; 0-3600, default 120. */
  maxOutageSeconds?: number;
  /** How old the snapshot of lists may become, in seconds; 0-3600, default 30. */
  snapshotSeconds?: number;
  /** Awaited before every request that is not a GET; what it throws stops that request and reaches the caller. */
  beforeWrite: () => Promise<void>;
  /** Ends every wait, with `Timeout`; what runs in Azure goes on. */
  signal?: AbortSignal;
  /** Told of waits and repetitions; never of secrets. */
  log?: (message: string) => void;
  /** Put before the SDK's own in the User-Agent header. */
  userAgent?: string;
}

/** One try, from the connection to the last byte. ARM itself gives up after a minute. */
const TRY_TIMEOUT_MS = 120_000;
/** The first pause before a job is looked at: an emulator's clock may run a thousand times faster than ours. */
const LOOPBACK_FLOOR_MS = 20;
const AZURE_FLOOR_MS = 2_000;
/** The longest pause where Azure only needs a moment. */
const SHORT_CEILING_MS = 5_000;

/**
 * Connects to a vault. Nothing is sent and no SDK is loaded before the first call.
 *
 * @throws InvalidInput with every problem of the options at once: http away from loopback, missing coordinates, bounds.
 *
 * @example
 * const siteRecovery = connect({
 *   vault: { subscriptionId, resourceGroupName: "dr", vaultName: "vault" },
 *   endpoint: "https://management.azure.com",
 *   credential: () => credentialFromEnvironment(process.env, "public"),
 *   beforeWrite: async () => {},
 * });
 */
export function connect(options: ConnectOptions): SiteRecovery {
  const problems: string[] = [];
  const collect = <T>(check: () => T): T | undefined => {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      problems.push(error.message.replace(/\.$/, ""));
      return undefined;
    }
  };
  const endpoint = collect(() => parseEndpoint(options.endpoint));
  const cloud = collect(() => cloudSettings(options.cloud ?? "public"));
  for (const property of ["subscriptionId", "resourceGroupName", "vaultName"] as const) {
    const value = options.vault[property];
    if (value === "" || /[/?#%\\]/.test(value)) problems.push(`vault.${property}: "${value}" is not a name`);
  }
  const milliseconds = (
    property: "pollIntervalSeconds" | "maxThrottleWaitSeconds" | "maxOutageSeconds" | "snapshotSeconds",
    byDefault: number,
    least: number,
    most: number,
  ): number => {
    const value = options[property] ?? byDefault;
    if (!(value >= least && value <= most))
      problems.push(`${property}: ${value} is not between ${least} and ${most}`);
    return value * 1000;
  };
  const ceilingMs = milliseconds("pollIntervalSeconds", 30, 0.02, 3600);
  const maxThrottleWaitMs = milliseconds("maxThrottleWaitSeconds", 600, 0, 86_400);
  const maxOutageMs = milliseconds("maxOutageSeconds", 120, 0, 3600);
  const snapshotMaxAgeMs = milliseconds("snapshotSeconds", 30, 0, 3600);
  if (problems.length > 0 || endpoint === undefined || cloud === undefined) {
    throw new InvalidInput(`connecting to vault "${options.vault.vaultName}": ${problems.join("; ")}.`);
  }

  const log = options.log ?? (() => {});
  const arm = new ArmClient({
    endpoint,
    subscriptionId: options.vault.subscriptionId,
    vaultName: options.vault.vaultName,
    audience: cloud.audience,
    credential: options.credential,
    userAgent: options.userAgent,
    buckets: endpoint.isLoopback ? noBuckets : azureBuckets(),
    beforeWrite: options.beforeWrite,
    maxThrottleWaitMs,
    maxOutageMs,
    tryTimeoutMs: TRY_TIMEOUT_MS,
    log,
    signal: options.signal,
  });
  const floorMs = Math.min(ceilingMs, endpoint.isLoopback ? LOOPBACK_FLOOR_MS : AZURE_FLOOR_MS);
  return openVault(arm, {
    vault: options.vault,
    pacing: { floorMs, ceilingMs, retryAfterMs: () => arm.delivery.lastRetryAfterMs },
    shortPacing: { floorMs, ceilingMs: Math.min(ceilingMs, SHORT_CEILING_MS), signal: options.signal },
    snapshotMaxAgeMs,
    maxOutageMs,
    log,
    signal: options.signal,
  });
}

export { type Cloud, type CloudName, type CloudSettings, cloudNames, cloudSettings } from "./clouds.js";
export { credentialFromEnvironment } from "./credentials.js";
export { type Endpoint, isLoopbackHost, parseEndpoint } from "./endpoint.js";
