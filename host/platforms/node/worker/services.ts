import type { BindingFailure, Outcome } from '../../../bindings/binding.ts';
import { createService, type RpcResult, type ServicePort } from '../../../bindings/service/client.ts';
import { errorOfFailure } from '../../../bindings/service/failure.ts';
import { LightResponse } from '../light-response.ts';
import type { Calls, ServiceTransport } from './calls.ts';
import { nativeRequest, withDuplex } from '../light-request.ts';
import { RpcSession } from './rpc/session.ts';

interface Head {
  readonly status: number;
  readonly statusText: string;
  readonly headers: string[];
}

/** A request, as it crosses the border. */
interface Sent {
  readonly method: string;
  readonly url: string;
  readonly lines: readonly string[];
  readonly body: Uint8Array | ReadableStream<Uint8Array> | null;
  readonly signal: AbortSignal | null;
  readonly redirect: RequestRedirect;
}

/** https://fetch.spec.whatwg.org/#http-redirect-fetch */
const MAX_REDIRECTS = 20;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const NULL_BODY: ReadonlySet<number> = new Set([204, 205, 304]);
const utf8 = new TextEncoder();

/** The objects for `env`, by name. */
export function createServices(names: readonly string[], calls: Calls): Record<string, object> {
  return Object.fromEntries(names.map((name) => [name, createService(portOf(calls.ofService(name)))]));
}

function portOf(transport: ServiceTransport): ServicePort {
  return {
    fetch: async (input, init) => fetchBy(transport, sentOf(input, init)),
    call: (method, args) => rpcBy(transport, ['call', method], args),
    get: (property) => rpcBy(transport, ['get', property], []),
  };
}

/** Each call is a session of its own, which lasts as long as something of its result does. */
function rpcBy(transport: ServiceTransport, what: readonly [kind: string, method: string], args: unknown[]): RpcResult {
  const session = new RpcSession();
  const result = session.callMain(args) as RpcResult;
  // Its arguments could not be sent.
  if (session.over) return result;
  transport({ method: 'rpc', args: JSON.stringify(what), body: session.outgoing }, null).then(
    ({ text, body }) => {
      const outcome = JSON.parse(text) as Outcome;
      if ('error' in outcome) return session.close(failureOf(outcome.error));
      return session.listen(body as ReadableStream<Uint8Array>);
    },
    (error: unknown) => session.close(error),
  );
  return result;
}

async function fetchBy(transport: ServiceTransport, first: Sent): Promise<Response> {
  let sent = first;
  for (let redirects = 0; ; redirects++) {
    const { method, url, lines, body, signal, redirect } = sent;
    const { text, body: out } = await transport({ method: 'fetch', args: JSON.stringify([method, url, lines]), body }, signal);
    const outcome = JSON.parse(text) as Outcome;
    if ('error' in outcome) throw failureOf(outcome.error);
    const head = outcome.value as Head;
    const location = REDIRECTS.has(head.status) && redirect !== 'manual' ? headerOf(head, 'location') : undefined;
    if (location === undefined) return responseOf(head, out, { url, redirected: redirects > 0 });
    if (out instanceof ReadableStream) out.cancel().catch(() => {});
    if (redirect === 'error') throw new TypeError(`The response redirects to ${location}, and redirect is "error".`);
    if (redirects === MAX_REDIRECTS) throw new TypeError(`More than ${MAX_REDIRECTS} redirects, the last to ${location}.`);
    sent = redirected(sent, head.status, new URL(location, url).href);
  }
}

function failureOf({ message, code }: BindingFailure): Error {
  return errorOfFailure({ text: message, ...(code !== undefined && { code }) });
}

/** What is asked most, a mere URL, needs no Request. */
function sentOf(input: RequestInfo | URL, init: RequestInit | undefined): Sent {
  if (init === undefined && !isRequest(input))
    return { method: 'GET', url: urlOf(input), lines: [], body: null, signal: null, redirect: 'follow' };
  const request = new Request(input, withDuplex(init));
  const lines: string[] = [];
  for (const [name, value] of request.headers) lines.push(name, value);
  const { method, url, redirect, signal } = nativeRequest(request);
  const given = init?.body;
  const body = typeof given === 'string' ? utf8.encode(given) : request.body;
  return { method, url, lines, body, signal: init?.signal ?? (isRequest(input) ? signal : null), redirect };
}

/** A request that is forwarded keeps the signal of its client, which ends the invocation anyhow. */
function isRequest(input: RequestInfo | URL): input is Request {
  return typeof input === 'object' && input instanceof Request;
}

function urlOf(input: string | URL): string {
  return new URL(input).href;
}

/** https://fetch.spec.whatwg.org/#http-redirect-fetch, steps 11 to 13 */
function redirected(sent: Sent, status: number, url: string): Sent {
  const get = (status === 303 && sent.method !== 'HEAD') || ((status === 301 || status === 302) && sent.method === 'POST');
  if (get && sent.method !== 'GET') {
    const lines = sent.lines.filter((_, index) => !sent.lines[index - (index % 2)]!.startsWith('content-'));
    return { ...sent, url, method: 'GET', lines, body: null };
  }
  if (sent.body instanceof ReadableStream)
    throw new TypeError('A request whose body is a stream cannot be sent again, as the response asks.');
  return { ...sent, url };
}

function responseOf(
  { status, statusText, headers }: Head,
  body: Uint8Array | ReadableStream<Uint8Array> | null,
  place: { url: string; redirected: boolean },
): Response {
  const whole = body instanceof ReadableStream ? null : NULL_BODY.has(status) ? null : body;
  const response = LightResponse.of(status, headers, whole, { statusText, ...place });
  return (body instanceof ReadableStream ? LightResponse.withStream(response, body) : response) as unknown as Response;
}

function headerOf({ headers }: Head, name: string): string | undefined {
  for (let index = 0; index < headers.length; index += 2) if (headers[index] === name) return headers[index + 1];
  return undefined;
}
