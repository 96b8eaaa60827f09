import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InvocationEvent, SheddingEvent } from '../../host/observe/events.ts';
import { eventually, publish, type OpenHost, type TestHost } from './harness.ts';

/** Takes 400 ms for each call, or `ms`, and knows which have begun. */
const HELD = `let held = []; let most = 0; let under = 0; const began = [];
export default { async fetch(request) { const { pathname, search, searchParams } = new URL(request.url);
  if (pathname === '/began') return Response.json({ began, most });
  began.push(search); under++; most = Math.max(most, under);
  try { await new Promise((resolve) => setTimeout(resolve, Number(searchParams.get('ms') ?? 400))); return new Response(search) } finally { under-- } } }`;

/** What admits calls to cells, alike on every platform. */
export function poolSuite(platform: string, open: OpenHost): void {
  describe(`the pool on ${platform}`, () => {
    let host: TestHost;
    beforeAll(async () => void (host = await open()));
    afterAll(() => host.stop());

    /** Waits until so many calls of a function are at it. */
    const under = (name: string, wanted: { readonly calls: number } | { readonly waiting: number }) =>
      eventually(async () => {
        const [view] = await host.admin.cells(name);
        return ('calls' in wanted ? view?.calls === wanted.calls : view?.waiting === wanted.waiting) ? true : undefined;
      });
    /** Waits until its cell is there: its start is part of the time that a first call has. */
    const started = (url: string) => eventually(async () => ((await fetch(`${url}began`)).ok ? true : undefined));
    const one = (more: Record<string, unknown> = {}) => ({ manifest: { scaling: { concurrency: 1, max_cells: 1, ...more } } });

    it('a class that the host does not have is refused where cells have classes, and has no effect elsewhere', async () => {
      const published = publish(host, `export default { fetch: () => new Response('up') }`, { manifest: { scaling: { class: 'batch' } } });
      if (host.platform === 'node') await expect(published).rejects.toMatchObject({ code: 'unsupported' });
      else expect(await (await fetch((await published).url)).text()).toBe('up');
    });

    it('a cell has no more calls under way than its concurrency; the others wait, and begin in their order', async () => {
      const { name, url } = await publish(host, HELD, one());
      const texts: string[] = [];
      const calls: Promise<void>[] = [];
      for (let index = 0; index < 4; index++) {
        calls.push(
          fetch(`${url}wait?${index}`).then(async (response) => {
            expect(response.status).toBe(200);
            texts.push(await response.text());
          }),
        );
        // Until it is there: what is sent later may come sooner.
        await eventually(async () => {
          const [view] = await host.admin.cells(name);
          return texts.length + (view?.calls ?? 0) + (view?.waiting ?? 0) > index ? true : undefined;
        });
      }
      await Promise.all(calls);
      expect(texts).toEqual(['?0', '?1', '?2', '?3']);
      expect(await (await fetch(`${url}began`)).json()).toMatchObject({ most: 1 });
    });

    it('what finds the line full is refused with overloaded, 503 and Retry-After, and the log says when it began and ended', async () => {
      const { name, url } = await publish(host, HELD, one({ queue: 1 }));
      const first = fetch(`${url}wait?ms=2000`);
      await under(name, { calls: 1 });
      const answers = await Promise.all(Array.from({ length: 4 }, () => fetch(`${url}wait`)));
      const refused = answers.find(({ status }) => status === 503)!;
      expect(refused.headers.get('retry-after')).toBe('1');
      expect(refused.headers.get('content-type')).toBe('application/problem+json');
      expect(await refused.json()).toMatchObject({ code: 'overloaded', status: 503, budget: 'concurrency', retryAfter: 1, function: name });
      await (await first).text();
      const events = () => host.events.filter((event): event is SheddingEvent => event.type === 'shedding' && event.function === name);
      expect((await eventually(() => events()[0])).change).toBe('began');
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      await (await fetch(`${url}wait`)).text();
      expect(await eventually(() => events()[1])).toMatchObject({ change: 'ended' });
      const outcomes = () =>
        host.events.filter((event): event is InvocationEvent => event.type === 'invocation' && event.function === name);
      await eventually(() => outcomes().some(({ outcome, status }) => outcome === 'overloaded' && status === 503) || undefined);
    });

    it('what waits for longer than queue_ms is refused, and its place goes to others', async () => {
      const { name, url } = await publish(host, HELD, one({ queue_ms: 150 }));
      await started(url);
      const first = fetch(`${url}wait?first&ms=2000`);
      await under(name, { calls: 1 });
      const second = await fetch(`${url}wait?second`);
      expect(second.status).toBe(503);
      expect(((await second.json()) as { detail: string }).detail).toContain('it has waited for 150 ms');
      expect((await first).status).toBe(200);
      expect((await fetch(`${url}wait?third`)).status).toBe(200);
    });

    it('a client that leaves while it waits leaves no place behind that nobody has', async () => {
      const { name, url } = await publish(host, HELD, one());
      const first = fetch(`${url}wait?first&ms=2000`);
      await under(name, { calls: 1 });
      const leaving = new AbortController();
      const left = Array.from({ length: 3 }, (_, index) => fetch(`${url}wait?left${index}`, { signal: leaving.signal }).catch(() => null));
      await under(name, { waiting: 3 });
      leaving.abort();
      await Promise.all(left);
      await (await first).text();
      expect(await (await fetch(`${url}wait?after`)).text()).toBe('?after');
      const { began } = (await (await fetch(`${url}began`)).json()) as { began: string[] };
      expect(began.slice(0, 1)).toEqual(['?first&ms=2000']);
      expect(began.at(-1)).toBe('?after');
      if (host.platform === 'node') expect(began).toEqual(['?first&ms=2000', '?after']);
    });

    it('a client that leaves while it runs leaves no place behind', async () => {
      const { name, url } = await publish(host, HELD, one({ queue_ms: 20_000 }));
      for (let times = 0; times < 3; times++) {
        const leaving = new AbortController();
        const left = fetch(`${url}wait?left`, { signal: leaving.signal }).catch(() => null);
        await under(name, { calls: 1 });
        leaving.abort();
        await left;
      }
      expect(await (await fetch(`${url}wait?after`)).text()).toBe('?after');
    });

    it('functions that call one another, and themselves, end, though each has room for one call alone', async () => {
      const suffix = Math.random().toString(36).slice(2, 8);
      const [a, b] = [`pool-a-${suffix}`, `pool-b-${suffix}`];
      const source = (
        next: string,
      ) => `export default { async fetch(request, env) { const left = Number(new URL(request.url).searchParams.get('left'));
        await new Promise((resolve) => setTimeout(resolve, 20));
        return new Response(left === 0 ? '${next} was not asked' : '>' + await (await env.NEXT.fetch('http://next/?left=' + (left - 1))).text()) } }`;
      const manifest = (service: string) => ({ ...one().manifest, services: [{ binding: 'NEXT', service }] });
      const first = await publish(host, source(b), { name: a, manifest: manifest(b) });
      await publish(host, source(a), { name: b, manifest: manifest(a) });
      const answers = await Promise.all(Array.from({ length: 4 }, async () => (await fetch(`${first.url}?left=5`)).text()));
      expect(answers).toEqual(Array.from({ length: 4 }, () => `>>>>>${a} was not asked`));
    });

    it('the time in the line is part of the deadline', async () => {
      const { name, url } = await publish(host, HELD, {
        manifest: { scaling: { concurrency: 1, max_cells: 1 }, limits: { deadline_ms: 4_000 } },
      });
      await started(url);
      const first = fetch(`${url}wait?ms=2000`);
      await under(name, { calls: 1 });
      const second = await fetch(`${url}wait?ms=3500`);
      expect((await first).status).toBe(200);
      expect(second.status).toBe(504);
    });

    describe('before an alias moves', () => {
      const answering = (status: number, text: string) =>
        `export default { fetch(request) { return new URL(request.url).pathname === '/healthz' ? new Response(null, { status: ${status} }) : new Response('${text}') } }`;
      const health = { manifest: { health: { path: '/healthz', timeout_ms: 10_000 } } };
      const brief = { manifest: { health: { path: '/healthz', timeout_ms: 1_000 } } };

      it('a version that answers its health call below 500 takes over', async () => {
        const { name, url } = await publish(host, answering(204, 'one'), health);
        await publish(host, answering(404, 'two'), { ...health, name, alias: 'live' });
        expect(await (await fetch(url)).text()).toBe('two');
        // Events come in batches.
        await eventually(() =>
          host.events.some((event) => event.type === 'invocation' && event.function === name && event.trigger === 'health')
            ? true
            : undefined,
        );
      });

      it('one that does not is refused with health-check-failed, and what was live stays so', async () => {
        const { name, url } = await publish(host, answering(200, 'one'), health);
        const bad = publish(host, answering(503, 'two'), { ...health, name, alias: 'live' });
        await expect(bad).rejects.toMatchObject({ code: 'health-check-failed', status: 409, details: { function: name, version: 2 } });
        expect(await (await fetch(url)).text()).toBe('one');
        expect((await host.admin.function(name)).versions).toHaveLength(1);
        // As a version that no alias names it may be there; then no alias is moved to it.
        const { version } = await publish(host, answering(500, 'three'), { ...health, name });
        await expect(host.admin.moveAlias(name, 'live', { versions: [{ version, weight: 100 }] })).rejects.toMatchObject({
          code: 'health-check-failed',
        });
        await expect(
          host.admin.moveAlias(name, 'live', { versions: [{ version: 1, weight: 50 }, { version, weight: 50 }] }), // prettier-ignore
        ).rejects.toMatchObject({ code: 'health-check-failed' });
        expect(await (await fetch(url)).text()).toBe('one');
      });

      it.each([
        ['throws', `throw new Error('not yet')`, 'handler-threw'],
        ['never answers', `return new Promise((resolve) => setTimeout(resolve, 10_000))`, '1000 ms'],
      ])('one that %s is not well', async (_what, body, why) => {
        const { name } = await publish(host, answering(200, 'one'), health);
        const bad = publish(host, `export default { fetch() { ${body} } }`, { ...brief, name, alias: 'live' });
        await expect(bad).rejects.toMatchObject({ code: 'health-check-failed', message: expect.stringContaining(why) as string });
      });

      it('a rollback asks nobody', async () => {
        const { name, url } = await publish(
          host,
          `let asked = 0; export default { fetch(request) { return new URL(request.url).pathname === '/healthz' ? new Response(null, { status: asked++ === 0 ? 200 : 500 }) : new Response('one') } }`,
          health,
        );
        await publish(host, answering(200, 'two'), { ...health, name, alias: 'live' });
        expect(await (await fetch(url)).text()).toBe('two');
        await host.admin.rollback(name, 'live');
        await eventually(async () => ((await (await fetch(url)).text()) === 'one' ? true : undefined));
      });
    });
  });
}
