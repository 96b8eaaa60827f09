/**
 * Keys as NATS's subjects. A part between slashes becomes a token, so that a server can look for those that begin alike; in
 * it, letters, digits, `-` and `_` stay, and any other byte is `=` with two hex digits. An empty part, which is no token, is
 * `=` alone. All of this may stand in a key of NATS's own KV as well.
 */
export function subjectOf(key: string): string {
  return key.split('/').map(tokenOf).join('.');
}

export function keyOf(subject: string): string {
  return subject.split('.').map(partOf).join('/');
}

/** Of the subjects whose keys begin with `prefix`, and of some others: a server looks at whole tokens alone. */
export function filterOf(prefix: string): string {
  const end = prefix.lastIndexOf('/');
  return end === -1 ? '>' : `${subjectOf(prefix.slice(0, end))}.>`;
}

/** As most keys are. */
const PLAIN = /^[\w-]+$/;
const OTHERS = /[^\w-]+/gu;
const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { ignoreBOM: true });

function tokenOf(part: string): string {
  if (PLAIN.test(part)) return part;
  return part === '' ? '=' : part.replace(OTHERS, (others) => Array.from(utf8.encode(others), escaped).join(''));
}

function escaped(byte: number): string {
  return `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

function partOf(token: string): string {
  if (token === '=') return '';
  return token.replace(/(?:=[\dA-F]{2})+/g, (bytes) =>
    text.decode(Uint8Array.from(bytes.slice(1).split('='), (byte) => Number.parseInt(byte, 16))),
  );
}
