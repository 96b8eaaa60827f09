import { afterAll, beforeAll } from 'vitest';
import { kvSuite } from '../bindings/kv-suite.ts';
import { kvOn } from '../bindings/kv.ts';
import { manualClock } from '../stores/clock.ts';
import { onNats } from './on-nats.ts';
import { startNatsServer, type NatsServer } from './server.ts';
import { openOn } from './state.ts';

onNats('KV on NATS', () => {
  let server: NatsServer;
  beforeAll(async () => (server = await startNatsServer()));
  afterAll(() => server.stop());

  kvSuite('nats', {
    clock: true,
    async open() {
      const clock = manualClock();
      const { bindings, close } = await openOn(server.url, { now: clock.now });
      return { kv: kvOn(bindings, clock.now), clock, close };
    },
  });
});
