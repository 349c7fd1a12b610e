const { Item, stage } = require("./conf.js");

const bad = new Item("bad", { value: stage });
new Item("afterBad", { value: bad.out });
