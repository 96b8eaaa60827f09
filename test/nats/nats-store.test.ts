import { Kvm } from '@nats-io/kv';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { KEPT } from '../../host/stores/nats/sweeper.ts';
import { leaveOut } from '../left-out.ts';
import { manualClock } from '../stores/clock.ts';
import { onNats } from './on-nats.ts';
import { startNatsServer, type NatsServer } from './server.ts';
import { openOn, type OpenedState } from './state.ts';

const large = (fill: number, size = 1_200_000) => new Uint8Array(size).fill(fill);
const small = Uint8Array.of(1);

onNats('a store on NATS', () => {
  let server: NatsServer;
  let clock: ReturnType<typeof manualClock>;
  let state: OpenedState;
  beforeAll(async () => (server = await startNatsServer()));
  afterAll(() => server.stop());
  beforeEach(async () => {
    clock = manualClock(Date.now());
    state = await openOn(server.url, { now: clock.now });
  });
  afterEach(() => state.close());

  /** Subjects of a bucket, as another client of NATS sees them. */
  async function subjects(bucket: 'state' | 'parts'): Promise<string[]> {
    const kv = await new Kvm(state.connection.connection).open(`${state.prefix}_${bucket}`);
    const keys: string[] = [];
    for await (const { key } of await kv.history()) keys.push(key);
    return keys;
  }

  it('lies in a plain bucket: what is put there any client of it reads', async () => {
    const revision = await state.bindings.put('kv/id%2Fa/key', new TextEncoder().encode('value'));
    const kv = await new Kvm(state.connection.connection).open(`${state.prefix}_state`);
    const entry = await kv.get('binding.kv.id=252Fa.key');
    expect([entry!.string(), entry!.revision]).toEqual(['value', revision]);
    await state.bindings.delete('kv/id%2Fa/key');
    expect((await kv.get('binding.kv.id=252Fa.key'))!.operation).toBe('DEL');
  });

  it('of racing increments on several connections none is lost', async () => {
    const others = await Promise.all([1, 2, 3].map(() => openOn(server.url, { prefix: state.prefix })));
    const increment = async ({ bindings: store }: OpenedState) => {
      for (;;) {
        const entry = await store.get('count');
        const next = Uint8Array.of((entry?.value[0] ?? 0) + 1);
        if ((await store.put('count', next, { ifRevision: entry?.revision ?? 0 })) !== null) return;
      }
    };
    await Promise.all([state, ...others].flatMap((each) => Array.from({ length: 20 }, () => increment(each))));
    expect((await state.bindings.get('count'))!.value).toEqual(Uint8Array.of(80));
    await Promise.all(others.map((each) => each.close()));
  });

  it('a large value is never seen half, while others overwrite it and delete it', async () => {
    const other = await openOn(server.url, { prefix: state.prefix });
    let writing = true;
    const write = async () => {
      for (let step = 1; step <= 15; step++) {
        if (step % 6 === 0) await state.bindings.delete('large');
        else await state.bindings.put('large', step % 5 === 0 ? small : large(step));
      }
      writing = false;
    };
    const seen = new Set<number>();
    const read = async () => {
      while (writing) {
        const value = (await other.bindings.get('large'))?.value ?? small;
        expect(new Set(value).size).toBe(1);
        seen.add(value[0]!);
      }
    };
    await Promise.all([write(), read(), read()]);
    expect(seen.size).toBeGreaterThan(3);
    await other.close();
  });

  it('a put() that is refused leaves no parts', async () => {
    await state.bindings.put('a', small);
    expect(await state.bindings.put('a', large(1), { ifRevision: 0 })).toBeNull();
    await expect.poll(() => subjects('parts')).toEqual([]);
  });

  it('a large value leaves no parts when it is overwritten or deleted, also by a host that has not seen it', async () => {
    for (const key of ['a', 'b', 'c']) await state.bindings.put(key, large(1));
    await state.bindings.put('a', small);
    await state.bindings.delete('b');
    const other = await openOn(server.url, { prefix: state.prefix, now: clock.now });
    await other.bindings.put('c', small);
    // Of `c`, two parts or three: it is found later.
    await expect.poll(async () => new Set((await subjects('parts')).map((each) => each.split('.')[0])).size).toBe(1);
    clock.advance(61 * 60_000);
    await other.sweeper.sweepWhole();
    expect(await subjects('parts')).toEqual([]);
    await other.close();
  });

  it('parts of a write that never came to its end go after an hour; those of values stay', async () => {
    await state.bindings.put('kept', large(2));
    const kv = await new Kvm(state.connection.connection).open(`${state.prefix}_parts`);
    await kv.put(`${clock.now().toString(36)}-abandoned.0`, small);
    clock.advance(59 * 60_000);
    await state.sweeper.sweepWhole();
    expect((await subjects('parts')).length).toBeGreaterThan(2);
    clock.advance(2 * 60_000);
    await state.sweeper.sweepWhole();
    expect((await subjects('parts')).every((each) => !each.includes('abandoned'))).toBe(true);
    expect((await state.bindings.get('kept'))!.value).toEqual(large(2));
  });

  it.each(['the host that wrote it', 'another host'])(
    'what expired or was deleted is swept by %s, and nothing that was written anew',
    async (who) => {
      for (const key of ['expired', 'renewed', 'large']) await state.bindings.put(key, key === 'large' ? large(1) : small, { ttl: 1_000 });
      for (const key of ['deleted', 'again']) {
        await state.bindings.put(key, small);
        await state.bindings.delete(key);
      }
      clock.advance(2_000);
      await state.bindings.put('renewed', small);
      await state.bindings.put('again', small);
      await state.sweeper.sweepWhole();
      expect(await subjects('state')).toHaveLength(5);
      clock.advance(KEPT);
      if (who === 'another host') {
        const other = await openOn(server.url, { prefix: state.prefix, now: clock.now });
        await other.sweeper.sweepWhole();
        await other.close();
      } else await (state.ttl ? state.sweeper.sweepWhole() : state.sweeper.sweep());
      expect(await subjects('state')).toEqual(['binding.renewed', 'binding.again']);
      expect(await subjects('parts')).toEqual([]);
      expect(await state.bindings.put('deleted', small, { ifRevision: 0 })).toBeGreaterThan(0);
      expect(await state.bindings.put('expired', small, { ifRevision: 0 })).toBeGreaterThan(0);
      expect(await state.bindings.put('again', small, { ifRevision: 0 })).toBeNull();
    },
  );

  it('tells who watches of each key that is written or deleted, also of those during an outage', async () => {
    const other = await openOn(server.url, { prefix: state.prefix });
    const seen: string[] = [];
    const stop = await other.watch((key) => seen.push(key));
    await state.store.put('function/a', small);
    await state.store.delete('function/a');
    await state.bindings.put('not/watched', small);
    await expect.poll(() => seen).toEqual(['function/a', 'function/a']);
    await server.kill();
    await server.start();
    await state.store.put('function/ü', small);
    await expect.poll(() => seen).toEqual(['function/a', 'function/a', 'function/ü']);
    stop();
    await other.close();
  });

  it('has a server of 2.11 or newer take away what has a time to live', async (context) => {
    if (!state.ttl)
      return leaveOut(context, `the nats-server of this machine is ${state.connection.connection.info!.version}, which cannot`);
    await state.bindings.put('a', small, { ttl: 1_000 });
    const manager = await jetstreamManager(state.connection.connection);
    const message = await manager.streams.getMessage(`KV_${state.prefix}_state`, { last_by_subj: `$KV.${state.prefix}_state.binding.a` });
    expect(message!.header.get('Nats-TTL')).toBe(`${KEPT / 1000 + 1}s`);
    return undefined;
  });
});
