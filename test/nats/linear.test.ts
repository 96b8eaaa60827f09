import { setTimeout as wait } from 'node:timers/promises';
import { nuid } from '@nats-io/nats-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { kvOn, type TestKv } from '../bindings/kv.ts';
import { linearSuite, number, type NumberInput, type NumberOutput } from '../bindings/linear-suite.ts';
import { eventually } from '../conformance/harness.ts';
import { checkHistory, Recorder } from '../linearizable.ts';
import { onNats } from './on-nats.ts';
import { startProxy, type Proxy } from './proxy.ts';
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

  describe('linearizability of KV with faults', () => {
    let proxy: Proxy;
    let states: OpenedState[];
    let clients: TestKv[];
    beforeAll(async () => {
      proxy = await startProxy(server.port);
      const prefix = nuid.next();
      states = [await openOn(server.url, { prefix }), await openOn(proxy.url, { prefix })];
      clients = states.map(({ bindings }) => kvOn(bindings, Date.now));
    });
    afterAll(async () => {
      await Promise.all(states.map((state) => state.close()));
      await proxy.close();
    });

    it.each<[string, () => unknown, () => unknown]>([
      ['NATS is stopped for a second', () => server.signal('SIGSTOP'), () => server.signal('SIGCONT')],
      ['nothing comes through from one of the hosts', () => proxy.hang(), () => proxy.heal()],
      ['one of the hosts is cut off', () => proxy.cut(), () => proxy.heal()],
      ['NATS is killed, and starts again', () => server.kill(), () => server.start()],
    ])('%s', async (fault, breaks, mend) => {
      const key = `faults/${fault}`;
      const recorder = new Recorder<NumberInput, NumberOutput>();
      const known = () => recorder.history.filter(({ returned }) => returned !== Infinity).length;
      let going = true;
      onTestFinished(() => void (going = false));
      const running = [...clients, ...clients].map(async (kv, index) => {
        for (let step = index; going; step++) {
          // Its own history knows what became of it.
          await operation(recorder, { kv, key, step, by: index + 1 }).catch(() => {});
          await wait(5 + ((index * 7 + step * 3) % 10));
        }
      });
      await wait(200);
      await breaks();
      await wait(700);
      await mend();
      const so = known();
      await eventually(() => known() > so + 40 || undefined, 20_000);
      going = false;
      await Promise.all(running);
      expect(checkHistory(recorder.history, number)).toEqual({ linearizable: true });
    });
  });
});

interface Operation {
  readonly kv: TestKv;
  readonly key: string;
  readonly step: number;
  readonly by: number;
}

/** An increment, or a read and a compare-and-set with what it gave. */
async function operation(recorder: Recorder<NumberInput, NumberOutput>, { kv, key, step, by }: Operation): Promise<void> {
  if (step % 3 === 0) return void (await recorder.run({ do: 'increment', by }, () => kv.increment(key, by)));
  const { value, revision } = (await recorder.run({ do: 'get' }, async () => {
    const found = await kv.getWithRevision(key);
    return { value: Number(found.value ?? 0), revision: found.revision };
  })) as { value: number; revision: number };
  const swap = { do: 'swap', ifRevision: revision, value: value + 1_000 } as const;
  await recorder.run(swap, () =>
    kv.put(key, String(swap.value), { ifRevision: revision }).then(
      (written) => (written as { revision: number }).revision,
      (error: { code?: string }) => {
        if (error.code !== 'conflict') throw error;
        return null;
      },
    ),
  );
}
