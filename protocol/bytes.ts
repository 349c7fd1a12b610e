/**
 * Protocol buffers in bytes: fields one after the other, each with its number and how its end is found.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */

/** How the end of a field is found: the lowest three bits of its tag, above which its number stands. */
export const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Reads the fields of a message from its begin to its end. */
export class Reader {
  #at: number;
  readonly #end: number;

  /** @param start where the message begins in the bytes, which may hold more than this one */
  constructor(
    private readonly bytes: Buffer,
    start = 0,
    end = bytes.length,
  ) {
    this.#at = start;
    this.#end = end;
  }

  /** True while there is another field. */
  get isMore(): boolean {
    return this.#at < this.#end;
  }

  /** A whole number from 0 to 2^53; a negative one, which comes as 64 bits, is not told from a large one. */
  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.bytes[this.#take(1)] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  double(): number {
    return this.bytes.readDoubleLE(this.#take(8));
  }

  text(): string {
    const length = this.varint();
    const start = this.#take(length);
    return this.bytes.toString("utf8", start, start + length);
  }

  /** What a field of bytes holds; not copied. */
  inner(): Buffer {
    const length = this.varint();
    const start = this.#take(length);
    return this.bytes.subarray(start, start + length);
  }

  /** The fields of a message inside this one. */
  message(): Reader {
    const length = this.varint();
    const start = this.#take(length);
    return new Reader(this.bytes, start, start + length);
  }

  /** Passes over the value after a tag. @throws Error for what no message of today holds */
  skip(tag: number): void {
    const how = tag & 7;
    if (how === wire.varint) this.varint();
    else if (how === wire.fixed64) this.#take(8);
    else if (how === wire.bytes) this.#take(this.varint());
    else if (how === wire.fixed32) this.#take(4);
    else throw new Error(`a message has a field of the unknown wire type ${how}`);
  }

  /** Goes on by a length. Answers where it was. */
  #take(length: number): number {
    const start = this.#at;
    if (start + length > this.#end) throw new Error("a message ends in the middle of a field");
    this.#at = start + length;
    return start;
  }
}

/**
 * Writes a message from its end to its begin: the length of what lies inside stands before it, and is known by then. So
 * what is to be read first is written last.
 */
export class Writer {
  #bytes: Buffer;
  /** Where what was written begins. */
  #start: number;

  constructor(size = 1024) {
    this.#bytes = Buffer.allocUnsafe(size);
    this.#start = size;
  }

  /** How many bytes were written: to be given to `close`. */
  get length(): number {
    return this.#bytes.length - this.#start;
  }

  /** A copy of all that was written; the writer is empty again. */
  finish(): Buffer {
    const written = Buffer.from(this.#bytes.subarray(this.#start));
    this.#start = this.#bytes.length;
    return written;
  }

  /** Makes what was written since `length` was asked for the message or list of a field. */
  close(field: number, before: number): void {
    this.#varint(this.length - before);
    this.#tag(field, wire.bytes);
  }

  text(field: number, value: string): void {
    const length = Buffer.byteLength(value);
    this.#grow(length);
    this.#start -= length;
    this.#bytes.write(value, this.#start, length, "utf8");
    this.#varint(length);
    this.#tag(field, wire.bytes);
  }

  bytes(field: number, value: Uint8Array): void {
    this.#grow(value.length);
    this.#start -= value.length;
    this.#bytes.set(value, this.#start);
    this.#varint(value.length);
    this.#tag(field, wire.bytes);
  }

  /** @param value a whole number, 0 or more */
  varint(field: number, value: number): void {
    this.#varint(value);
    this.#tag(field, wire.varint);
  }

  double(field: number, value: number): void {
    this.#grow(8);
    this.#start -= 8;
    this.#bytes.writeDoubleLE(value, this.#start);
    this.#tag(field, wire.fixed64);
  }

  #tag(field: number, how: number): void {
    this.#varint(field * 8 + how);
  }

  #varint(value: number): void {
    this.#grow(8);
    if (value < 0x80) {
      this.#start -= 1;
      this.#bytes[this.#start] = value;
      return;
    }
    const groups: number[] = [];
    for (let rest = value; rest > 0; rest = Math.floor(rest / 0x80)) groups.push(rest % 0x80);
    this.#start -= groups.length;
    groups.forEach((group, index) => {
      this.#bytes[this.#start + index] = index < groups.length - 1 ? group + 0x80 : group;
    });
  }

  /** Makes place for so many more bytes. */
  #grow(more: number): void {
    if (this.#start >= more) return;
    const { length } = this;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, length + more));
    this.#bytes.copy(larger, larger.length - length, this.#start);
    this.#start = larger.length - length;
    this.#bytes = larger;
  }
}
