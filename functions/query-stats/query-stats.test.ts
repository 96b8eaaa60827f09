import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINES, openExample, publishExample, type OpenedExample } from '../../test/functions/open.ts';

describe.each(ENGINES)('on %s', (_engine, on) => {
  let stats: OpenedExample;
  beforeAll(async () => {
    stats = await openExample('query-stats', { on });
  });
  afterAll(() => stats.stop());

  const ask = async (query: string, init?: RequestInit, at = stats.at) => {
    const response = await fetch(`${at}${query}`, init);
    return [response.status, await response.json()] as const;
  };
  const post = (query: string, headers: HeadersInit = {}, at?: string) =>
    ask(`?q=${encodeURIComponent(query)}`, { method: 'POST', headers }, at);

  it('counts what people take for the same query as one, and once where it is sent again', async () => {
    expect(await ask('?q=Tea')).toEqual([200, { query: 'tea', count: 0 }]);
    await post('  Green\t TEA ', { 'idempotency-key': '"a"' });
    await post('  Green\t TEA ', { 'idempotency-key': '"a"' });
    expect(await post('green tea')).toEqual([200, { query: 'green tea', count: 2 }]);
    expect(await ask('')).toEqual([200, [{ query: 'green tea', count: 2 }]]);
  });

  it.each(['', '?q=', '?q=%20', `?q=${'x'.repeat(161)}`])('refuses to count %s', async (query) => {
    expect(await ask(query, { method: 'POST' })).toEqual([400, { error: 'Give a query of 1 to 160 characters: /?q=tea' }]);
  });

  it('takes the longest query, of characters of three bytes', async () => {
    expect(await post('茶'.repeat(160))).toEqual([200, { query: '茶'.repeat(160), count: 1 }]);
  });

  it('is exact about 2,000 that come together to two versions in cells of their own', { timeout: 90_000 }, async () => {
    const second = await publishExample(stats, 'query-stats', { vars: { COLOUR: 'green' } });
    const places = [stats.at, `${stats.url}/query-stats@${second}/`];
    // Twenty queries, of which q0 comes 10 times and q19 190 times, one after the other and round again.
    const queries = Array.from({ length: 20 }, (_, number) => Array<string>(number * 10 || 10).fill(`q${number}`)).flat();
    const shuffled = Array.from({ length: 2_000 }, (_, index) => queries[(index * 769) % queries.length]!);
    const expected = new Map<string, number>();
    for (const query of shuffled) expected.set(query, (expected.get(query) ?? 0) + 1);
    const answers = await Promise.all(shuffled.map((query, index) => post(query, {}, places[index % 2])));
    expect(new Set(answers.map(([status]) => status))).toEqual(new Set([200]));

    const order = [...expected].map(([query, count]) => ({ query, count })).sort((a, b) => b.count - a.count);
    for (const { query, count } of order) expect(await ask(`?q=${query}`)).toEqual([200, { query, count }]);
    const [, top] = await ask('');
    expect(top).toHaveLength(10);
    expect((top as { count: number }[]).map(({ count }) => count)).toEqual(order.slice(0, 10).map(({ count }) => count));
    expect(top).toEqual(expect.arrayContaining(order.filter(({ count }) => count > order[9]!.count)));
    const called = new Set(stats.events.flatMap((event) => (event.type === 'invocation' ? [event.version] : [])));
    expect([...called].toSorted((a, b) => a - b)).toEqual([1, second]);
  });
});
