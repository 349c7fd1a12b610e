/** Messages of a protocol, described by a table of their fields: the number of each, and what it holds. */

import { Reader, Writer, wire } from "./bytes.js";

/** What a field holds. */
export interface Kind<T> {
  /** The value of a field that is not there. */
  none(): T;
  /** How the field ends on the wire, see `wire`. */
  readonly wire: number;
  /** @param before the value so far: a field of many values comes once for each */
  read(reader: Reader, before: T): T;
  /** Writes nothing for the value of a field that is not there. */
  write(writer: Writer, field: number, value: T): void;
}

/** The number of each field and what it holds. */
type Fields<T> = { readonly [K in keyof T]: readonly [number: number, kind: Kind<T[K]>] };

/** A message of these fields; fields of the protocol that are not among them are passed over. */
export interface Message<T> {
  read(reader: Reader): T;
  /** What is left out is not there. */
  write(writer: Writer, values: Partial<T>): void;
}

/** The values of a message as `Message` reads them. */
export type Read<M> = M extends Message<infer T> ? T : never;

export function message<T>(fields: Fields<T>): Message<T> {
  const entries = Object.entries(fields) as [string, [number, Kind<unknown>]][];
  const byTag = new Map(entries.map(([name, [number, kind]]) => [number * 8 + kind.wire, { name, kind }]));
  return {
    read(reader) {
      const values: Record<string, unknown> = {};
      for (const [name, [, kind]] of entries) values[name] = kind.none();
      while (reader.isMore) {
        const tag = reader.varint();
        const field = byTag.get(tag);
        if (field === undefined) reader.skip(tag);
        else values[field.name] = field.kind.read(reader, values[field.name]);
      }
      return values as T;
    },
    write(writer, values) {
      for (const [name, [number, kind]] of entries) {
        const value: unknown = values[name as keyof T];
        if (value !== undefined) kind.write(writer, number, value);
      }
    },
  };
}

export const text: Kind<string> = {
  none: () => "",
  wire: wire.bytes,
  read: (reader) => reader.text(),
  write(writer, field, value) {
    if (value !== "") writer.text(field, value);
  },
};

export const flag: Kind<boolean> = {
  none: () => false,
  wire: wire.varint,
  read: (reader) => reader.varint() !== 0,
  write(writer, field, value) {
    if (value) writer.varint(field, 1);
  },
};

/** A whole number, 0 or more; a word of an enumeration. */
export const whole: Kind<number> = {
  none: () => 0,
  wire: wire.varint,
  read: (reader) => reader.varint(),
  write(writer, field, value) {
    if (value !== 0) writer.varint(field, value);
  },
};

/** A number with a fraction. */
export const double: Kind<number> = {
  none: () => 0,
  wire: wire.fixed64,
  read: (reader) => reader.double(),
  write(writer, field, value) {
    if (value !== 0) writer.double(field, value);
  },
};

/** A message that is handed on as it is, such as the properties of a resource. */
export const bytes: Kind<Buffer | undefined> = {
  none: () => undefined,
  wire: wire.bytes,
  read: (reader) => reader.inner(),
  write(writer, field, value) {
    if (value !== undefined) writer.bytes(field, value);
  },
};

export const texts: Kind<string[]> = {
  none: () => [],
  wire: wire.bytes,
  read(reader, before) {
    before.push(reader.text());
    return before;
  },
  write(writer, field, values) {
    for (const value of [...values].reverse()) writer.text(field, value);
  },
};

/** Any number of messages. */
export function many<T>(inner: Message<T>): Kind<T[]> {
  return {
    none: () => [],
    wire: wire.bytes,
    read(reader, before) {
      before.push(inner.read(reader.message()));
      return before;
    },
    write(writer, field, values) {
      for (const value of [...values].reverse()) {
        const before = writer.length;
        inner.write(writer, value);
        writer.close(field, before);
      }
    },
  };
}

/** Values by a text. */
export function byText<T>(value: Kind<T>): Kind<Map<string, T>> {
  const entry = message({ key: [1, text], value: [2, value as Kind<never>] }) as Message<{
    key: string;
    value: T;
  }>;
  const entries = many(entry);
  return {
    none: () => new Map(),
    wire: wire.bytes,
    read(reader, before) {
      const { key, value } = entry.read(reader.message());
      return before.set(key, value);
    },
    write: (writer, field, map) =>
      entries.write(
        writer,
        field,
        [...map].map(([key, value]) => ({ key, value })),
      ),
  };
}

/** One message inside another. */
export function one<T>(inner: Message<T>): Kind<T | undefined> {
  return {
    none: () => undefined,
    wire: wire.bytes,
    read: (reader) => inner.read(reader.message()),
    write(writer, field, value) {
      if (value === undefined) return;
      const before = writer.length;
      inner.write(writer, value);
      writer.close(field, before);
    },
  };
}

export function decode<T>(message: Message<T>, bytes: Buffer): T {
  return message.read(new Reader(bytes));
}

export function encode<T>(message: Message<T>, values: Partial<T>): Buffer {
  const writer = new Writer();
  message.write(writer, values);
  return writer.finish();
}
