import { afterAll, beforeAll } from 'vitest';
import { nuid } from '@nats-io/nats-core';
import { queueDeliverySuite } from '../bindings/queue-delivery-suite.ts';
import { openNode } from '../conformance/harness-node.ts';
import { manualClock } from '../stores/clock.ts';
import { queueSuite } from '../stores/queue-suite.ts';
import { onNats } from './on-nats.ts';
import { startNatsServer, type NatsServer } from './server.ts';
import { openOn, type OpenedState } from './state.ts';

onNats('Queues on NATS', () => {
  let server: NatsServer;
  const opened: OpenedState[] = [];
  beforeAll(async () => (server = await startNatsServer()));
  afterAll(async () => {
    await Promise.all(opened.map((state) => state.close()));
    await server.stop();
  });

  queueSuite(
    async () => {
      const clock = manualClock();
      const state = await openOn(server.url, { now: clock.now });
      opened.push(state);
      return { queue: state.queue, clock };
    },
    { inOrder: false },
  );

  queueDeliverySuite(() => openNode({ nats: { url: server.url, prefix: nuid.next() } }));
});
