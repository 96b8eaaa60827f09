import { publish } from '../conformance/harness.ts';
import { openWorkerd } from '../conformance/harness-workerd.ts';
import { sharedSuite } from './shared-suite.ts';
import { cachesSuite } from './suite.ts';

cachesSuite('isolates on workerd', {
  deviations: {
    'a response without content is kept': 'Miniflare keeps none without a body',
    'a range, more of the last than there are': 'Miniflare gives all with status 200',
  },
  async open(source) {
    const host = await openWorkerd();
    const { url } = await publish(host, source, { alias: 'live' });
    return { url, stop: () => host.stop() };
  },
});

sharedSuite(openWorkerd);
