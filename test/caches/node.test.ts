import { publish } from '../conformance/harness.ts';
import { openNode } from '../conformance/harness-node.ts';
import { sharedSuite } from './shared-suite.ts';
import { cachesSuite } from './suite.ts';

cachesSuite('cells on Node', {
  async open(source) {
    const host = await openNode();
    const { url } = await publish(host, source, { alias: 'live' });
    return { url, stop: () => host.stop() };
  },
});

sharedSuite(openNode, { restart: true });
