import { BrinkError } from '../../errors.ts';
import type { CorsRule } from '../../registry/gateway/cors.ts';
import type { GatewayCall } from '../call.ts';
import { addVary, withHeaders, type HeaderEditor } from '../response.ts';
import type { RuleKind } from '../rules.ts';

/** Answers preflights, and says of responses who may read them. https://fetch.spec.whatwg.org/#http-cors-protocol */
export const cors: RuleKind<'cors'> = {
  name: 'cors',
  filter(rule) {
    const allows = originTest(rule.origins);
    const any = rule.origins.includes('*');
    const expose = rule.expose.join(', ');
    const plain = (headers: HeaderEditor) => {
      for (const name of OURS) headers.delete(name);
      if (!any) addVary(headers, 'Origin');
    };
    const closed = (response: Response) => withHeaders(response, plain);
    return (call) => {
      const origin = call.header('origin');
      if (origin !== null && isPreflight(call)) return preflight(call, { rule, origin, any, allowed: allows(origin) });
      if (origin === null || !allows(origin)) return closed;
      return (response) =>
        withHeaders(response, (headers) => {
          plain(headers);
          allow(headers, { rule, origin, any });
          if (expose !== '') headers.set('access-control-expose-headers', expose);
        });
    };
  },
};

/** A function behind the rule does not say it too: a browser takes one value alone. */
const OURS = ['access-control-allow-origin', 'access-control-allow-credentials', 'access-control-expose-headers'];

interface Asked {
  readonly rule: CorsRule;
  readonly origin: string;
  /** Whether all origins may. */
  readonly any: boolean;
}

/** https://fetch.spec.whatwg.org/#cors-preflight-request */
function isPreflight(call: GatewayCall): boolean {
  return call.method === 'OPTIONS' && call.header('access-control-request-method') !== null;
}

function preflight(call: GatewayCall, asked: Asked & { readonly allowed: boolean }): Response {
  const { rule, origin, any, allowed } = asked;
  // The answer depends on these, and a cache between must know. https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches
  const vary = { vary: `${any ? '' : 'Origin, '}Access-Control-Request-Method, Access-Control-Request-Headers` };
  if (!allowed) return call.refuse(refused(`the origin ${shown(origin)} is not one of those that may`), vary);
  const method = call.header('access-control-request-method')!;
  // These need no leave. https://fetch.spec.whatwg.org/#cors-safelisted-method
  if (!rule.methods.includes(method) && !['GET', 'HEAD', 'POST'].includes(method))
    return call.refuse(refused(`the method ${shown(method)} is not one of those that may be used`), vary);
  const wanted = namesIn(call.header('access-control-request-headers'));
  const other = rule.headers.includes('*') ? undefined : wanted.find((name) => !rule.headers.includes(name));
  if (other !== undefined) return call.refuse(refused(`the header ${shown(other)} is not one of those that may be sent`), vary);
  const headers = new Headers(vary);
  allow(headers, asked);
  headers.set('access-control-allow-methods', rule.methods.join(', '));
  // Not "*", which means nothing with credentials and does not cover Authorization.
  if (wanted.length > 0) headers.set('access-control-allow-headers', wanted.join(', '));
  headers.set('access-control-max-age', String(rule.max_age));
  return new Response(null, { status: 204, headers });
}

function allow(headers: HeaderEditor, { rule, origin, any }: Asked): void {
  headers.set('access-control-allow-origin', any ? '*' : origin);
  if (rule.credentials) headers.set('access-control-allow-credentials', 'true');
}

/** Names of headers, as they may be written; a list that holds another thing comes from no browser. */
function namesIn(list: string | null): string[] {
  const names = (list ?? '').split(',').map((name) => name.trim().toLowerCase());
  return names.filter((name) => /^[!#$%&'*+\-.^_`|~0-9a-z]{1,128}$/.test(name)).slice(0, 100);
}

function originTest(origins: readonly string[]): (origin: string) => boolean {
  if (origins.includes('*')) return () => true;
  const exact = new Set(origins.filter((origin) => !origin.includes('*')));
  const below = origins.filter((origin) => origin.includes('*')).map((origin) => origin.split('*') as [string, string]);
  return (origin) =>
    exact.has(origin) ||
    below.some(([scheme, suffix]) => {
      const name = origin.slice(scheme.length, origin.length - suffix.length);
      return origin.startsWith(scheme) && origin.endsWith(suffix) && /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(name);
    });
}

function refused(why: string): BrinkError {
  return new BrinkError('cors-refused', `A script may not do this from another site: ${why}. The function's cors rule names them.`);
}

function shown(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
