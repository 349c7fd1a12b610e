import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
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
    const key = await derivedKey(passphrase, salt);
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
    const key = await derivedKey(passphrase, Buffer.from(parts[1], "base64"));
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

/** Keys by passphrase and salt: deriving one is slow on purpose, and a preview and its update need the same. */
const derivedKeys = new Map<string, Promise<Buffer>>();

function derivedKey(passphrase: string, salt: Buffer): Promise<Buffer> {
  const name = `${salt.toString("base64")}:${passphrase}`;
  const known = derivedKeys.get(name);
  if (known !== undefined) {
    return known;
  }
  const key = deriveKey(passphrase, salt, keyIterations, keyBytes, "sha256");
  derivedKeys.set(name, key);
  return key;
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

/**
 * Finds a stack's passphrase: PULUMI_CONFIG_PASSPHRASE, else the file that PULUMI_CONFIG_PASSPHRASE_FILE names, else
 * the one that was made for the stack and is kept in `generatedPath`. `undefined` if there is none of these.
 *
 * @throws {EngineError} if the named file cannot be read.
 */
export function findPassphrase(environment: NodeJS.ProcessEnv, generatedPath: string): string | undefined {
  const fromEnvironment = environment.PULUMI_CONFIG_PASSPHRASE;
  if (fromEnvironment !== undefined) {
    return fromEnvironment;
  }
  const file = environment.PULUMI_CONFIG_PASSPHRASE_FILE;
  if (file !== undefined && file !== "") {
    try {
      return readFileSync(file, "utf8").trim();
    } catch (error) {
      throw new EngineError(
        `PULUMI_CONFIG_PASSPHRASE_FILE is "${file}", which cannot be read: ${(error as Error).message}`,
      );
    }
  }
  return existsSync(generatedPath) ? readFileSync(generatedPath, "utf8").trim() : undefined;
}

/** Makes a passphrase; kept in `path` (readable by its owner only) if one is given. */
export function makePassphrase(path?: string): string {
  const value = randomBytes(24).toString("base64url");
  if (path !== undefined) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${value}\n`, { mode: 0o600, flag: "wx" });
  }
  return value;
}
