import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import { functions } from "../../../../provider/functions/index.js";
import { handlers } from "../../../../provider/resources/index.js";

const root = join(__dirname, "../../../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

interface Property {
  type?: string;
  $ref?: string;
  items?: Property;
  additionalProperties?: Property;
  description?: string;
}

interface ObjectType {
  type?: string;
  description?: string;
  properties?: Record<string, Property>;
  required?: string[];
  enum?: { name: string; value: string }[];
}

interface Resource {
  description: string;
  inputProperties: Record<string, Property>;
  requiredInputs: string[];
  properties: Record<string, Property>;
  required: string[];
}

interface Schema {
  version: string;
  resources: Record<string, Resource>;
  functions: Record<string, { description: string; inputs: ObjectType; outputs: ObjectType }>;
  types: Record<string, ObjectType>;
  config: { variables: Record<string, Property> };
}

const schema = JSON.parse(read("schema.json")) as Schema;
const token = (name: string) => `siterecovery:index:${name}`;

describe("schema.json", () => {
  it("and all else that is generated (argument types, the policies' documentation) is what the sources say now", () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      ["--import", "tsx", join(root, "scripts", "generate.mjs"), "--check"],
      { cwd: root, encoding: "utf8" },
    );
    expect(status, stderr).to.equal(0);
  }).timeout(240_000);

  it("holds every resource and function, with the package's version", () => {
    expect(Object.keys(schema.resources)).to.have.members([...handlers.keys()].map(token));
    expect(Object.keys(schema.functions)).to.have.members([...functions.keys()].map(token));
    expect(schema.version).to.equal((JSON.parse(read("package.json")) as { version: string }).version);
  });

  it("describes every type and every property", () => {
    const described = (owner: string, properties: Record<string, Property> = {}) =>
      Object.entries(properties).flatMap(([key, property]) => (property.description ? [] : [`${owner}.${key}`]));
    const missing = [
      ...Object.entries(schema.resources).flatMap(([name, resource]) => [
        ...(resource.description ? [] : [name]),
        ...described(name, resource.inputProperties),
        ...described(name, resource.properties),
      ]),
      ...Object.entries(schema.types).flatMap(([name, type]) => described(name, type.properties)),
      ...Object.entries(schema.functions).flatMap(([name, called]) => [
        ...(called.description ? [] : [name]),
        ...described(name, called.inputs.properties),
        ...described(name, called.outputs.properties),
      ]),
      ...described("config", schema.config.variables),
    ];
    expect(missing).to.deep.equal([]);
  });

  it("refers to types only that it holds", () => {
    const referred = [...JSON.stringify(schema).matchAll(/"#\/types\/([^"]+)"/g)].map(([, name]) => name ?? "");
    expect(referred.filter((name) => !(name in schema.types))).to.deep.equal([]);
    expect(Object.keys(schema.types).filter((name) => !referred.includes(name))).to.deep.equal([]);
  });

  it("names as required exactly what check refuses to miss", async () => {
    for (const [name, handler] of handlers) {
      const resource = schema.resources[token(name)];
      const required = Object.entries(handler.schema.shape).flatMap(([key, type]) =>
        (type as { safeParse(value: unknown): { success: boolean } }).safeParse(undefined).success ? [] : [key],
      );
      expect(resource?.requiredInputs, name).to.have.members(required);
      expect(Object.keys(resource?.inputProperties ?? {}), name).to.have.members(
        Object.keys(handler.schema.shape),
      );
    }
  });

  it("tells units and ranges with every number", () => {
    const numbers = Object.values(schema.resources).flatMap((resource) =>
      Object.entries(resource.inputProperties).filter(([, property]) => property.type === "integer"),
    );
    expect(numbers.length).to.be.greaterThan(5);
    for (const [key, property] of numbers)
      expect(property.description, key)
        .to.match(/minutes|seconds|hours/)
        .and.match(/\d+(?:-|, )\d+/);
  });
});

