import { afterAll, beforeAll } from 'vitest';
import { blobsSuite } from '../stores/blobs-suite.ts';
import { manualClock } from '../stores/clock.ts';
import { storeSuite } from '../stores/store-suite.ts';
import { onNats } from './on-nats.ts';
import { startNatsServer, type NatsServer } from './server.ts';
import { openOn } from './state.ts';

onNats('Store and Blobs on NATS', () => {
  let server: NatsServer;
  beforeAll(async () => (server = await startNatsServer()));
  afterAll(() => server.stop());

  storeSuite('nats', async () => {
    const clock = manualClock();
    let state = await openOn(server.url, { now: clock.now });
    return {
      store: state.bindings,
      clock,
      close: () => state.close(),
      async reopen() {
        await state.close();
        await server.kill();
        await server.start();
        state = await openOn(server.url, { now: clock.now, prefix: state.prefix });
        return state.bindings;
      },
    };
  });

  blobsSuite('nats', async () => {
    const { blobs, close } = await openOn(server.url);
    return { blobs, close };
  });
});
