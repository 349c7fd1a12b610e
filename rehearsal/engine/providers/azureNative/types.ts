import { EngineError } from "../../errors.js";
import { isObject, type PropertyMap, type PropertyValue } from "../../propertyValues.js";

/** How one resource type of azure-native stands in ARM. */
export interface NativeType {
  /** The type without its package, such as `network:Subnet`. */
  token: string;
  /** What `name` says in a path; the last one is the resource's own, and made up where it is left out. */
  parameters: readonly string[];
  /** Path below the subscription, with `{parameter}` where a name goes. */
  path: string;
  apiVersion: string;
  /** Members of the body beside `properties`; everything else goes into `properties`. */
  envelope: readonly string[];
  /** Members of `properties` that hold resources, each with `properties` of its own. */
  children: readonly string[];
  /** Children that an update leaves as they are where the program does not name them: others write them too. */
  kept: readonly string[];
  /** What must be given beside the names. */
  required: readonly string[];
}

const network = "2023-09-01";
const inGroup = "/resourceGroups/{resourceGroupName}/providers";

function type(
  token: string,
  path: string,
  apiVersion: string,
  more: Partial<Pick<NativeType, "envelope" | "children" | "kept" | "required">> = {},
): NativeType {
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
  return { token, parameters, path, apiVersion, envelope: [], children: [], kept: [], required: [], ...more };
}

const located = ["location", "tags"];

/**
 * The types that the examples use. Names, paths and flattening as `@pulumi/azure-native` has them.
 * @see https://www.pulumi.com/registry/packages/azure-native/api-docs/
 */
const types: readonly NativeType[] = [
  type("resources:ResourceGroup", "/resourceGroups/{resourceGroupName}", "2021-04-01", {
    envelope: [...located, "managedBy"],
  }),
  type(
    "recoveryservices:Vault",
    `${inGroup}/Microsoft.RecoveryServices/vaults/{vaultName}`,
    "2023-06-01",
    // Azure's specification does not flatten this one: `properties` is an argument.
    { envelope: [...located, "sku", "identity", "etag", "properties"] },
  ),
  type("network:VirtualNetwork", `${inGroup}/Microsoft.Network/virtualNetworks/{virtualNetworkName}`, network, {
    envelope: [...located, "extendedLocation"],
    children: ["subnets", "virtualNetworkPeerings"],
    kept: ["subnets", "virtualNetworkPeerings"],
    required: ["addressSpace"],
  }),
  type(
    "network:Subnet",
    `${inGroup}/Microsoft.Network/virtualNetworks/{virtualNetworkName}/subnets/{subnetName}`,
    network,
    { envelope: ["name"] },
  ),
  type(
    "network:NetworkSecurityGroup",
    `${inGroup}/Microsoft.Network/networkSecurityGroups/{networkSecurityGroupName}`,
    network,
    { envelope: located, children: ["securityRules", "defaultSecurityRules"], kept: ["securityRules"] },
  ),
  type(
    "network:SecurityRule",
    `${inGroup}/Microsoft.Network/networkSecurityGroups/{networkSecurityGroupName}/securityRules/{securityRuleName}`,
    network,
    { envelope: ["name"], required: ["access", "direction", "priority", "protocol"] },
  ),
  type(
    "network:PublicIPAddress",
    `${inGroup}/Microsoft.Network/publicIPAddresses/{publicIpAddressName}`,
    network,
    { envelope: [...located, "sku", "zones", "extendedLocation"] },
  ),
  type(
    "network:NetworkInterface",
    `${inGroup}/Microsoft.Network/networkInterfaces/{networkInterfaceName}`,
    network,
    { envelope: [...located, "extendedLocation"], children: ["ipConfigurations"] },
  ),
  type("storage:StorageAccount", `${inGroup}/Microsoft.Storage/storageAccounts/{accountName}`, "2023-01-01", {
    envelope: [...located, "sku", "kind", "identity", "extendedLocation"],
    required: ["sku", "kind"],
  }),
];

/**
 * The type of a token such as `azure-native:network:Subnet`; versioned modules (`network/v20230901`) are the same.
 * @throws {EngineError} naming the type, where it is not served here
 */
export function nativeType(token: string): NativeType {
  const [, module = "", name = ""] = token.split(":");
  const plain = `${module.split("/")[0]}:${name}`;
  const found = types.find((candidate) => candidate.token === plain);
  if (found !== undefined) {
    return found;
  }
  throw new EngineError(
    `resource type ${token} is not served in a rehearsal. Allowed: ${types.map((each) => `azure-native:${each.token}`).join(", ")}. Use the Pulumi CLI for it`,
  );
}

/** The body of a PUT, out of flattened inputs. */
export function toBody({ parameters, envelope, children }: NativeType, inputs: PropertyMap): PropertyMap {
  const body: PropertyMap = {};
  const properties: PropertyMap = {};
  for (const [key, value] of Object.entries(inputs)) {
    if (parameters.includes(key)) {
      continue;
    }
    if (envelope.includes(key)) {
      body[key] = value;
    } else {
      properties[key] = children.includes(key) && Array.isArray(value) ? value.map(toChild) : value;
    }
  }
  return envelope.includes("properties") || Object.keys(properties).length === 0 ? body : { ...body, properties };
}

/** Members of a child that stand beside its `properties`. */
const childEnvelope = ["id", "name", "etag", "type", "zones"];

function toChild(child: PropertyValue): PropertyValue {
  if (!isObject(child)) {
    return child;
  }
  const outside = Object.entries(child).filter(([key]) => childEnvelope.includes(key));
  const inside = Object.entries(child).filter(([key]) => !childEnvelope.includes(key));
  return { ...Object.fromEntries(outside), properties: Object.fromEntries(inside) };
}

/** Outputs out of what ARM answers: `properties` flattened, of children too, as the SDK's types have them. */
export function toOutputs({ envelope, children, apiVersion }: NativeType, body: PropertyMap): PropertyMap {
  const { properties, id: _id, ...outside } = body;
  if (envelope.includes("properties") || !isObject(properties)) {
    return { ...outside, ...(properties === undefined ? {} : { properties }), azureApiVersion: apiVersion };
  }
  const inside = Object.entries(properties).map(([key, value]): [string, PropertyValue] => [
    key,
    children.includes(key) && Array.isArray(value) ? value.map(fromChild) : value,
  ]);
  return { ...Object.fromEntries(inside), ...outside, azureApiVersion: apiVersion };
}

function fromChild(child: PropertyValue): PropertyValue {
  if (!isObject(child) || !isObject(child.properties)) {
    return child;
  }
  const { properties, ...outside } = child;
  return { ...properties, ...outside };
}

/** What Azure has now in the shape of the inputs: only what the program named, so that drift shows and nothing else. */
export function projected(input: PropertyValue, output: PropertyValue | undefined): PropertyValue {
  if (output === undefined) {
    return input;
  }
  if (isObject(input) && isObject(output)) {
    return Object.fromEntries(Object.entries(input).map(([key, inner]) => [key, projected(inner, output[key])]));
  }
  if (Array.isArray(input) && Array.isArray(output) && input.length === output.length) {
    return input.map((inner, index) => projected(inner, output[index]));
  }
  return typeof input === "string" && typeof output === "string" && isSameText(input, output) ? input : output;
}

/** Ids and regions are answered in another case than they were given. */
function isSameText(a: string, b: string): boolean {
  const plain = (text: string): string => text.replaceAll(" ", "").toLowerCase();
  return plain(a) === plain(b);
}
