import { describe, expect, it } from 'vitest';
import { context, serve } from '../serve/guest.ts';
import { asyncComponent } from './async-guest.ts';

describe.each(['request', 'instance'] as const)('a client that leaves, with isolation = "%s"', (isolation) => {
  it.each([
    ['hang', 'Cancelled'],
    ['hang-on', 'AbortError'],
  ])('ends %s, which never would, and nothing is waited for', async (name, error) => {
    const { fetch } = serve(await asyncComponent(), isolation);
    const post = (path: string, signal: AbortSignal | null, ctx = context()) => {
      const body = path === '/jobs/add' ? '{"a":1,"b":2}' : '';
      return fetch!(
        new Request(`http://fn${path}`, { method: 'POST', body, headers: { 'content-type': 'application/json' }, signal }),
        {},
        ctx,
      );
    };
    const leaving = new AbortController();
    const ctx = context();
    const hung = Promise.resolve(post(`/jobs/${name}`, leaving.signal, ctx)).catch((error: unknown) => error);
    await expect.poll(() => ctx.open.length).toBe(1);
    expect(await (await post('/jobs/add', null)).json()).toBe(3);
    leaving.abort();
    expect(await hung).toMatchObject({ name: error });
    await Promise.all(ctx.open);
    expect(await (await post('/jobs/add', null)).json()).toBe(3);
  });
});
