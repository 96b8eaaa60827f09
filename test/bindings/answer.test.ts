import fc from 'fast-check';
import { expect, it } from 'vitest';
import { answer, openBinding } from '../../host/bindings/kinds.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
import { memoryDatabases } from './databases.ts';

const KEY = 'kv/id%2Ftest/';

it('whatever a cell sends, it gets an answer that can be read, and reaches its own namespace alone', async () => {
  const store = createMemoryStore(Date.now);
  await store.put('kv/id%2Fother/victim', Uint8Array.of(1));
  const methods = openBinding({ kind: 'kv', scope: 'id/test' }, { store, now: Date.now, databases: memoryDatabases() });
  const method = fc.oneof(fc.constantFrom('get', 'getMany', 'put', 'delete', 'list', 'increment', 'toString', '__proto__'), fc.anything());
  const key = fc.oneof(fc.constantFrom('a', '', '..', '../id%2Fother/x', '\0', '\ud800', 'k'.repeat(600)), fc.string(), fc.jsonValue());
  const options = fc.oneof(
    fc.jsonValue(),
    fc.record(
      Object.fromEntries(
        ['stream', 'cacheTtl', 'expiration', 'expirationTtl', 'metadata', 'ifRevision', 'prefix', 'limit', 'cursor'].map((name) => [
          name,
          fc.jsonValue(),
        ]),
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
