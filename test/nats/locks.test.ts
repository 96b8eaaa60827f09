import { afterAll, beforeAll } from 'vitest';
import { locksOfProcesses } from '../bindings/locks-processes.ts';
import { onNats } from './on-nats.ts';
import { startNatsServer, type NatsServer } from './server.ts';
import { openOn } from './state.ts';

onNats('locks over hosts on one NATS', () => {
  let server: NatsServer;
  beforeAll(async () => (server = await startNatsServer()));
  afterAll(() => server.stop());

  locksOfProcesses(async () => {
    const { bindings: store, prefix, close } = await openOn(server.url);
    return { store, args: [server.url, prefix], close };
  });
});
