import { publish } from '../conformance/harness.ts';
import { openWorkerd } from '../conformance/harness-workerd.ts';
import { d1At, functionSource } from './d1.ts';
import { d1Suite } from './d1-suite.ts';

d1Suite('an isolate on workerd', {
  exact: true,
  async open() {
    const host = await openWorkerd();
    const { url } = await publish(host, await functionSource(), { alias: 'live', manifest: { d1_databases: [{ binding: 'DB' }] } });
    return { d1: d1At(url), close: () => host.stop() };
  },
});
