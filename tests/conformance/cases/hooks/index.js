// Functions of the program that see resources before and after something is done to them, and that try again.
const { appendFileSync } = require("node:fs");
const { join } = require("node:path");
const { Group, Item, pulumi, stage } = require("./conf.js");

const say = (name) => async (args) => {
  const plain = {};
  for (const key of ["newInputs", "oldInputs", "newOutputs", "oldOutputs"]) {
    plain[key] = JSON.stringify(args[key], (_key, value) => (pulumi.Output.isInstance(value) ? "output" : value));
  }
  const line = { method: "hook", name: `hook ${name} ${args.name}`, id: args.id, type: args.type, ...plain };
  appendFileSync(join(__dirname, "calls.jsonl"), `${JSON.stringify(line)}\n`);
};
const hook = (name, options) => new pulumi.ResourceHook(name, say(name), options);
const everywhere = hook("everywhere", { onDryRun: true });
const objecting = (name, options) =>
  new pulumi.ResourceHook(
    name,
    () => {
      throw new Error(`${name} says no`);
    },
    options,
  );
const all = {
  beforeCreate: [hook("beforeCreate"), everywhere],
  afterCreate: [hook("afterCreate")],
  beforeUpdate: [hook("beforeUpdate")],
  afterUpdate: [everywhere, hook("afterUpdate")],
  beforeDelete: [hook("beforeDelete")],
  afterDelete: [hook("afterDelete"), everywhere],
};
const a = new Item("a", { value: stage, secret: pulumi.secret(stage) }, { hooks: all });
const group = new Group("group", { note: stage }, { hooks: all });
new Item("force", { force: stage }, { hooks: all, parent: group, dependsOn: [a] });
if (stage === "1") {
  new Item("goes", { value: 1 }, { hooks: all });
  new Item("ignored", { value: 1 }, { hooks: { afterCreate: [objecting("mild", { ignoreErrors: true })] } });
}
if (stage === "3") {
  new Item("refused", { value: 1 }, { dependsOn: [a, group], hooks: { beforeCreate: [objecting("strict")] } });
}
if (stage === "4") {
  new Item("late", { value: 1 }, { dependsOn: [a, group], hooks: { afterCreate: [objecting("late")] } });
}
if (stage === "5") {
  let left = 2;
  const again = new pulumi.ErrorHook("again", ({ failedOperation, errors }) => {
    appendFileSync(
      join(__dirname, "calls.jsonl"),
      `${JSON.stringify({ method: "hook", name: "hook again", failedOperation, errors })}\n`,
    );
    return left-- > 0;
  });
  new Item("failing", { value: 1 }, { dependsOn: [a, group], hooks: { onError: [again] } });
}
