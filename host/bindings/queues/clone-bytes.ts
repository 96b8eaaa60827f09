import { TAG } from './clone-format.ts';

/** The bytes of a clone as they grow: numbers, tags and strings. */
export class CloneBytes {
  #buffer = new Uint8Array(256);
  #view = new DataView(this.#buffer.buffer);
  #at = 0;

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.byteLength);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.byteLength;
  }

  done(): Uint8Array<ArrayBuffer> {
    return this.#buffer.slice(0, this.#at);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  string(text: string): void {
    // oxlint-disable-next-line no-control-regex -- all of Latin-1 is what it looks for
    if (/^[\x00-\xff]*$/.test(text)) {
      this.tag(TAG.oneByte);
      this.varint(text.length);
      this.#reserve(text.length);
      for (let index = 0; index < text.length; index++) this.#buffer[this.#at++] = text.charCodeAt(index);
      return;
    }
    const bytes = text.length * 2;
    // The characters begin at an even place.
    if ((this.#at + 1 + varintSize(bytes)) % 2 === 1) this.tag(TAG.padding);
    this.tag(TAG.twoByte);
    this.varint(bytes);
    this.#reserve(bytes);
    for (let index = 0; index < text.length; index++, this.#at += 2) this.#view.setUint16(this.#at, text.charCodeAt(index), true);
  }

  tag(tag: number): void {
    this.#reserve(1);
    this.#buffer[this.#at++] = tag;
  }

  varint(value: number): void {
    this.#reserve(5);
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) this.#buffer[this.#at++] = (rest % 128) | 0x80;
    this.#buffer[this.#at++] = rest;
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#buffer.byteLength) return;
    const larger = new Uint8Array(Math.max(this.#buffer.byteLength * 2, this.#at + more));
    larger.set(this.#buffer);
    this.#buffer = larger;
    this.#view = new DataView(larger.buffer);
  }

  word(value: bigint): void {
    this.#reserve(8);
    this.#view.setBigUint64(this.#at, value, true);
    this.#at += 8;
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) size++;
  return size;
}
