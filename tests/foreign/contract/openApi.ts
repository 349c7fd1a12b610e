/** The published OpenAPI document as a judge of answers: finds the operation of a request and checks the body against it. */

import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";

interface Schema {
  [key: string]: unknown;
}
interface SwaggerOperation {
  operationId: string;
  responses: Record<string, { schema?: Schema }>;
}
export interface OpenApi {
  paths: Record<string, Record<string, SwaggerOperation>>;
  definitions: Record<string, Schema>;
}

const base = (name: string) => `${name}:base`;

export class Contract {
  readonly #ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  readonly #operations: { method: string; pattern: RegExp; operation: SwaggerOperation }[];
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(document: OpenApi) {
    this.#ajv.addSchema({ $id: "contract", definitions: definitionsOf(document) });
    this.#operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        pattern: patternOf(path),
        operation,
      })),
    );
  }

  /** The operationId of a request, if the contract has one. */
  operationOf(method: string, path: string): string | undefined {
    return this.find(method, path)?.operationId;
  }

  /** Everything in which a body is not what the contract says of this status; empty = valid. */
  problems(method: string, path: string, status: number, body: unknown): string[] {
    const operation = this.find(method, path);
    if (operation === undefined) return [`${method} ${path} is not in the contract`];
    const response = operation.responses[String(status)];
    if (response === undefined) return [`${operation.operationId} does not document the status ${status}`];
    if (response.schema === undefined)
      return body === undefined ? [] : [`${operation.operationId} ${status} has no body`];
    const key = `${operation.operationId} ${status}`;
    const validate =
      this.#validators.get(key) ?? this.#ajv.compile(rewrite(response.schema, "contract") as Schema);
    this.#validators.set(key, validate);
    if (validate(body)) return [];
    // "null, or the schema" fails twice: what the schema itself finds is the reason.
    const reasons = (validate.errors ?? []).filter(
      (error) => error.params.type !== "null" && error.keyword !== "anyOf",
    );
    return reasons.map((error) => describe(operation.operationId, error));
  }

  private find(method: string, path: string): SwaggerOperation | undefined {
    return this.#operations.find((each) => each.method === method && each.pattern.test(path))?.operation;
  }
}

function describe(operationId: string, error: ErrorObject): string {
  return `${operationId} ${error.instancePath}: ${error.message} ${JSON.stringify(error.params)}`;
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll(/\{[^}]+\}/g, "[^/]+")}$`, "i");
}

/**
 * JSON schema of the definitions. A discriminated one is split: its own fields, and a dispatch on the discriminator's
 * word to the definition that extends it. Azure answers null where it has nothing, so every type allows it.
 */
function definitionsOf({ definitions }: OpenApi): Record<string, Schema> {
  const result: Record<string, Schema> = {};
  for (const [name, schema] of Object.entries(definitions)) {
    const parent = parentOf(schema);
    const isExtended = parent !== undefined && typeof definitions[parent]?.discriminator === "string";
    const extended = isExtended ? parent : undefined;
    const isRoot = typeof schema.discriminator === "string";
    const own = rewrite(schema, "", extended) as Schema;
    if (!isRoot) {
      result[name] = own;
      continue;
    }
    const children = Object.entries(definitions).filter(([, other]) => extendsRoot(definitions, other, name));
    const property = String(schema.discriminator);
    result[base(name)] = own;
    result[name] = nullable({
      allOf: [
        { $ref: `#/definitions/${base(name)}` },
        ...children.map(([child, definition]) => ({
          if: {
            properties: { [property]: { const: definition["x-ms-discriminator-value"] ?? child } },
            required: [property],
          },
          // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON schema
          then: { $ref: `#/definitions/${child}` },
        })),
      ],
    });
  }
  return result;
}

function parentOf(schema: Schema): string | undefined {
  const first = Array.isArray(schema.allOf) ? (schema.allOf as Schema[])[0] : undefined;
  return typeof first?.$ref === "string" ? first.$ref.replace("#/definitions/", "") : undefined;
}

function extendsRoot(definitions: Record<string, Schema>, schema: Schema, root: string): boolean {
  const parent = parentOf(schema);
  const definition = parent === undefined ? undefined : definitions[parent];
  if (parent === undefined || definition === undefined) return false;
  return parent === root || extendsRoot(definitions, definition, root);
}

function nullable(schema: Schema): Schema {
  return { anyOf: [{ type: "null" }, schema] };
}

/** `extended`: the definition whose own fields are meant, not its dispatch, which would lead back here. */
function rewrite(value: unknown, document: string, extended?: string): unknown {
  if (Array.isArray(value)) return value.map((each) => rewrite(each, document, extended));
  if (typeof value !== "object" || value === null) return value;
  const schema = value as Schema;
  if (typeof schema.$ref === "string") {
    const name = schema.$ref.replace("#/definitions/", "");
    if (name === extended) return { anyOf: [{ $ref: `#/definitions/${base(name)}` }] };
    return nullable({ $ref: `${document}#/definitions/${name}` });
  }
  const entries = Object.entries(schema).map(([key, each]) => {
    if (key === "type" && typeof each === "string") return [key, [each, "null"]];
    if (key === "enum" && Array.isArray(each)) return [key, [...each, null]];
    if (key === "properties") return [key, mapValues(each as Schema, (property) => rewrite(property, document))];
    return [key, rewrite(each, document, key === "allOf" ? extended : undefined)];
  });
  return Object.fromEntries(entries);
}

function mapValues(schema: Schema, change: (value: unknown) => unknown): Schema {
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, change(value)]));
}
