import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface Exchange {
  /** Those that came whole, interim ones too, in their order. */
  readonly answers: readonly RawAnswer[];
  /** Whether the server ended the connection; else we did, when nothing had come for a while, and the server was at work all along. */
  readonly closed: boolean;
  /** What came after the last whole answer. */
  readonly rest: string;
}

export interface ExchangeOptions {
  /** Has our side end after the bytes. */
  readonly end?: boolean;
  /** Ms of silence after which it is over. */
  readonly silence?: number;
  /** Answers after which it is over; a connection that is open then counts as such after the silence. */
  readonly method?: string;
}

/** Sends bytes as they are, one character each, and reads what comes until the server ends it or says no more. */
export function exchange(
  url: string,
  bytes: string,
  { end = false, silence = 150, method = 'GET' }: ExchangeOptions = {},
): Promise<Exchange> {
  const { promise, resolve } = Promise.withResolvers<Exchange>();
  const socket = open(url);
  let text = '';
  let waits = 0;
  const over = (closed: boolean) => {
    waits++;
    socket.destroy();
    resolve({ ...parse(text, { method, closed }), closed });
  };
  const wait = (ms: number) => {
    const own = ++waits;
    void quiet(url, { ms, goesOn: () => own === waits }).then(() => own === waits && over(false));
  };
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    wait(silence);
  });
  socket.on('error', () => {});
  socket.on('close', () => over(true));
  socket.on('connect', () => wait(text === '' ? FIRST : silence));
  if (end) socket.end(bytes, 'latin1');
  else socket.write(bytes, 'latin1');
  return promise;
}

/** Ms for the first answer, and how many others the server has given before its silence means something: a busy machine is silent too. */
const FIRST = 5_000;
const OTHERS = 10;

async function quiet(url: string, { ms, goesOn }: { ms: number; goesOn: () => boolean }): Promise<void> {
  await sleep(ms);
  for (let asked = 0; asked < OTHERS && goesOn(); asked++)
    await fetch(new URL('/_brink/health', url)).then(
      (response) => response.arrayBuffer(),
      () => null,
    );
}

export function open(url: string): Socket {
  const { hostname, port } = new URL(url);
  return connect({ host: hostname, port: Number(port), allowHalfOpen: true }).once('end', function (this: Socket) {
    this.end();
  });
}

/** Reads the answers of a connection, as RFC 9112, section 6.3 tells their ends. */
export function parse(
  text: string,
  { method = 'GET', closed = true }: { method?: string; closed?: boolean } = {},
): Omit<Exchange, 'closed'> {
  const answers: RawAnswer[] = [];
  let rest = text;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(rest)?.[1];
    if (end === -1 || status === undefined) return { answers, rest };
    const lines = rest.slice(0, end).split('\r\n').slice(1);
    const headers = new Map(
      lines.map((line): [string, string] => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    // RFC 9110, section 8.6: of two a client cannot know which is right.
    if (lines.filter((line) => /^content-length:/i.test(line)).length > 1)
      throw new Error(`Two lines say how long it is:\n${rest.slice(0, end)}`);
    const after = rest.slice(end + 4);
    const body = bodyOf(after, { status: Number(status), headers, method, closed });
    if (body === null) return { answers, rest };
    answers.push({ status: Number(status), headers, body: body.text });
    rest = after.slice(body.size);
  }
}

interface Framing {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly method: string;
  readonly closed: boolean;
}

function bodyOf(text: string, { status, headers, method, closed }: Framing): { text: string; size: number } | null {
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return { text: '', size: 0 };
  if (headers.get('transfer-encoding') === 'chunked') return chunks(text);
  const length = headers.get('content-length');
  if (length !== undefined) return text.length < Number(length) ? null : { text: text.slice(0, Number(length)), size: Number(length) };
  return closed ? { text, size: text.length } : null;
}

function chunks(text: string): { text: string; size: number } | null {
  let body = '';
  let at = 0;
  for (;;) {
    const line = text.indexOf('\r\n', at);
    if (line === -1) return null;
    const size = Number.parseInt(text.slice(at, line), 16);
    if (size === 0) return text.slice(line, line + 4) === '\r\n\r\n' ? { text: body, size: line + 4 } : null;
    if (text.length < line + 4 + size) return null;
    body += text.slice(line + 2, line + 2 + size);
    at = line + 4 + size;
  }
}
