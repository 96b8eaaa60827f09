import { describe, expect, it } from 'vitest';
import { atomics, atomicsOfDraft1 } from '../../../host/component/wasi/keyvalue/atomics.ts';
import { batch } from '../../../host/component/wasi/keyvalue/batch.ts';
import { store, storeOfDraft1 } from '../../../host/component/wasi/keyvalue/store.ts';
import { createMemoryStore } from '../../../host/stores/memory.ts';
import { namespaceOn } from '../../bindings/kv.ts';
import { bytes, fakeWorld, functionsOf } from './fake-world.ts';

/** As a KV namespace is, two keys to a page. */
function namespace(entries: Record<string, string> = {}) {
  const map = new Map(Object.entries(entries).map(([key, value]) => [key, bytes(value)]));
  return {
    map,
    get: async (key: string, type: string) => (type === 'arrayBuffer' ? (map.get(key)?.slice().buffer ?? null) : 'text'),
    put: async (key: string, value: Uint8Array<ArrayBuffer>) => void map.set(key, value.slice()),
    delete: async (key: string) => void map.delete(key),
    async list({ cursor = '0' }: { cursor?: string }) {
      const names = [...map.keys()].sort();
      const end = Number(cursor) + 2;
      const keys = names.slice(Number(cursor), end).map((name) => ({ name }));
      return end < names.length ? { keys, list_complete: false, cursor: String(end) } : { keys, list_complete: true };
    },
  };
}

type Opened = { tag: 'ok'; val: unknown };

function opened(binding: unknown, factory = store) {
  const world = fakeWorld({ env: { CACHE: binding } });
  const functions = functionsOf(factory, { world });
  return { functions, bucket: (functions['open']!('CACHE') as Opened).val };
}

describe('wasi:keyvalue/store', () => {
  it('opens what is a KV namespace among the bindings, and nothing else', () => {
    const bucketLike = { ...namespace(), head: () => null };
    const { open } = functionsOf(store, { world: fakeWorld({ env: { CACHE: namespace(), R2: bucketLike, TEXT: 'x', NULL: null } }) });
    expect(open!('CACHE')).toMatchObject({ tag: 'ok' });
    for (const name of ['R2', 'TEXT', 'NULL']) expect(open!(name)).toEqual({ tag: 'err', val: { tag: 'access-denied' } });
    for (const name of ['other', 'toString', '']) expect(open!(name)).toEqual({ tag: 'err', val: { tag: 'no-such-store' } });
  });

  it('gets, sets, deletes', async () => {
    const { functions, bucket } = opened(namespace({ a: '1' }));
    expect(await functions['[method]bucket.get']!(bucket, 'a')).toEqual({ tag: 'ok', val: bytes('1') });
    expect(await functions['[method]bucket.get']!(bucket, 'b')).toEqual({ tag: 'ok', val: undefined });
    expect(await functions['[method]bucket.set']!(bucket, 'b', bytes('2'))).toEqual({ tag: 'ok', val: undefined });
    expect(await functions['[method]bucket.exists']!(bucket, 'b')).toEqual({ tag: 'ok', val: true });
    expect(await functions['[method]bucket.delete']!(bucket, 'b')).toEqual({ tag: 'ok', val: undefined });
    expect(await functions['[method]bucket.exists']!(bucket, 'b')).toEqual({ tag: 'ok', val: false });
  });

  it('an error of the store is the guest’s to handle', async () => {
    const failing = { ...namespace(), get: () => Promise.reject(new Error('out of order')) };
    const { functions, bucket } = opened(failing);
    expect(await functions['[method]bucket.get']!(bucket, 'a')).toEqual({ tag: 'err', val: { tag: 'other', val: 'out of order' } });
  });

  it('lists page by page', async () => {
    const { functions, bucket } = opened(namespace({ a: '1', b: '2', c: '3' }));
    const list = functions['[method]bucket.list-keys']!;
    expect(await list(bucket, undefined)).toEqual({ tag: 'ok', val: { keys: ['a', 'b'], cursor: '2' } });
    expect(await list(bucket, '2')).toEqual({ tag: 'ok', val: { keys: ['c'], cursor: undefined } });
  });

  it('0.2.0-draft has numbers for cursors', async () => {
    const { functions, bucket } = opened(namespace({ a: '1', b: '2', c: '3' }), storeOfDraft1);
    const list = functions['[method]bucket.list-keys']!;
    expect(await list(bucket, undefined)).toEqual({ tag: 'ok', val: { keys: ['a', 'b'], cursor: 0n } });
    expect(await list(bucket, 0n)).toEqual({ tag: 'ok', val: { keys: ['c'], cursor: undefined } });
    expect(await list(bucket, 7n)).toMatchObject({ tag: 'err', val: { tag: 'other' } });
  });
});

