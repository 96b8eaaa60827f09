import { lineAt, readLists, type List, type Node } from './s-expression.ts';

/** One of the things that a test file asks for, in order. */
export type Directive =
  | { readonly kind: 'component'; readonly line: number; readonly name: string | null; readonly source: Source; readonly start: boolean }
  | { readonly kind: 'instance'; readonly line: number; readonly name: string | null; readonly of: string | null }
  | { readonly kind: 'call'; readonly line: number; readonly call: Call }
  | { readonly kind: 'return'; readonly line: number; readonly call: Call; readonly results: readonly List[] }
  | {
      readonly kind: 'trap';
      readonly line: number;
      readonly of: Call | Source | { readonly instance: string | null };
      readonly message: string;
    }
  | {
      readonly kind: 'refused';
      readonly line: number;
      readonly as: 'invalid' | 'malformed' | 'unlinkable';
      readonly source: Source;
      readonly message: string;
    }
  | { readonly kind: 'unknown'; readonly line: number; readonly word: string };

/** A component, as bytes or as text. */
export type Source = { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly text: string };

export interface Call {
  /** Null: the component that was instantiated last. */
  readonly instance: string | null;
  readonly name: string;
  readonly args: readonly List[];
}

/** Takes a test file (`.wast`) apart. @throws {SyntaxError} */
export function readScript(text: string): Directive[] {
  return readLists(text).map((list) => directive(text, list));
}

function directive(text: string, list: List): Directive {
  const line = lineAt(text, list.start);
  const [word, second] = words(list, 2);
  switch (word) {
    case 'component':
      if (second === 'instance') {
        const names = list.items.slice(2).map(wordOf);
        return { kind: 'instance', line, name: names.length > 1 ? names[0]! : null, of: names.at(-1) ?? null };
      }
      return { kind: 'component', line, name: nameOf(list), source: sourceOf(text, list), start: second !== 'definition' };
    case 'invoke':
      return { kind: 'call', line, call: callOf(list) };
    case 'assert_return':
      return { kind: 'return', line, call: callOf(listAt(list, 1)), results: list.items.slice(2) as List[] };
    case 'assert_trap': {
      const of = listAt(list, 1);
      const [action, kind] = words(of, 2);
      const message = stringOf(list.items[2]);
      if (action === 'invoke') return { kind: 'trap', line, of: callOf(of), message };
      if (kind === 'instance') return { kind: 'trap', line, of: { instance: wordOf(of.items.at(-1)!) }, message };
      return { kind: 'trap', line, of: sourceOf(text, of), message };
    }
    case 'assert_invalid':
    case 'assert_malformed':
    case 'assert_unlinkable': {
      const as = word.slice('assert_'.length) as 'invalid' | 'malformed' | 'unlinkable';
      return { kind: 'refused', line, as, source: sourceOf(text, listAt(list, 1)), message: stringOf(list.items[2]) };
    }
    default:
      return { kind: 'unknown', line, word: word ?? '' };
  }
}

function sourceOf(text: string, list: List): Source {
  const [, second, third] = words(list, 3);
  const form = [second, third].find((word) => word === 'binary' || word === 'quote');
  const strings = list.items.filter((node) => node.kind === 'string');
  if (form === 'binary') return { bytes: new Uint8Array(strings.flatMap(({ bytes }) => [...bytes])) };
  if (form === 'quote') return { text: `(component ${strings.map(({ bytes }) => new TextDecoder().decode(bytes)).join(' ')})` };
  const from = second === 'definition' ? list.items[1]!.end : list.items[0]!.end;
  return { text: `(component${text.slice(from, list.end)}` };
}

function callOf(list: List): Call {
  const [, first] = list.items;
  const instance = first?.kind === 'atom' ? first.text : null;
  const at = instance === null ? 1 : 2;
  return { instance, name: stringOf(list.items[at]), args: list.items.slice(at + 1) as List[] };
}

function nameOf(list: List): string | null {
  return words(list, 3).find((word) => word?.startsWith('$')) ?? null;
}

function words({ items }: List, count: number): (string | undefined)[] {
  return items.slice(0, count).map((node) => (node.kind === 'atom' ? node.text : undefined));
}

function wordOf(node: Node): string {
  if (node.kind !== 'atom') throw new SyntaxError('A word is missing.');
  return node.text;
}

function listAt({ items }: List, index: number): List {
  const node = items[index];
  if (node?.kind !== 'list') throw new SyntaxError('A list is missing.');
  return node;
}

export function stringOf(node: Node | undefined): string {
  if (node?.kind !== 'string') throw new SyntaxError('A string is missing.');
  return new TextDecoder().decode(node.bytes);
}
