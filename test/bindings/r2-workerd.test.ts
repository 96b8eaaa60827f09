import { publish } from '../conformance/harness.ts';
import { openWorkerd } from '../conformance/harness-workerd.ts';
import { casesAt, functionSource } from './r2.ts';
import { r2Suite } from './r2-suite.ts';

r2Suite('an isolate on workerd', {
  deviations: { 'a key of 1,024 bytes is one': 'the place of the bucket in the host’s is part of it there' },
  async open() {
    const host = await openWorkerd();
    const { url } = await publish(host, await functionSource(), { alias: 'live', manifest: { r2_buckets: [{ binding: 'BUCKET' }] } });
    return { run: casesAt(url), close: () => host.stop() };
  },
});
