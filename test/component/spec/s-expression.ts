/** A part of a text of s-expressions, as WebAssembly's text format has them. */
export type Node = Atom | Quoted | List;

interface Place {
  /** Where it is in the text. */
  readonly start: number;
  readonly end: number;
}

export interface Atom extends Place {
  readonly kind: 'atom';
  readonly text: string;
}

export interface Quoted extends Place {
  readonly kind: 'string';
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface List extends Place {
  readonly kind: 'list';
  readonly items: readonly Node[];
}

const TOKEN = /;;[^\n]*|\(;|\s+|[()]|"(?:[^"\\]|\\[^])*"|[^\s()";]+/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** Reads all lists of a text. @throws {SyntaxError} */
export function readLists(text: string): List[] {
  const open: { start: number; items: Node[] }[] = [{ start: 0, items: [] }];
  for (let at = 0; at < text.length;) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined) throw new SyntaxError(`No token at line ${lineAt(text, at)}.`);
    const end = token === '(;' ? endOfComment(text, at) : at + token.length;
    const { items } = open.at(-1)!;
    if (token === '(') {
      open.push({ start: at, items: [] });
    } else if (token === ')') {
      const { start, items: inner } = open.pop()!;
      if (open.length === 0) throw new SyntaxError(`A list ends at line ${lineAt(text, at)} that was not begun.`);
      open.at(-1)!.items.push({ kind: 'list', items: inner, start, end });
    } else if (token[0] === '"') {
      items.push({ kind: 'string', bytes: unquote(token.slice(1, -1)), start: at, end });
    } else if (token.trim() !== '' && !token.startsWith(';;') && token !== '(;') {
      items.push({ kind: 'atom', text: token, start: at, end });
    }
    at = end;
  }
  if (open.length > 1) throw new SyntaxError('The text ends within a list.');
  return open[0]!.items.filter((node) => node.kind === 'list');
}

export function lineAt(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}

/** Comments in brackets hold others. */
function endOfComment(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length - 1; at += 1) {
    const two = text.slice(at, at + 2);
    if (two !== '(;' && two !== ';)') continue;
    depth += two === '(;' ? 1 : -1;
    at += 1;
    if (depth === 0) return at + 1;
  }
  throw new SyntaxError(`The comment of line ${lineAt(text, start)} does not end.`);
}

function unquote(quoted: string): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const bytes = [...quoted.matchAll(/\\u\{([0-9a-fA-F_]+)\}|\\([0-9a-fA-F]{2})|\\([^])|[^\\]+/g)].flatMap(([all, point, hex, escape]) => {
    if (hex !== undefined) return [parseInt(hex, 16)];
    if (point !== undefined) return [...encoder.encode(String.fromCodePoint(parseInt(point.replaceAll('_', ''), 16)))];
    return [...encoder.encode(escape === undefined ? all : (ESCAPES[escape] ?? escape))];
  });
  return new Uint8Array(bytes);
}
