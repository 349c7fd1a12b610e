/**
 * Configuration of the provider, the same on both shells: what may be set, what it means, and every problem at once.
 *
 * Pulumi keeps provider configuration in the state, so nothing secret is taken from it: secrets come from the
 * environment, certificates and federated tokens from files that it names.
 */

import { z } from "zod";
import { isUnknown } from "../connectivity/unknown.js";
import type { CheckFailure } from "../resources/handler.js";
import { didYouMean } from "../resources/nearest.js";
import { vaultFields } from "../resources/schema.js";
import { pathText, show } from "../resources/validate.js";
import { type Cloud, cloudNames, cloudSettings } from "../siterecovery/azure/clouds.js";
import { credentialProblems } from "../siterecovery/azure/credentials.js";
import { isLoopbackHost, parseEndpoint } from "../siterecovery/azure/endpoint.js";
import { InvalidInput } from "../siterecovery/errors.js";
import type { VaultCoordinates } from "../siterecovery/siteRecovery.js";

const seconds = (min: number, max: number) => {
  const message = `allowed: a number of seconds, ${min}-${max}`;
  return z.preprocess(
    (value) => (typeof value === "string" && value.trim() !== "" ? Number(value) : value),
    z.number({ error: message }).min(min, message).max(max, message),
  );
};
const flag = z.preprocess(
  (value) => (value === "true" ? true : value === "false" ? false : value),
  z.boolean({ error: "allowed: true, false" }),
);
const filePath = z.string({ error: "allowed: the path of a file" }).min(1, "allowed: the path of a file");
const guid = z
  .string({ error: "allowed: a GUID" })
  .regex(/^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, "allowed: a GUID");

const cloudShape = z.strictObject({
  /** Azure Resource Manager: an https address. */
  endpoint: z.string({ error: "allowed: an https address" }),
  /** Microsoft Entra ID, which signs the tokens: an https address. */
  authority: z.string({ error: "allowed: an https address" }),
  /** What tokens are asked for: an https address. */
  audience: z.string({ error: "allowed: an https address" }),
});

/** Everything that `siterecovery:<key>` or an explicit provider instance may set. */
export const configSchema = z.strictObject({
  /** Subscription of the vault: a GUID. Default: the environment variable `ARM_SUBSCRIPTION_ID`. */
  subscriptionId: vaultFields.subscriptionId,
  /** Resource group of the vault. */
  resourceGroupName: vaultFields.resourceGroupName,
  /** Name of the Recovery Services vault. */
  vaultName: vaultFields.vaultName,
  /**
   * Azure cloud: `public` (default), `usgovernment`, `china`, or `{endpoint, authority, audience}`. Default: the
   * environment variables `SITERECOVERY_CLOUD`, then `ARM_ENVIRONMENT`.
   */
  cloud: z.union([z.string(), cloudShape]).optional(),
  /**
   * Address of Azure Resource Manager where it is not the cloud's own: https, or http on this machine for a rehearsal.
   * The environment variable `SITERECOVERY_ENDPOINT` wins over it.
   */
  endpoint: z.string({ error: "allowed: an address such as http://127.0.0.1:4710" }).optional(),
  /** The longest pause between two looks at running jobs: seconds, 0.02-3600, default 30. */
  pollIntervalSeconds: seconds(0.02, 3600).optional(),
  /** How long one request waits out throttling (429) in all: seconds, 0-86400, default 600. */
  maxThrottleWaitSeconds: seconds(0, 86_400).optional(),
  /** Application (client) id that signs in: a GUID. Default: the environment variable `ARM_CLIENT_ID`. */
  clientId: guid.optional(),
  /** Tenant that is signed in to: a GUID. Default: the environment variable `ARM_TENANT_ID`. */
  tenantId: guid.optional(),
  /** Path of a client certificate (PEM or PFX). Default: the environment variable `ARM_CLIENT_CERTIFICATE_PATH`. */
  clientCertificatePath: filePath.optional(),
  /** Sign in with a federated (OIDC) token. Default: the environment variable `ARM_USE_OIDC`, else false. */
  useOidc: flag.optional(),
  /** Path of the federated token's file. Default: the environment variable `ARM_OIDC_TOKEN_FILE_PATH`. */
  oidcTokenFilePath: filePath.optional(),
  /** Sign in with a managed identity. Default: the environment variable `ARM_USE_MSI`, else false. */
  useMsi: flag.optional(),
  /**
   * Directory of the history of drills and failovers, relative to the directory of Pulumi.yaml; `none` keeps none.
   * Default `drills/<stack>`.
   */
  evidenceDirectory: filePath.optional(),
  /** Which shell the TypeScript classes use: `dynamic` (default, nothing to install) or `plugin`. Other languages always use the plugin. */
  shell: z.enum(["dynamic", "plugin"]).optional(),
});

