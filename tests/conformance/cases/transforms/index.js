// Transforms and the older transformations: of a resource, of its parents, of the stack, of function calls.
const { Group, Item, Provider, echoOutput, pulumi, stage } = require("./conf.js");

pulumi.runtime.registerResourceTransform(({ type, name, props, opts }) =>
  type === "conf:index:Item" ? { props: { ...props, byStack: name }, opts } : undefined,
);
pulumi.runtime.registerStackTransformation(({ type, props, opts }) =>
  type === "conf:index:Item" ? { props: { ...props, older: true }, opts } : undefined,
);
pulumi.runtime.registerInvokeTransform(({ args, opts }) => ({ args: { ...args, seen: true }, opts }));

const far = new Provider("far", { region: "far" });
const base = new Item("base", { value: stage });
const group = new Group(
  "group",
  {},
  {
    protect: false,
    transforms: [
      async ({ props, opts, custom }) => ({
        props: { ...props, path: `${props.path ?? ""}>parent` },
        opts: custom ? { ...opts, additionalSecretOutputs: ["out"], retainOnDelete: true } : opts,
      }),
    ],
  },
);
new Item(
  "child",
  { value: base.out, secret: pulumi.secret("s"), path: "own" },
  {
    parent: group,
    transforms: [({ props, opts }) => ({ props: { ...props, path: `${props.path}>self` }, opts })],
  },
);
new Item(
  "moved",
  { value: base.out },
  {
    transforms: [
      ({ props, opts }) => ({
        props,
        opts: {
          ...opts,
          provider: far,
          dependsOn: base,
          ignoreChanges: ["value"],
          customTimeouts: { create: "5m" },
          aliases: [{ name: "movedBefore" }],
        },
      }),
    ],
  },
);
new Item("untouched", { value: base.out, deep: { list: [base.out, 1] } }, { transforms: [() => undefined] });
new Item(
  "older",
  { value: 1 },
  { transformations: [({ props, opts }) => ({ props: { ...props, value: 2 }, opts })] },
);
if (stage === "3") {
  new Item(
    "refused",
    { value: 1 },
    {
      transforms: [
        () => {
          throw new Error("this one is not allowed");
        },
      ],
    },
  );
}
exports.seen = echoOutput({ x: base.out });
