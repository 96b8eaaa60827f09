import type { ComponentInvocation } from '../../host.ts';

/** A longer line becomes several. */
const MAX_LINE_BYTES = 16 * 1024;
/** Written while no request is served, and kept for the next one's log. */
const MAX_EARLY_LINES = 64;

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const decoder = new TextDecoder();

/** Bytes that a guest writes to stdout or stderr, as lines of a log. */
export class LogLines {
  readonly #level: 'info' | 'error';
  #invocation: ComponentInvocation | null = null;
  readonly #early: string[] = [];
  /** The beginning of a line whose end is not there yet. */
  #buffer: Uint8Array<ArrayBuffer> | null = null;
  #length = 0;
  /** Whether a part of the line has been logged, as it was too long. */
  #cut = false;

  constructor(level: 'info' | 'error') {
    this.#level = level;
  }

  /** @param invocation whose log it is; null while there is none */
  write(bytes: Uint8Array, invocation: ComponentInvocation | null): void {
    if (invocation !== null) this.#use(invocation);
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, start);
      if (end < 0) break;
      this.#end(bytes.subarray(start, end));
      start = end + 1;
    }
    this.#keep(bytes.subarray(start));
  }

  /** What has been written has come to its end, with or without a newline. */
  flush(): void {
    if (this.#length > 0) this.#end(new Uint8Array(0));
    this.#cut = false;
  }

  /** Forgets what has not been logged, and whose log it was for. */
  reset(): void {
    this.#invocation = null;
    this.#early.length = 0;
    this.#length = 0;
    this.#cut = false;
  }

  #use(invocation: ComponentInvocation): void {
    this.#invocation = invocation;
    for (const text of this.#early) invocation.log(this.#level, text);
    this.#early.length = 0;
  }

  #end(last: Uint8Array): void {
    let line = last;
    if (this.#length > 0 || last.length > MAX_LINE_BYTES) {
      this.#keep(last);
      line = this.#buffer!.subarray(0, this.#length);
      this.#length = 0;
    }
    if (line.at(-1) === CARRIAGE_RETURN) line = line.subarray(0, -1);
    if (line.length > 0 || !this.#cut) this.#log(line);
    this.#cut = false;
  }

  #keep(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const buffer = (this.#buffer ??= new Uint8Array(MAX_LINE_BYTES));
      const part = bytes.subarray(at, at + MAX_LINE_BYTES - this.#length);
      buffer.set(part, this.#length);
      at += part.length;
      this.#length += part.length;
      if (this.#length < MAX_LINE_BYTES) continue;
      const whole = wholeCharacters(buffer);
      this.#log(buffer.subarray(0, whole));
      buffer.copyWithin(0, whole);
      this.#length -= whole;
      this.#cut = true;
    }
  }

  #log(bytes: Uint8Array): void {
    const text = decoder.decode(bytes);
    if (this.#invocation !== null) this.#invocation.log(this.#level, text);
    else if (this.#early.length < MAX_EARLY_LINES) this.#early.push(text);
  }
}

/** How many bytes come before a character that is cut off at the end. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= 3; back += 1) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needs > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
