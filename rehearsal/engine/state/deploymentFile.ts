import { createHash } from "node:crypto";
import { EngineError, joinProblems } from "../errors.js";
import {
  isObject,
  isSecret,
  makeCiphertext,
  makeSecret,
  type PropertyMap,
  type PropertyValue,
} from "../propertyValues.js";
import { stackOf } from "../urn.js";
import { type PendingOperation, type ResourceState, withoutEmpty } from "./resourceState.js";
import type { PassphraseCrypter } from "./secrets.js";

/** The version of the deployment format that is read and written. */
const deploymentVersion = 3;

/** A deployment as `pulumi stack export` prints it and `pulumi stack import` takes it, secrets encrypted. */
export interface DeploymentFile {
  version: number;
  deployment: {
    manifest: { time: string; magic: string; version: string };
    secrets_providers?: { type: string; state?: { salt?: string } };
    resources?: ResourceState[];
    pending_operations?: PendingOperation[];
    metadata?: Record<string, unknown>;
  };
}

/** Fields that change what an operation must do and that this engine does not act on. */
const unsupportedFields: Record<string, string> = {
  taint: "pulumi state taint",
  viewOf: "views of another resource",
};

/**
 * Parses a deployment file and checks what an operation relies on, all problems at once.
 *
 * @param where the file's path, for messages.
 * @throws {EngineError} if the text is not a version 3 deployment of this stack that this engine can work on.
 */
export function parseDeploymentFile(text: string, where: string, stack: string): DeploymentFile {
  let file: DeploymentFile;
  try {
    file = JSON.parse(text) as DeploymentFile;
  } catch (error) {
    throw new EngineError(`state file ${where} is not JSON: ${(error as Error).message}`);
  }
  if (file.version !== deploymentVersion || !isPlainObject(file.deployment)) {
    throw new EngineError(
      `state file ${where} is not a deployment of version ${deploymentVersion} (its version is ${JSON.stringify(file.version)})`,
    );
  }
  const secretsProvider = file.deployment.secrets_providers;
  const problems: string[] = [];
  if (secretsProvider !== undefined && secretsProvider.type !== "passphrase" && secretsProvider.type !== "") {
    problems.push(`its secrets provider is "${secretsProvider.type}", only "passphrase" can be opened here`);
  }
  problems.push(...resourceProblems(file.deployment.resources ?? [], stack));
  if (problems.length > 0) {
    throw new EngineError(joinProblems(`state file ${where} cannot be used`, problems));
  }
  return file;
}

function resourceProblems(resources: ResourceState[], stack: string): string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  const live = new Set<string>();
  for (const resource of resources) {
    const { urn } = resource;
    if (stackOf(urn) !== stack) {
      problems.push(`${urn} belongs to stack "${stackOf(urn)}", not "${stack}"`);
    }
    if (resource.custom && (resource.id ?? "") === "") {
      problems.push(`${urn} has no id`);
    }
    if (resource.delete !== true) {
      if (live.has(urn)) {
        problems.push(`${urn} is there twice`);
      }
      live.add(urn);
    }
    if (resource.parent !== undefined && !seen.has(resource.parent)) {
      problems.push(`${urn} comes before its parent ${resource.parent}`);
    }
    for (const dependency of resource.dependencies ?? []) {
      if (!seen.has(dependency)) {
        problems.push(`${urn} comes before its dependency ${dependency}`);
      }
    }
    for (const [field, name] of Object.entries(unsupportedFields)) {
      if (Object.hasOwn(resource, field)) {
        problems.push(`${urn} uses ${name}, which this engine does not implement`);
      }
    }
    seen.add(urn);
  }
  return problems;
}

function isPlainObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Turns states as they are in memory into what a file holds, and back. */
export class StateCodec {
  /** The ciphertext that a secret was read with, so that an unchanged secret is written unchanged. */
  private readonly ciphertexts = new WeakMap<PropertyMap, string>();

  constructor(private readonly crypter: PassphraseCrypter) {}

  /** The salt text that goes with what `encode` writes. */
  get salt(): string {
    return this.crypter.salt;
  }

  encode(state: ResourceState): ResourceState {
    return withoutEmpty(this.convert(state, (value) => this.encodeValue(value)));
  }

  decode(state: ResourceState): ResourceState {
    return this.convert(state, (value) => this.decodeValue(value));
  }

  /** As `decode`, for the properties of a state. */
  decodeProperties(properties: PropertyMap): PropertyMap {
    return this.decodeValue(properties) as PropertyMap;
  }

  private convert(state: ResourceState, change: (value: PropertyValue) => PropertyValue): ResourceState {
    const converted = { ...state };
    if (state.inputs !== undefined) {
      converted.inputs = change(state.inputs) as PropertyMap;
    }
    if (state.outputs !== undefined) {
      converted.outputs = change(state.outputs) as PropertyMap;
    }
    if (state.replacementTrigger !== undefined) {
      converted.replacementTrigger = change(state.replacementTrigger);
    }
    return converted;
  }

  private encodeValue(value: PropertyValue): PropertyValue {
    if (Array.isArray(value)) {
      return value.map((child) => this.encodeValue(child));
    }
    if (!isObject(value)) {
      return value;
    }
    if (isSecret(value)) {
      let ciphertext = this.ciphertexts.get(value);
      if (ciphertext === undefined) {
        ciphertext = this.crypter.encrypt(JSON.stringify(this.encodeValue(value.value)));
        this.ciphertexts.set(value, ciphertext);
      }
      return makeCiphertext(ciphertext);
    }
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, this.encodeValue(child)]));
  }

  private decodeValue(value: PropertyValue): PropertyValue {
    if (Array.isArray(value)) {
      return value.map((child) => this.decodeValue(child));
    }
    if (!isObject(value)) {
      return value;
    }
    if (isSecret(value)) {
      const { ciphertext, plaintext } = value;
      if (typeof ciphertext === "string") {
        const secret = makeSecret(this.decodeValue(JSON.parse(this.crypter.decrypt(ciphertext)) as PropertyValue));
        this.ciphertexts.set(secret, ciphertext);
        return secret;
      }
      return makeSecret(typeof plaintext === "string" ? (JSON.parse(plaintext) as PropertyValue) : null);
    }
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, this.decodeValue(child)]));
  }
}

/** Builds the file for a list of encoded resources. */
export function makeDeploymentFile(
  resources: ResourceState[],
  pendingOperations: PendingOperation[],
  salt: string,
  time: Date,
): DeploymentFile {
  return {
    version: deploymentVersion,
    deployment: {
      // Pulumi checks `magic` only where `version` is set, and no version of its CLI wrote this.
      manifest: { time: time.toISOString(), magic: "", version: "" },
      secrets_providers: { type: "passphrase", state: { salt } },
      ...(resources.length > 0 ? { resources } : {}),
      ...(pendingOperations.length > 0 ? { pending_operations: pendingOperations } : {}),
      metadata: {},
    },
  };
}

/** Identifies a file's content, so that a journal can say which snapshot it continues. */
export function contentHash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
