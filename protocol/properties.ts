/**
 * Properties as Pulumi sends them: JSON as the protocol buffer `google.protobuf.Struct`. They are most of every message
 * about a resource, and each passes several times in every operation: read and written in one pass, without an object
 * for each value between.
 *
 * @see https://protobuf.dev/reference/protobuf/google.protobuf/#struct
 */

import { Reader, Writer, wire } from "./bytes.js";

/** JSON, of which secrets and references are objects with a key of Pulumi's. */
export type Properties = Record<string, unknown>;

const entryKey = (1 << 3) | wire.bytes;
const entryValue = (2 << 3) | wire.bytes;
/** Of a Struct its entries, of a ListValue its elements. */
const part = (1 << 3) | wire.bytes;
const kinds = {
  null: (1 << 3) | wire.varint,
  number: (2 << 3) | wire.fixed64,
  text: (3 << 3) | wire.bytes,
  boolean: (4 << 3) | wire.varint,
  object: (5 << 3) | wire.bytes,
  list: (6 << 3) | wire.bytes,
} as const;

/** @throws Error for bytes that are no Struct */
export function readProperties(bytes: Buffer): Properties {
  return readStruct(new Reader(bytes));
}

function readStruct(struct: Reader): Properties {
  const properties: Properties = {};
  while (struct.isMore) {
    const tag = struct.varint();
    if (tag === part) readEntry(struct.message(), properties);
    else struct.skip(tag);
  }
  return properties;
}

function readEntry(entry: Reader, properties: Properties): void {
  let key = "";
  let value: unknown = null;
  while (entry.isMore) {
    const tag = entry.varint();
    if (tag === entryKey) key = entry.text();
    else if (tag === entryValue) value = readValue(entry.message());
    else entry.skip(tag);
  }
  // A plain assignment to this key would set the object's prototype.
  if (key === "__proto__") Object.defineProperty(properties, key, { value, enumerable: true });
  else properties[key] = value;
}

function readValue(message: Reader): unknown {
  let value: unknown = null;
  while (message.isMore) {
    const tag = message.varint();
    if (tag === kinds.text) value = message.text();
    else if (tag === kinds.boolean) value = message.varint() !== 0;
    else if (tag === kinds.number) value = message.double();
    else if (tag === kinds.object) value = readStruct(message.message());
    else if (tag === kinds.list) value = readList(message.message());
    else {
      message.skip(tag);
      if (tag === kinds.null) value = null;
    }
  }
  return value;
}

function readList(message: Reader): unknown[] {
  const list: unknown[] = [];
  while (message.isMore) {
    const tag = message.varint();
    if (tag === part) list.push(readValue(message.message()));
    else message.skip(tag);
  }
  return list;
}

/** One for all: a writer is empty again as soon as its bytes are taken. */
const writer = new Writer(64 * 1024);

/**
 * Properties in bytes, sorted by their names: equal ones are equal bytes. As JSON has it, what is undefined or a function
 * is left out, in a list it is null, and so is what is no finite number.
 */
export function writeProperties(properties: object): Buffer {
  try {
    writeStruct(properties);
  } catch (error) {
    writer.finish();
    throw error;
  }
  return writer.finish();
}

function writeStruct(properties: object): void {
  for (const key of Object.keys(properties).sort().reverse()) {
    const given: unknown = properties[key as keyof typeof properties];
    const value = hasToJson(given) ? given.toJSON() : given;
    if (isNothing(value)) continue;
    const before = writer.length;
    writeValue(2, value);
    writer.text(1, key);
    writer.close(1, before);
  }
}

/** @param field of the message that the value lies in */
function writeValue(field: number, value: unknown): void {
  const before = writer.length;
  if (typeof value === "string") writer.text(3, value);
  else if (typeof value === "boolean") writer.varint(4, value ? 1 : 0);
  else if (typeof value === "number" && Number.isFinite(value)) writer.double(2, value);
  else if (Array.isArray(value)) {
    const inside = writer.length;
    for (let index = value.length - 1; index >= 0; index -= 1) {
      const given: unknown = value[index];
      const element = hasToJson(given) ? given.toJSON() : given;
      writeValue(1, isNothing(element) ? null : element);
    }
    writer.close(6, inside);
  } else if (typeof value === "object" && value !== null) {
    const inside = writer.length;
    writeStruct(value);
    writer.close(5, inside);
  } else writer.varint(1, 0);
  writer.close(field, before);
}

function isNothing(value: unknown): boolean {
  return value === undefined || typeof value === "function" || typeof value === "symbol";
}

function hasToJson(value: unknown): value is { toJSON(): unknown } {
  return typeof value === "object" && value !== null && "toJSON" in value && typeof value.toJSON === "function";
}
