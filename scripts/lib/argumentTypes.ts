/**
 * From the zod schemas to the TypeScript types of arguments, with their doc comments: what an editor shows of an argument
 * is what checks it.
 */

import { z } from "zod";
import {
  description,
  inner,
  nameAsText,
  requiredOf,
  type SchemaDocs,
  withFacts,
} from "../../provider/shells/schemaFacts.js";
import { objectNames } from "../../provider/shells/schemaNames.js";

/** One interface to write. */
export interface ArgumentType {
  /** Name of the interface. */
  name: string;
  /** What the names of nested objects are found by: the resource's, function's or setting's own name. */
  path: string;
  schema: z.ZodObject;
  docs: SchemaDocs;
  /** The comment of the interface. */
  text: string;
}

export interface FileOptions {
  /** The comment on the file. */
  text: string;
  /** Types of properties that several objects begin with; no resource or function has just these. */
  shared?: readonly ArgumentType[];
  /** Whether every value may also be an output of another resource, at any depth. */
  takesInputs: boolean;
  /** Types that are not written but imported, by name. */
  imported?: Readonly<Record<string, string>>;
}

/** Text of a comment, without what the editor draws round it. */
const width = 110;

/**
 * The source of a file with these types and the nested ones that they need, each once.
 *
 * @throws Error naming every property without a comment, and every nested object without a name
 */
export function argumentTypes(types: readonly ArgumentType[], options: FileOptions): string {
  const writer = new Writer(options);
  for (const type of [...(options.shared ?? []), ...types])
    writer.object(type.name, type.schema, type.docs, type.path, type.text);
  return writer.file();
}

/** An interface as it will stand in the file. */
interface Written {
  name: string;
  schema: z.ZodObject;
  text: string;
  /** Source of each property, with its comment. */
  members: Map<string, string>;
}

class Writer {
  readonly #written = new Map<string, Written | string>();
  readonly #imports = new Map<string, string>();
  readonly #problems: string[] = [];

  constructor(private readonly options: FileOptions) {}

  file(): string {
    if (this.#problems.length > 0)
      throw new Error(`the argument types are not complete:\n${this.#problems.join("\n")}`);
    const imports = [...this.#imports].map(([name, from]) => `import type { ${name} } from "${from}";`);
    const pulumi = this.options.takesInputs ? ['import type * as pulumi from "@pulumi/pulumi";'] : [];
    return [
      "// Generated from the schemas in provider/ by `npm run generate`. Change those.",
      comment(this.options.text, ""),
      [...pulumi, ...imports].join("\n"),
      ...[...this.#written.values()].map((type) => (typeof type === "string" ? type : this.#source(type))),
    ]
      .filter(Boolean)
      .join("\n\n");
  }

  object(name: string, schema: z.ZodObject, docs: SchemaDocs, path: string, text: string): void {
    if (this.#written.has(name)) return;
    const written: Written = { name, schema, text, members: new Map() };
    // Set before its members are read, so that it stands before the types that they need.
    this.#written.set(name, written);
    written.members = this.#members(schema, docs, path);
  }

  /** What an interface has of others is said once: it extends them. */
  #source(type: Written): string {
    const within = [...this.#written.values()].filter(
      (other): other is Written => typeof other !== "string" && isPart(other, type),
    );
    const bases = within.filter((base) => !within.some((other) => isPart(base, other)));
    const inherited = new Set(bases.flatMap(({ members }) => [...members.keys()]));
    const own = [...type.members].flatMap(([key, source]) => (inherited.has(key) ? [] : [source]));
    const heading = bases.length === 0 ? "" : ` extends ${bases.map(({ name }) => name).join(", ")}`;
    return `${comment(type.text, "")}\nexport interface ${type.name}${heading} {\n${own.join("\n")}\n}`;
  }

  #members(schema: z.ZodObject, docs: SchemaDocs, path: string): Map<string, string> {
    const required = new Set(requiredOf(schema));
    return new Map(
      Object.entries(schema.shape as Record<string, z.ZodType>).map(([key, type]) => {
        const own = docs.properties?.[key] ?? { text: "" };
        const at = `${path}.${key}`;
        const text = description(withFacts(own.text, type), at);
        if (text === "") this.#problems.push(`${at}: no comment`);
        const isOptional = !required.has(key);
        const source = `  ${key}${isOptional ? "?" : ""}: ${this.#input(type, own, at, isOptional)};`;
        return [key, `${comment(text, "  ")}\n${source}`];
      }),
    );
  }

  /** An output that may be missing is as good as an argument that is left out. */
  #input(type: z.ZodType, docs: SchemaDocs, at: string, isOptional = false): string {
    const plain = this.#type(type, docs, at);
    return this.options.takesInputs ? `pulumi.Input<${plain}${isOptional ? " | undefined" : ""}>` : plain;
  }

  #type(given: z.ZodType, docs: SchemaDocs, at: string): string {
    const type = inner(given);
    if (type instanceof z.ZodString) return "string";
    if (type instanceof z.ZodBoolean) return "boolean";
    if (type instanceof z.ZodNumber) return "number";
    if (type instanceof z.ZodUnknown) return "unknown";
    if (type instanceof z.ZodEnum) return literals(type.options);
    if (type instanceof z.ZodLiteral) return literals([...type.values]);
    if (type instanceof z.ZodArray) {
      const element = this.#input(type.element as z.ZodType, docs.element ?? docs, at);
      const single = /[ |]/.test(element) && !element.startsWith("pulumi.Input<") ? `(${element})` : element;
      return this.options.takesInputs ? `${single}[]` : `readonly ${single}[]`;
    }
    if (type instanceof z.ZodRecord)
      return `Record<string, ${this.#input(type.valueType as z.ZodType, docs.element ?? { text: "" }, at)}>`;
    if (type instanceof z.ZodObject) return this.#named(type, docs, at);
    if (type instanceof z.ZodDiscriminatedUnion) return this.#variants(type, docs, at);
    if (type instanceof z.ZodUnion)
      return (type.options as z.ZodType[]).map((option) => this.#type(option, docs, at)).join(" | ");
    this.#problems.push(`${at}: no TypeScript type for ${type.constructor.name}`);
    return "unknown";
  }

  #name(at: string): string {
    const name = objectNames.get(at);
    if (!name) this.#problems.push(`${at}: no name for its type in schemaNames.ts`);
    return name ?? "Unnamed";
  }