/** The keys of the configuration, as they follow `siterecovery:`. */
export const configKeys = Object.keys(configSchema.shape);

/** Keys of azure-native's configuration that hold secrets, and where those belong instead. */
const refusedSecrets: Record<string, string> = {
  clientSecret: "ARM_CLIENT_SECRET",
  clientCertificatePassword: "ARM_CLIENT_CERTIFICATE_PASSWORD",
  oidcToken: "ARM_OIDC_TOKEN",
  oidcRequestToken: "ARM_OIDC_REQUEST_TOKEN",
};

/** Pulumi's own keys, which come with every provider's configuration. */
const pulumiKeys = ["version", "pluginDownloadURL", "__internal"];

/** What the shells work with. */
export interface Settings {
  defaults: Partial<VaultCoordinates>;
  cloud: Cloud;
  endpoint: string;
  pollIntervalSeconds?: number;
  maxThrottleWaitSeconds?: number;
  evidenceDirectory?: string;
  /** The environment that credentials are read from, with the configured ones in their place. */
  credentials: NodeJS.ProcessEnv;
}

/** The namespace of the configuration. */
const namespace = "siterecovery";

/** Values as they come: text from a stack's configuration (objects as JSON text), anything from an explicit provider. */
export type GivenConfig = Record<string, unknown>;

/** The provider's own keys of a stack's whole configuration, without their namespace. */
export function ownConfig(all: Readonly<Record<string, unknown>>): GivenConfig {
  const prefix = `${namespace}:`;
  return Object.fromEntries(
    Object.entries(all).flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [],
    ),
  );
}

/**
 * Reads the configuration.
 *
 * Environment variables for the endpoint and the cloud win over configuration: refresh and destroy see the
 * configuration that the last `up` stored, but always the present environment, and a rehearsal's endpoint changes from
 * run to run. Credentials are read the other way round, as azure-native does: configuration first.
 *
 * @returns the settings, and every problem; with problems the settings are not to be used
 */
export function readSettings(
  given: GivenConfig,
  env: NodeJS.ProcessEnv,
): { settings: Settings; failures: CheckFailure[] } {
  const failures: CheckFailure[] = [];
  // A project of this very name keeps its own configuration among the provider's.
  const isShared = env.PULUMI_NODEJS_PROJECT === namespace;
  const known = Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) => {
      if (isShared && !configKeys.includes(key) && refusedSecrets[key] === undefined) return [];
      if (pulumiKeys.includes(key) || value === undefined || value === null || value === "" || isUnknown(value))
        return [];
      const variable = refusedSecrets[key];
      if (variable === undefined) return [[key, key === "cloud" ? cloudValue(value) : value]];
      // Pulumi prints the value of a property that it names.
      failures.push({
        property: "",
        reason: `siterecovery:${key} is not taken from configuration, because Pulumi writes configuration into the state; set the environment variable ${variable}`,
      });
      return [];
    }),
  );
  const verdict = configSchema.safeParse(known);
  if (!verdict.success) {
    for (const issue of verdict.error.issues) {
      if (issue.code === "unrecognized_keys") {
        for (const key of issue.keys)
          failures.push({
            property: pathText([...issue.path, key]),
            reason: `is not a setting of siterecovery${didYouMean(key, configKeys)}; allowed: ${configKeys.join(", ")}`,
          });
      } else if (issue.path[0] !== "cloud") {
        failures.push({
          property: pathText(issue.path),
          reason: `value ${show(known[String(issue.path[0])])} is not allowed; ${issue.message}`,
        });
      }
    }
  }
  // A value that was refused is not complained of a second time for what would follow from it.
  const refused = new Set((verdict.error?.issues ?? []).map(({ path }) => path[0]));
  const values = (
    verdict.success ? verdict.data : Object.fromEntries(Object.entries(known).filter(([key]) => !refused.has(key)))
  ) as Partial<z.output<typeof configSchema>>;
  const cloud = readCloud(given.cloud, env, failures);
  const endpoint = readEndpoint(values.endpoint, cloud, env, failures);
  const credentials = { ...env };
  const set = (variable: string, value: unknown) => {
    if (value !== undefined) credentials[variable] = String(value);
  };
  // One that is no GUID is given all the same: it is not missing.
  set("ARM_CLIENT_ID", values.clientId ?? known.clientId);
  set("ARM_TENANT_ID", values.tenantId ?? known.tenantId);
  set("ARM_CLIENT_CERTIFICATE_PATH", values.clientCertificatePath);
  set("ARM_USE_OIDC", values.useOidc);
  set("ARM_OIDC_TOKEN_FILE_PATH", values.oidcTokenFilePath ?? known.oidcTokenFilePath);
  set("ARM_USE_MSI", values.useMsi);
  // Of a configuration that is not whole yet nothing can be missed, and a rehearsal signs in nowhere.
  if (!Object.values(given).some(isUnknown) && !isRehearsal(endpoint)) {
    for (const problem of credentialProblems(credentials))
      failures.push({ property: "", reason: `credentials: ${problem}` });
  }
  const defaults: Partial<VaultCoordinates> = {};
  const subscriptionId = values.subscriptionId ?? env.ARM_SUBSCRIPTION_ID;
  if (subscriptionId) defaults.subscriptionId = subscriptionId;
  if (values.resourceGroupName) defaults.resourceGroupName = values.resourceGroupName;
  if (values.vaultName) defaults.vaultName = values.vaultName;
  const { pollIntervalSeconds, maxThrottleWaitSeconds, evidenceDirectory } = values;
  return {
    settings: {
      defaults,
      cloud,
      endpoint,
      ...(pollIntervalSeconds === undefined ? {} : { pollIntervalSeconds }),
      ...(maxThrottleWaitSeconds === undefined ? {} : { maxThrottleWaitSeconds }),
      ...(evidenceDirectory === undefined ? {} : { evidenceDirectory }),
      credentials,
    },
    failures,
  };
}

