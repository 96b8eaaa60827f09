import { afterAll, beforeAll } from 'vitest';
import { registrySuite } from '../registry/registry-suite.ts';
import { onNats } from './on-nats.ts';
import { startNatsServer, type NatsServer } from './server.ts';
import { openOn } from './state.ts';

onNats('the registry on NATS', () => {
  let server: NatsServer;
  beforeAll(async () => (server = await startNatsServer()));
  afterAll(() => server.stop());

  registrySuite('nats', () => openOn(server.url));
});
