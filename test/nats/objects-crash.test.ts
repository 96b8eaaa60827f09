import { fileURLToPath } from 'node:url';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GRACE, WRITING } from '../../host/stores/nats/objects/marks.ts';
import { checkObjects } from '../bindings/r2-crash-check.ts';
import type { Line } from '../bindings/r2-crash.ts';
import { bucketOn } from '../bindings/r2.ts';
import { runAndKill } from '../run-and-kill.ts';
import { onNats } from './on-nats.ts';
import { startNatsServer, type NatsServer } from './server.ts';
import { openOn } from './state.ts';

const ROUNDS = 6;
const PREFIX = 'crash';
const CHILD = fileURLToPath(new URL('objects-crash-child.ts', import.meta.url));

onNats('kill -9 of a host that writes objects to NATS', () => {
  let server: NatsServer;
  beforeAll(async () => (server = await startNatsServer()));
  afterAll(() => server.stop());

  it(`in the middle of puts, ${ROUNDS} times over: each acknowledged object is there, and each whole; another host takes away what it left`, async () => {
    let writes = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const told = await runAndKill<Line>({ module: CHILD, args: [server.url, PREFIX, String(round)], within: 200, after: 3 });
      writes += told.length;
      const state = await openOn(server.url, { prefix: PREFIX });
      await checkObjects(bucketOn(state.objects), told);
      await state.close();
    }
    expect(writes).toBeGreaterThan(ROUNDS);

    let late = WRITING + GRACE;
    const state = await openOn(server.url, { prefix: PREFIX, now: () => Date.now() + late });
    const messages = async () => {
      const manager = await jetstreamManager(state.connection.connection);
      return (await manager.streams.info(`KV_${PREFIX}_objects`)).state.messages;
    };
    const bucket = bucketOn(state.objects);
    const { objects } = await bucket.list();
    const before = await messages();
    await state.objects.sweepWhole();
    const bytes = await Promise.all(objects.map(async ({ key }) => (await (await bucket.get(key))!.bytes()).byteLength));
    expect(bytes).toEqual(objects.map(({ size }) => size));
    // Or no kill fell into a write.
    expect(await messages()).toBeLessThan(before);
    await bucket.delete(objects.map(({ key }) => key));
    late += 2 * 24 * 60 * 60_000;
    await state.objects.sweepWhole();
    // Of an upload that nobody ended, the parts stay for a week.
    late += 7 * 24 * 60 * 60_000;
    await state.objects.sweepWhole();
    expect(await messages()).toBe(0);
    await state.close();
  });
});
