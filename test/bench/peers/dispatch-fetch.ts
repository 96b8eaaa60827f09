import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Miniflare } from 'miniflare';
import { HELLO } from './functions.ts';

/** Miniflare's `dispatchFetch`, the call of a Worker in tests, once for each request of a bare server. */
const miniflare = new Miniflare({
  workers: [
    {
      config: {
        name: 'hello',
        compatibilityDate: '2026-01-01',
        manifest: { mainModule: 'index.js', modules: { 'index.js': { type: 'esm', contents: HELLO } } },
      },
    },
  ],
});
await miniflare.ready;
const server = createServer((_request, response) => {
  miniflare
    .dispatchFetch('http://127.0.0.1/')
    .then((answer) => answer.text())
    .then(
      (text) => response.end(text),
      (error: Error) => response.destroy(error),
    );
});
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }));
