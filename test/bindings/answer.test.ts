import fc from 'fast-check';
import { expect, it } from 'vitest';
import { answer, openBinding } from '../../host/bindings/kinds.ts';
import { DEFAULT_QUOTAS } from '../../host/bindings/quotas.ts';
import { createMemoryFiles } from '../../host/platforms/node/memory-files.ts';
import { openSql } from '../../host/platforms/node/sql.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
import { createSqlObjects } from '../../host/stores/sql-objects.ts';
import { bindingState } from './state.ts';

const KEY = 'kv/id%2Ftest/';

it('whatever a cell sends, it gets an answer that can be read, and reaches its own namespace alone', async () => {
  const store = createMemoryStore(Date.now);
  await store.put('kv/id%2Fother/victim', Uint8Array.of(1));
  const methods = openBinding({ kind: 'kv', scope: 'id/test' }, bindingState(store));
  const method = fc.oneof(fc.constantFrom('get', 'getMany', 'put', 'delete', 'list', 'increment', 'toString', '__proto__'), fc.anything());
  const key = fc.oneof(fc.constantFrom('a', '', '..', '../id%2Fother/x', '\0', '\ud800', 'k'.repeat(600)), fc.string(), fc.jsonValue());
  const options = fc.oneof(
    fc.jsonValue(),
    fc.record(
      Object.fromEntries(
        ['stream', 'cacheTtl', 'expiration', 'expirationTtl', 'metadata', 'ifRevision', 'fence', 'prefix', 'limit', 'cursor'].map(
          (name) => [name, fc.jsonValue()],
        ),
      ),
      { requiredKeys: [] },
    ),
  );
  const args = fc.oneof(
    fc.tuple(key, options).map((list) => JSON.stringify(list)),
    fc.array(fc.jsonValue()).map((list) => JSON.stringify(list)),
    fc.anything(),
  );
  const body = fc.oneof(fc.constant(null), fc.uint8Array(), fc.anything());
  await fc.assert(
    fc.asyncProperty(method, args, body, async (...[asked, given, bytes]) => {
      const { text, body: out } = await answer(methods, { method: asked, args: given, body: bytes });
      const outcome = JSON.parse(text) as Record<string, unknown>;
      expect(['value', 'error']).toEqual(expect.arrayContaining(Object.keys(outcome)));
      if (out instanceof ReadableStream) await out.cancel();
      expect(text).not.toContain('victim');
    }),
    { numRuns: 2_000 },
  );
  const { keys } = await store.list({ prefix: '', limit: 10_000 });
  expect(keys.filter((each) => !each.startsWith(KEY))).toEqual(['kv/id%2Fother/victim']);
});

it('arguments, metadata and parts that are no JSON are the TypeError of who sent them', async () => {
  const store = createMemoryStore(Date.now);
  const sql = openSql(':memory:');
  const objects = createSqlObjects({ sql, files: createMemoryFiles(), now: Date.now });
  const state = { ...bindingState(store), objects };
  const errorOf = async (kind: string, { method, args, body = null }: { method: string; args: unknown; body?: Uint8Array | null }) => {
    const { text } = await answer(openBinding({ kind, scope: 'id/test' }, state), { method, args, body });
    return (JSON.parse(text) as { error: unknown }).error;
  };
  const typeError = (message: string) => ({ name: 'TypeError', message });
  for (const args of ['', 'undefined', '[1', '["a",]', "['a']"])
    expect(await errorOf('kv', { method: 'get', args })).toEqual(typeError('The arguments are no JSON.'));
  expect(await errorOf('kv', { method: 'get', args: '{}' })).toEqual(typeError('The arguments are no list.'));
  expect(await errorOf('kv', { method: 'put', args: '["a",{"metadata":"{"}]', body: new Uint8Array() })).toEqual(
    typeError('Metadata is JSON.'),
  );
  expect(await errorOf('r2', { method: 'completeUpload', args: '["a","id"]', body: Uint8Array.of(91) })).toEqual(
    typeError('Parts are a list of what uploadPart() gave.'),
  );
  sql.close();
});

it('the same of locks: it knows no claim but its own, and nothing else is changed', async () => {
  const store = createMemoryStore(Date.now);
  await store.put('locks/id%2Fother/victim', Uint8Array.of(1));
  const methods = openBinding({ kind: 'locks', scope: 'id/test' }, bindingState(store));
  const held = await answer(methods, { method: 'acquire', args: '["mine",{}]', body: null });
  const { id, fence } = (JSON.parse(held.text) as { value: { id: string; fence: number } }).value;
  const name = fc.oneof(fc.constantFrom('mine', '', '../id%2Fother/victim', '\ud800', 'k'.repeat(600)), fc.string(), fc.jsonValue());
  const wish = fc.oneof(
    fc.jsonValue(),
    fc.record(Object.fromEntries(['mode', 'ifAvailable', 'steal', 'ttl', 'client'].map((option) => [option, fc.jsonValue()])), {
      requiredKeys: [],
    }),
  );
  const method = fc.constantFrom('acquire', 'release', 'query', 'constructor', 'ask');
  await fc.assert(
    fc.asyncProperty(method, name, wish, async (...[asked, lock, how]) => {
      const stolen = asked === 'acquire' && lock === 'mine' && Object(how).steal === true;
      if (stolen) return;
      const { text, body } = await answer(methods, { method: asked, args: JSON.stringify([lock, how]), body: null });
      const outcome = JSON.parse(text) as Record<string, unknown>;
      expect(['value', 'error']).toEqual(expect.arrayContaining(Object.keys(outcome)));
      if (body instanceof ReadableStream) await body.cancel();
      expect(text).not.toContain('victim"');
      expect(text).not.toContain(id);
    }),
    { numRuns: 300 },
  );
  const { text } = await answer(methods, { method: 'query', args: '[]', body: null });
  expect(JSON.parse(text)).toMatchObject({ value: { held: [{ name: 'mine', fence }] } });
  const { keys } = await store.list({ prefix: '' });
  expect(keys.filter((each) => !each.startsWith('locks/id%2Ftest/'))).toEqual(['locks/id%2Fother/victim']);
  await (held.body as ReadableStream).cancel();
});

