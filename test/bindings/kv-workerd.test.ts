import { publish } from '../conformance/harness.ts';
import { openWorkerd } from '../conformance/harness-workerd.ts';
import { functionSource, kvAt } from './kv.ts';
import { kvSuite } from './kv-suite.ts';

kvSuite('an isolate on workerd', {
  async open() {
    const host = await openWorkerd();
    const { url } = await publish(host, await functionSource(), { alias: 'live', manifest: { kv_namespaces: [{ binding: 'KV' }] } });
    return { kv: kvAt(url), close: () => host.stop() };
  },
});