describe('wasi:keyvalue/atomics', () => {
  it('increments where the store can', async () => {
    let value = 40;
    const { bucket } = opened({ ...namespace(), increment: async (_key: string, delta: bigint) => (value += Number(delta)) });
    expect(await functionsOf(atomics)['increment']!(bucket, 'n', 2n)).toEqual({ tag: 'ok', val: 42n });
  });

  it('says so where it cannot', async () => {
    const { bucket } = opened(namespace());
    expect(await functionsOf(atomicsOfDraft1)['increment']!(bucket, 'n', 2n)).toMatchObject({ tag: 'err', val: { tag: 'other' } });
    expect(await functionsOf(atomics)['[static]cas.new']!(bucket, 'n')).toMatchObject({ tag: 'err', val: { tag: 'other' } });
  });
});

describe('wasi:keyvalue/batch', () => {
  it('gets, sets and deletes many', async () => {
    const binding = namespace({ a: '1' });
    const { bucket } = opened(binding);
    const functions = functionsOf(batch);
    const many = Array.from({ length: 40 }, (_, index) => [`k${index}`, bytes(String(index))] as const);
    expect(await functions['set-many']!(bucket, many)).toEqual({ tag: 'ok', val: undefined });
    expect(binding.map.size).toBe(41);
    expect(await functions['get-many']!(bucket, ['a', 'none', 'k39'])).toEqual({
      tag: 'ok',
      val: [['a', bytes('1')], undefined, ['k39', bytes('39')]],
    });
    await functions['delete-many']!(
      bucket,
      many.map(([key]) => key),
    );
    expect([...binding.map.keys()]).toEqual(['a']);
  });
});

describe('on a namespace as a function has it', () => {
  const real = (factory = store) => {
    const kv = namespaceOn(createMemoryStore(Date.now), Date.now);
    return { kv, ...opened(kv, factory) };
  };
  const refused = { tag: 'err', val: { tag: 'other', val: 'Key name cannot be empty.' } };

  it('gets, sets, deletes, lists', async () => {
    const { kv, functions, bucket } = real();
    for (let index = 0; index < 1_001; index++) await kv.put(`k/${String(index).padStart(4, '0')}`, '');
    expect(await functions['[method]bucket.set']!(bucket, 'a', bytes('ü'))).toEqual({ tag: 'ok', val: undefined });
    expect(await kv.get('a')).toBe('ü');
    expect(await functions['[method]bucket.get']!(bucket, 'a')).toEqual({ tag: 'ok', val: bytes('ü') });
    expect(await functions['[method]bucket.delete']!(bucket, 'a')).toEqual({ tag: 'ok', val: undefined });
    expect(await functions['[method]bucket.exists']!(bucket, 'a')).toEqual({ tag: 'ok', val: false });
    expect(await functions['[method]bucket.set']!(bucket, '', bytes('1'))).toEqual(refused);
    const list = functions['[method]bucket.list-keys']!;
    const { val: first } = (await list(bucket, undefined)) as { val: { keys: string[]; cursor: string } };
    expect(first.keys).toHaveLength(1_000);
    expect(await list(bucket, first.cursor)).toEqual({ tag: 'ok', val: { keys: ['k/1000'], cursor: undefined } });
  });

  it('counts, in 64 bits', async () => {
    const { kv, bucket } = real();
    const { increment } = functionsOf(atomics);
    expect(await increment!(bucket, 'n', 2n ** 62n)).toEqual({ tag: 'ok', val: 2n ** 62n });
    expect(await increment!(bucket, 'n', -1n)).toEqual({ tag: 'ok', val: 2n ** 62n - 1n });
    expect(await kv.get('n')).toBe(String(2n ** 62n - 1n));
  });

  it('swaps what nobody has written since, and gives the new value where someone has', async () => {
    const { kv, bucket } = real();
    const { '[static]cas.new': open, '[method]cas.current': current, swap } = functionsOf(atomics);
    const first = (await open!(bucket, 'c')) as Opened;
    expect(current!(first.val)).toEqual({ tag: 'ok', val: undefined });
    expect(await swap!(first.val, bytes('1'))).toEqual({ tag: 'ok', val: undefined });
    const failed = (await swap!(first.val, bytes('2'))) as { tag: 'err'; val: { tag: string; val: unknown } };
    expect(failed).toMatchObject({ tag: 'err', val: { tag: 'cas-failed' } });
    expect(current!(failed.val.val)).toEqual({ tag: 'ok', val: bytes('1') });
    expect(await swap!(failed.val.val, bytes('2'))).toEqual({ tag: 'ok', val: undefined });
    expect(await kv.get('c')).toBe('2');
  });

  it('a swap that the store refuses is an error of the store', async () => {
    const { bucket } = real();
    const { '[static]cas.new': open, swap } = functionsOf(atomics);
    const { val } = (await open!(bucket, 'c')) as Opened;
    expect(await swap!(val, new Uint8Array(25 * 1024 * 1024 + 1))).toMatchObject({
      tag: 'err',
      val: { tag: 'store-error', val: { tag: 'other' } },
    });
    expect(await open!(bucket, '..')).toMatchObject({ tag: 'err', val: { tag: 'other' } });
  });
});
