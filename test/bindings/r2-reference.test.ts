import { Miniflare } from 'miniflare';
import { COMPATIBILITY } from '../../host/platforms/workerd/build.ts';
import { casesAt, functionSource } from './r2.ts';
import { r2Suite } from './r2-suite.ts';

/** Miniflare's own R2, and the bucket that workerd makes of it: what Workers does, as far as a machine without Cloudflare shows it. */
r2Suite("Miniflare's own, as the reference", {
  without: ['additions'],
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
            env: { BUCKET: { type: 'r2', name: 'reference' } },
          },
          dev: { unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }] },
        },
      ],
    });
    await miniflare.ready;
    const url = await miniflare.unsafeGetDirectURL('reference');
    return { run: casesAt(url.href), close: () => miniflare.dispose() };
  },
});
