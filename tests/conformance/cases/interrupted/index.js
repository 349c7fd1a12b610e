const { Item, stage } = require("./conf.js");

const a = new Item("a", { value: stage });
new Item("b", { value: a.out });
if (stage !== "1") {
  new Item("begun", { value: stage });
}
