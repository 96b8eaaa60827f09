const utf8 = new TextEncoder();
/** Bytes in one encoded word: with what is around them it stays within 75 characters. RFC 2047, section 2. */
const WORD = 42;
const LINE = 76;

/** Text as it may stand in a header: ASCII as it is, anything else as encoded words, folded. RFC 2047. */
export function headerText(text: string): string {
  // Words of one line alone, so that a break cannot begin another header.
  const flat = text.replaceAll(/[\r\n\t]+/g, ' ');
  return /^[\u0020-\u007e]*$/.test(flat) && !flat.includes('=?') ? foldedWords(flat) : encodedText(flat);
}

/** A name before an address. */
export function quotedName(name: string): string {
  const flat = name.replaceAll(/[\r\n\t]+/g, ' ');
  return /^[\u0020-\u007e]*$/.test(flat) && !flat.includes('=?') ? `"${flat.replaceAll(/["\\]/g, String.raw`\$&`)}"` : encodedText(flat);
}

export function encodedText(text: string): string {
  const words: string[] = [];
  let piece = '';
  // By characters: none may be split between two words.
  for (const character of text.toWellFormed()) {
    if (utf8.encode(piece + character).byteLength > WORD) {
      words.push(piece);
      piece = '';
    }
    piece += character;
  }
  words.push(piece);
  return words.map((word) => `=?UTF-8?B?${base64(utf8.encode(word))}?=`).join('\r\n ');
}

/** In lines, as a body has it. RFC 2045, section 6.8. */
export function foldedBase64(bytes: Uint8Array): string {
  return base64(bytes).replaceAll(new RegExp(`.{${LINE}}(?!$)`, 'g'), '$&\r\n');
}

/** Breaks a line before it has 998 characters, where there is a space. RFC 5322, section 2.1.1. */
function foldedWords(text: string): string {
  return text.replaceAll(/(.{800,900}) /g, '$1\r\n ');
}

const STEP = 24_573;

function base64(bytes: Uint8Array): string {
  let text = '';
  // A multiple of three, so that pieces fit together.
  for (let at = 0; at < bytes.byteLength; at += STEP) text += btoa(String.fromCharCode(...bytes.subarray(at, at + STEP)));
  return text;
}
