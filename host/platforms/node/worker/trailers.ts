import type { ClientRequest, IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { setResponseTrailers } from '../../../component/trailers.ts';
import type { Dispatcher } from './egress.ts';

type Trailers = Readonly<Record<string, string | readonly string[]>>;

/** RFC 9110, sections 9.3.2 and 15: what has no body. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/** Calls `fetch` and says which trailers came with the response. `fetch` itself reads them, and tells nobody. */
export async function fetchTrailers(dispatcher: Dispatcher, call: (dispatcher: Dispatcher) => Promise<Response>): Promise<Response> {
  let trailers: Headers | null = null;
  const watching = dispatcher.compose((dispatch) => (options, handler) => {
    return dispatch(
      options,
      watched(handler, (came) => (trailers = headersOf(came))),
    );
  });
  const response = await call(watching);
  setResponseTrailers(response, () => Promise.resolve(trailers));
  return response;
}

/** A handler that does as another, and tells of the trailers. */
function watched(handler: object, tell: (trailers: Trailers) => void): object {
  return new Proxy(handler, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== 'function') return value;
      if (name !== 'onResponseEnd') return value.bind(target) as unknown;
      return (controller: unknown, trailers: Trailers) => {
        tell(trailers);
        return Reflect.apply(value, target, [controller, trailers]) as unknown;
      };
    },
  });
}

function headersOf(trailers: Trailers): Headers | null {
  const lines = Object.entries(trailers).flatMap(([name, value]) => [value].flat().map((each) => [name, each] as [string, string]));
  return lines.length === 0 ? null : new Headers(lines);
}

/**
 * Sends a request whose body is still being written, and what follows that. `fetch` has no trailers to send, and keeps
 * even the head until there is some of the body: a guest that writes on when it has an answer would wait for ever.
 *
 * @param headers in place of the request's own
 */
export async function sendStream(request: Request, headers: Headers, trailers: Promise<Headers | null>): Promise<Response> {
  const url = new URL(request.url);
  const { request: open } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  // RFC 9112, section 7.1.2: trailers follow a body in chunks.
  if (headers.has('trailer')) headers.delete('content-length');
  if (!headers.has('content-length')) headers.set('transfer-encoding', 'chunked');
  const { signal } = request;
  const outgoing = open(url, { method: request.method, headers: Object.fromEntries(headers), signal });
  const message = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on('response', resolve);
    outgoing.on('error', (cause) => reject(signal.aborted ? (signal.reason as Error) : new TypeError('fetch failed', { cause })));
  });
  outgoing.flushHeaders();
  sendBody(request, outgoing, trailers).catch((error: Error) => outgoing.destroy(error));
  return responseOf(await message, request.method);
}

async function sendBody({ body }: Request, outgoing: ClientRequest, trailers: Promise<Headers | null>): Promise<void> {
  // A connection that takes no more may have answered all the same.
  for await (const chunk of body ?? []) if (!(await written(outgoing, chunk))) return;
  const last = await trailers;
  if (last !== null && outgoing.hasHeader('transfer-encoding')) outgoing.addTrailers([...last] as [string, string][]);
  outgoing.end();
}

function written(outgoing: ClientRequest, chunk: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => outgoing.write(chunk, (error) => resolve(!error)));
}

function responseOf(message: IncomingMessage, method: string): Response {
  const { statusCode: status = 502, statusMessage: statusText = '', rawHeaders } = message;
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at]!, rawHeaders[at + 1]!);
  const empty = method === 'HEAD' || BODILESS.has(status);
  if (empty) message.resume();
  const body = empty ? null : decoded(Readable.toWeb(message) as ReadableStream<Uint8Array<ArrayBuffer>>, headers.get('content-encoding'));
  const response = new Response(body, { status, statusText, headers });
  setResponseTrailers(response, () => Promise.resolve(headersOf(message.trailersDistinct as Trailers)));
  return response;
}

/** As `fetch` does: RFC 9110, section 8.4. */
function decoded(body: ReadableStream<Uint8Array<ArrayBuffer>>, codings: string | null): ReadableStream<Uint8Array<ArrayBuffer>> {
  let plain = body;
  for (const coding of codings?.toLowerCase().split(',').reverse() ?? []) {
    const format = FORMATS.get(coding.trim());
    if (format === undefined) break;
    plain = plain.pipeThrough(new DecompressionStream(format));
  }
  return plain;
}

const FORMATS: ReadonlyMap<string, CompressionFormat> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['br', 'brotli' as CompressionFormat],
]);
