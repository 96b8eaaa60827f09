import type { ServerResponse } from 'node:http';
import { BrinkError } from '../../errors.ts';
import { BodyReader } from './body.ts';
import { headerLines, LightResponse } from './light-response.ts';

/** RFC 9110, section 7.6.1: about one connection alone, which is the host's matter. As on workerd, functions' own are dropped. */
const OF_CONNECTION = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/** Writes a cell's response; a promise only where its body comes in pieces. */
export function writeLight(response: LightResponse, outgoing: ServerResponse): Promise<void> | undefined {
  const given = LightResponse.given(response);
  if (given === undefined) return writeResponse(response as unknown as Response, outgoing);
  if (given instanceof BodyReader) {
    return pump(outgoing, LightResponse.lines(response), response, { next: () => given.next(), discard: () => given.discard() });
  }
  const length = given === null ? 0 : typeof given === 'string' ? Buffer.byteLength(given) : given.byteLength;
  const lines = LightResponse.lines(response);
  writeHead(outgoing, response, lines, length);
  if (given === null) outgoing.end();
  else outgoing.end(typeof given === 'string' && !isAscii(lines) ? Buffer.from(given) : given);
  return undefined;
}

/** Writes a response of the host's own, which is small. */
export async function writeWhole(response: Response, outgoing: ServerResponse): Promise<void> {
  const body = await response.bytes();
  writeHead(outgoing, response, headerLines(response.headers), body.byteLength);
  outgoing.end(body);
}

/** Writes any response, whose body is read only as fast as the client takes it. */
export async function writeResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  const lines = headerLines(response.headers);
  if (response.body === null) {
    writeHead(outgoing, response, lines, 0);
    outgoing.end();
    return;
  }
  const reader = response.body.getReader();
  const next = async () => (await reader.read()).value ?? null;
  await pump(outgoing, lines, response, { next, discard: () => void reader.cancel().catch(() => {}) });
}

/** Node writes a head and a body of text as one text, in UTF-8; bytes of a head past ASCII would become others. */
function isAscii(lines: readonly string[]): boolean {
  // oxlint-disable-next-line no-control-regex -- all of ASCII
  for (let index = 1; index < lines.length; index += 2) if (!/^[\0-\x7f]*$/.test(lines[index]!)) return false;
  return true;
}

interface Source {
  next(): Promise<Uint8Array | null>;
  discard(): void;
}

/** Fewer or more bytes than the head says would be read as another response's: then the connection ends. */
async function pump(outgoing: ServerResponse, lines: readonly string[], response: HeadOf, source: Source): Promise<void> {
  let declared: number | null;
  try {
    declared = writeHead(outgoing, response, lines, null);
  } catch (error) {
    source.discard();
    throw error;
  }
  outgoing.flushHeaders();
  let left = declared ?? Infinity;
  let resume: (() => void) | undefined;
  const onClose = () => {
    source.discard();
    resume?.();
  };
  outgoing.once('close', onClose).on('drain', () => resume?.());
  try {
    for (;;) {
      const chunk = await source.next();
      // Also where the client had gone before: then no event says so.
      if (isGone(outgoing)) return source.discard();
      if (chunk === null) break;
      left -= chunk.byteLength;
      if (left < 0) break;
      if (!outgoing.write(chunk) && !isGone(outgoing)) await new Promise<void>((resolve) => (resume = resolve));
    }
    if (declared !== null && left !== 0) throw new Error('The body is not as long as its Content-Length says.');
    outgoing.off('close', onClose).end();
  } catch {
    // The head is gone already; a connection that ends early is how a client learns of it. RFC 9112, section 8.
    outgoing.off('close', onClose).destroy();
    source.discard();
  }
}

/** A response of HTTP/2 does not say it itself. */
function isGone(outgoing: ServerResponse): boolean {
  const { stream } = outgoing as { stream?: { readonly destroyed: boolean } };
  return stream === undefined ? outgoing.destroyed : stream.destroyed;
}

/** `length` is that of the whole body; null where it comes in pieces. Returns what the head says of it then. */
function writeHead(
  outgoing: ServerResponse,
  { status, statusText }: HeadOf,
  lines: readonly string[],
  length: number | null,
): number | null {
  // RFC 9110, section 8.6: none with 1xx and 204; with 304, and to HEAD, that of the body that is not there.
  const bodiless = status < 200 || status === 204;
  const keep = length === null || status === 304 || (length === 0 && outgoing.req.method === 'HEAD');
  const given: string[] = [];
  let declared: number | null = null;
  for (let index = 0; index < lines.length; index += 2) {
    const name = lines[index]!;
    // RFC 9110, section 15.5.22: a 426 has to say what to upgrade to.
    const says = name === 'upgrade' && status === 426 && outgoing.req.httpVersionMajor === 1;
    if (OF_CONNECTION.has(name) && !says) continue;
    if (name === 'content-length') {
      if (bodiless || !keep || declared !== null || !/^\d{1,15}$/.test(lines[index + 1]!)) continue;
      declared = Number(lines[index + 1]);
    }
    given.push(name, lines[index + 1]!);
  }
  if (!bodiless && !keep) given.push('content-length', String(length));
  try {
    outgoing.writeHead(status, outgoing.req.httpVersionMajor === 2 ? undefined : statusText || undefined, given);
  } catch (cause) {
    // Of what Headers takes, Node writes no control characters.
    throw new BrinkError('response-invalid', 'The function gave a header line or a status text that cannot be written.', { cause });
  }
  return length === null ? declared : null;
}

interface HeadOf {
  readonly status: number;
  readonly statusText: string;
}
