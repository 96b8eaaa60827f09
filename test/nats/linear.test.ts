import { nuid } from '@nats-io/nats-core';
import { afterAll, beforeAll } from 'vitest';
import { kvOn } from '../bindings/kv.ts';
import { linearSuite } from '../bindings/linear-suite.ts';
import { onNats } from './on-nats.ts';
import { startNatsServer, type NatsServer } from './server.ts';
import { openOn, type OpenedState } from './state.ts';

onNats('Histories on NATS', () => {
  let server: NatsServer;
  beforeAll(async () => (server = await startNatsServer()));
  afterAll(() => server.stop());

  linearSuite('three hosts on one NATS', async () => {
    const prefix = nuid.next();
    const states: OpenedState[] = [];
    for (let host = 0; host < 3; host++) states.push(await openOn(server.url, { prefix }));
    return {
      clients: states.map(({ bindings }) => kvOn(bindings, Date.now)),
      close: async () => void (await Promise.all(states.map((state) => state.close()))),
    };
  });
});
