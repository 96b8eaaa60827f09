import { publish } from '../conformance/harness.ts';
import { openNode } from '../conformance/harness-node.ts';
import { functionSource, kvAt } from './kv.ts';
import { kvSuite } from './kv-suite.ts';

kvSuite('a cell on Node', {
  async open() {
    const host = await openNode();
    const { url } = await publish(host, await functionSource(), { alias: 'live', manifest: { kv_namespaces: [{ binding: 'KV' }] } });
    return { kv: kvAt(url), close: () => host.stop() };
  },
});
