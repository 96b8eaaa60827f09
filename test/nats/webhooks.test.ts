import { afterAll, beforeAll } from 'vitest';
import { nuid } from '@nats-io/nats-core';
import { openNode } from '../conformance/harness-node.ts';
import { webhooksSuite } from '../conformance/webhooks-suite.ts';
import { onNats } from './on-nats.ts';
import { startNatsServer, type NatsServer } from './server.ts';

onNats('webhooks, with state in NATS', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(() => server.stop());

  webhooksSuite(() => openNode({ nats: { url: server.url, prefix: nuid.next() }, secretKey: Buffer.alloc(32, 7).toString('base64') }));
});
