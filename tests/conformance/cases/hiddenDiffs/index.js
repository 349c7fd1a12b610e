const { Item, stage } = require("./conf.js");

const shape = { text: stage, deep: { "odd key": stage, list: [stage, { a: stage }] }, kept: 1, [`k${stage}`]: 1 };
new Item("some", shape, { hideDiffs: ["text", 'deep["odd key"]', "deep.list[*].a", "absent"] });
new Item("all", shape, { hideDiffs: ["*"] });
new Item("keys", { ...shape, diffMode: "keys" }, { hideDiffs: ["deep", "k1", "out"] });
new Item("told", { ...shape, diffMode: "unknown" }, { hideDiffs: ["deep.list", "text"] });
new Item("none", { value: 1 }, stage === "1" ? {} : { hideDiffs: ["value"] });
new Item("replaced", { force: stage, value: stage }, { hideDiffs: ["force"] });
new Item("drifting", { value: 1 }, { hideDiffs: ["value"] });
