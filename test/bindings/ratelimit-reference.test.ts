import { Miniflare } from 'miniflare';
import { COMPATIBILITY } from '../../host/platforms/workerd/build.ts';
import { askAt, functionSource, LIMITERS, rateLimitSuite } from './ratelimit-suite.ts';

/** Miniflare's own, which is what `wrangler dev` gives. */
rateLimitSuite("Miniflare's own, as the reference", async () => {
  const env = Object.fromEntries(
    LIMITERS.map(({ name, namespace_id, simple }) => [name, { type: 'rate-limit' as const, namespace: namespace_id, simple }]),
  );
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    port: 0,
    cf: false,
    enableDevRegistry: false,
    telemetry: { enabled: false },
    workers: [
      {
        config: {
          name: 'reference',
          compatibilityDate: COMPATIBILITY.date,
          manifest: { mainModule: 'index.js', modules: { 'index.js': { type: 'esm', contents: await functionSource() } } },
          env,
        },
        dev: { unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }] },
      },
    ],
  });
  await miniflare.ready;
  const url = await miniflare.unsafeGetDirectURL('reference');
  return { ask: askAt(url.href), close: () => miniflare.dispose() };
});
