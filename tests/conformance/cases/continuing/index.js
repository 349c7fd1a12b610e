const { Item, stage } = require("./conf.js");

const bad = new Item("bad", { value: stage });
const after = new Item("after", { value: bad.out });
new Item("afterAfter", { value: after.out });
new Item("free", { value: stage });
if (stage === "1") {
  const base = new Item("base", { value: 1 });
  new Item("onBase", { value: base.out });
}
