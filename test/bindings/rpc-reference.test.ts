import { startPlainWorkers } from '../plain-workers.ts';
import { CALLEE, CALLER } from './rpc-cases.ts';
import { rpcSuite } from './rpc-suite.ts';

/** workerd's own service bindings between plain Workers: what Workers does. */
rpcSuite("workerd's own service bindings, as the reference", {
  async open() {
    const bound = (more: { props?: Record<string, string>; exportName?: string }) => ({
      type: 'worker' as const,
      worker: 'callee',
      ...more,
    });
    const env = {
      OTHER: bound({ props: { role: 'caller' } }),
      PLAIN: bound({ exportName: 'plain' }),
      NAMED: bound({ exportName: 'Named' }),
    };
    return startPlainWorkers([
      { name: 'caller', source: CALLER, env },
      { name: 'callee', source: CALLEE, env: { GREETING: { type: 'text', value: 'hi' } } },
    ]);
  },
});
