// The classes of package "conf", as a program uses them.
const pulumi = require("@pulumi/pulumi");

const outputs = { out: undefined, token: undefined, size: undefined };

class Item extends pulumi.CustomResource {
  constructor(name, args = {}, options = {}) {
    super("conf:index:Item", name, { ...outputs, ...args }, options);
  }
}

class Group extends pulumi.ComponentResource {
  constructor(name, args = {}, options = {}) {
    super("conf:index:Group", name, args, options);
  }
}

class Provider extends pulumi.ProviderResource {
  constructor(name, args = {}, options = {}) {
    super("conf", name, args, options);
  }
}

const echo = (args, options) => pulumi.runtime.invoke("conf:index:echo", args, options);
const echoOutput = (args, options) => pulumi.runtime.invokeOutput("conf:index:echo", args, options);
const stage = new pulumi.Config().get("stage") ?? "1";

module.exports = { Item, Group, Provider, echo, echoOutput, stage, pulumi };
