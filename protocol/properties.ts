/**
 * Properties as Pulumi sends them: JSON as the message `google.protobuf.Struct`. They are most of every message about a
 * resource: read and written in one pass, without an object for each value between.
 *
 * @see https://protobuf.dev/reference/protobuf/google.protobuf/#struct
 */

import protobuf from "protobufjs/minimal.js";

/** JSON, of which secrets and references are objects with a key of Pulumi's. */
export type Properties = Record<string, unknown>;

/** A field's number in its message, and how its end is found. */
const tag = (field: number, wire: "varint" | "fixed64" | "bytes") =>
  field * 8 + { varint: 0, fixed64: 1, bytes: 2 }[wire];
/** Of a Struct its entries, of a ListValue its elements. */
const part = tag(1, "bytes");
const entry = { key: tag(1, "bytes"), value: tag(2, "bytes") } as const;
const kind = {
  null: tag(1, "varint"),
  number: tag(2, "fixed64"),
  text: tag(3, "bytes"),
  boolean: tag(4, "varint"),
  object: tag(5, "bytes"),
  list: tag(6, "bytes"),
} as const;

/** @throws Error for bytes that are no Struct */
export function readProperties(bytes: Buffer): Properties {
  return readStruct(protobuf.Reader.create(bytes), bytes.length);
}

/** @param end where the Struct ends in the reader's bytes */
function readStruct(reader: protobuf.Reader, end: number): Properties {
  const properties: Properties = {};
  while (reader.pos < end) {
    const found = reader.uint32();
    if (found === part) readEntry(reader, reader.uint32() + reader.pos, properties);
    else reader.skipType(found & 7);
  }
  return properties;
}

function readEntry(reader: protobuf.Reader, end: number, properties: Properties): void {
  let key = "";
  let value: unknown = null;
  while (reader.pos < end) {
    const found = reader.uint32();
    if (found === entry.key) key = reader.string();
    else if (found === entry.value) value = readValue(reader, reader.uint32() + reader.pos);
    else reader.skipType(found & 7);
  }
  // A plain assignment to this key would set the object's prototype.
  if (key === "__proto__") Object.defineProperty(properties, key, { value, enumerable: true });
  else properties[key] = value;
}

function readValue(reader: protobuf.Reader, end: number): unknown {
  let value: unknown = null;
  while (reader.pos < end) {
    const found = reader.uint32();
    if (found === kind.text) value = reader.string();
    else if (found === kind.boolean) value = reader.bool();
    else if (found === kind.number) value = reader.double();
    else if (found === kind.object) value = readStruct(reader, reader.uint32() + reader.pos);
    else if (found === kind.list) value = readList(reader, reader.uint32() + reader.pos);
    else {
      reader.skipType(found & 7);
      if (found === kind.null) value = null;
    }
  }
  return value;
}

function readList(reader: protobuf.Reader, end: number): unknown[] {
  const list: unknown[] = [];
  while (reader.pos < end) {
    const found = reader.uint32();
    if (found === part) list.push(readValue(reader, reader.uint32() + reader.pos));
    else reader.skipType(found & 7);
  }
  return list;
}

/**
 * Properties in bytes, sorted by their names: equal ones are equal bytes. As JSON has it, what is undefined or a function
 * is left out, in a list it is null, and so is what is no finite number.
 */
export function writeProperties(properties: object): Buffer {
  const writer = protobuf.Writer.create();
  writeStruct(writer, properties);
  return writer.finish() as Buffer;
}

function writeStruct(writer: protobuf.Writer, properties: object): void {
  for (const key of Object.keys(properties).sort()) {
    const value = jsonOf(properties[key as keyof typeof properties]);
    if (value === undefined) continue;
    writer.uint32(part).fork().uint32(entry.key).string(key).uint32(entry.value).fork();
    writeValue(writer, value);
    writer.ldelim().ldelim();
  }
}

function writeValue(writer: protobuf.Writer, value: unknown): void {
  if (typeof value === "string") writer.uint32(kind.text).string(value);
  else if (typeof value === "boolean") writer.uint32(kind.boolean).bool(value);
  else if (typeof value === "number" && Number.isFinite(value)) writer.uint32(kind.number).double(value);
  else if (Array.isArray(value)) {
    writer.uint32(kind.list).fork();
    for (const element of value as unknown[]) {
      writer.uint32(part).fork();
      writeValue(writer, jsonOf(element));
      writer.ldelim();
    }
    writer.ldelim();
  } else if (typeof value === "object" && value !== null) {
    writer.uint32(kind.object).fork();
    writeStruct(writer, value);
    writer.ldelim();
  } else writer.uint32(kind.null).int32(0);
}

/** What JSON takes a value for; undefined for what it leaves out. */
function jsonOf(given: unknown): unknown {
  if (typeof given === "object" && given !== null && "toJSON" in given && typeof given.toJSON === "function")
    return given.toJSON() as unknown;
  return typeof given === "function" || typeof given === "symbol" ? undefined : given;
}
