import type { GatewayTools } from '../gateway/rules.ts';
import type { PublishCheckOptions } from './publish-check.ts';
import { ownInvocation } from './own-invocation.ts';
import type { Pool } from './pool/pool.ts';

const URL_OF_POLICIES = 'http://policy.brink.internal/';

/** Asks policies, in cells of the pool: their starts, their limits and their ends are those of functions. No invocation is written down. */
export function createPolicies(pool: Pool): GatewayTools['askPolicy'] {
  return async (version, { arrival, traceparent }, body) => {
    const { chosen, connection, request } = arrival;
    const question = new Request(URL_OF_POLICIES, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    const invocation = ownInvocation(version, { alias: chosen.alias, trigger: 'http', traceparent, url: URL_OF_POLICIES });
    const pooled = pool.find(version, 0);
    if (pooled !== null) return pooled.cell.fetch(question, invocation);
    const options = { depth: 0, ms: chosen.version.manifest.limits.deadline_ms, signal: connection.signal ?? request.signal };
    return pool.wait(version, options, ({ cell }) => cell.fetch(question, invocation));
  };
}

/** The same of the host's own policy, which no request waits for. */
export function createPublishAsk(pool: Pool): PublishCheckOptions['ask'] {
  return async (version, { body, traceparent }) => {
    const question = new Request(URL_OF_POLICIES, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    const invocation = ownInvocation(version, { alias: null, trigger: 'http', traceparent, url: URL_OF_POLICIES });
    const pooled = pool.find(version, 0);
    if (pooled !== null) return pooled.cell.fetch(question, invocation);
    const options = { depth: 0, ms: version.manifest.limits.deadline_ms, signal: null };
    return pool.wait(version, options, ({ cell }) => cell.fetch(question, invocation));
  };
}
