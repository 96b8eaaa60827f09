import { afterAll, beforeAll } from 'vitest';
import { nuid } from '@nats-io/nats-core';
import { changesSuite } from '../conformance/changes-suite.ts';
import { openNode } from '../conformance/harness-node.ts';
import { onNats } from './on-nats.ts';
import { startNatsServer, type NatsServer } from './server.ts';

onNats('Changes of keys on NATS', () => {
  let server: NatsServer;
  beforeAll(async () => void (server = await startNatsServer()));
  afterAll(() => server.stop());

  changesSuite(() => openNode({ nats: { url: server.url, prefix: nuid.next() } }));
});
