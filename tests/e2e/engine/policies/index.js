// A pack with every kind of rule; what each does follows from the resources that a test declares.
const { PolicyPack } = require("@pulumi/policy");

new PolicyPack("probe", {
  policies: [
    {
      name: "no-bad-value",
      description: "Values are good.",
      severity: "high",
      enforcementLevel: "mandatory",
      configSchema: {
        properties: {
          word: { type: "string", default: "bad" },
          most: { type: "integer", minimum: 1, default: 3 },
        },
      },
      validateResource: (args, report) => {
        if (args.props.value === args.getConfig().word)
          report(`${args.name} is ${args.props.value}\nand that is that`);
      },
    },
    {
      name: "no-other",
      description: "Nothing is taken from elsewhere.",
      validateResource: (args, report) => {
        if (args.props.from === "out-good") report("taken from another");
      },
    },
    {
      name: "labelled",
      description: "Everything has a label.",
      enforcementLevel: "remediate",
      remediateResource: (args) =>
        args.props.label === "wanted"
          ? { ...args.props, label: `label of ${args.name} under ${args.opts.parent?.split("::").pop()}` }
          : undefined,
      validateResource: (args, report) => {
        if (args.props.label === "wanted") report("it has no label");
      },
    },
    {
      name: "whole",
      description: "The stack is whole.",
      severity: "low",
      validateStack: (args, report) => {
        const items = args.resources.filter((resource) => resource.type.endsWith(":Item"));
        const known = items.map(({ name, props, parent, dependencies }) => {
          const raw = props.__getSpecialProxyTarget;
          return `${name}=${raw.out ?? "-"} in ${parent?.name ?? "-"} after ${dependencies.map((d) => d.name).join("+") || "-"}`;
        });
        report(known.sort().join("; "));
        const last = items.find(({ name }) => name === "b");
        if (last !== undefined) report("of b", last.urn);
      },
    },
  ],
});
