const { Item, stage } = require("./conf.js");

const first = new Item("first", { force: stage, value: stage });
new Item("afterFirst", { value: first.out });
new Item("tiedToFirst", { forceValue: first.out, forceUnknown: true });
const early = new Item("early", { force: stage, deleteFirst: true, value: stage });
const tied = new Item("tied", { forceValue: early.out, forceUnknown: true });
new Item("tiedTwice", { forceValue: tied.out, forceUnknown: true });
new Item("loose", { value: early.out });
new Item("optedFirst", { force: stage }, { deleteBeforeReplace: true });
new Item("optedLast", { force: stage, deleteFirst: true }, { deleteBeforeReplace: false });
new Item("keys", { force: stage, diffMode: "keys" });
exports.first = first.id;
