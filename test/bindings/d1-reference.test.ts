import { Miniflare } from 'miniflare';
import { COMPATIBILITY } from '../../host/platforms/workerd/build.ts';
import { d1At, functionSource } from './d1.ts';
import { d1Suite } from './d1-suite.ts';

/** Miniflare's own D1, and the binding that workerd makes of it: what Workers does, as far as a machine without Cloudflare shows it. */
d1Suite("Miniflare's own, as the reference", {
  exact: true,
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
            env: { DB: { type: 'd1', id: 'reference' } },
          },
          dev: { unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }] },
        },
      ],
    });
    await miniflare.ready;
    const url = await miniflare.unsafeGetDirectURL('reference');
    return { d1: d1At(url.href), close: () => miniflare.dispose() };
  },
});
