import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { BrinkError } from '../../errors.ts';
import { problemResponse } from '../../gateway/problem.ts';
import { currentOf, isOver } from './current.ts';
import { badRequest, headTooLarge, targetTooLong } from './refuse.ts';

/** What Node's parser says of bytes that are no request. */
interface ParserError extends Error {
  readonly code?: string;
  readonly reason?: string;
  readonly rawPacket?: Buffer;
  readonly bytesParsed?: number;
}

/** Ms and bytes for which a client that still sends is listened to, so that it reads the answer before the connection ends. RFC 9112, section 9.6. */
const LINGER = 500;
const LINGER_BYTES = 1024 * 1024;

/** Answers what is no request, after the answers that the connection still owes, and ends the connection. */
export function answerClientError(error: ParserError, socket: Socket): void {
  const owed = currentOf(socket);
  const answer = () => void answerRaw(socket, errorOf(error));
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return void socket.destroy();
  if (isOver(socket)) return;
  if (owed === undefined) return answer();
  if (!owed.incoming.complete) {
    // It is this request's own body that is broken. A head that has left says all that can be said.
    if (owed.outgoing.headersSent) return void socket.destroy();
    return answer();
  }
  owed.outgoing.once('finish', answer);
}

/** Problem details, written past Node's own response; then the connection ends. */
export async function answerRaw(socket: Duplex, error: BrinkError): Promise<void> {
  const response = problemResponse(error);
  const body = await response.text();
  if (socket.destroyed || !socket.writable) return void socket.destroy();
  const lines = [...response.headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status]}\r\n${lines}connection: close\r\n\r\n${body}`);
  linger(socket);
}

function linger(socket: Duplex): void {
  let bytes = 0;
  const timer = setTimeout(() => socket.destroy(), LINGER);
  socket
    .on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > LINGER_BYTES) socket.destroy();
    })
    .once('end', () => socket.destroy())
    .once('close', () => clearTimeout(timer))
    .on('error', () => {})
    .resume();
}

function errorOf(error: ParserError): BrinkError {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return inTarget(error) ? targetTooLong() : headTooLarge();
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return badRequest('The extensions of its chunks are too long');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new BrinkError('request-timeout', 'The request did not come in the time that there is for one. Send it again.');
    case 'HPE_INVALID_VERSION':
      return new BrinkError(
        'http-version-unsupported',
        'The request names a version of HTTP that is not spoken here. HTTP/1.1, HTTP/1.0 and HTTP/2 are.',
      );
    case 'HPE_INVALID_METHOD':
      if (isToken(methodOf(error))) return new BrinkError('unsupported', `The method ${methodOf(error)} is not known here.`);
      return badRequest('It does not begin with a method');
    default:
      return badRequest(error.reason ?? error.message);
  }
}

/** Whether the limit was met before the first line's end, as far as the last packet shows. */
function inTarget({ rawPacket }: ParserError): boolean {
  return rawPacket !== undefined && /^[A-Z]+ [^\r\n]*$/.test(rawPacket.toString('latin1'));
}

/** RFC 9110, section 9.1: a method that is not recognized is a 501, and what is no method a 400. */
function methodOf({ rawPacket, bytesParsed = 0 }: ParserError): string {
  const text = rawPacket?.toString('latin1') ?? '';
  const begin = text.lastIndexOf('\n', bytesParsed - 1) + 1;
  return /^[^ \r\n]{1,64}(?= )/.exec(text.slice(begin))?.[0] ?? '';
}

function isToken(text: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text);
}