it('the same of queues: what lies in its own is whole messages within limits and quota, and nothing lies in another', async () => {
  const state = bindingState(createMemoryStore(Date.now));
  const quotas = { ...DEFAULT_QUOTAS, queue: { messages: 200, bytes: 2_000 } };
  const { queue } = state.queues!;
  await queue.send('other', [{ id: 'victim', body: Uint8Array.of(1), type: 'bytes', sent: 1 }]);
  const methods = openBinding({ kind: 'queues', scope: 'own' }, { ...state, quotas });
  const method = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('send', 'sendBatch', 'metrics') },
    { weight: 1, arbitrary: fc.constantFrom('lease', 'settle', 'peek', 'purge', 'counts', '__proto__', 'toString') },
    { weight: 1, arbitrary: fc.anything() },
  );
  const whole = fc.integer({ min: 0, max: 12 });
  const wire = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constantFrom('text', 'bytes', 'json', 'v8'), whole, fc.constantFrom(0, 5, 86_400)) },
    {
      weight: 1,
      arbitrary: fc.tuple(
        fc.oneof(fc.constantFrom('v8', 'xml', 'toString'), fc.jsonValue()),
        fc.oneof(fc.constantFrom(-1, 1.5, 2 ** 53, 1e300), fc.jsonValue()),
        fc.oneof(fc.constantFrom(-1, 0.5, 86_401, 1e300), fc.jsonValue()),
      ),
    },
    { weight: 1, arbitrary: fc.jsonValue() },
  );
  const messages = fc.oneof({ weight: 6, arbitrary: fc.array(wire, { maxLength: 4 }) }, { weight: 1, arbitrary: fc.jsonValue() });
  // As many bytes as the messages say, or any.
  const call = messages.chain((list) => {
    const given: readonly unknown[] = Array.isArray(list) ? list : [];
    const size = given.reduce<number>((sum, each) => sum + sizeIn(each), 0);
    return fc.tuple(
      fc.oneof(
        { weight: 6, arbitrary: fc.constant(JSON.stringify([list])) },
        { weight: 1, arbitrary: fc.constant(JSON.stringify(list)) },
        { weight: 1, arbitrary: fc.anything() },
      ),
      fc.oneof(
        { weight: 6, arbitrary: fc.constant(new Uint8Array(size)) },
        { weight: 1, arbitrary: fc.uint8Array() },
        { weight: 1, arbitrary: fc.constantFrom(null, 'stream').map((each) => each && new ReadableStream()) },
        { weight: 1, arbitrary: fc.anything() },
      ),
    );
  });
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(method, call, async (asked, [args, body]) => {
      const before = await queue.counts('own');
      const { text, body: out } = await answer(methods, { method: asked, args, body });
      const outcome = JSON.parse(text) as { value?: unknown; error?: { code?: string } };
      expect(['value', 'error']).toEqual(expect.arrayContaining(Object.keys(outcome)));
      expect(out).toBeNull();
      expect(text).not.toContain('victim');
      // Where the arguments can be read at all, no error of ours is behind what is refused.
      if (isList(args)) expect(outcome.error?.code).not.toBe('unavailable');
      if (outcome.error !== undefined) expect(await queue.counts('own')).toEqual(before);
      if (isList(args)) seen.add(outcome.error?.code ?? (outcome.error === undefined ? 'done' : 'refused'));
    }),
    { numRuns: 2_000 },
  );
  expect([...seen].toSorted()).toEqual(['done', 'quota-exceeded', 'refused']);
  expect(await queue.peek('other', 10)).toMatchObject([{ id: 'victim' }]);
  const { messages: count, bytes } = await queue.counts('own');
  const kept = await queue.peek('own', 1_000);
  expect([kept.length, kept.reduce((sum, { body }) => sum + body.byteLength, 0)]).toEqual([count, bytes]);
  expect(count).toBeLessThanOrEqual(200);
  expect(bytes).toBeLessThanOrEqual(2_000);
  for (const { id, type, sent, due, origin, pin } of kept) {
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(['text', 'bytes', 'json', 'v8']).toContain(type);
    expect([0, 5_000, 86_400_000].some((delay) => Math.abs(due - sent - delay) < 1_000)).toBe(true);
    expect([origin, pin]).toEqual([undefined, null]);
  }
  expect(new Set(kept.map(({ id }) => id)).size).toBe(count);
});

function isList(args: unknown): boolean {
  try {
    return Array.isArray(JSON.parse(args as string));
  } catch {
    return false;
  }
}

function sizeIn(wire: unknown): number {
  const size: unknown = Array.isArray(wire) ? wire[1] : 0;
  return Number.isSafeInteger(size) && (size as number) > 0 && (size as number) < 1_000 ? (size as number) : 0;
}
