import type { OutgoingHttpHeaders } from 'node:http';
import type { Interim } from '../../platform.ts';
import type { NodeRaw } from './call.ts';
import { hasGone } from './gone.ts';

interface Waiting {
  readonly status: number;
  readonly lines: string[];
}

/** Of one request: a function may ask for any number. */
const MOST = 32;
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** As RFC 9110, section 5.5 has it, but for empty ones. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]+$/;
/** RFC 9110, section 7.6.1; RFC 9113, section 8.2.2. There is no body that a length could be of. */
const OF_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** undefined where the client's protocol has none: HTTP/1.0. RFC 9110, section 15.2. */
export function interimOf(raw: NodeRaw): NodeInterim | undefined {
  if (raw.incoming.httpVersionMajor === 1 && raw.incoming.httpVersionMinor === 0) return undefined;
  return (raw.interim ??= new NodeInterim(raw));
}

/** Those of one request. */
export class NodeInterim implements Interim {
  readonly framed: boolean;
  readonly #raw: NodeRaw;
  #waiting: Waiting[] = [];
  #left = MOST;

  constructor(raw: NodeRaw) {
    this.#raw = raw;
    this.framed = raw.incoming.httpVersionMajor === 2;
  }

  /** Not at once: what a cache answers at once is there before it, and needs none. */
  send(status: number, lines: readonly string[]): void {
    if (--this.#left < 0) return;
    this.#add(status, lines);
  }

  /** At once, behind those that wait. */
  sendNow(status: number, lines: readonly string[]): void {
    if (--this.#left < 0) return;
    this.#leave();
    this.#add(status, lines);
    this.#leave();
  }

  #add(status: number, lines: readonly string[]): void {
    let waiting = this.#waiting.find((each) => each.status === status);
    if (waiting === undefined) {
      if (this.#waiting.length === 0) setImmediate(() => this.#leave());
      this.#waiting.push((waiting = { status, lines: [] }));
    }
    for (let at = 0; at < lines.length; at += 2) {
      const [name, value] = [lines[at]!, lines[at + 1]!];
      if (isLine(name, value) && !hasLine(waiting.lines, name, value)) waiting.lines.push(name, value);
    }
  }

  #leave(): void {
    const { outgoing } = this.#raw;
    for (const { status, lines } of this.#waiting.splice(0)) {
      if (outgoing.headersSent || hasGone(this.#raw)) return;
      try {
        outgoing.writeInformation(status, this.framed ? grouped(lines) : lines);
      } catch {
        // What Node writes in no head, as two values where HTTP/2 has one: the response itself is still to come.
      }
    }
  }
}

function isLine(name: string, value: string): boolean {
  return NAME.test(name) && VALUE.test(value) && !OF_CONNECTION.has(name);
}

/** Of HTTP/2 Node takes no lines, but names with all their values. */
function grouped(lines: readonly string[]): OutgoingHttpHeaders {
  const headers = Object.create(null) as Record<string, string | string[]>;
  for (let at = 0; at < lines.length; at += 2) {
    const [name, value] = [lines[at]!, lines[at + 1]!];
    const known = headers[name];
    headers[name] = known === undefined ? value : [known, value].flat();
  }
  return headers;
}

function hasLine(lines: readonly string[], name: string, value: string): boolean {
  for (let at = 0; at < lines.length; at += 2) if (lines[at] === name && lines[at + 1] === value) return true;
  return false;
}
