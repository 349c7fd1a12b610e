// Options that name properties by their paths, wildcards among them.
const { Item, pulumi, stage } = require("./conf.js");

const shape = {
  list: [
    { name: "a", size: stage },
    { name: `b${stage}`, size: stage },
    ...(stage === "3" ? [{ name: "c" }] : []),
  ],
  tags: { env: stage, owner: `o${stage}`, [`k${stage}`]: "v" },
  deep: { "dotted.key": stage, other: stage, inner: { secret: pulumi.secret(stage), open: stage } },
  text: stage,
};
new Item("everySize", shape, { ignoreChanges: ["list[*].size", "tags", 'deep["dotted.key"]', "text"] });
new Item("everyItem", shape, { ignoreChanges: ["list[*]", "tags.*", "deep.inner.secret"] });
new Item("oneItem", shape, { ignoreChanges: ["list[1]", "list[7].name", "tags.env.none", "deep.*", "gone"] });
new Item("top", shape, { ignoreChanges: ["list", "deep", "tags"], replaceOnChanges: ["text"] });
new Item("replacing", shape, { replaceOnChanges: ["list[*].name", "tags.owner"], ignoreChanges: ["tags.owner"] });
new Item("replacingDeep", shape, { replaceOnChanges: ["deep.inner"], deleteBeforeReplace: true });
new Item(
  "told",
  { ...shape, diffMode: "unknown" },
  { ignoreChanges: ["list[0].size", "deep"], replaceOnChanges: ["tags.*"] },
);
