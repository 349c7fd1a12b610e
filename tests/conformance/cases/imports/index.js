const { Item, stage } = require("./conf.js");

if (stage === "1") {
  new Item("equal", { value: "as it is" }, { import: "id-1" });
  new Item("unequal", { value: "wanted", other: 1 }, { import: "id-2" });
  new Item("ignoring", { value: "wanted" }, { import: "id-3", ignoreChanges: ["value"] });
  new Item("own", { value: 1 });
} else if (stage === "2") {
  new Item("equal", { value: "changed" }, { import: "id-1" });
  new Item("unequal", { value: "wanted", other: 1 });
  new Item("own", { value: 1 }, { import: "id-1" });
} else if (stage === "3") {
  new Item("gone", { value: 1 }, { import: "nothing" });
} else {
  new Item("forced", { value: "as it is", force: "x" }, { import: "id-1" });
}
