import { afterAll, beforeAll } from 'vitest';
import { nuid } from '@nats-io/nats-core';
import { openNode } from '../conformance/harness-node.ts';
import { keptSuite } from '../conformance/kept-suite.ts';
import { onNats } from './on-nats.ts';
import { startNatsServer, type NatsServer } from './server.ts';

onNats('requests that are kept, with state in NATS', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(() => server.stop());

  const secretKey = Buffer.alloc(32, 7).toString('base64');
  keptSuite(() => openNode({ nats: { url: server.url, prefix: nuid.next() }, secretKey }));
});
