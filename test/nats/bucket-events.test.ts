import { afterAll, beforeAll } from 'vitest';
import { nuid } from '@nats-io/nats-core';
import { bucketEventsSuite } from '../bindings/bucket-events-suite.ts';
import { openNode } from '../conformance/harness-node.ts';
import { onNats } from './on-nats.ts';
import { startNatsServer, type NatsServer } from './server.ts';

onNats('events of buckets in NATS', () => {
  let server: NatsServer;
  beforeAll(async () => (server = await startNatsServer()));
  afterAll(() => server.stop());

  bucketEventsSuite(() => openNode({ nats: { url: server.url, prefix: nuid.next() } }));
});
