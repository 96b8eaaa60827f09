import type { OutgoingHttpHeaders } from 'node:http';
import type { Interim } from '../../platform.ts';
import type { NodeRaw } from './call.ts';
import { hasGone } from './gone.ts';

interface Waiting {
  readonly status: number;
  readonly lines: string[];
}

/** As RFC 9110, section 5.5 has it, but for empty ones. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]+$/;

/** Those of one request. */
export class NodeInterim implements Interim {
  readonly framed: boolean;
  readonly #raw: NodeRaw;
  #waiting: Waiting[] = [];

  constructor(raw: NodeRaw) {
    this.#raw = raw;
    this.framed = raw.incoming.httpVersionMajor === 2;
  }

  /** Not at once: what a cache answers at once is there before it, and needs none. */
  send(status: number, lines: readonly string[]): void {
    let waiting = this.#waiting.find((each) => each.status === status);
    if (waiting === undefined) {
      if (this.#waiting.length === 0) setImmediate(() => this.#leave());
      this.#waiting.push((waiting = { status, lines: [] }));
    }
    for (let at = 0; at < lines.length; at += 2) {
      const [name, value] = [lines[at]!, lines[at + 1]!];
      if (VALUE.test(value) && !hasLine(waiting.lines, name, value)) waiting.lines.push(name, value);
    }
  }

  #leave(): void {
    const { outgoing } = this.#raw;
    for (const { status, lines } of this.#waiting.splice(0)) {
      if (outgoing.headersSent || hasGone(this.#raw)) return;
      outgoing.writeInformation(status, this.framed ? grouped(lines) : lines);
    }
  }
}

/** Of HTTP/2 Node takes no lines, but names with all their values. */
function grouped(lines: readonly string[]): OutgoingHttpHeaders {
  const headers: Record<string, string[]> = {};
  for (let at = 0; at < lines.length; at += 2) (headers[lines[at]!] ??= []).push(lines[at + 1]!);
  return headers;
}

function hasLine(lines: readonly string[], name: string, value: string): boolean {
  for (let at = 0; at < lines.length; at += 2) if (lines[at] === name && lines[at + 1] === value) return true;
  return false;
}
