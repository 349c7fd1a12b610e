/**
 * Property values as the Pulumi protocol carries them: JSON, in which some things that JSON cannot say are
 * objects with a signature key (a secret, a resource reference) or a well-known string (an unknown value).
 *
 * @see https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto
 */

/** One property value: JSON, with secrets, references and unknowns encoded as described above. */
export type PropertyValue = null | boolean | number | string | PropertyValue[] | PropertyMap;

/** A bag of named property values, such as the inputs of a resource. */
export interface PropertyMap {
  [key: string]: PropertyValue;
}

/** Stands for a value that is not known until the update runs. A string, as on the wire. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The key that marks an object as one of the special values below. */
export const signatureKey = "4dabf18193072939515e22adb298388d";

export const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const resourceReferenceSignature = "5cf8f73096256a8f31e491e813e4eb8e";
export const outputValueSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const assetSignature = "c44067f5952c0a294b673a41bacd8c17";
const archiveSignature = "0def7320c3a5731c473e5ecbe6d01bc7";

/** A secret in the clear, in memory only: `{ signature, value }`. */
export interface SecretValue extends PropertyMap {
  value: PropertyValue;
}

export function isObject(value: PropertyValue | undefined): value is PropertyMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSecret(value: PropertyValue | undefined): value is SecretValue {
  return isObject(value) && value[signatureKey] === secretSignature;
}

export function isResourceReference(value: PropertyValue | undefined): value is PropertyMap {
  return isObject(value) && value[signatureKey] === resourceReferenceSignature;
}

export function makeSecret(value: PropertyValue): SecretValue {
  return { [signatureKey]: secretSignature, value };
}

/** Wraps an encrypted secret as state files hold it: `{ signature, ciphertext }`. */
export function makeCiphertext(ciphertext: string): PropertyMap {
  return { [signatureKey]: secretSignature, ciphertext };
}

/** True if the value, or anything inside it, is a secret. */
export function containsSecrets(value: PropertyValue | undefined): boolean {
  if (Array.isArray(value)) {
    return value.some(containsSecrets);
  }
  if (!isObject(value)) {
    return false;
  }
  return isSecret(value) || Object.values(value).some(containsSecrets);
}

/** True if the value, or anything inside it, is unknown. */
export function containsUnknowns(value: PropertyValue | undefined): boolean {
  if (value === unknownValue) {
    return true;
  }
  if (Array.isArray(value)) {
    return value.some(containsUnknowns);
  }
  return isObject(value) && Object.values(value).some(containsUnknowns);
}

/** The properties without those that are unknown, at any depth; an unknown item of a list stays as null. */
export function withoutUnknowns(properties: PropertyMap): PropertyMap {
  return containsUnknowns(properties)
    ? Object.fromEntries(
        Object.entries(properties)
          .filter(([, value]) => value !== unknownValue && !(isSecret(value) && value.value === unknownValue))
          .map(([key, value]) => [key, withKnownChildren(value)]),
      )
    : properties;
}

function withKnownChildren(value: PropertyValue): PropertyValue {
  if (Array.isArray(value)) {
    return value.map((item) => (item === unknownValue ? null : withKnownChildren(item)));
  }
  return isObject(value) ? withoutUnknowns(value) : value;
}

/** The value with every secret, at any depth, replaced by its content. Shares what holds no secret. */
export function unwrapSecrets(value: PropertyValue): PropertyValue {
  if (!containsSecrets(value)) {
    return value;
  }
  if (isSecret(value)) {
    return unwrapSecrets(value.value);
  }
  return mapChildren(value, unwrapSecrets);
}

/** As {@link unwrapSecrets}, for a bag of properties. */
export function unwrapSecretProperties(properties: PropertyMap): PropertyMap {
  return unwrapSecrets(properties) as PropertyMap;
}

/**
 * The value with every resource reference replaced by the resource's id (its URN for a component), which is what
 * a provider that does not accept references is given.
 */
export function flattenReferences(value: PropertyValue): PropertyValue {
  if (isResourceReference(value)) {
    const id = value.id;
    return id === undefined ? (value.urn ?? null) : id === "" ? unknownValue : id;
  }
  return mapChildren(value, flattenReferences);
}

function mapChildren(value: PropertyValue, change: (child: PropertyValue) => PropertyValue): PropertyValue {
  if (Array.isArray(value)) {
    return value.map(change);
  }
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, change(child)]));
  }
  return value;
}

/** Deep equality. A secret equals a secret with the same content. */
export function deepEqual(a: PropertyValue | undefined, b: PropertyValue | undefined): boolean {
  if (a === b) {
    return true;
  }
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => deepEqual(item, b[i]));
  }
  if (!isObject(a) || !isObject(b)) {
    return false;
  }
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && deepEqual(a[key], b[key]))
  );
}

/**
 * Marks outputs as secret wherever an input under the same key path is: a provider that does not accept secrets
 * gets them in the clear, and this keeps them from being stored so. A secret inside an array makes the whole
 * array secret. Answers a new map; the arguments stay as they are.
 */
export function annotateSecrets(outputs: PropertyMap, inputs: PropertyMap): PropertyMap {
  let annotated = outputs;
  for (const [key, input] of Object.entries(inputs)) {
    const output = outputs[key];
    if (output === undefined || isSecret(output) || !containsSecrets(input)) {
      continue;
    }
    if (annotated === outputs) {
      annotated = { ...outputs };
    }
    annotated[key] =
      isObject(output) && isObject(input) && !isSecret(input)
        ? annotateSecrets(output, input)
        : makeSecret(unwrapSecrets(output));
  }
  return annotated;
}

/** A value that this engine cannot carry, found at a property path. */
export interface UnsupportedValue {
  path: string;
  what: string;
}

/**
 * Turns what a program sent into plain property values: output values become their content (unknown if they have
 * none yet, secret if they are), everything else stays. Assets and archives are reported in `unsupported`.
 */
export function fromProgram(value: PropertyValue, path: string, unsupported: UnsupportedValue[]): PropertyValue {
  if (isObject(value)) {
    switch (value[signatureKey]) {
      case outputValueSignature: {
        const content = value.value === undefined ? unknownValue : fromProgram(value.value, path, unsupported);
        return value.secret === true ? makeSecret(content) : content;
      }
      case secretSignature: {
        const content = fromProgram(value.value ?? null, path, unsupported);
        return isSecret(content) ? content : makeSecret(content);
      }
      case resourceReferenceSignature:
        return { packageVersion: "", ...value };
      case assetSignature:
      case archiveSignature:
        unsupported.push({ path, what: value[signatureKey] === assetSignature ? "an asset" : "an archive" });
        return null;
    }
    return Object.fromEntries(
      Object.entries(value).map(([key, child]) => [
        key,
        fromProgram(child, path === "" ? key : `${path}.${key}`, unsupported),
      ]),
    );
  }
  if (Array.isArray(value)) {
    return value.map((child, i) => fromProgram(child, `${path}[${i}]`, unsupported));
  }
  return value;
}
