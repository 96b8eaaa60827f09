import fc from 'fast-check';
import { expect, it } from 'vitest';
import { answer, openBinding } from '../../host/bindings/kinds.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
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