  #named(schema: z.ZodObject, docs: SchemaDocs, at: string): string {
    const name = this.#name(at);
    const from = this.options.imported?.[name];
    if (from !== undefined) {
      this.#imports.set(name, from);
      return name;
    }
    const own = this.options.takesInputs ? `${name}Args` : name;
    this.object(own, schema, docs, name, docs.text || nameAsText(name));
    return own;
  }

  /** A union stays one: an editor then offers the properties of the chosen variant alone. */
  #variants(union: z.ZodDiscriminatedUnion, docs: SchemaDocs, at: string): string {
    const name = this.#name(at);
    const own = `${name}Args`;
    if (this.#written.has(own)) return own;
    this.#written.set(own, "");
    const variants = (union.options as z.ZodObject[]).map((variant) => {
      const [kind] = (variant.shape as Record<string, z.ZodLiteral>)[union.def.discriminator]?.values ?? [];
      const variantName = `${name}${String(kind).replace(/^./, (first) => first.toUpperCase())}Args`;
      this.object(
        variantName,
        variant,
        docs,
        name,
        `\`${at}\` of ${union.def.discriminator} \`${String(kind)}\`.`,
      );
      return variantName;
    });
    this.#written.set(
      own,
      `${comment(docs.text || nameAsText(name), "")}\nexport type ${own} = ${variants.join(" | ")};`,
    );
    return own;
  }
}

/** Whether one holds every property of the other and more, and both took them from one schema with the same words. */
function isPart(part: Written, whole: Written): boolean {
  const [given, wanted] = [part.schema.shape, whole.schema.shape] as Record<string, unknown>[];
  return (
    part.members.size < whole.members.size &&
    [...part.members].every(([key, source]) => given?.[key] === wanted?.[key] && source === whole.members.get(key))
  );
}

function literals(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(" | ");
}

/** A doc comment, on one line where it fits. */
function comment(text: string, indent: string): string {
  const safe = text.replace(/\*\//g, "* /");
  if (!safe.includes("\n") && safe.length + indent.length + 7 <= width) return `${indent}/** ${safe} */`;
  const lines = safe.split("\n").flatMap((paragraph) => wrapped(paragraph, width - indent.length - 3));
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`].join("\n");
}

function wrapped(text: string, most: number): string[] {
  const lines: string[] = [""];
  for (const word of text.split(" ")) {
    const line = lines[lines.length - 1] ?? "";
    if (line !== "" && line.length + word.length + 1 > most) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}
