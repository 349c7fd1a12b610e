// A replacement that stops in the middle, on either way, and what the next update makes of it.
const { Item, stage } = require("./conf.js");

const base = new Item("base", { value: "b" });
const beside = new Item("beside", { force: stage, value: base.out });
new Item("onBeside", { value: beside.out });
if (stage !== "4") {
  const first = new Item("first", { force: stage, deleteFirst: true, value: beside.out });
  new Item("onFirst", { forceValue: first.out, forceUnknown: true });
}
