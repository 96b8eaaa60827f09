import { afterAll, beforeAll } from 'vitest';
import { nuid } from '@nats-io/nats-core';
import { locksOfProcesses } from '../bindings/locks-processes.ts';
import { locksSuite } from '../bindings/locks-suite.ts';
import { playIn } from '../bindings/locks.ts';
import { openNode } from '../conformance/harness-node.ts';
import { onNats } from './on-nats.ts';
import { startNatsServer, type NatsServer } from './server.ts';
import { openOn } from './state.ts';

onNats('locks on NATS', () => {
  let server: NatsServer;
  beforeAll(async () => (server = await startNatsServer()));
  afterAll(() => server.stop());

  locksSuite('a cell on Node, with state in NATS', () => playIn(() => openNode({ nats: { url: server.url, prefix: nuid.next() } })));

  locksOfProcesses(async () => {
    const { bindings: store, prefix, close } = await openOn(server.url);
    return { store, args: [server.url, prefix], close };
  });
});
