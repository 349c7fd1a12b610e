/**
 * Certificates of VMM clouds with data encryption, by reference only: neither a certificate nor its password is ever
 * an input, an output or a line in a log.
 */

import { readFileSync } from "node:fs";
import { z } from "zod";
import { containsUnknown } from "../connectivity/unknown.js";
import type { EncryptionCertificates, ReplicatedItem } from "../siterecovery/siteRecovery.js";
import { defined } from "./compare.js";
import type { CheckFailure, Properties } from "./handler.js";

const anyText = z
  .string({ error: "allowed: a text that is not empty" })
  .min(1, "allowed: a text that is not empty");

/** One of the two. */
const reference = z.strictObject({
  /** Path of a PFX file. */
  file: anyText.optional(),
  /** Name of an environment variable that holds the PFX in base64. */
  environmentVariable: z
    .string({ error: "allowed: the name of an environment variable" })
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "allowed: the name of an environment variable")
    .optional(),
});

/** Where the PFX files of the data encryption certificates are found when an action starts. */
export const encryptionArgs = z
  .strictObject({
    /** The certificate in use. */
    primaryCertificate: reference,
    /** The one before, while data is still encrypted with it. */
    secondaryCertificate: reference.optional(),
  })
  .optional();

type Reference = z.infer<typeof reference>;

/**
 * Every reference that leads nowhere now; what it leads to is not looked into.
 *
 * @param told What the shape says already; a reference of a wrong shape leads nowhere anyway.
 */
export function certificateFailures(inputs: Properties, told: readonly CheckFailure[] = []): CheckFailure[] {
  const { encryption } = inputs;
  if (encryption === undefined || containsUnknown(encryption)) return [];
  if (told.some(({ property }) => /^encryption($|\.)/.test(property))) return [];
  return Object.entries(encryption as Record<string, Reference>).flatMap(([key, given]) => {
    try {
      read(given);
      return [];
    } catch (error) {
      return [{ property: `encryption.${key}`, reason: error instanceof Error ? error.message : String(error) }];
    }
  });
}

/** Machines whose data is encrypted need the certificate: without it Azure cannot build a disk from a recovery point. */
export function missingCertificate(items: readonly ReplicatedItem[], inputs: Properties): CheckFailure[] {
  const encrypted = items.filter((item) => item.isEncrypted === true);
  if (encrypted.length === 0 || inputs.encryption !== undefined) return [];
  return [
    {
      property: "encryption",
      reason: `is required: the data of ${encrypted.map((item) => item.friendlyName).join(", ")} is encrypted by its VMM cloud; give primaryCertificate as { file } or { environmentVariable }`,
    },
  ];
}

/** The certificates as an action takes them; undefined where none is given. */
export function certificatesOf(inputs: Properties): EncryptionCertificates | undefined {
  const given = inputs.encryption as
    | { primaryCertificate: Reference; secondaryCertificate?: Reference }
    | undefined;
  if (!given) return undefined;
  const { primaryCertificate, secondaryCertificate } = given;
  return defined({
    primary: read(primaryCertificate),
    secondary: secondaryCertificate && read(secondaryCertificate),
  });
}

/** @throws Error saying what is missing, never what was found */
function read({ file, environmentVariable }: Reference): string {
  if (file !== undefined && environmentVariable === undefined) {
    try {
      return readFileSync(file).toString("base64");
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
      throw new Error(`file ${JSON.stringify(file)} cannot be read (${code})`);
    }
  }
  if (environmentVariable === undefined || file !== undefined)
    throw new Error(
      "needs one of two: file (path of a PFX file) or environmentVariable (its name; PFX in base64)",
    );
  const value = process.env[environmentVariable];
  if (value === undefined || value.trim() === "")
    throw new Error(`environment variable ${environmentVariable} is not set`);
  return value.trim();
}
