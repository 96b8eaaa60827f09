import type { FallbackRule } from '../../registry/gateway/fallback.ts';
import type { GatewayCall } from '../call.ts';
import { failureTest, hasLeft } from '../failures.ts';
import { discard } from '../response.ts';
import type { GatewayTools, RuleKind } from '../rules.ts';

/** Answers where the function has not. */
export function fallbackRule({ ask }: Pick<GatewayTools, 'ask'>): RuleKind<'fallback'> {
  return {
    name: 'fallback',
    step(rule) {
      const failureOf = failureTest(rule.on);
      return async (call, next) => {
        const response = await next(call);
        const failure = failureOf(response);
        if (failure === null || hasLeft(call)) return response;
        const other = rule.function === undefined ? written(rule) : await asked(rule.function, call, { rule, ask });
        // Who cannot help leaves the client with what went wrong first.
        if (other === null) return response;
        await discard(response);
        return other;
      };
    },
  };
}

function written({ status = 503, body, headers = {} }: FallbackRule): Response {
  const response = new Response(body ?? null, { status, headers });
  // It is no answer of the function's, which anyone may keep.
  if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store');
  return response;
}

/** What is left of a request without its body. */
const OF_BODY = ['content-encoding', 'content-length', 'content-type', 'expect', 'transfer-encoding'];

async function asked(
  name: string,
  call: GatewayCall,
  { rule, ask }: { readonly rule: FallbackRule } & Pick<GatewayTools, 'ask'>,
): Promise<Response | null> {
  const headers = call.headers();
  for (const each of OF_BODY) headers.delete(each);
  const question = new Request(call.target, { method: call.method, headers, redirect: 'manual', signal: call.signal });
  const { alias } = rule;
  return ask(call.arrival, { function: name, alias, traceparent: call.traceparent, request: question }).catch(() => null);
}
