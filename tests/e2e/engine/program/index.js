// Registers the resources that program.json describes, so that a test can say in data what its program is.
const { readFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");

const description = JSON.parse(readFileSync("program.json", "utf8"));
const handler = 'exports.handler = () => require("./handler.js");';
const made = {};

class Item extends pulumi.CustomResource {
  constructor(name, args, options) {
    super(
      "pulumi-nodejs:dynamic/acme:Item",
      name,
      { ...args, out: undefined, extra: undefined, __provider: handler },
      options,
    );
  }
}

class Group extends pulumi.ComponentResource {
  constructor(name, args, options) {
    super(args.type ?? "acme:index:Group", name, args, options);
  }
}

function value(described) {
  if (Array.isArray(described)) {
    return described.map(value);
  }
  if (typeof described !== "object" || described === null) {
    return described;
  }
  if ("$ref" in described) {
    const [name, property] = described.$ref.split(".");
    return property === undefined ? made[name] : made[name][property];
  }
  if ("$secret" in described) {
    return pulumi.secret(value(described.$secret));
  }
  if ("$config" in described) {
    return new pulumi.Config().get(described.$config);
  }
  if ("$secretConfig" in described) {
    return new pulumi.Config().getSecret(described.$secretConfig);
  }
  if ("$asset" in described) {
    return new pulumi.asset.StringAsset(described.$asset);
  }
  return Object.fromEntries(Object.entries(described).map(([key, child]) => [key, value(child)]));
}

function options(described = {}) {
  const { parent, dependsOn, deletedWith, aliases, ...rest } = described;
  return {
    ...rest,
    ...(parent === undefined ? {} : { parent: made[parent] }),
    ...(dependsOn === undefined ? {} : { dependsOn: dependsOn.map((name) => made[name]) }),
    ...(deletedWith === undefined ? {} : { deletedWith: made[deletedWith] }),
    ...(aliases === undefined
      ? {}
      : {
          aliases: aliases.map((alias) =>
            alias.parent === null ? { ...alias, parent: pulumi.rootStackResource } : alias,
          ),
        }),
  };
}

for (const { name, kind, args, opts, get } of description.resources) {
  if (kind === "group") {
    made[name] = new Group(name, value(args ?? {}), options(opts));
  } else if (kind === "stackReference") {
    made[name] = new pulumi.StackReference(name);
  } else if (kind === "other") {
    made[name] = new pulumi.CustomResource("other:index:Thing", name, {});
  } else {
    made[name] = new Item(
      name,
      { name, ...value(args ?? {}) },
      { ...options(opts), ...(get === undefined ? {} : { id: get }) },
    );
  }
}
for (const name of description.resources.filter(({ kind }) => kind === "group").map((resource) => resource.name)) {
  made[name].registerOutputs(value(description.groupOutputs?.[name] ?? {}));
}
for (const { level, text, on, ephemeral } of description.logs ?? []) {
  pulumi.log[level](text, on === undefined ? undefined : made[on], undefined, ephemeral);
}
if (description.print !== undefined) {
  console.log(description.print);
}
if (description.throws !== undefined) {
  throw new Error(description.throws);
}
if (description.exits !== undefined) {
  process.exit(description.exits);
}
for (const [name, described] of Object.entries(description.outputs ?? {})) {
  exports[name] = value(described);
}
