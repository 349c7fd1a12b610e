// Two stacks of one program: "net" puts out what "dev" takes up.
const { Item, pulumi, stage } = require("./conf.js");

if (pulumi.getStack() === "net") {
  const subnet = new Item("subnet", { value: stage });
  exports.subnetId = subnet.id;
  exports.address = subnet.out;
  exports.key = pulumi.secret({ deep: stage });
  exports.list = [1, "two", { three: pulumi.secret("3") }, null];
} else {
  const net = new pulumi.StackReference("organization/p/net");
  new Item("machine", {
    value: net.requireOutput("address"),
    key: net.getOutput("key"),
    list: net.getOutput("list"),
    none: net.getOutput("none"),
  });
  exports.subnetId = net.getOutput("subnetId");
  exports.key = net.getOutput("key");
  exports.secretNames = net.secretOutputNames;
  exports.isSecret = net.getOutputDetails("key").then(({ secretValue }) => secretValue !== undefined);
  const item = new Item("named", { value: "net" });
  const late = new pulumi.StackReference("late", { name: item.value });
  exports.late = late.outputs.apply((outputs) => Object.keys(outputs).sort());
  if (pulumi.Stash !== undefined) {
    exports.stash = new pulumi.Stash("stash", { input: stage }).output;
  }
}
