import { describe, expect, it } from 'vitest';
import type { TestHost } from './harness.ts';
import { done, reportOf, shadowed } from './shadow-pair.ts';

const HELLO = 'export default { async fetch() { return new Response("hello"); } };';
const HANGS =
  'export default { async fetch() { await new Promise((resolve) => setTimeout(resolve, 60000)); return new Response("late"); } };';
const waiting = (ms: number) =>
  `export default { async fetch() { await new Promise((resolve) => setTimeout(resolve, ${ms})); return new Response("hello"); } };`;

export function shadowLoadCases(open: () => TestHost): void {
  describe('what the live version is spared', () => {
    it('a shadow that hangs: nobody waits, and its call ends with its time', async () => {
      const host = open();
      const pair = await shadowed(host, { live: HELLO, shadow: HANGS, manifest: { limits: { deadline_ms: 2_000 } } });
      await (await fetch(pair.url)).text();
      const began = performance.now();
      for (let n = 0; n < 30; n++) expect(await (await fetch(pair.url)).text()).toBe('hello');
      // One after the other each would have waited for its copy.
      expect(performance.now() - began).toBeLessThan(30 * 2_000);
      const report = await reportOf(host, pair, (each) => each.drawn === 31 && done(each) === 31);
      expect(report.places.map(({ place, examples }) => [place, examples[0]!.shadow])).toEqual([['outcome', 'deadline-exceeded']]);
      expect(report.compared + (report.dropped['busy'] ?? 0)).toBe(31);
      // There is room again.
      await (await fetch(pair.url)).text();
      await reportOf(host, pair, (each) => each.compared === report.compared + 1);
    });

    it('a shadow that crashes costs the live version nothing', async () => {
      const host = open();
      const pair = await shadowed(host, { live: HELLO, shadow: 'export default { fetch() { return 1; } };' });
      for (let n = 0; n < 5; n++) expect(await (await fetch(pair.url)).text()).toBe('hello');
      expect((await reportOf(host, pair, (each) => done(each) === 5)).different).toBe(5);
    });

    it('of requests that come at once, so many are copied as there is room for', async () => {
      const host = open();
      const pair = await shadowed(host, { live: HELLO, shadow: waiting(500) });
      const all = await Promise.all(Array.from({ length: 60 }, async () => (await fetch(pair.url)).text()));
      expect(new Set(all)).toEqual(new Set(['hello']));
      const report = await reportOf(host, pair, (each) => done(each) === 60);
      expect(report.drawn).toBe(60);
      expect(report.dropped['busy']).toBeGreaterThan(0);
      expect(report.compared).toBeGreaterThanOrEqual(16);
      expect(report.equal).toBe(report.compared);
    });

    it('its head and framing are what they are without a copy', async () => {
      const host = open();
      const live = 'export default { async fetch(request) { return Response.json({ n: 1, text: await request.text() }); } };';
      const pair = await shadowed(host, { live, shadow: `// 2\n${live}` });
      const head = async (url: string, init?: RequestInit) => {
        const response = await fetch(url, init);
        await response.arrayBuffer();
        return Object.fromEntries([...response.headers].filter(([name]) => name !== 'date'));
      };
      for (const init of [undefined, { method: 'POST', body: 'abc' }, { method: 'HEAD' }]) {
        expect(await head(pair.url, init)).toEqual(await head(`${host.url}/${pair.name}@1/`, init));
      }
      await reportOf(host, pair, (each) => each.equal === 3);
    });

    it('the first piece of a stream does not wait for the last', async () => {
      const host = open();
      const source = (more: string) => `${more}
        export default { async fetch() {
          let n = 0;
          return new Response(new ReadableStream({ async pull(controller) {
            if (n > 0) await new Promise((resolve) => setTimeout(resolve, 1_500));
            controller.enqueue(new TextEncoder().encode('part' + n));
            if (++n === 3) controller.close();
          } }));
        } };`;
      const pair = await shadowed(host, { live: source('// 1'), shadow: source('// 2') });
      const response = await fetch(pair.url);
      const began = performance.now();
      const reader = response.body!.getReader();
      expect(new TextDecoder().decode((await reader.read()).value)).toBe('part0');
      expect(performance.now() - began).toBeLessThan(3_000);
      while (!(await reader.read()).done);
      expect(await reportOf(host, pair, (each) => done(each) === 1)).toMatchObject({ equal: 1 });
    });

    it('a client that leaves takes no place with it', async () => {
      const host = open();
      const source = (more: string) => `${more}
        export default { async fetch() {
          return new Response(new ReadableStream({ async pull(controller) {
            await new Promise((resolve) => setTimeout(resolve, 20));
            controller.enqueue(new TextEncoder().encode('part'));
          } }));
        } };`;
      const pair = await shadowed(host, { live: source('// 1'), shadow: source('// 2'), manifest: { limits: { deadline_ms: 2_000 } } });
      for (let n = 0; n < 3; n++) {
        const leaving = new AbortController();
        const response = await fetch(pair.url, { signal: leaving.signal });
        await response.body!.getReader().read();
        leaving.abort();
      }
      const report = await reportOf(host, pair, (each) => done(each) === 3);
      expect(report.uncompared).toMatchObject({ 'live-broken': 3 });
      expect(report.different).toBe(0);
    });
  });
}
