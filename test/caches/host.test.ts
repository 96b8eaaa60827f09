import fc from 'fast-check';
import { expect, it } from 'vitest';
import { answer } from '../../host/bindings/kinds.ts';
import type { Methods } from '../../host/bindings/binding.ts';
import { HostCaches } from '../../host/platforms/node/caches.ts';

const KEEP: [string, string][] = [['cache-control', 'max-age=60']];
const LIMITS = { entry: 4_000, function: 10_000, host: 15_000 };

async function put(methods: Methods, path: string, size = 10, headers = KEEP): Promise<unknown> {
  return methods['put']!(['', `http://a.test/${path}`, [], 200, headers], new Uint8Array(size));
}

async function has(methods: Methods, path: string): Promise<boolean> {
  return (await methods['match']!(['', `http://a.test/${path}`, []], null)).value !== null;
}

it('an entry is there until its time is over', async () => {
  let now = Date.now();
  const methods = new HostCaches(() => now).of('fn');
  await put(methods, 'a', 10, [['cache-control', 'max-age=60, stale-while-revalidate=60']]);
  now += 30_500;
  const { value } = await methods['match']!(['', 'http://a.test/a', []], null);
  expect((value as { headers: string[][] }).headers).toContainEqual(['age', '30']);
  now += 29_499;
  expect(await has(methods, 'a')).toBe(true);
  now += 1;
  expect(await has(methods, 'a')).toBe(false);
  expect(await methods['delete']!(['', 'http://a.test/a'], null)).toEqual({ value: false });
});

it('a function keeps so much, and what was used longest ago goes first', async () => {
  const methods = new HostCaches(Date.now, LIMITS).of('fn');
  for (const path of ['a', 'b', 'c']) await put(methods, path, 2_000);
  expect(await has(methods, 'a')).toBe(true);
  await put(methods, 'd', 2_000);
  expect(await Promise.all(['a', 'b', 'c', 'd'].map((path) => has(methods, path)))).toEqual([true, false, true, true]);
});

it('all functions keep so much, and the one that was still for longest gives first', async () => {
  const caches = new HostCaches(Date.now, LIMITS);
  const [one, two] = [caches.of('one'), caches.of('two')];
  for (const path of ['a', 'b', 'c']) await put(one, path, 2_000);
  for (const path of ['a', 'b', 'c']) await put(two, path, 2_000);
  expect(await Promise.all(['a', 'b', 'c'].map((path) => has(two, path)))).toEqual([true, true, true]);
  expect(await Promise.all(['a', 'b', 'c'].map((path) => has(one, path)))).toEqual([false, true, true]);
});

it('what is too large, or breaks off, leaves what was there', async () => {
  const methods = new HostCaches(Date.now, LIMITS).of('fn');
  await put(methods, 'a', 4_000);
  await put(methods, 'a', 4_001);
  const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(1_000)) });
  await methods['put']!(['', 'http://a.test/a', [], 200, KEEP], endless);
  const { body } = await methods['match']!(['', 'http://a.test/a', []], null);
  expect((body as Uint8Array).byteLength).toBe(4_000);
});

it('what is given away is a copy', async () => {
  const methods = new HostCaches(Date.now).of('fn');
  await put(methods, 'a');
  for (let round = 0; round < 2; round++) {
    const { body } = await methods['match']!(['', 'http://a.test/a', []], null);
    expect((body as Uint8Array).every((byte) => byte === 0)).toBe(true);
    (body as Uint8Array).fill(1);
  }
});

it('whatever a cell sends, it gets an answer, and reaches no other function', async () => {
  const caches = new HostCaches(Date.now, LIMITS);
  await put(caches.of('victim'), 'a');
  const methods = caches.of('fn');
  const url = fc.oneof(fc.constantFrom('http://a.test/a', 'http://a.test/a\n', 'x', ''), fc.webUrl(), fc.anything());
  const headers = fc.oneof(fc.constant(KEEP), fc.array(fc.tuple(fc.string(), fc.string())), fc.jsonValue());
  const args = fc.tuple(
    fc.oneof(fc.constantFrom('', 'a', '\n'), fc.jsonValue()),
    url,
    headers,
    fc.oneof(fc.constant(200), fc.jsonValue()),
    headers,
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('match', 'put', 'delete', 'constructor'), args, fc.uint8Array(), async (...[method, given, body]) => {
      const { text } = await answer(methods, { method, args: JSON.stringify(given), body });
      const outcome = JSON.parse(text) as Record<string, { code?: string }>;
      expect(outcome['error']?.code).not.toBe('unavailable');
    }),
    { numRuns: 1_000 },
  );
  expect(await has(caches.of('victim'), 'a')).toBe(true);
});
