/** The type of the resource that stands for a stack, the parent of everything without another parent. */
export const stackType = "pulumi:pulumi:Stack";

const providerTypePrefix = "pulumi:providers:";

/**
 * Builds a resource's URN: `urn:pulumi:STACK::PROJECT::[PARENT TYPES$]TYPE::NAME`. A stack as parent adds nothing.
 *
 * @see https://www.pulumi.com/docs/iac/concepts/resources/names/#urns
 */
export function makeUrn(stack: string, project: string, parent: string, type: string, name: string): string {
  const parentType = parent === "" ? "" : qualifiedType(parent);
  const prefix = parentType === "" || parentType === stackType ? "" : `${parentType}$`;
  return `urn:pulumi:${stack}::${project}::${prefix}${type}::${name}`;
}

/** The part of a URN between project and name: the types of all its ancestors and its own, joined by `$`. */
export function qualifiedType(urn: string): string {
  return urn.split("::")[2] ?? "";
}

/** The resource's own type. */
export function typeOf(urn: string): string {
  const qualified = qualifiedType(urn);
  return qualified.slice(qualified.lastIndexOf("$") + 1);
}

/** The resource's name, which may itself contain `::`. */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** The stack that a URN belongs to. */
export function stackOf(urn: string): string {
  return (urn.split("::")[0] ?? "").replace(/^urn:pulumi:/, "");
}

/** The URN of the stack's own resource. */
export function stackUrn(stack: string, project: string): string {
  return makeUrn(stack, project, "", stackType, `${project}-${stack}`);
}

/** True for `pulumi:providers:NAME`, the type of a provider instance. */
export function isProviderType(type: string): boolean {
  return type.startsWith(providerTypePrefix);
}

/** The package that serves a type: `pulumi-nodejs` for `pulumi-nodejs:dynamic/acme:Item`. */
export function packageOf(type: string): string {
  return isProviderType(type) ? type.slice(providerTypePrefix.length) : (type.split(":")[0] ?? "");
}

/** The type of a package's provider instances. */
export function providerTypeOf(packageName: string): string {
  return providerTypePrefix + packageName;
}

/** The name of the default provider of a package: one for each version that the program asks for. */
export function defaultProviderName(version: string): string {
  return version === "" ? "default" : `default_${version.replace(/[^A-Za-z0-9]/g, "_")}`;
}

/** True for the default provider of a package, which the engine makes by itself and never shows. */
export function isDefaultProvider(urn: string): boolean {
  return isProviderType(typeOf(urn)) && /^default($|_)/.test(nameOf(urn));
}

/** The URN in a provider reference, `URN::ID`. */
export function providerUrnOf(reference: string): string {
  return reference.slice(0, reference.lastIndexOf("::"));
}

/** The id in a provider reference, `URN::ID`. */
export function providerIdOf(reference: string): string {
  return reference.slice(reference.lastIndexOf("::") + 2);
}

/** A type as people read it: `aws:s3:Bucket` for `aws:s3/bucket:Bucket`, all others as they are. */
export function displayType(type: string): string {
  const [packageName, module, name, ...rest] = type.split(":");
  if (packageName === undefined || module === undefined || name === undefined || rest.length > 0) {
    return type;
  }
  const slash = module.indexOf("/");
  const isRepeated = slash >= 0 && module.slice(slash + 1) === name.charAt(0).toLowerCase() + name.slice(1);
  return isRepeated ? `${packageName}:${module.slice(0, slash)}:${name}` : type;
}

/** True for the resource that stands for the stack. */
export function isStack(urn: string): boolean {
  return qualifiedType(urn) === stackType;
}
