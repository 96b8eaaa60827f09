import { nextTraceparent } from '../../observe/trace.ts';
import { EgressDenied, type Egress } from '../egress.ts';
import type { Running } from '../invocation.ts';

export interface OutgoingOptions {
  readonly running: () => Pick<Running, 'traceFor'> | undefined;
  /** What says why a host cannot be reached; the network itself, which does not let it through either, says nothing. */
  readonly egress: () => Egress | undefined;
}

/** A function's own `fetch`: the platform's, which carries the trace of the running invocation along. */
export function tracedFetch(native: typeof fetch, { running, egress }: OutgoingOptions): typeof fetch {
  const NativeHeaders = Headers;
  const NativeRequest = Request;
  // A function may have replaced what says otherwise.
  const { apply } = Reflect;
  const { get, set } = NativeHeaders.prototype;
  const { random } = Math;
  return async function fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    check(egress(), input instanceof NativeRequest ? input.url : String(input));
    const headers = new NativeHeaders(init?.headers ?? (input instanceof NativeRequest ? input.headers : undefined));
    // Always there: by it the admin API knows that a function is calling.
    const said = apply(get, headers, ['traceparent']) as string | null;
    const current = running();
    const own = () => (said === null ? nextTraceparent(null, random) : null);
    const trace = current === undefined ? own() : current.traceFor(said);
    if (trace !== null) apply(set, headers, ['traceparent', trace]);
    return native(input, { ...init, headers });
  };
}

function check(egress: Egress | undefined, url: string): void {
  if (egress === undefined || !/^\s*https?:/i.test(url)) return;
  try {
    egress.checkHost(new URL(url).hostname);
  } catch (error) {
    // What is no URL, `fetch` says itself.
    if (error instanceof EgressDenied) throw error;
  }
}
