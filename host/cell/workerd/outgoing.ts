import { nextTraceparent } from '../../observe/trace.ts';
import { EgressDenied, type Egress } from '../egress.ts';

export interface OutgoingOptions {
  readonly running: () => { readonly traceparent: string } | undefined;
  /** What says why a host cannot be reached; the network itself, which does not let it through either, says nothing. */
  readonly egress: () => Egress | undefined;
}

/** A function's own `fetch`: the platform's, which carries the trace of the running invocation along. */
export function tracedFetch(native: typeof fetch, { running, egress }: OutgoingOptions): typeof fetch {
  const NativeHeaders = Headers;
  const NativeRequest = Request;
  // A function may have replaced what says otherwise.
  const { apply } = Reflect;
  const { has, set } = NativeHeaders.prototype;
  const { random } = Math;
  return async function fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    check(egress(), input instanceof NativeRequest ? input.url : String(input));
    const headers = new NativeHeaders(init?.headers ?? (input instanceof NativeRequest ? input.headers : undefined));
    // Always there: by it the admin API knows that a function is calling.
    if (!apply(has, headers, ['traceparent']))
      apply(set, headers, ['traceparent', running()?.traceparent ?? nextTraceparent(null, random)]);
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
