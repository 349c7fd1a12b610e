import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { EngineError } from "../errors.js";

const deriveKey = promisify(pbkdf2);

const keyIterations = 1_000_000;
const keyBytes = 32;
const saltBytes = 8;
const nonceBytes = 12;
const tagBytes = 16;
const verificationText = "pulumi";

/**
 * Encrypts and decrypts with a passphrase, in Pulumi's `passphrase` format, version 1: AES-256-GCM under a key from
 * PBKDF2-SHA256 (1,000,000 rounds), texts as `v1:<nonce>:<ciphertext and tag>`, and a salt text
 * `v1:<salt>:v1:<nonce>:<ciphertext>` whose second half proves the passphrase.
 *
 * @see https://www.pulumi.com/docs/iac/concepts/secrets/#changing-the-default-secrets-encryption-provider
 */
export class PassphraseCrypter {
  private constructor(
    private readonly key: Buffer,
    /** The salt text that a state or stack file keeps. */
    readonly salt: string,
  ) {}

  /** Makes a crypter with a new salt. */
  static async create(passphrase: string): Promise<PassphraseCrypter> {
    const salt = randomBytes(saltBytes);
    const key = await deriveKey(passphrase, salt, keyIterations, keyBytes, "sha256");
    const proof = encrypt(key, verificationText);
    return new PassphraseCrypter(key, `v1:${salt.toString("base64")}:${proof}`);
  }

  /**
   * Opens a salt text with its passphrase.
   * @throws {EngineError} if the text is not a salt, or the passphrase is not the one it was made with.
   */
  static async open(passphrase: string, saltText: string, where: string): Promise<PassphraseCrypter> {
    const parts = /^v1:([^:]*):(v1:[^:]*:[^:]*)$/.exec(saltText);
    if (parts?.[1] === undefined || parts[2] === undefined) {
      throw new EngineError(
        `${where}: the encryption salt is "${saltText}", expected "v1:<salt>:v1:<nonce>:<text>"`,
      );
    }
    const key = await deriveKey(passphrase, Buffer.from(parts[1], "base64"), keyIterations, keyBytes, "sha256");
    let proof: string | undefined;
    try {
      proof = decrypt(key, parts[2]);
    } catch {
      // A wrong key fails authentication: the same answer as a proof that says something else.
    }
    if (proof !== verificationText) {
      throw new EngineError(
        `${where}: incorrect passphrase. Set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to the one ` +
          "that it was encrypted with",
      );
    }
    return new PassphraseCrypter(key, saltText);
  }

  encrypt(text: string): string {
    return encrypt(this.key, text);
  }

  /** @throws {EngineError} if the text was not encrypted with this passphrase and salt. */
  decrypt(text: string): string {
    try {
      return decrypt(this.key, text);
    } catch {
      throw new EngineError("a secret could not be decrypted: it was encrypted with another passphrase or salt");
    }
  }
}

function encrypt(key: Buffer, text: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
}

function decrypt(key: Buffer, text: string): string {
  const [version, nonce, sealedText] = text.split(":");
  if (version !== "v1" || nonce === undefined || sealedText === undefined) {
    throw new Error("not a version 1 ciphertext");
  }
  const sealed = Buffer.from(sealedText, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - tagBytes)), decipher.final()]).toString(
    "utf8",
  );
}

/** Where the passphrase of a stack came from, so that messages can say it. */
export interface Passphrase {
  value: string;
  source: "environment" | "file" | "generated";
}

/**
 * Finds the passphrase: PULUMI_CONFIG_PASSPHRASE, else the file that PULUMI_CONFIG_PASSPHRASE_FILE names, else
 * `generatedPath`, which is made (mode 0600) if it does not exist yet and `mayGenerate` is true.
 *
 * @throws {EngineError} if the named file cannot be read, or none is set and none may be generated.
 */
export function findPassphrase(
  environment: NodeJS.ProcessEnv,
  generatedPath: string,
  mayGenerate: boolean,
): Passphrase {
  const fromEnvironment = environment.PULUMI_CONFIG_PASSPHRASE;
  if (fromEnvironment !== undefined) {
    return { value: fromEnvironment, source: "environment" };
  }
  const file = environment.PULUMI_CONFIG_PASSPHRASE_FILE;
  if (file !== undefined && file !== "") {
    try {
      return { value: readFileSync(file, "utf8").trim(), source: "file" };
    } catch (error) {
      throw new EngineError(
        `PULUMI_CONFIG_PASSPHRASE_FILE is "${file}", which cannot be read: ${(error as Error).message}`,
      );
    }
  }
  if (existsSync(generatedPath)) {
    return { value: readFileSync(generatedPath, "utf8").trim(), source: "generated" };
  }
  if (!mayGenerate) {
    throw new EngineError(
      "the stack's secrets need a passphrase: set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE",
    );
  }
  const value = randomBytes(24).toString("base64url");
  mkdirSync(dirname(generatedPath), { recursive: true });
  writeFileSync(generatedPath, `${value}\n`, { mode: 0o600 });
  chmodSync(generatedPath, 0o600);
  return { value, source: "generated" };
}
