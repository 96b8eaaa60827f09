import type { InvocationStorage } from '../../../cell/invocation.ts';
import { requestTrailers } from '../../../component/trailers.ts';
import { nextTraceparent } from '../../../observe/trace.ts';
import type { Outbound } from './data.ts';
import { checkHost, restrictedDispatcher } from './egress.ts';
import { IncomingRequest, nativeRequest, withDuplex } from './request.ts';
import { fetchTrailers, sendStream } from './trailers.ts';

/** The codings that Workers takes off a response, and puts on one again (`response-coding.ts`). */
const ACCEPTED = 'gzip, br';

/**
 * A function's own `fetch`: the platform's, which also takes the incoming request, carries the trace along and
 * reaches only the hosts that the manifest allows.
 */
export function createFetch(storage: InvocationStorage, outbound: Outbound | null): typeof fetch {
  const platformFetch = globalThis.fetch;
  let dispatcher: Promise<unknown> | undefined;

  return async function fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const given = withDuplex(init);
    const headers = new Headers(given?.headers ?? (isRequest(input) ? input.headers : undefined));
    // Always there: by it the admin API knows that a function is calling.
    const said = headers.get('traceparent');
    const running = storage.getStore();
    const trace = running === undefined ? (said ?? nextTraceparent(null, Math.random)) : running.traceFor(said);
    if (trace !== null) headers.set('traceparent', trace);
    if (headers.get('accept-encoding') !== 'identity') headers.set('accept-encoding', ACCEPTED);
    // What named the client's connection to us says nothing about ours to someone else. RFC 9110, section 7.2.
    if (input instanceof IncomingRequest || given?.headers !== undefined) headers.delete('host');
    const full = { ...given, headers } as RequestInit & { dispatcher?: unknown };
    if (outbound !== null) full.dispatcher = await (dispatcher ??= restrictedDispatcher(outbound));
    const trailers = isRequest(input) ? requestTrailers(input) : undefined;
    if (trailers === undefined) return platformFetch(nativeRequest(input), full);
    if (trailers === null)
      return fetchTrailers(full.dispatcher, (each) => platformFetch(nativeRequest(input), { ...full, dispatcher: each } as RequestInit));
    if (outbound !== null) checkHost(outbound.hosts, new URL((input as Request).url).hostname);
    return sendStream(input as Request, headers, trailers);
  };
}

function isRequest(input: RequestInfo | URL): input is Request {
  return input instanceof globalThis.Request || input instanceof IncomingRequest;
}
