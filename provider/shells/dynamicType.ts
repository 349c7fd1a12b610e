/** What a program needs to know of the dynamic shell: two strings. The shell itself is loaded by the provider process. */

/** The line that a resource of this type stores; everything it needs is found by the package's name. */
export function providerLine(token: string): string {
  return `exports.handler = () => require("pulumi-siterecovery/dynamic").dynamicProvider(${JSON.stringify(token)});`;
}

/** The type token of a dynamic resource of this type. */
export function dynamicType(token: string): string {
  return `pulumi-nodejs:dynamic/siterecovery:${token}`;
}
