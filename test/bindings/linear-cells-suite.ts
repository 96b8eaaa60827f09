import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publish, type OpenHost, type TestHost } from '../conformance/harness.ts';
import { functionSource, kvAt } from './kv.ts';
import { linearSuite } from './linear-suite.ts';

const DEADLINE = 300;

/** Reads a number, and writes the next one, under a lock; or ends before, in the way that the query names. */
const SOURCE = `export default { async fetch(request, { LOCKS, KV }) {
  const how = new URL(request.url).searchParams.get('how');
  const lock = await LOCKS.acquire('count');
  const { value, revision } = await KV.getWithRevision('count');
  await scheduler.wait(2);
  if (how === 'hang') await new Promise((resolve) => setTimeout(resolve, 100_000));
  if (how === 'spin') for (;;);
  const next = Number(value ?? 0) + 1;
  await KV.put('count', String(next), { fence: lock.fence });
  if (how === 'throw') throw new Error('thrown');
  if (how !== 'leave') await lock.release();
  return Response.json({ fence: lock.fence, value: next });
} }`;

interface CellsOptions {
  /** Whether a cell that spins is ended, and nothing else with it. */
  readonly endsCells: boolean;
}

/** The same from several cells of a host, and what a lock makes of calls that are not one step. */
export function linearCellsSuite(name: string, open: OpenHost, { endsCells }: CellsOptions): void {
  linearSuite(name, async () => {
    const host = await open();
    const source = await functionSource();
    const clients = [];
    for (const binding of ['KV', 'KV', 'KV'])
      clients.push(kvAt((await publish(host, source, { alias: 'live', manifest: { kv_namespaces: [{ binding, id: 'linear' }] } })).url));
    return { clients, close: () => host.stop() };
  });

  describe(`what a lock protects: ${name}`, () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.stop());

    it('no count is lost, whatever ends its holders', async () => {
      const deploy = (limits = {}) =>
        publish(host, SOURCE, {
          alias: 'live',
          manifest: { locks: [{ binding: 'LOCKS', id: 'l' }], kv_namespaces: [{ binding: 'KV', id: 'k' }], limits },
        });
      const [one, two, bad] = await Promise.all([deploy(), deploy(), deploy({ deadline_ms: DEADLINE })]);
      const ask = async (at: { url: string }, how: string) => {
        const response = await fetch(`${at.url}?how=${how}`);
        return response.ok ? ((await response.json()) as { fence: number; value: number }) : (await response.text(), null);
      };
      const ways = ['release', 'leave', 'release', 'throw', 'release', 'leave'];
      const calls = Array.from({ length: 60 }, (_, index) => ask(index % 2 ? one : two, ways[index % ways.length]!));
      const ended = [ask(bad, 'hang')];
      await Promise.all([...calls, ...ended]);
      if (endsCells) await Promise.all([ask(bad, 'spin'), ...Array.from({ length: 4 }, () => ask(one, 'release'))]);
      const answers = await Promise.all([...calls, ask(one, 'release'), ask(two, 'leave')]);
      const told = answers.filter((answer) => answer !== null).toSorted((a, b) => a.value - b.value);
      expect(told.length).toBeGreaterThan(30);
      expect(new Set(told.map(({ value }) => value)).size).toBe(told.length);
      expect(told.every(({ fence }, index) => index === 0 || fence > told[index - 1]!.fence)).toBe(true);
      // Those that threw wrote before, and said nothing.
      const threw = calls.length / ways.length;
      expect(told.at(-1)!.value).toBeGreaterThanOrEqual(told.length);
      expect(told.at(-1)!.value).toBeLessThanOrEqual(calls.length + (endsCells ? 4 : 0) + 2);
      expect(told.length).toBeGreaterThanOrEqual(told.at(-1)!.value - threw - (endsCells ? 4 : 0));
    });
  });
}
