import type { LoadedVersion } from '../../dispatch/cell.ts';
import { toBrinkError } from '../../errors.ts';
import type { ForwardScheme } from '../../registry/gateway/auth.ts';
import type { GatewayCall } from '../call.ts';
import type { GatewayTools } from '../rules.ts';
import { unavailable, type Scheme } from './scheme.ts';

/**
 * Another function is asked, with the headers that it may see and `X-Forwarded-*` for what is wanted. 2xx lets the request
 * through; below 500 its answer is the client's, as a redirect to a page for signing in is.
 */
export function forwardScheme(rule: ForwardScheme, version: LoadedVersion, { ask }: Pick<GatewayTools, 'ask'>): Scheme {
  return {
    challenge: null,
    async check(call) {
      const response = await ask(call.arrival, {
        function: rule.function,
        alias: rule.alias,
        traceparent: call.traceparent,
        request: questionOf(call, rule),
      }).catch((error: unknown) => {
        throw unavailable(`${rule.function}, which is asked for ${version.function}, failed with ${toBrinkError(error).code}`, error);
      });
      if (response.status >= 500)
        throw unavailable(`${rule.function}, which is asked for ${version.function}, answered ${response.status}`);
      if (!response.ok) return response;
      for (const name of rule.copy) call.setHeader(name, response.headers.get(name));
      await response.body?.cancel();
      return { scheme: 'forward', id: response.headers.get(rule.subject) ?? '', scopes: [], claims: {} };
    },
  };
}

function questionOf(call: GatewayCall, { function: name, headers: shown }: ForwardScheme): Request {
  const url = new URL(call.arrival.request.url);
  const headers = new Headers();
  for (const header of shown) {
    const value = call.header(header);
    if (value !== null) headers.set(header, value);
  }
  headers.set('x-forwarded-method', call.method);
  headers.set('x-forwarded-proto', url.protocol.slice(0, -1));
  headers.set('x-forwarded-host', url.host);
  headers.set('x-forwarded-uri', url.pathname + url.search);
  if (call.address !== null) headers.set('x-forwarded-for', call.address);
  return new Request(`http://${name}.brink.internal/`, { headers, signal: call.arrival.request.signal });
}
