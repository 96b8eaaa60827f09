import { startPlainWorkers } from '../plain-workers.ts';
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
    const { url, close } = await startPlainWorkers([
      { name: 'reference', source: await functionSource(), env: { KV: { type: 'kv', id: 'reference' } } },
    ]);
    return { kv: kvAt(url), close };
  },
});
