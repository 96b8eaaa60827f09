import { describe, expect, it } from 'vitest';
import { differences, type Answer } from '../../host/shadows/compare.ts';
import { ignoredBy, pathText } from '../../host/shadows/ignore.ts';
import { valueDifferences } from '../../host/shadows/json-diff.ts';
import { addPair, MAX_PLACES, newCounts, sumOf, type Pair } from '../../host/shadows/report.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const json = (value: unknown, more: Partial<Answer> = {}): Answer => ({
  status: 200,
  outcome: 'ok',
  lines: ['content-type', 'application/json'],
  body: bytes(JSON.stringify(value)),
  ...more,
});
const places = async (live: Answer, shadow: Answer, rules: readonly string[] = []) =>
  (await differences(live, shadow, ignoredBy(rules))).map(({ place, live: one, shadow: other }) => [place, one, other]);

describe('rules of what is ignored', () => {
  it.for([
    ['$.a', ['a'], true],
    ['$.a', ['a', 'b', 0], true],
    ['$.a', ['b', 'a'], false],
    ['$.a.b', ['a'], false],
    ['$.a[*].b', ['a', 3, 'b'], true],
    ['$.a[1].b', ['a', 1, 'b'], true],
    ['$.a[1].b', ['a', 2, 'b'], false],
    ["$['a b'].c", ['a b', 'c'], true],
    ['$["a.b"]', ['a.b'], true],
    ['$.*.b', ['a', 'b'], true],
    ['$..b', ['b'], true],
    ['$..b', ['a', 0, 'b', 'c'], true],
    ['$..b.c', ['a', 'b', 'd', 'c'], false],
    ['$..[*].b', ['a', 0, 'b'], true],
    ['/a/*/b', ['a', 7, 'b'], true],
    ['/a~1b/c~0d', ['a/b', 'c~d'], true],
    ['$', ['a'], true],
  ] as const)('%s at %j: %s', ([rule, path, wanted]) => expect(ignoredBy([rule]).value(path)).toBe(wanted));

  it.for(['', 'a', '$.', '$a', '$.a[', '$.a[b]', '$[', 'header:', 'header:a b', '$.a b', `$.${'x'.repeat(300)}`])('refuses %s', (rule) =>
    expect(() => ignoredBy([rule])).toThrow(expect.objectContaining({ code: 'shadow-invalid' }) as Error),
  );

  it('what a report says of a place is one', () => {
    for (const path of [
      ['a', 'b-c'],
      ['a b', 'c'],
      ['a', 0, 'b'],
    ])
      expect(ignoredBy([pathText(path)]).value(path)).toBe(true);
  });

  it('a rule of many steps takes no time that grows beyond reason', () => {
    const began = performance.now();
    expect(ignoredBy([`$${'..a'.repeat(20)}.z`]).value(Array.from({ length: 60 }, () => 'a'))).toBe(false);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

describe('two answers', () => {
  it('are the same whatever the order of members and the space between', async () => {
    const live = json(null, { body: bytes('{"a":1,"b":[1.0,2]}') });
    expect(await places(live, json(null, { body: bytes('{ "b": [1, 2],\n "a": 1 }') }))).toEqual([]);
  });

  it('differ in values by where they are', async () => {
    expect(await places(json({ a: [1, { b: 2 }], c: null }), json({ a: [1, { b: 3 }, 4], c: 0 }))).toEqual([
      ['$.a[*].b', '2', '3'],
      ['$.a[*]', null, '4'],
      ['$.c', 'null', '0'],
    ]);
    expect(await places(json(1), json('1'))).toEqual([['$', '1', '"1"']]);
  });

  it('of which one is no JSON differ as a whole', async () => {
    const found = await places(json({ a: 1 }), json(null, { body: bytes('{') }));
    expect(found).toEqual([['body', expect.stringMatching(/^7 bytes/), expect.stringMatching(/^1 bytes/)]]);
  });

  it('say nothing that is secret', async () => {
    const live = json(
      { password: 'a', nested: { api_key: 'b', list: [{ token: 'x' }] } },
      { lines: ['authorization', 'a', 'set-cookie', 'sid=1; Path=/'] },
    );
    const shadow = json({ password: 'c', nested: 1 }, { lines: ['authorization', 'b', 'set-cookie', 'sid=2; Path=/a'] });
    const text = JSON.stringify([
      await places(json(JSON.parse(new TextDecoder().decode(live.body as Uint8Array))), json({ password: 'c', nested: 1 })),
      await places(live, shadow),
    ]);
    for (const secret of ['"\\"a\\""', '"\\"b\\""', '"x', 'sid=1', 'sid=2']) expect(text).not.toContain(secret);
    expect(text).toContain('(hidden)');
  });

  it('are compared without what was left out', async () => {
    const live = json({ a: 1 }, { status: 200, lines: ['content-type', 'application/json', 'x-a', '1', 'date', 'now', 'brink-x', '1'] });
    const shadow = json({ a: 2 }, { status: 201, lines: ['content-type', 'application/json', 'x-a', '2', 'date', 'then', 'brink-x', '2'] });
    expect((await places(live, shadow)).map(([place]) => place)).toEqual(['status', 'header:x-a', '$.a']);
    expect(await places(live, shadow, ['status', 'header:x-a', '$.a'])).toEqual([]);
    expect(await places(live, shadow, ['status', 'header:*', 'body'])).toEqual([]);
  });

  it('that are deep or wide end', () => {
    const deep = (depth: number, end: unknown): unknown => (depth === 0 ? end : [deep(depth - 1, end)]);
    expect(valueDifferences(deep(500, 1), deep(500, 2), { ignored: ignoredBy([]), most: 10 })).toHaveLength(1);
    const wide = (value: number) => Array.from({ length: 10_000 }, () => value);
    expect(valueDifferences(wide(1), wide(2), { ignored: ignoredBy([]), most: 10 })).toHaveLength(10);
    const proto = JSON.parse('{"__proto__":1,"constructor":2}') as unknown;
    expect(valueDifferences(proto, {}, { ignored: ignoredBy([]), most: 10 }).map(({ path }) => path)).toEqual([
      ['__proto__'],
      ['constructor'],
    ]);
  });
});

describe('a report', () => {
  const pair = (place: string, more: Partial<Pair> = {}): Pair => ({
    time: 1,
    requestId: 'r',
    differences: [{ kind: 'body', place, live: '1', shadow: '2' }],
    self: null,
    uncompared: null,
    ...more,
  });

  it('keeps so many places and examples, and counts the rest', () => {
    const counts = newCounts();
    for (let n = 0; n < MAX_PLACES + 20; n++) addPair(counts, pair(`$.p${n}`, { time: n }));
    for (let n = 0; n < 10; n++) addPair(counts, pair('$.p0', { time: 1_000 + n }));
    expect(Object.keys(counts.places)).toHaveLength(MAX_PLACES);
    expect(counts.elsewhere).toBe(20);
    expect(counts.different).toBe(MAX_PLACES + 30);
    expect(counts.places['$.p0']).toMatchObject({ count: 11, examples: [{ time: 1_009 }, { time: 1_008 }, { time: 1_007 }] });
    addPair(counts, pair('__proto__'));
    expect(counts.elsewhere).toBe(21);
  });

  it('of several hosts is their sum', () => {
    const [a, b] = [newCounts(), newCounts()];
    addPair(a, pair('$.a', { time: 1 }));
    addPair(b, pair('$.a', { time: 2 }));
    addPair(b, pair('$.b', { uncompared: 'live-too-large' }));
    a.statuses.live['200'] = 1;
    b.statuses.live['200'] = 2;
    const sum = sumOf([a, b]);
    expect(sum).toMatchObject({ compared: 2, different: 3, uncompared: { 'live-too-large': 1 }, kinds: { body: 3 } });
    expect(sum.statuses.live).toEqual({ 200: 3 });
    expect(sum.places['$.a']!.examples.map(({ time }) => time)).toEqual([2, 1]);
  });
});
