import { Miniflare } from 'miniflare';
import { HELLO } from './functions.ts';

/** The same function as a Worker of its own, without a host in front. */
const miniflare = new Miniflare({
  host: '127.0.0.1',
  port: 0,
  workers: [
    {
      config: {
        name: 'hello',
        compatibilityDate: '2026-01-01',
        manifest: { mainModule: 'index.js', modules: { 'index.js': { type: 'esm', contents: HELLO } } },
      },
      dev: { unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }] },
    },
  ],
});
await miniflare.ready;
process.send!({ port: Number((await miniflare.unsafeGetDirectURL('hello')).port) });
