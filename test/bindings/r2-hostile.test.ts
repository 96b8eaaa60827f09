import fc from 'fast-check';
import { expect, it } from 'vitest';
import { answer, openBinding } from '../../host/bindings/kinds.ts';
import { createMemoryFiles } from '../../host/platforms/node/memory-files.ts';
import { openSql } from '../../host/platforms/node/sql.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
import { createSqlObjects } from '../../host/stores/sql-objects.ts';
import { bindingState } from './state.ts';

const METHODS = [
  'head',
  'get',
  'put',
  'delete',
  'list',
  'createUpload',
  'putPart',
  'completeUpload',
  'abortUpload',
  'toString',
  '__proto__',
];
const OPTIONS = [
  'range',
  'onlyIf',
  'httpMetadata',
  'customMetadata',
  'storageClass',
  'digest',
  'fence',
  'prefix',
  'limit',
  'cursor',
  'delimiter',
  'startAfter',
  'include',
];

it('whatever a cell sends, it gets an answer that can be read, and reaches its own bucket alone', async () => {
  const sql = openSql(':memory:');
  const objects = createSqlObjects({ sql, files: createMemoryFiles(), now: Date.now });
  await objects.put('bucket/other/victim', Uint8Array.of(1));
  const methods = openBinding({ kind: 'r2', scope: 'bucket/test' }, { ...bindingState(createMemoryStore(Date.now)), objects });
  const key = fc.oneof(fc.constantFrom('a', '', '..', '../other/victim', '\0', '\ud800', 'k'.repeat(2000)), fc.string(), fc.jsonValue());
  const inner = fc.oneof(
    fc.jsonValue(),
    fc.record(
      Object.fromEntries(
        [
          'offset',
          'length',
          'suffix',
          'header',
          'etagMatches',
          'uploadedBefore',
          'contentType',
          'cacheExpiry',
          'algorithm',
          'hex',
          'brink-fence',
        ].map((name) => [name, fc.jsonValue()]),
      ),
      { requiredKeys: [] },
    ),
    fc.constantFrom(btoa('k../other'), btoa('pbucket/other/'), 'bucket/other/', '/'),
  );
  const options = fc.record(Object.fromEntries(OPTIONS.map((name) => [name, inner])), { requiredKeys: [] });
  const args = fc.oneof(
    fc.tuple(key, fc.oneof(options, fc.jsonValue()), fc.jsonValue()).map((list) => JSON.stringify(list)),
    fc.tuple(options).map((list) => JSON.stringify(list)),
    fc.anything(),
  );
  const body = fc.oneof(
    fc.constant(null),
    fc.uint8Array(),
    fc.jsonValue().map((value) => new TextEncoder().encode(JSON.stringify(value))),
    fc.anything(),
  );
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.constantFrom(...METHODS), fc.anything()), args, body, async (...[method, given, bytes]) => {
      const { text, body: out } = await answer(methods, { method, args: given, body: bytes });
      const outcome = JSON.parse(text) as Record<string, unknown>;
      expect(['value', 'error']).toEqual(expect.arrayContaining(Object.keys(outcome)));
      if (out instanceof ReadableStream) await out.cancel();
      expect(text).not.toContain('"victim');
      // R2's own words for an upload that is not there.
      if (method !== 'abortUpload' && method !== 'completeUpload') expect(text).not.toContain('internal error');
    }),
    { numRuns: 1_000 },
  );
  const { objects: all } = await objects.list({ prefix: '', limit: 1_000, include: [] });
  expect(all.map((object) => object.key).filter((each) => !each.startsWith('bucket/test/'))).toEqual(['bucket/other/victim']);
  sql.close();
});
