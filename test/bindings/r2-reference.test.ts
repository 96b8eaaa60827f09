import { startPlainWorkers } from '../plain-workers.ts';
import { casesAt, functionSource } from './r2.ts';
import { r2Suite } from './r2-suite.ts';

/** Miniflare's own R2, and the bucket that workerd makes of it: what Workers does, as far as a machine without Cloudflare shows it. */
r2Suite("Miniflare's own, as the reference", {
  without: ['additions'],
  async open() {
    const { url, close } = await startPlainWorkers([
      { name: 'reference', source: await functionSource(), env: { BUCKET: { type: 'r2', name: 'reference' } } },
    ]);
    return { run: casesAt(url), close };
  },
});
