const { Item, stage } = require("./conf.js");

new Item("a", { value: stage });
