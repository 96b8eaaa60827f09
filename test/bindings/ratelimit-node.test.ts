import { publish } from '../conformance/harness.ts';
import { openNode } from '../conformance/harness-node.ts';
import { askAt, functionSource, LIMITERS, rateLimitSuite, type Ask } from './ratelimit-suite.ts';

/** In two functions: what one of them counts, the other has to know. */
rateLimitSuite('cells on Node', async () => {
  const host = await openNode();
  const source = await functionSource();
  const one = await publish(host, source, { alias: 'live', manifest: { ratelimits: LIMITERS } });
  const two = await publish(host, source, { alias: 'live', manifest: { ratelimits: LIMITERS } });
  const ask: Ask = (name, calls) => askAt(name === 'SAME' ? two.url : one.url)(name, calls);
  return { ask, close: () => host.stop() };
});
