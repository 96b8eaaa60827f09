import { publish } from '../conformance/harness.ts';
import { openNode } from '../conformance/harness-node.ts';
import { casesAt, functionSource } from './r2.ts';
import { r2Suite } from './r2-suite.ts';

r2Suite('a cell on Node', {
  async open() {
    const host = await openNode();
    const { url } = await publish(host, await functionSource(), { alias: 'live', manifest: { r2_buckets: [{ binding: 'BUCKET' }] } });
    return { run: casesAt(url), close: () => host.stop() };
  },
});
