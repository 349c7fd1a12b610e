// The classes of azure-native as far as a program sees them: a type's token and its arguments. The real package is 246 MB
// and optional; what a registration carries is the same.
const pulumi = require("@pulumi/pulumi");

const outputs = {
  resources: { ResourceGroup: ["name", "location"] },
  recoveryservices: { Vault: ["name", "location"] },
  network: {
    VirtualNetwork: ["name", "subnets", "provisioningState"],
    Subnet: ["name"],
    NetworkSecurityGroup: ["name", "securityRules", "defaultSecurityRules"],
    SecurityRule: ["name"],
    PublicIPAddress: ["name", "ipAddress"],
    NetworkInterface: ["name", "ipConfigurations"],
    LoadBalancer: ["name"],
  },
  storage: { StorageAccount: ["name", "primaryEndpoints"] },
};

for (const [module, classes] of Object.entries(outputs)) {
  exports[module] = Object.fromEntries(
    Object.entries(classes).map(([name, properties]) => [
      name,
      class extends pulumi.CustomResource {
        constructor(label, args, options) {
          const unset = Object.fromEntries(properties.map((property) => [property, undefined]));
          super(`azure-native:${module}:${name}`, label, { ...unset, ...args }, options);
        }
      },
    ]),
  );
}
