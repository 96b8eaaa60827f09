import { MailFailure } from './failure.ts';

/** A field of a message's head: unfolded, each character a byte of it. */
export type HeaderField = readonly [name: string, value: string];

/** Of the head of a message, in bytes and in fields. */
export const MAX_HEAD = 256 * 1024;
export const MAX_FIELDS = 1_000;

/** `ftext` of RFC 5322, section 2.2, without what `Headers` refuses of it. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const STEP = 8_192;

/**
 * The fields of a message's head, in their order. Lines may end with LF alone. A line that is no field is left out, as are
 * controls in a value; bytes beyond ASCII are characters of the same number, as in headers of HTTP.
 *
 * @throws {MailFailure} `E_VALIDATION_ERROR` where the head is too large
 */
export function headerFields(raw: Uint8Array): HeaderField[] {
  const fields: HeaderField[] = [];
  // oxlint-disable-next-line no-control-regex -- those are what must not be there
  const controls = /[\u0000-\u0008\u000a-\u001f\u007f]/g;
  for (const line of unfolded(headOf(raw))) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trimEnd();
    if (!NAME.test(name)) continue;
    fields.push([
      name,
      line
        .slice(colon + 1)
        .replaceAll(controls, '')
        .trim(),
    ]);
    if (fields.length > MAX_FIELDS) throw tooMuch(`more than ${MAX_FIELDS} header fields`);
  }
  return fields;
}

/** The first value of a field; undefined where there is none. */
export function fieldOf(fields: readonly HeaderField[], name: string): string | undefined {
  return fields.find(([each]) => each.toLowerCase() === name)?.[1];
}

/** The address in a field such as `From`, without name and comments; null where it has none, or several. */
export function addressIn(value: string): string | null {
  const plain = value.replaceAll(/"(?:[^"\\]|\\.)*"/g, '').replaceAll(/\([^()]*\)/g, '');
  if (plain.includes(',')) return null;
  const angle = /<([^<>]*)>/.exec(plain);
  return (angle ? angle[1]! : plain).trim();
}

/** Where the body begins, or the message ends. */
export function bodyStart(raw: Uint8Array): number {
  for (let at = 0; at < raw.byteLength; at++) {
    if (raw[at] !== 10) continue;
    if (raw[at + 1] === 10) return at + 2;
    if (raw[at + 1] === 13 && raw[at + 2] === 10) return at + 3;
    if (at > MAX_HEAD) throw tooMuch(`more than ${MAX_HEAD} bytes of headers`);
  }
  return raw.byteLength;
}

function headOf(raw: Uint8Array): string {
  const end = bodyStart(raw);
  if (end > MAX_HEAD) throw tooMuch(`more than ${MAX_HEAD} bytes of headers`);
  let text = '';
  for (let at = 0; at < end; at += STEP) text += String.fromCharCode(...raw.subarray(at, Math.min(end, at + STEP)));
  return text;
}

function unfolded(head: string): string[] {
  const lines: string[] = [];
  for (const line of head.split(/\r?\n/)) {
    if (/^[ \t]/.test(line) && lines.length > 0) lines[lines.length - 1] += ` ${line.trimStart()}`;
    else if (line !== '') lines.push(line);
  }
  return lines;
}

function tooMuch(what: string): MailFailure {
  return new MailFailure('E_VALIDATION_ERROR', `The message has ${what}.`);
}
