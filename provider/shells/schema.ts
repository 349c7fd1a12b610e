/**
 * From the zod schemas to Pulumi's package schema, from which the SDKs of other languages are generated. Types, ranges
 * and what replaces come from the schemas and handlers themselves; texts and outputs come from the sources' own
 * comments, which the caller has read.
 *
 * @see https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/
 */

import { z } from "zod";
import { functions } from "../functions/index.js";
import type { Handler, Properties } from "../resources/handler.js";
import { handlers } from "../resources/index.js";
import { configSchema } from "./config.js";
import {
  description,
  flattened,
  inner,
  isLeftOut,
  nameAsText,
  requiredOf,
  type SchemaDocs,
  withFacts,
} from "./schemaFacts.js";
import { enumNames, enumValueNames, objectNames } from "./schemaNames.js";

/** A TypeScript type of an output, as data. */
export interface TypeSpec {
  kind: "string" | "number" | "boolean" | "array" | "object" | "any";
  isOptional: boolean;
  /** Of texts that are one of a few. */
  values?: string[];
  element?: TypeSpec;
  /** Of objects: a key of `types`. */
  name?: string;
}

export interface OutputDocs {
  text: string;
  see?: string[];
  examples?: string[];
  properties: Record<string, TypeSpec & { text: string }>;
}

/** Everything that is read from sources. */
export interface SourceDocs {
  config: SchemaDocs;
  /** By token. */
  inputs: Record<string, SchemaDocs>;
  /** By token: the SDK's classes. */
  resources: Record<string, OutputDocs>;
  /** By token. */
  functions: Record<string, { text: string; args: SchemaDocs; result: OutputDocs }>;
  /** Object types of outputs, by name. */
  types: Record<string, OutputDocs>;
}

type Json = Record<string, unknown>;

const packageName = "siterecovery";
const tokenOf = (name: string) => `${packageName}:index:${name}`;
const typeRef = (name: string) => ({ $ref: `#/types/${tokenOf(name)}` });

/**
 * The package schema.
 *
 * @throws Error naming every property without a comment, and every type without a name
 */
export function packageSchema(version: string, docs: SourceDocs): Json {
  const builder = new SchemaBuilder(docs);
  const resources = Object.fromEntries(
    [...handlers.values()].map((handler) => [tokenOf(handler.token), builder.resource(handler)]),
  );
  const invokes = Object.fromEntries(
    [...functions.values()].map((called) => [tokenOf(called.token), builder.invoke(called.token, called.schema)]),
  );
  // Only the TypeScript classes choose a shell.
  const config = builder.properties(configSchema.omit({ shell: true }), docs.config, "config");
  builder.refuseProblems();
  return {
    name: packageName,
    displayName: "Azure Site Recovery",
    version,
    description:
      "Disaster recovery as code for Azure Site Recovery: replication, recovery plans, drills and failover as a declared stage",
    keywords: ["pulumi", "azure", "site-recovery", "disaster-recovery", "category/infrastructure", "kind/native"],
    license: "Apache-2.0",
    config: { variables: config },
    provider: {
      description:
        "An explicit provider instance, for programs that work on several vaults. It takes the settings of the stack's configuration as arguments. Nothing secret is taken: credentials come from the environment or from files that it names.",
      inputProperties: config,
    },
    resources,
    functions: invokes,
    types: builder.types(),
    language: {
      nodejs: { packageName: "@pulumi/siterecovery", respectSchemaVersion: true },
      python: { packageName: "pulumi_siterecovery", pyproject: { enabled: true }, respectSchemaVersion: true },
      go: { respectSchemaVersion: true, generateResourceContainerTypes: true },
      csharp: { namespaces: { siterecovery: "SiteRecovery" }, respectSchemaVersion: true },
      java: { basePackage: "com.pulumi", buildFiles: "gradle" },
    },
  };
}

