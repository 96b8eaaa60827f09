import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkWritten } from '../bindings/kv-crash-check.ts';
import type { Line } from '../bindings/kv-crash-work.ts';
import { namespaceOn } from '../bindings/kv.ts';
import { runAndKill } from '../run-and-kill.ts';
import { onNats } from './on-nats.ts';
import { startNatsServer, type NatsServer } from './server.ts';
import { openOn } from './state.ts';

const ROUNDS = 12;
const PREFIX = 'crash';
const CHILD = fileURLToPath(new URL('crash-child.ts', import.meta.url));

onNats('kill -9 on NATS', () => {
  let server: NatsServer;
  beforeAll(async () => (server = await startNatsServer()));
  afterAll(() => server.stop());

  it(`after kill -9 of a host in the middle of writes, and every second time of NATS before it, ${ROUNDS} times over, each acknowledged write is there, and whole`, async () => {
    let writes = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const both = round % 2 === 1;
      const args = [server.url, PREFIX, String(round), String(both ? server.pid() : 0)];
      // Where the server is killed as well, the first line may be the last.
      const told = await runAndKill<Line>({ module: CHILD, args, within: 150, after: both ? 1 : 3 });
      writes += told.length;
      if (both) {
        await server.kill();
        await server.start();
      }
      const state = await openOn(server.url, { prefix: PREFIX });
      await checkWritten(namespaceOn(state.bindings, Date.now), told);
      await state.close();
    }
    expect(writes).toBeGreaterThan(ROUNDS);
  });
});
