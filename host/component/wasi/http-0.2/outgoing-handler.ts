import type { ComponentInvocation } from '../../host.ts';
import { errorCodeOf, HttpError, type ErrorCode } from '../http/error-code.ts';
import { methodText, REFUSED_METHODS, urlOf } from '../http/request-target.ts';
import type { RequestOptions } from '../http-0.3/request-options.ts';
import { setRequestTrailers } from '../../trailers.ts';
import { Pollable } from '../io/poll.ts';
import { Arrival } from '../io/readiness.ts';
import type { Factory } from '../settings.ts';
import { err, ERR, ok, type Result } from '../values/result.ts';
import { IncomingResponse } from './incoming-message.ts';
import type { OutgoingRequest } from './outgoing-message.ts';

/** wasi:http/outgoing-handler: requests go out through the platform's `fetch`, under the function's egress rules. */
export const outgoingHandler: Factory = (world) => ({
  handle: (request: OutgoingRequest, options: RequestOptions | undefined) => handle(request, options, world.invocation),
});

function handle(
  request: OutgoingRequest,
  options: RequestOptions | undefined,
  invocation: ComponentInvocation,
): Result<FutureIncomingResponse, ErrorCode> {
  const refused = (code: ErrorCode) => {
    request.sink?.fail(new HttpError(code));
    return err(code);
  };
  const { scheme, authority, pathWithQuery, sink } = request;
  const url = urlOf(scheme, authority, pathWithQuery);
  if (url === null) return refused({ tag: scheme?.tag === 'other' ? 'HTTP-protocol-error' : 'HTTP-request-URI-invalid' });
  if (!isFetchable(url)) return refused({ tag: 'HTTP-request-URI-invalid' });
  const method = methodText(request.method);
  const forbidden = REFUSED_METHODS.get(method.toUpperCase());
  if (forbidden !== undefined) return refused(forbidden);
  // RFC 9110, sections 9.3.1 and 9.3.2: content has no meaning there, and the web's requests cannot have it.
  if (method === 'GET' || method === 'HEAD') sink?.forbid();
  if (sink?.failure) return err(errorCodeOf(sink.failure));
  return ok(new FutureIncomingResponse(request, { url, method, invocation, options }));
}

/** The web's requests take no user information. */
function isFetchable(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed !== null && parsed.username === '' && parsed.password === '';
}

interface Sending {
  readonly url: string;
  readonly method: string;
  readonly invocation: ComponentInvocation;
  readonly options: RequestOptions | undefined;
}

type Arrived = Result<IncomingResponse, ErrorCode>;

/** `future-incoming-response` of wasi:http. */
export class FutureIncomingResponse {
  #arrived: Arrived | null = null;
  #got = false;
  readonly #controller = new AbortController();
  readonly #arrival = new Arrival();

  constructor(request: OutgoingRequest, sending: Sending) {
    void this.#send(request, sending);
  }

  subscribe(): Pollable {
    return new Pollable(this.#arrival);
  }

  /** undefined: not yet. */
  get(): Result<Arrived, undefined> | undefined {
    if (this.#arrived === null) return undefined;
    if (this.#got) return ERR;
    this.#got = true;
    return ok(this.#arrived);
  }

  /** A response that nobody has taken is not wanted. */
  [Symbol.dispose](): void {
    if (this.#got) return;
    this.#controller.abort();
    if (this.#arrived?.tag === 'ok') this.#arrived.val[Symbol.dispose]();
  }

  async #send(request: OutgoingRequest, { url, method, invocation, options }: Sending): Promise<void> {
    // The guest goes on until it waits: a body that it has finished by then is sent whole, with its length.
    await Promise.resolve();
    const stop = this.#limit(options);
    const { sink } = request;
    sink?.claim();
    try {
      const signal = AbortSignal.any([invocation.signal, this.#controller.signal]);
      signal.throwIfAborted();
      const body = sink === null || method === 'GET' || method === 'HEAD' ? null : sink.finished ? sink.bytes() : sink.stream();
      const made = webRequest(url, { method, headers: request.headers().toInit(), body, signal });
      const follows = body instanceof ReadableStream || (body !== null && made.headers.has('trailer'));
      setRequestTrailers(made, follows ? request.trailers : null);
      const response = await invocation.fetch(made);
      // Not every platform's `fetch` fails with the body that it sends.
      const broken = sink?.failure ?? null;
      if (broken !== null || this.#controller.signal.aborted) response.body?.cancel().catch(() => undefined);
      if (broken !== null) throw broken;
      this.#arrived = ok(new IncomingResponse(response, options?.milliseconds('between-bytes-timeout') ?? null));
    } catch (error) {
      // What ended the body is the cause, whatever `fetch` makes of that.
      const { reason } = this.#controller.signal as { reason: unknown };
      const code = errorCodeOf(sink?.failure ?? (reason instanceof HttpError ? reason : error));
      sink?.fail(new HttpError(code));
      this.#arrived = err(code);
    } finally {
      stop();
      this.#arrival.arrive();
    }
  }

  /** `fetch` does not tell when it has connected: the time to connect is only limited together with that to the first byte. */
  #limit(options: RequestOptions | undefined): () => void {
    const first = options?.milliseconds('first-byte-timeout') ?? null;
    if (first === null) return () => undefined;
    const expire = () => this.#controller.abort(new HttpError({ tag: 'connection-read-timeout' }));
    const timer = setTimeout(expire, first + (options?.milliseconds('connect-timeout') ?? 0));
    return () => clearTimeout(timer);
  }
}

function webRequest(url: string, init: { method: string; headers: HeadersInit; body: BodyInit | null; signal: AbortSignal }): Request {
  // `duplex` is not in every platform's types, and asked for by those that stream.
  return new Request(url, { ...init, redirect: 'manual', ...(init.body !== null && { duplex: 'half' }) } as RequestInit);
}
