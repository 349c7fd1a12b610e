const { Item, pulumi, stage } = require("./conf.js");

const programs = {
  1: () => {
    new Item("before", {});
    throw new Error("the program fails");
  },
  2: () => {
    new Item("before", {});
    return Promise.reject(new TypeError("later"));
  },
  3: () => {
    new Item("before", {});
    throw new pulumi.RunError("a message for the user");
  },
};
module.exports = programs[stage]();
