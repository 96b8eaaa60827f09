import { afterAll, beforeAll } from 'vitest';
import { nuid } from '@nats-io/nats-core';
import { locksOfProcesses } from '../bindings/locks-processes.ts';
import { locksSuite } from '../bindings/locks-suite.ts';
import { playIn } from '../bindings/locks.ts';
import { openNode } from '../conformance/harness-node.ts';
import { onNats } from './on-nats.ts';
import { startProxy } from './proxy.ts';
import { startNatsServer, type NatsServer } from './server.ts';
import { openOn } from './state.ts';

onNats('locks on NATS', () => {
  let server: NatsServer;
  beforeAll(async () => (server = await startNatsServer()));
  afterAll(() => server.stop());

  locksSuite('a cell on Node, with state in NATS', () => playIn(() => openNode({ nats: { url: server.url, prefix: nuid.next() } })));

  locksOfProcesses(async () => {
    const { bindings: store, prefix, close } = await openOn(server.url);
    const proxy = await startProxy(server.port);
    return {
      store,
      args: [server.url, prefix],
      faults: [
        { args: [proxy.url, prefix], breaks: () => proxy.cut(), mend: () => proxy.heal() },
        { breaks: () => server.kill(), mend: () => server.start() },
      ],
      close: async () => {
        await Promise.all([close(), proxy.close()]);
      },
    };
  }, 'of hosts that are killed, stopped and cut off for longer than a lease, on a NATS that is restarted');
});
