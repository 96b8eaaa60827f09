import { describe, expect, it } from 'vitest';
import type { TestHost } from './harness.ts';
import { done, reportOf, shadowed } from './shadow-pair.ts';

const JSON_OF = (body: string, init = '') => `export default { async fetch(request) { return Response.json(${body}, { ${init} }); } };`;

export function shadowCompareCases(open: () => TestHost): void {
  describe('what is compared', () => {
    it('versions that answer alike are equal, and clients get what the live one says', async () => {
      const host = open();
      const source = (text: string) => `${text}\n${JSON_OF('{ path: new URL(request.url).pathname, body: await request.text() }')}`;
      const pair = await shadowed(host, { live: source('// 1'), shadow: source('// 2') });
      for (const body of ['one', 'two', '']) {
        const response = await fetch(`${pair.url}a`, { method: 'POST', body });
        expect(await response.json()).toMatchObject({ body });
      }
      expect((await fetch(pair.url)).status).toBe(200);
      const report = await reportOf(host, pair, (each) => done(each) === 4);
      expect(report).toMatchObject({ drawn: 4, compared: 4, equal: 4, different: 0, places: [], dropped: {}, uncompared: {} });
      expect(report.live.statuses).toEqual({ 200: 4 });
      expect(report.shadow.statuses).toEqual({ 200: 4 });
    });

    it('a field that is wrong is named, with examples', async () => {
      const host = open();
      const live = JSON_OF('{ items: [{ id: 1, price: 2 }, { id: 2, price: 3 }], token: "abc" }');
      const shadow = JSON_OF('{ items: [{ id: 1, price: 2.5 }, { id: 2, price: 3.5 }], token: "xyz", more: true }');
      const pair = await shadowed(host, { live, shadow });
      await (await fetch(pair.url)).text();
      const report = await reportOf(host, pair, (each) => done(each) === 1);
      expect(report).toMatchObject({ different: 1, equal: 0, kinds: { body: 1 } });
      expect(Object.fromEntries(report.places.map(({ place, examples }) => [place, [examples[0]!.live, examples[0]!.shadow]]))).toEqual({
        '$.items[*].price': ['2', '2.5'],
        '$.token': ['(hidden)', '(hidden)'],
        '$.more': [null, 'true'],
      });
    });

    it('status and headers are compared, but for what each response makes anew', async () => {
      const host = open();
      const answer = (status: number, more: string) =>
        `let n = 0; export default { async fetch() { return new Response('x', { status: ${status}, headers: { 'x-a': '1', ${more} } }); } };`;
      const live = answer(200, `'set-cookie': 'sid=' + ++n + '; HttpOnly', 'server-timing': 'a;dur=1'`);
      const shadow = answer(201, `'x-a': '2', 'set-cookie': 'sid=99; HttpOnly', 'server-timing': 'a;dur=2'`);
      const pair = await shadowed(host, { live, shadow });
      await (await fetch(pair.url)).text();
      const report = await reportOf(host, pair, (each) => done(each) === 1);
      expect(report.places.map(({ place }) => place).toSorted()).toEqual(['header:x-a', 'status']);
      expect(report.kinds).toEqual({ status: 1, header: 1 });
    });

    it('rules say what is ignored', async () => {
      const host = open();
      const source = (n: number) =>
        JSON_OF(`{ time: ${n}, deep: { etag: ${n}, list: [{ id: ${n}, same: 1 }] } }`, `headers: { 'x-build': '${n}' }`);
      const ignore = ['$.time', '$..etag', '/deep/list/*/id', 'header:x-build'];
      const pair = await shadowed(host, { live: source(1), shadow: source(2), asked: { ignore } });
      await (await fetch(pair.url)).text();
      expect(await reportOf(host, pair, (each) => done(each) === 1)).toMatchObject({ equal: 1, different: 0 });
    });

    it('rules that cannot be read are refused', async () => {
      const host = open();
      const pair = await shadowed(host, { live: JSON_OF('1'), shadow: JSON_OF('2') });
      await host.admin.stopShadow(pair.name, pair.shadow.id);
      for (const rule of ['time', '$.a[', 'header:a b', '$.a b[x]'])
        await expect(host.admin.startShadow(pair.name, { to: pair.to, share: 1, ignore: [rule] })).rejects.toMatchObject({
          code: 'shadow-invalid',
        });
    });

    it('what is no JSON is compared by its bytes', async () => {
      const host = open();
      const text = (body: string) => `export default { async fetch() { return new Response('${body}'); } };`;
      const pair = await shadowed(host, { live: text('abc'), shadow: text('abcd') });
      await (await fetch(pair.url)).text();
      const report = await reportOf(host, pair, (each) => done(each) === 1);
      expect(report.places).toMatchObject([
        { place: 'body', kind: 'body', examples: [{ live: expect.stringMatching(/^3 bytes, sha256 /) as unknown }] },
      ]);
    });

    it('a version that fails differs by its outcome', async () => {
      const host = open();
      const pair = await shadowed(host, { live: JSON_OF('1'), shadow: 'export default { fetch() { throw new Error("no"); } };' });
      expect(await (await fetch(pair.url)).json()).toBe(1);
      const report = await reportOf(host, pair, (each) => done(each) === 1);
      expect(report.places).toMatchObject([{ place: 'outcome', examples: [{ live: '200', shadow: 'handler-threw' }] }]);
      expect(report.shadow.statuses).toEqual({ 500: 1 });
    });

    it('with a baseline, what the live version does not agree on with itself is noise', async () => {
      const host = open();
      const source = (n: number) => JSON_OF(`{ random: Math.random(), price: ${n} }`);
      const pair = await shadowed(host, { live: source(1), shadow: source(2), asked: { baseline: true } });
      await (await fetch(pair.url)).text();
      const report = await reportOf(host, pair, (each) => done(each) === 1);
      expect(report.places).toMatchObject([
        { place: '$.price', count: 1, self: 0 },
        { place: '$.random', count: 1, self: 1 },
      ]);
      expect(report).toMatchObject({ different: 1, noise: 0 });
      const same = await shadowed(host, { live: source(1), shadow: `// other\n${source(1)}`, asked: { baseline: true } });
      await (await fetch(same.url)).text();
      expect(await reportOf(host, same, (each) => done(each) === 1)).toMatchObject({ different: 0, noise: 1 });
    });
  });

  describe('bodies', () => {
    it('that stream are compared as a whole, and reach the client as they come', async () => {
      const host = open();
      const source = (last: string) => `
        export default { async fetch(request) {
          const reader = request.body.getReader();
          return new Response(new ReadableStream({
            async pull(controller) {
              const { done, value } = await reader.read();
              if (!done) return controller.enqueue(value);
              controller.enqueue(new TextEncoder().encode('${last}'));
              controller.close();
            },
          }));
        } };`;
      const pair = await shadowed(host, { live: source('end'), shadow: source('END') });
      const parts = ['a'.repeat(1000), 'b'.repeat(1000)];
      const body = new ReadableStream({
        async start(controller) {
          for (const part of parts) {
            controller.enqueue(new TextEncoder().encode(part));
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
          controller.close();
        },
      });
      const response = await fetch(pair.url, { method: 'POST', body, duplex: 'half' } as RequestInit);
      expect(await response.text()).toBe(`${parts.join('')}end`);
      const report = await reportOf(host, pair, (each) => done(each) === 1);
      expect(report.places).toMatchObject([{ place: 'body', examples: [{ live: expect.stringContaining('2003 bytes') as unknown }] }]);
    });

    it('that are large are not kept: the answer is compared without its body, and a request is not copied', async () => {
      const host = open();
      const source = (more: string) => `
        export default { async fetch(request) {
          if (request.method === 'POST') return new Response(String((await request.arrayBuffer()).byteLength));
          return new Response('x'.repeat(2 * 1024 * 1024)${more});
        } };`;
      const pair = await shadowed(host, { live: source(''), shadow: source(` + 'y'`) });
      expect((await (await fetch(pair.url)).text()).length).toBe(2 * 1024 * 1024);
      expect(await (await fetch(pair.url, { method: 'POST', body: 'z'.repeat(3 * 1024 * 1024) })).text()).toBe(String(3 * 1024 * 1024));
      const report = await reportOf(host, pair, (each) => done(each) === 2);
      expect(report.dropped).toEqual({ 'request-too-large': 1 });
      expect(report.uncompared).toEqual({ 'live-too-large': 1 });
      expect(report.different).toBe(0);
    });

    it('that the live version does not read are not waited for', async () => {
      const host = open();
      const source = (more: string) => `${more}\nexport default { async fetch() { return new Response('no'); } };`;
      const pair = await shadowed(host, { live: source('// 1'), shadow: source('// 2') });
      let push: (() => void) | undefined;
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('a'));
          push = () => controller.close();
        },
      });
      const response = await fetch(pair.url, { method: 'POST', body, duplex: 'half' } as RequestInit);
      expect(await response.text()).toBe('no');
      const report = await reportOf(host, pair, (each) => done(each) === 1);
      push!();
      expect(report.dropped).toEqual({ 'request-unread': 1 });
    });
  });
}
