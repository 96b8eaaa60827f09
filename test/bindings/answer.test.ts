import fc from 'fast-check';
import { expect, it } from 'vitest';
import { answer, openBinding } from '../../host/bindings/kinds.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
import { quietState } from './state.ts';

const KEY = 'kv/id%2Ftest/';

it('whatever a cell sends, it gets an answer that can be read, and reaches its own namespace alone', async () => {
  const store = createMemoryStore(Date.now);
  await store.put('kv/id%2Fother/victim', Uint8Array.of(1));
  const methods = openBinding({ kind: 'kv', scope: 'id/test' }, quietState(store));
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

it('whatever a cell sends to a database, it gets an answer that can be read, and the database stays whole', async () => {
  const methods = openBinding({ kind: 'd1', scope: 'id/test' }, quietState(createMemoryStore(Date.now)));
  const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const sql = fc.oneof(
    fc.constantFrom('SELECT 1', 'SELECT ?', 'CREATE TABLE IF NOT EXISTS t (a)', 'INSERT INTO t VALUES (?1)', 'BEGIN', 'SELECT 1;', '\0'),
    fc.string(),
    fc
      .array(fc.constantFrom('SELECT', '?', "'", '"', '(', ')', ';', '--', '/*', '$a', ':b', '@c', '1', ',', 'FROM', 't', '\n'))
      .map((parts) => parts.join(' ')),
    fc.jsonValue(),
  );
  const param = fc.oneof(fc.jsonValue(), fc.array(fc.integer({ min: -1, max: 256 })), fc.record({ __proto__: fc.string() }));
  const query = fc.record({ sql, params: fc.oneof(fc.array(param, { maxLength: 3 }), fc.jsonValue()) }, { requiredKeys: [] });
  const body = fc.oneof(
    fc.record({ queries: fc.oneof(fc.array(query, { maxLength: 3 }), fc.jsonValue()) }).map(bytes),
    fc.jsonValue().map(bytes),
    fc.uint8Array(),
    fc.anything(),
  );
  const methodName = fc.oneof({ weight: 9, arbitrary: fc.constant('query') }, fc.anything());
  await fc.assert(
    fc.asyncProperty(methodName, body, async (method, sent) => {
      const { text, body: out } = await answer(methods, { method, args: '[]', body: sent });
      const outcome = JSON.parse(text) as { value?: null; error?: { name: string; code?: string } };
      // Nothing that was sent is a fault of the host's.
      expect(outcome.error?.code).toBeUndefined();
      if (outcome.error === undefined) expect(JSON.parse(new TextDecoder().decode(out as Uint8Array))).toHaveProperty('results');
    }),
    { numRuns: 1_500 },
  );
  const check = bytes({ queries: [{ sql: 'PRAGMA quick_check' }] });
  const { body: out } = await answer(methods, { method: 'query', args: '[]', body: check });
  expect(new TextDecoder().decode(out as Uint8Array)).toContain('"rows":[["ok"]]');
});
