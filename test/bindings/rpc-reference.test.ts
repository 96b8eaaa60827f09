import { Miniflare } from 'miniflare';
import { COMPATIBILITY } from '../../host/platforms/workerd/build.ts';
import { CALLEE, CALLER } from './rpc-cases.ts';
import { rpcSuite } from './rpc-suite.ts';

/** workerd's own service bindings between plain Workers: what Workers does. */
rpcSuite("workerd's own service bindings, as the reference", {
  async open() {
    const worker = (name: string, source: string, env: Record<string, unknown>) => ({
      config: {
        name,
        compatibilityDate: COMPATIBILITY.date,
        manifest: { mainModule: 'index.js', modules: { 'index.js': { type: 'esm' as const, contents: source } } },
        env: env as never,
      },
      dev: { unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }] },
    });
    const bound = (more: object) => ({ type: 'worker', worker: 'callee', ...more });
    const miniflare = new Miniflare({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      enableDevRegistry: false,
      telemetry: { enabled: false },
      workers: [
        worker('caller', CALLER, {
          OTHER: bound({ props: { role: 'caller' } }),
          PLAIN: bound({ exportName: 'plain' }),
          NAMED: bound({ exportName: 'Named' }),
        }),
        worker('callee', CALLEE, { GREETING: { type: 'text', value: 'hi' } }),
      ],
    });
    await miniflare.ready;
    const url = await miniflare.unsafeGetDirectURL('caller');
    return { url: url.href, close: () => miniflare.dispose() };
  },
});
