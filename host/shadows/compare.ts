import { hex, sha256 } from '../bytes.ts';
import { pathText, type Ignored } from './ignore.ts';
import { valueDifferences } from './json-diff.ts';

/** What was answered, as far as it is compared. */
export interface Answer {
  readonly status: number;
  /** `ok`, or the code of the error by which the host has answered. */
  readonly outcome: string;
  /** name, value, name, value…; names in lower case. */
  readonly lines: readonly string[];
  /** The reason where it is not there as a whole. */
  readonly body: Uint8Array | Uncompared;
}

/** Why a body is not compared. */
export type Uncompared = 'request-too-large' | 'request-unread' | 'live-too-large' | 'live-broken' | 'shadow-too-large' | 'shadow-broken';

export type DifferenceKind = 'outcome' | 'status' | 'header' | 'body';

export interface Difference {
  readonly kind: DifferenceKind;
  /** `outcome`, `status`, `header:NAME`, `$.path` in JSON, `body` of anything else. */
  readonly place: string;
  /** As text, shortened, without what is secret; null where there is nothing. */
  readonly live: string | null;
  readonly shadow: string | null;
}

/** Of one answer; more of them say nothing new. */
const MOST = 50;
const MAX_TEXT = 120;
/** Bytes of two bodies. */
const LARGE = 64 * 1024;
const HIDDEN = '(hidden)';
/** Names of headers and members whose values nobody is to read in a report. */
const SECRET = /authorization|cookie|passw|secret|token|credential|api[-_]?key|private[-_]?key/i;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Where two answers differ. */
export async function differences(live: Answer, shadow: Answer, ignored: Ignored): Promise<Difference[]> {
  if (live.outcome !== shadow.outcome) {
    return [{ kind: 'outcome', place: 'outcome', live: said(live), shadow: said(shadow) }];
  }
  const found: Difference[] = [];
  if (!ignored.status && live.status !== shadow.status)
    found.push({ kind: 'status', place: 'status', live: String(live.status), shadow: String(shadow.status) });
  // What the host says of an error names the request.
  if (live.outcome !== 'ok') return found;
  found.push(...headerDifferences(live.lines, shadow.lines, ignored));
  if (!ignored.body && live.body instanceof Uint8Array && shadow.body instanceof Uint8Array)
    found.push(...(await bodyDifferences({ ...live, body: live.body }, { ...shadow, body: shadow.body }, ignored)));
  return found.slice(0, MOST);
}

function said({ outcome, status }: Answer): string {
  return outcome === 'ok' ? String(status) : outcome;
}

function headerDifferences(live: readonly string[], shadow: readonly string[], ignored: Ignored): Difference[] {
  const [a, b] = [headersOf(live), headersOf(shadow)];
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((name) => !ignored.header(name) && a.get(name) !== b.get(name))
    .map((name) => {
      const [one, other] = [a.get(name) ?? null, b.get(name) ?? null];
      return { kind: 'header', place: `header:${name}`, live: one && shown(one, name), shadow: other && shown(other, name) };
    });
}

function headersOf(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (let index = 0; index < lines.length; index += 2) {
    const name = lines[index]!.toLowerCase();
    const value = name === 'set-cookie' ? cookieOf(lines[index + 1]!) : lines[index + 1]!;
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
  }
  return headers;
}

/** Its name and attributes: values are made for each client, and times with them. */
function cookieOf(line: string): string {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
  return [pair.slice(0, pair.indexOf('=') + 1), ...attributes.filter((each) => !/^(?:expires|max-age)=/i.test(each))].join('; ');
}

type Whole = Answer & { readonly body: Uint8Array };

async function bodyDifferences(live: Whole, shadow: Whole, ignored: Ignored): Promise<Difference[]> {
  if (sameBytes(live.body, shadow.body)) return [];
  const a = jsonIn(live);
  // What is large takes a while: others have their turn in between.
  if (live.body.byteLength + shadow.body.byteLength > LARGE) await pause();
  const b = jsonIn(shadow);
  if (live.body.byteLength + shadow.body.byteLength > LARGE) await pause();
  if (a === undefined || b === undefined)
    return [{ kind: 'body', place: 'body', live: await digestOf(live.body), shadow: await digestOf(shadow.body) }];
  return valueDifferences(a.value, b.value, { ignored, most: MOST }).map(({ path, live: one, shadow: other }): Difference => {
    const name = path.findLast((part) => typeof part === 'string') ?? '';
    return { kind: 'body', place: pathText(path), live: valueText(one, name), shadow: valueText(other, name) };
  });
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function jsonIn({ lines, body }: Whole): { readonly value: unknown } | undefined {
  if (!/^application\/(?:[^;]*\+)?json\s*(?:;|$)/i.test(headersOf(lines).get('content-type') ?? '')) return undefined;
  try {
    return { value: JSON.parse(utf8.decode(body)) };
  } catch {
    return undefined;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) return false;
  for (let at = 0; at < a.byteLength; at++) if (a[at] !== b[at]) return false;
  return true;
}

async function digestOf(body: Uint8Array): Promise<string> {
  return `${body.byteLength} bytes, sha256 ${hex(await sha256(body)).slice(0, 16)}`;
}

function valueText(value: unknown, name: string): string | null {
  return value === undefined ? null : shown(JSON.stringify(value, hidden), name);
}

function hidden(name: string, value: unknown): unknown {
  return SECRET.test(name) && value !== null && typeof value !== 'object' ? HIDDEN : value;
}

function shown(text: string, name: string): string {
  if (SECRET.test(name) && name !== 'set-cookie') return HIDDEN;
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}
