import { startPlainWorkers } from '../plain-workers.ts';
import { askAt, functionSource, LIMITERS, rateLimitSuite } from './ratelimit-suite.ts';

/** Miniflare's own, which is what `wrangler dev` gives. */
rateLimitSuite("Miniflare's own, as the reference", async () => {
  const env = Object.fromEntries(
    LIMITERS.map(({ name, namespace_id, simple }) => [name, { type: 'rate-limit' as const, namespace: namespace_id, simple }]),
  );
  const { url, close } = await startPlainWorkers([{ name: 'reference', source: await functionSource(), env }]);
  return { ask: askAt(url), close };
});