/** One error that names every problem. */
export function configurationError(failures: readonly CheckFailure[]): InvalidInput {
  return new InvalidInput(
    `siterecovery is not configured: ${failures.map(({ property, reason }) => (property === "" ? reason : `siterecovery:${property} ${reason}`)).join("; ")}.`,
  );
}

/** An object that arrives as JSON text, as itself. */
function cloudValue(value: unknown): unknown {
  if (typeof value !== "string" || !value.trim().startsWith("{")) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

const allowedClouds = `allowed: ${cloudNames.join(", ")}, or {"endpoint", "authority", "audience"} with https addresses`;

function readCloud(given: unknown, env: NodeJS.ProcessEnv, failures: CheckFailure[]): Cloud {
  const fromEnv = env.SITERECOVERY_CLOUD;
  const raw = fromEnv || (isUnknown(given) ? undefined : given) || env.ARM_ENVIRONMENT || "public";
  const value = cloudValue(raw);
  // azure-native's own word for it.
  const named =
    typeof value === "string"
      ? value.trim().toLowerCase() === "usgov"
        ? "usgovernment"
        : value.trim().toLowerCase()
      : value;
  try {
    if (typeof named === "string") cloudSettings(named);
    else cloudSettings(cloudShape.parse(named));
    return named as Cloud;
  } catch (error) {
    const why = error instanceof InvalidInput && typeof named !== "string" ? ` (${error.message})` : "";
    const reason = `value ${show(value)} is not allowed; ${allowedClouds}${why}`;
    const variable = fromEnv ? "SITERECOVERY_CLOUD" : raw === given ? undefined : "ARM_ENVIRONMENT";
    failures.push(variable ? { property: "", reason: `${variable}: ${reason}` } : { property: "cloud", reason });
    return "public";
  }
}

function readEndpoint(
  given: string | undefined,
  cloud: Cloud,
  env: NodeJS.ProcessEnv,
  failures: CheckFailure[],
): string {
  const endpoint = env.SITERECOVERY_ENDPOINT || given;
  if (!endpoint) return cloudSettings(cloud).endpoint;
  try {
    parseEndpoint(endpoint);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const reason = error.message.replace(/^endpoint: /, "").replace(/\.$/, "");
    failures.push(
      env.SITERECOVERY_ENDPOINT
        ? { property: "", reason: `SITERECOVERY_ENDPOINT: ${reason}` }
        : { property: "endpoint", reason },
    );
  }
  return endpoint;
}

function isRehearsal(endpoint: string): boolean {
  return URL.canParse(endpoint) && isLoopbackHost(new URL(endpoint).hostname);
}
