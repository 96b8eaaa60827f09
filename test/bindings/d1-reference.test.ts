import { startPlainWorkers } from '../plain-workers.ts';
import { d1At, functionSource } from './d1.ts';
import { d1Suite } from './d1-suite.ts';

/** Miniflare's own D1, and the binding that workerd makes of it: what Workers does, as far as a machine without Cloudflare shows it. */
d1Suite("Miniflare's own, as the reference", {
  exact: true,
  async open() {
    const { url, close } = await startPlainWorkers([
      { name: 'reference', source: await functionSource(), env: { DB: { type: 'd1', id: 'reference' } } },
    ]);
    return { d1: d1At(url), close };
  },
});
