import { Miniflare } from 'miniflare';
import { HELLO } from './functions.ts';

/** Two plain Workers, the first of which answers by way of the second, over workerd's own service binding. */
const FIRST = `export default { fetch: (request, env) => env.OTHER.fetch('https://other/') }`;
const worker = (name: string, contents: string, env: object) => ({
  config: {
    name,
    compatibilityDate: '2026-01-01',
    manifest: { mainModule: 'index.js', modules: { 'index.js': { type: 'esm' as const, contents } } },
    env: env as never,
  },
  dev: { unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }] },
});
const miniflare = new Miniflare({
  host: '127.0.0.1',
  port: 0,
  workers: [worker('first', FIRST, { OTHER: { type: 'worker', worker: 'second' } }), worker('second', HELLO, {})],
});
await miniflare.ready;
process.send!({ port: Number((await miniflare.unsafeGetDirectURL('first')).port) });
