import type { Running } from '../invocation.ts';

/** A function's own `fetch`: the platform's, which carries the trace of the running invocation along. */
export function tracedFetch(native: typeof fetch, running: () => Pick<Running, 'traceFor'> | undefined): typeof fetch {
  const NativeHeaders = Headers;
  const NativeRequest = Request;
  return async function fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const current = running();
    if (current === undefined) return native(input, init);
    const headers = new NativeHeaders(init?.headers ?? (input instanceof NativeRequest ? input.headers : undefined));
    const trace = current.traceFor(headers.get('traceparent'));
    if (trace === null) return native(input, init);
    headers.set('traceparent', trace);
    return native(input, { ...init, headers });
  };
}