class SchemaBuilder {
  readonly #types = new Map<string, Json>();
  readonly #problems: string[] = [];

  constructor(private readonly docs: SourceDocs) {}

  refuseProblems(): void {
    if (this.#problems.length > 0)
      throw new Error(`the package schema is not complete:\n${this.#problems.join("\n")}`);
  }

  types(): Json {
    return Object.fromEntries([...this.#types].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  resource(handler: Handler): Json {
    const { token, schema } = handler;
    const texts = this.docs.inputs[token] ?? { text: "" };
    const outputs = this.docs.resources[token];
    if (!outputs) throw new Error(`there are no outputs of ${token}`);
    const inputProperties = this.properties(schema, texts, token);
    for (const [key, property] of Object.entries(inputProperties)) {
      if (isReplacing(handler, key)) (property as Json).willReplaceOnChanges = true;
    }
    const own = Object.fromEntries(
      Object.entries(outputs.properties).flatMap(([key, property]) =>
        key in inputProperties
          ? []
          : [[key, this.#described(this.#output(property), property.text, `${token}.${key}`)]],
      ),
    );
    return {
      description: described(outputs),
      inputProperties,
      requiredInputs: requiredOf(schema),
      properties: { ...inputProperties, ...own },
      required: [
        ...Object.keys(schema.shape).filter((key) => !isLeftOut(schema, key)),
        ...Object.entries(outputs.properties).flatMap(([key, property]) =>
          key in inputProperties || property.isOptional ? [] : [key],
        ),
      ],
    };
  }

  invoke(token: string, schema: z.ZodObject): Json {
    const docs = this.docs.functions[token];
    if (!docs) throw new Error(`there are no texts of ${token}`);
    return {
      description: docs.text || this.#problem(`${token}: no comment`),
      inputs: {
        type: "object",
        properties: this.properties(schema, docs.args, token),
        required: requiredOf(schema),
      },
      outputs: this.#object(docs.result, token),
    };
  }

  properties(schema: z.ZodObject, docs: SchemaDocs, path: string): Record<string, Json> {
    return Object.fromEntries(
      Object.entries(schema.shape).map(([key, inner]) => {
        const own = docs.properties?.[key] ?? { text: "" };
        const at = `${path}.${key}`;
        const type = inner as z.ZodType;
        return [key, this.#described(this.#input(type, own, at), withFacts(own.text, type), at)];
      }),
    );
  }

  #described(type: Json, text: string, at: string): Json {
    return { ...type, description: description(text, at) || this.#problem(`${at}: no comment`) };
  }

  #problem(problem: string): string {
    this.#problems.push(problem);
    return "";
  }

  #input(given: z.ZodType, docs: SchemaDocs, at: string): Json {
    const type = inner(given);
    if (type instanceof z.ZodString) return { type: "string" };
    if (type instanceof z.ZodBoolean) return { type: "boolean" };
    if (type instanceof z.ZodNumber) return { type: type.format === "safeint" ? "integer" : "number" };
    if (type instanceof z.ZodEnum) return typeRef(this.#enum(type.options.map(String), at, docs));
    if (type instanceof z.ZodArray) {
      const element = type.element as z.ZodType;
      return { type: "array", items: this.#input(element, docs.element ?? docs, at) };
    }
    if (type instanceof z.ZodRecord) {
      const value = this.#input(type.valueType as z.ZodType, docs.element ?? { text: "" }, at);
      return { type: "object", additionalProperties: value };
    }
    if (type instanceof z.ZodUnknown) return { $ref: "pulumi.json#/Any" };
    // The settings' cloud: a name, or an object as JSON text; one text is what every language can give.
    if (type instanceof z.ZodUnion && !(type instanceof z.ZodDiscriminatedUnion)) return { type: "string" };
    const shape =
      type instanceof z.ZodObject ? type : type instanceof z.ZodDiscriminatedUnion ? flattened(type) : undefined;
    if (!shape) {
      this.#problem(`${at}: no Pulumi type for ${type.constructor.name}`);
      return { $ref: "pulumi.json#/Any" };
    }
    const name = objectNames.get(at);
    if (!name) {
      this.#problem(`${at}: no name for its type in schemaNames.ts`);
      return { $ref: "pulumi.json#/Any" };
    }
    if (!this.#types.has(tokenOf(name))) {
      // Set before its members are read: a type may be met again inside itself.
      this.#types.set(tokenOf(name), {});
      this.#types.set(tokenOf(name), {
        type: "object",
        description: docs.text || nameAsText(name),
        properties: this.properties(shape, docs, name),
        required: requiredOf(shape),
      });
    }
    return typeRef(name);
  }

  #enum(values: string[], at: string, docs: SchemaDocs): string {
    const name = enumNames.get(values.join("|"));
    if (!name) {
      this.#problem(`${at}: no name for the enum ${values.join("|")} in schemaNames.ts`);
      return "Unnamed";
    }
    if (!this.#types.has(tokenOf(name))) {
      this.#types.set(tokenOf(name), {
        type: "string",
        ...(docs.text ? { description: docs.text } : {}),
        enum: values.map((value) => ({ value, name: enumValueNames.get(value) ?? value.replace(/^./, upper) })),
      });
    }
    return name;
  }

  #output(spec: TypeSpec): Json {
    if (spec.kind === "array")
      return { type: "array", items: spec.element ? this.#output(spec.element) : { $ref: "pulumi.json#/Any" } };
    if (spec.kind === "any") return { $ref: "pulumi.json#/Any" };
    if (spec.kind !== "object" || spec.name === undefined) return { type: spec.kind };
    const name = spec.name;
    if (!this.#types.has(tokenOf(name))) {
      this.#types.set(tokenOf(name), {});
      const docs = this.docs.types[name];
      if (!docs) throw new Error(`there is no type ${name}`);
      this.#types.set(tokenOf(name), this.#object(docs, name));
    }
    return typeRef(name);
  }

  #object(docs: OutputDocs, at: string): Json {
    return {
      type: "object",
      description: docs.text || nameAsText(at),
      properties: Object.fromEntries(
        Object.entries(docs.properties).map(([key, property]) => {
          const allowed = property.values ? `One of: ${property.values.join(", ")}.` : "";
          const isTold = property.values?.every((value) => property.text.includes(value)) ?? true;
          const text = isTold ? property.text : [property.text, allowed].filter(Boolean).join(" ");
          return [key, this.#described(this.#output(property), text, `${at}.${key}`)];
        }),
      ),
      required: Object.entries(docs.properties).flatMap(([key, property]) => (property.isOptional ? [] : [key])),
    };
  }
}

/** Asks the handler itself: a change of this property alone replaces. */
function isReplacing(handler: Handler, key: string): boolean {
  const type = inner((handler.schema.shape as Record<string, z.ZodType>)[key] ?? z.never());
  const pair = (a: unknown, b: unknown): [Properties, Properties] => [{ [key]: a }, { [key]: b }];
  const [olds, news] =
    type instanceof z.ZodArray
      ? pair([], [{}])
      : type instanceof z.ZodObject
        ? pair({}, { changed: "b" })
        : type instanceof z.ZodBoolean
          ? pair(false, true)
          : pair("a", "b");
  return handler.diff("", olds, news).replaces.includes(key);
}

function described(docs: OutputDocs): string {
  const see = (docs.see ?? []).map((address) => `See ${address}`);
  const examples = (docs.examples ?? []).map(
    (code) =>
      `{{% examples %}}\n## Example Usage\n{{% example %}}\n\n\`\`\`typescript\n${code}\n\`\`\`\n{{% /example %}}\n{{% /examples %}}`,
  );
  return [docs.text, ...see, ...examples].join("\n\n");
}

function upper(text: string): string {
  return text.toUpperCase();
}
