import { requestTrailers } from '../../../component/trailers.ts';
import type { Egress } from '../../../cell/egress.ts';
import { denialIn, type Dispatcher } from './egress.ts';
import { IncomingRequest, nativeRequest, withDuplex } from '../light-request.ts';
import { fetchTrailers, sendStream } from './trailers.ts';

/** The codings that Workers takes off a response, and puts on one again (`response-coding.ts`). */
const ACCEPTED = 'gzip, br';

interface FetchOptions {
  /** `Running.traceFor` of the invocation that runs; null where none does. */
  readonly traceFor: (said: string | null) => string | null;
  readonly traceparent: () => string;
  readonly egress: Egress;
  readonly dispatcher: Dispatcher;
}

/**
 * A function's own `fetch`: the platform's, which also takes the incoming request, carries the trace along and
 * follows the egress rules.
 */
export function createFetch({ traceFor, traceparent, egress, dispatcher }: FetchOptions): typeof fetch {
  const platformFetch = globalThis.fetch;

  return async function fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const given = withDuplex(init);
    const headers = new Headers(given?.headers ?? (isRequest(input) ? input.headers : undefined));
    const trace = traceFor(headers.get('traceparent'));
    if (trace !== null) headers.set('traceparent', trace);
    if (headers.get('accept-encoding') !== 'identity') headers.set('accept-encoding', ACCEPTED);
    // What named the client's connection to us says nothing about ours to someone else. RFC 9110, section 7.2.
    if (input instanceof IncomingRequest || given?.headers !== undefined) headers.delete('host');
    const full = { ...given, headers };
    const send = (by: Dispatcher) => platformFetch(nativeRequest(input), { ...full, dispatcher: by } as RequestInit);
    const trailers = isRequest(input) ? requestTrailers(input) : undefined;
    try {
      if (trailers === undefined) return await send(dispatcher);
      if (trailers === null) return await fetchTrailers(dispatcher, send);
      egress.checkHost(new URL((input as Request).url).hostname);
      if (!headers.has('traceparent')) headers.set('traceparent', traceparent());
      return await sendStream(input as Request, headers, trailers);
    } catch (error) {
      throw denialIn(error) ?? error;
    }
  };
}

function isRequest(input: RequestInfo | URL): input is Request {
  return input instanceof globalThis.Request || input instanceof IncomingRequest;
}
