/** Properties as the plugin gets and gives them: with keys of the shells beside those of the resource. */

import { type Handler, importedMarker, type Properties } from "../resources/handler.js";
import { providerLine } from "./dynamicType.js";
import { secretInputsKey } from "./secretInputs.js";

/** The dynamic shell's own keys: echoed, so that a stack can move to that shell and back. */
const lineKey = "__provider";
const dynamicKeys = [lineKey, secretInputsKey];

/** A resource's properties without the dynamic shell's keys. */
export function own(properties: Properties): Properties {
  const { [lineKey]: _line, [secretInputsKey]: _secrets, ...rest } = properties;
  return rest;
}

/** What a program declares: without any key of a shell's. */
export function declared(properties: Properties): Properties {
  const { [importedMarker]: _marker, ...rest } = own(properties);
  return rest;
}

/** With the keys of the dynamic shell that the source has. */
export function withLine(properties: Properties, source: Properties): Properties {
  const echoed = dynamicKeys.flatMap((key) => (key in source ? [[key, source[key]] as const] : []));
  return echoed.length > 0 ? { ...properties, ...Object.fromEntries(echoed) } : properties;
}

/** The dynamic shell's key of a resource that did not come from a program. */
export function lineOf(handler: Handler): Properties {
  return { [lineKey]: providerLine(handler.token) };
}

const requiredKeys = new WeakMap<Handler, readonly string[]>();

/** True for a whole state; an import, or a `get` by id alone, brings none. */
export function isState(handler: Handler, outputs: Properties): boolean {
  let required = requiredKeys.get(handler);
  if (required === undefined) {
    const shape = Object.entries(handler.schema.shape as Record<string, Schema>);
    required = shape.filter(([, schema]) => !schema.safeParse(undefined).success).map(([key]) => key);
    requiredKeys.set(handler, required);
  }
  return required.every((key) => key in outputs);
}

interface Schema {
  safeParse(value: unknown): { success: boolean };
}

/** The TypeScript classes show previews and drift by themselves, on both shells; they pass the dynamic shell's key. */
export function isShownByProgram(given: Properties): boolean {
  return lineKey in given;
}

/** `customTimeouts` win over the argument; Pulumi hands them on in seconds and enforces nothing. */
export function withTimeout(properties: Properties, seconds: number): Properties {
  return seconds > 0 ? { ...properties, timeoutMinutes: seconds / 60 } : properties;
}

/** The argument as it was declared, or the next diff would see another one. */
export function withOwnTimeout(outputs: Properties, news: Properties): Properties {
  return "timeoutMinutes" in news ? { ...outputs, timeoutMinutes: news.timeoutMinutes } : outputs;
}
