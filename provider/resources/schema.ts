/**
 * Building blocks of the input schemas. Every message says what is allowed: it is shown after the property and the
 * value.
 */

import { z } from "zod";
import { isUnknown, unknownMarker } from "../connectivity/unknown.js";
import type { VaultCoordinates } from "../siterecovery/siteRecovery.js";
import type { CheckFailure, Context, Properties } from "./handler.js";

/** A whole number in a range. */
export function wholeNumber(min: number, max: number, unit: string) {
  const message = `allowed: a whole number of ${unit}, ${min}-${max}`;
  return z.int({ error: message }).min(min, message).max(max, message);
}

/** Minutes that a create, update or delete waits before it ends with what still runs; nothing is ever stopped. */
export function timeoutMinutes(fallback: number) {
  return wholeNumber(1, 10_080, "minutes").default(fallback);
}

/**
 * Names of policies, mappings and replicated items. The REST contract has no pattern; this is ARM's common one, and
 * every recorded name fits it.
 */
export const resourceName = text(
  /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?$/,
  "1-80 letters, digits, '_', '.' and '-', beginning with a letter or digit, not ending with '.' or '-'",
);

/** @see https://learn.microsoft.com/azure/site-recovery/site-recovery-create-recovery-plans */
export const planName = text(
  /^[A-Za-z][A-Za-z0-9-]{1,63}[A-Za-z0-9]$/,
  "3-65 letters, digits and '-', beginning with a letter, ending with a letter or digit",
);

/** Azure's rule for the name of a machine that Site Recovery makes. */
export const targetVmName = text(
  /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/,
  "1-63 letters, digits and '-', beginning and ending with a letter or digit",
);

/** Names that exist already (fabrics, containers, subnets): anything that can be one segment of a path. */
export const existingName = text(/^[^/\s][^/]{0,127}$/, "a name of 1-128 characters without '/'");

export function text(pattern: RegExp, allowed: string) {
  const message = `allowed: ${allowed}`;
  return z.string({ error: message }).regex(pattern, message);
}

/** An ARM id that ends in a type's path, such as `Microsoft.Network/virtualNetworks`. */
export function armId(type: string) {
  const [namespace = "", ...types] = type.split("/");
  const tail = types.map((part) => `${part}/[^/]+`).join("/");
  return text(
    new RegExp(
      `^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/${namespace.replace(/\./g, "\\.")}/${tail}$`,
      "i",
    ),
    `an ARM id: /subscriptions/<id>/resourceGroups/<name>/providers/${namespace}/${types.map((part) => `${part}/<name>`).join("/")}`,
  );
}

export const resourceGroupId = text(
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+$/i,
  "the ARM id of a resource group: /subscriptions/<id>/resourceGroups/<name>",
);

const octet = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
export const ipv4 = text(new RegExp(`^${octet}(?:\\.${octet}){3}$`), "an IPv4 address such as 10.0.0.4");

/** Which vault a resource lies in; what is left out comes from provider configuration. */
export const vaultFields = {
  /** Subscription of the vault: a GUID. Default: config `siterecovery:subscriptionId`. */
  subscriptionId: text(/^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, "a GUID").optional(),
  /** Resource group of the vault. Default: config `siterecovery:resourceGroupName`. */
  resourceGroupName: text(
    /^[\w().-]{0,89}[\w()-]$/,
    "1-90 letters, digits, '_', '-', '.' and parentheses, not ending with '.'",
  ).optional(),
  /** Name of the Recovery Services vault. Default: config `siterecovery:vaultName`. */
  vaultName: text(
    /^[A-Za-z][A-Za-z0-9-]{1,49}$/,
    "2-50 letters, digits and '-', beginning with a letter",
  ).optional(),
};

/** Inputs that every ARM id of a vault is made of. */
export const vaultKeys = ["subscriptionId", "resourceGroupName", "vaultName"] as const;

/** Fills the vault's coordinates from provider configuration; one failure names all that nobody gave. */
export function withVault(context: Context, news: Properties, failures: CheckFailure[]): Properties {
  const filled = { ...news };
  for (const key of vaultKeys) filled[key] ??= context.defaults[key];
  const missing = vaultKeys.filter((key) => filled[key] === undefined);
  for (const key of missing) delete filled[key];
  if (missing.length > 0) {
    const commands = missing.map((key) => `pulumi config set siterecovery:${key} <value>`).join("; ");
    failures.push({
      property: missing.length === 1 ? String(missing[0]) : "",
      reason: `the vault is not known: ${missing.join(", ")} must be given, as arguments or once for the stack: ${commands}`,
    });
  }
  return filled;
}

/**
 * An ARM id that follows from the inputs, as an input that `check` computes: so the program knows it in a preview,
 * before the resource exists, which its `id` is not. Unknown where one of its parts is.
 */
export function computedId(inputs: Properties, parts: readonly string[], build: () => string): string {
  const known = [...vaultKeys, ...parts].map((key) => inputs[key]);
  return known.some((value) => typeof value !== "string" || isUnknown(value)) ? unknownMarker : build();
}

/** The vault that checked inputs or outputs name. */
export function vaultOf(properties: Properties): VaultCoordinates {
  return {
    subscriptionId: String(properties.subscriptionId),
    resourceGroupName: String(properties.resourceGroupName),
    vaultName: String(properties.vaultName),
  };
}

/**
 * The inputs that stored outputs hold: those of the schema's keys that were given or defaulted, and those that `check`
 * computes. Refresh must give back exactly these keys, or the next preview shows the others as removed.
 */
export function inputsIn(inputs: z.ZodObject, outputs: Properties, ...computed: string[]): Properties {
  const keys = [...Object.keys(inputs.shape), ...computed];
  return Object.fromEntries(keys.flatMap((key) => (key in outputs ? [[key, outputs[key]]] : [])));
}

/** The bound that a resource waits within, in real milliseconds. */
export function timeoutOf(properties: Properties, fallbackMinutes: number): { timeoutMs: number } {
  return { timeoutMs: Number(properties.timeoutMinutes ?? fallbackMinutes) * 60_000 };
}
