import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostOptions } from '../../host/platforms/running.ts';
import { eventually, publish, type TestHost } from '../conformance/harness.ts';
import { removeFolder } from '../remove-folder.ts';

const OWN = [{ binding: 'LOCKS' }];
const DEADLINE = 3_000;

/** Takes the lock that the query names, and then does what it says. `free` tells the fence of a lock that is free. */
const SOURCE = `
let kept;
export default { async fetch(request, { LOCKS }, ctx) {
  const { searchParams } = new URL(request.url);
  const [how, name] = [searchParams.get('how'), searchParams.get('name')];
  if (how === 'free') {
    await using lock = await LOCKS.acquire(name, { ifAvailable: true });
    return Response.json(lock && lock.fence);
  }
  if (how === 'pending') return Response.json((await LOCKS.query()).pending.filter((each) => each.name === name).length);
  if (how === 'kept') return Response.json(kept.signal.aborted);
  if (how === 'forget') {
    LOCKS.acquire(name).catch(() => {});
    await scheduler.wait(Number(searchParams.get('ms')));
    return new Response();
  }
  const lock = await LOCKS.acquire(name);
  if (how === 'return') return Response.json(lock.fence);
  if (how === 'keep') {
    kept = lock;
    return Response.json(lock.fence);
  }
  if (how === 'throw') throw new Error('thrown');
  if (how === 'hang') await new Promise(() => setTimeout(() => {}, 100_000));
  if (how === 'spin') for (;;);
  if (how === 'later') ctx.waitUntil(scheduler.wait(2_000));
  if (how === 'body') return new Response(new ReadableStream({
    async pull(controller) {
      await scheduler.wait(2_000);
      controller.enqueue(new TextEncoder().encode('end'));
      controller.close();
    },
  }));
  return new Response();
} }`;

/** What ends a lock that nobody released. */
export function lifeSuite(open: (options?: Partial<HostOptions>) => Promise<TestHost>): void {
  describe('the life of a lock', () => {
    let host: TestHost;
    let url: string;
    beforeAll(async () => {
      host = await open();
      url = (await deploy()).url;
    });
    afterAll(() => host.stop());

    const deploy = (locks: readonly object[] = OWN, deadline = DEADLINE) =>
      publish(host, SOURCE, { alias: 'live', manifest: { locks, limits: { deadline_ms: deadline } } });
    const ask = async (how: string, name = how, at = url) => fetch(`${at}?how=${how}&name=${name}`);
    const fence = async (name: string, at = url) => {
      const response = await ask('free', name, at);
      if (!response.ok) throw new Error(await response.text());
      return (await response.json()) as number | null;
    };
    /** Well before its `ttl` has passed. */
    const untilFree = (name: string) => eventually(async () => (await fence(name)) ?? undefined);

    it('ends when the handler has returned', async () => {
      const first = (await (await ask('return')).json()) as number;
      await untilFree('return');
      expect(await fence('return')).toBeGreaterThan(first);
    });

    it('ends when the handler has thrown', async () => {
      expect((await ask('throw')).status).toBe(500);
      await untilFree('throw');
    });

    it('ends with the deadline of a handler that hangs', async () => {
      const answered = ask('hang');
      await eventually(async () => ((await fence('hang')) === null ? true : undefined));
      expect((await answered).status).toBe(504);
      await untilFree('hang');
    });

    it('ends where the handler has returned before it had it', async () => {
      for (let ms = 0; ms < 8; ms++) {
        await ask(`forget&ms=${ms}`, 'forget');
        await untilFree('forget');
      }
    });

    it('lasts as long as waitUntil() and the body of the response', async () => {
      for (const how of ['later', 'body']) {
        const response = await ask(how);
        expect(await fence(how)).toBeNull();
        await response.text();
        await untilFree(how);
      }
    });

    it('ends with the invocation, even where the function has kept it', async () => {
      await ask('keep');
      await untilFree('keep');
      expect(await (await ask('kept')).json()).toBe(host.platform === 'node');
    });

    it('a wait ends with its invocation, too', async () => {
      const shared = [{ binding: 'LOCKS', id: 'waits' }];
      const [holds, waits] = [await deploy(shared, 6_000), await deploy(shared, 300)];
      const holder = ask('hang', 'a', holds.url);
      await eventually(async () => ((await fence('a', holds.url)) === null ? true : undefined));
      expect((await ask('return', 'a', waits.url)).status).toBe(504);
      const pending = async () => (await ask('pending', 'a', holds.url)).json();
      await eventually(async () => ((await pending()) === 0 ? true : undefined));
      expect(await fence('a', holds.url)).toBeNull();
      await holder;
    });

    it('hands over between invocations, first come, first served', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, async () => (await (await ask('return', 'hand')).json()) as number));
      expect(new Set(answers).size).toBe(20);
    });

    it('is of functions that name the same id, and of no other', async () => {
      const [one, two, other] = [
        await deploy([{ binding: 'LOCKS', id: 'shared' }]),
        await deploy([{ binding: 'LOCKS', id: 'shared' }]),
        await deploy(),
      ];
      const holder = ask('hang', 'a', one.url);
      await eventually(async () => ((await fence('a', two.url)) === null ? true : undefined));
      expect(await fence('a', other.url)).not.toBeNull();
      await holder;
    });

    it('ends with a cell that does not come back', async () => {
      const before = (await fence('spin'))!;
      // On workerd the supervisor ends the whole process, and starts another.
      const spinning = ask('spin').then(
        ({ status }) => status,
        () => null,
      );
      expect([504, null, 502, 503]).toContain(await spinning);
      const after = await eventually(async () => (await fence('spin').catch(() => null)) ?? undefined, 20_000);
      expect(after).toBeGreaterThan(before);
    });

    it('a fence does not go back over a restart', async () => {
      const state = mkdtempSync(join(tmpdir(), 'brink-locks-'));
      try {
        const first = await open({ state });
        const { name, url: at } = await publish(first, SOURCE, { alias: 'live', manifest: { locks: OWN } });
        const fences = [await (await ask('return', 'a', at)).json(), await (await ask('return', 'a', at)).json()] as [number, number];
        await first.stop();
        const second = await open({ state });
        const after = await fence('a', `${second.url}/${name}/`);
        await second.stop();
        expect(fences[1]).toBeGreaterThan(fences[0]);
        expect(after).toBeGreaterThan(fences[1]);
      } finally {
        removeFolder(state);
      }
    });
  });
}