describe("the YAML example", () => {
  const program = parse(read("examples/yaml/Pulumi.yaml")) as {
    variables: Record<
      string,
      { "fn::invoke"?: { function: string; arguments: Record<string, unknown> } } | string
    >;
    resources: Record<string, { type: string; properties: Record<string, unknown> }>;
    outputs: Record<string, string>;
  };
  const full = (short: string) => short.replace(/^siterecovery:(?!index:)/, "siterecovery:index:");

  it("declares only what schema.json knows, and all that it requires", () => {
    const problems = Object.entries(program.resources).flatMap(([name, { type, properties }]) => {
      const resource = schema.resources[full(type)];
      if (!resource) return [`${name}: no resource ${type}`];
      return misfits(name, properties, resource.inputProperties, resource.requiredInputs);
    });
    for (const [name, variable] of Object.entries(program.variables)) {
      const invoke = typeof variable === "string" ? undefined : variable["fn::invoke"];
      if (!invoke) continue;
      const inputs = schema.functions[full(invoke.function)]?.inputs;
      if (!inputs) problems.push(`${name}: no function ${invoke.function}`);
      else problems.push(...misfits(name, invoke.arguments, inputs.properties ?? {}, inputs.required ?? []));
    }
    expect(problems).to.deep.equal([]);
  });

  it("refers only to outputs that there are", () => {
    const text = read("examples/yaml/Pulumi.yaml");
    const references = [...text.matchAll(/\$\{(\w+)\.(\w+)/g)].map(([, name = "", property = ""]) => [
      name,
      property,
    ]);
    expect(references.length).to.be.greaterThan(3);
    for (const [name = "", property = ""] of references) {
      const resource = program.resources[name];
      const variable = program.variables[name];
      const invoke = typeof variable === "object" ? variable["fn::invoke"] : undefined;
      const properties = resource
        ? schema.resources[full(resource.type)]?.properties
        : schema.functions[full(invoke?.function ?? "")]?.outputs.properties;
      expect(properties, name).to.have.property(property);
    }
  });
});

describe("the Python example", () => {
  it("uses only classes, functions, arguments and enum values that the generated SDK has", () => {
    const source = read("examples/python/__main__.py");
    const snake = (name: string) =>
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/^_/, "");
    const classes = Object.fromEntries(
      Object.entries(schema.resources).map(([name, resource]) => [name.split(":").at(-1), resource]),
    );
    const used = [...source.matchAll(/siterecovery\.(\w+)(?:\.(\w+))?/g)];
    expect(used.length).to.be.greaterThan(5);
    for (const [text, name = "", member] of used) {
      const isFunction = Object.keys(schema.functions).some((key) => snake(key.split(":").at(-1) ?? "") === name);
      const type = schema.types[token(name)];
      expect(name in classes || isFunction || type?.enum !== undefined, text).to.equal(true);
      if (type?.enum && member)
        expect(
          type.enum.map((value) => snake(value.name).toUpperCase()),
          text,
        ).to.include(member);
    }
    for (const [, name = "", given = ""] of source.matchAll(
      /siterecovery\.([A-Z]\w+)\(\n([\s\S]*?)\n\s{0,4}\)/g,
    )) {
      const known = Object.keys(classes[name]?.inputProperties ?? {}).map(snake);
      const keywords = [...given.matchAll(/^\s{4,8}(\w+)=/gm)].map(([, keyword = ""]) => keyword);
      expect(
        keywords.filter((keyword) => keyword !== "opts" && !known.includes(keyword)),
        name,
      ).to.deep.equal([]);
      for (const [, keyword, type = ""] of given.matchAll(/^\s{4,8}(\w+)=siterecovery\.(\w+)\.\w+/gm)) {
        const properties = classes[name]?.inputProperties ?? {};
        const key = Object.keys(properties).find((known) => snake(known) === keyword) ?? "";
        expect(properties[key]?.$ref, `${name}.${keyword}`).to.equal(`#/types/${token(type)}`);
      }
    }
  });
});

/** What of the given properties does not fit; texts with `${` are references. */
function misfits(
  at: string,
  given: Record<string, unknown>,
  properties: Record<string, Property>,
  required: readonly string[],
): string[] {
  return [
    ...required.filter((key) => !(key in given)).map((key) => `${at}.${key}: is required`),
    ...Object.entries(given).flatMap(([key, value]) => {
      const property = properties[key];
      return property ? misfit(`${at}.${key}`, value, property) : [`${at}.${key}: is not known`];
    }),
  ];
}

function misfit(at: string, value: unknown, property: Property): string[] {
  if (typeof value === "string" && value.includes("${")) return [];
  if (property.$ref) {
    if (property.$ref === "pulumi.json#/Any") return [];
    const type = schema.types[property.$ref.replace("#/types/", "")];
    if (!type) return [`${at}: no type ${property.$ref}`];
    if (type.enum)
      return type.enum.some((each) => each.value === value) ? [] : [`${at}: ${String(value)} is not in the enum`];
    return misfits(at, value as Record<string, unknown>, type.properties ?? {}, type.required ?? []);
  }
  if (property.type === "array")
    return Array.isArray(value)
      ? value.flatMap((element, index) =>
          property.items ? misfit(`${at}[${index}]`, element, property.items) : [],
        )
      : [`${at}: is no list`];
  const kind = property.type === "integer" ? "number" : property.type;
  return kind !== "object" && typeof value !== kind ? [`${at}: is no ${kind}`] : [];
}
