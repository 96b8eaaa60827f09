import { Miniflare } from 'miniflare';
import { COMPATIBILITY } from '../../host/platforms/workerd/build.ts';
import { functionSource, kvAt } from './kv.ts';
import { kvSuite } from './kv-suite.ts';

/** Miniflare's own KV, and the namespace that workerd makes of it: what Workers does, as far as a machine without Cloudflare shows it. */
kvSuite("Miniflare's own, as the reference", {
  additions: false,
  deviations: {
    'a stream that breaks off writes nothing': 'Miniflare writes what came before',
    'may be numbers': 'workerd 1.20261023 leaves keys out that read as numbers',
    'may be beyond the year 2038': 'workerd takes 32 bits',
  },
  async open() {
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
            env: { KV: { type: 'kv', id: 'reference' } },
          },
          dev: { unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }] },
        },
      ],
    });
    await miniflare.ready;
    const url = await miniflare.unsafeGetDirectURL('reference');
    return { kv: kvAt(url.href), close: () => miniflare.dispose() };
  },
});
