import { describe, expect, it } from 'vitest';
import { blobstore } from '../../../host/component/wasi/blobstore/blobstore.ts';
import { container } from '../../../host/component/wasi/blobstore/container.ts';
import { types } from '../../../host/component/wasi/blobstore/values.ts';
import type { InputStream } from '../../../host/component/wasi/io/input-stream.ts';
import type { OutputStream } from '../../../host/component/wasi/io/output-stream.ts';
import { bytes, fakeWorld, functionsOf } from './fake-world.ts';

/** As an R2 bucket is, two keys to a page. */
function bucket(entries: Record<string, string> = {}) {
  const map = new Map(Object.entries(entries).map(([key, value]) => [key, bytes(value)]));
  const facts = (value: Uint8Array) => ({ size: value.length, uploaded: new Date(5_000) });
  return {
    map,
    head: async (key: string) => (map.has(key) ? facts(map.get(key)!) : null),
    async get(key: string, options?: { range: { offset: number; length: number } }) {
      const whole = map.get(key);
      if (whole === undefined) return null;
      const { offset, length } = options?.range ?? { offset: 0, length: whole.length };
      const part = new Response(whole.slice(offset, offset + length));
      return { ...facts(whole), body: part.body!, arrayBuffer: () => part.arrayBuffer() };
    },
    copied: [] as string[],
    async put(key: string, value: BodyInit, { copied = false } = {}) {
      if (copied) this.copied.push(key);
      map.set(key, new Uint8Array(await new Response(value).arrayBuffer()));
    },
    delete: async (keys: string | string[]) => [keys].flat().forEach((key) => map.delete(key)),
    async list({ cursor = '' }: { cursor?: string }) {
      const names = [...map.keys()].sort().filter((name) => name > cursor);
      const objects = names.slice(0, 2).map((key) => ({ key }));
      return names.length > 2 ? { objects, truncated: true, cursor: objects.at(-1)!.key } : { objects, truncated: false };
    },
  };
}

const ok = (val?: unknown) => ({ tag: 'ok', val });
const values = functionsOf(types);
const on = functionsOf(container);
const method = (name: string, ...args: unknown[]) => on[`[method]container.${name}`]!(...args) as Promise<{ tag: string; val: unknown }>;

function opened(entries: Record<string, string> = {}) {
  const binding = bucket(entries);
  const store = functionsOf(blobstore, { world: fakeWorld({ env: { FILES: binding, OTHER: bucket(), TEXT: 'x' } }) });
  return { store, binding, files: (store['get-container']!('FILES') as { val: unknown }).val };
}

async function textOf(value: unknown): Promise<string> {
  const read = (await values['[static]incoming-value.incoming-value-consume-sync']!(value)) as { val: Uint8Array };
  return new TextDecoder().decode(read.val);
}

describe('wasi:blobstore/blobstore', () => {
  it('containers are the buckets among the bindings', () => {
    const { store } = opened();
    expect(['FILES', 'TEXT', 'none', 'toString'].map((name) => store['container-exists']!(name))).toEqual([
      ok(true),
      ok(false),
      ok(false),
      ok(false),
    ]);
    for (const name of ['get-container', 'create-container', 'delete-container']) expect(store[name]!('new')).toMatchObject({ tag: 'err' });
  });

  it('copies and moves', async () => {
    const { store, binding } = opened({ a: 'content' });
    const id = (object: string) => ({ container: 'FILES', object });
    expect(await store['copy-object']!(id('a'), id('b'))).toEqual(ok());
    expect(await store['move-object']!(id('a'), id('a'))).toEqual(ok());
    expect(await store['move-object']!(id('a'), id('c'))).toEqual(ok());
    expect([...binding.map.keys()]).toEqual(['b', 'c']);
    expect(binding.copied).toEqual(['b', 'c']);
    expect(await store['move-object']!(id('a'), id('c'))).toMatchObject({ tag: 'err' });
    expect(await store['copy-object']!(id('b'), { container: 'none', object: 'b' })).toMatchObject({ tag: 'err' });
  });
});

describe('wasi:blobstore/container', () => {
  it.each([
    [0n, 2n ** 64n - 1n, 'content'],
    [1n, 3n, 'ont'],
    [6n, 6n, 't'],
    [7n, 9n, ''],
    [3n, 2n, ''],
  ])('gets the bytes %s to %s', async (start, end, text) => {
    const { files } = opened({ a: 'content' });
    const { val } = await method('get-data', files, 'a', start, end);
    expect(values['[method]incoming-value.size']!(val)).toBe(BigInt(text.length));
    expect(await textOf(val)).toBe(text);
  });

  it('gets an object as a stream', async () => {
    const { files } = opened({ a: 'content' });
    const { val } = await method('get-data', files, 'a', 0n, 100n);
    const { val: stream } = values['[static]incoming-value.incoming-value-consume-async']!(val) as { val: InputStream };
    expect(await stream.blockingRead(100n)).toEqual(ok(bytes('content')));
  });

  it('puts what was written, before or after it was said where', async () => {
    const { files, binding } = opened();
    for (const [name, early] of [
      ['before', true],
      ['after', false],
    ] as const) {
      const value = values['[static]outgoing-value.new-outgoing-value']!();
      const body = values['[method]outgoing-value.outgoing-value-write-body']!(value) as { val: OutputStream };
      expect(values['[method]outgoing-value.outgoing-value-write-body']!(value)).toMatchObject({ tag: 'err' });
      if (early) await body.val.blockingWriteAndFlush(bytes('content'));
      expect(method('write-data', files, name, value)).toEqual(ok());
      if (!early) await body.val.blockingWriteAndFlush(bytes('content'));
      expect(binding.map.has(name)).toBe(false);
      expect(await values['[static]outgoing-value.finish']!(value)).toEqual(ok());
      expect(binding.map.get(name)).toEqual(bytes('content'));
    }
  });

  it('keeps no more of a value than it may', async () => {
    const { files, binding } = opened();
    const value = values['[static]outgoing-value.new-outgoing-value']!();
    const { val: body } = values['[method]outgoing-value.outgoing-value-write-body']!(value) as { val: OutputStream };
    expect(method('write-data', files, 'big', value)).toEqual(ok());
    const chunk = new Uint8Array(64 * 1024);
    let written = 0;
    while (body.checkWrite().tag === 'ok' && body.write(chunk).tag === 'ok') written += chunk.length;
    expect(written).toBe(32 * 1024 * 1024);
    expect(await values['[static]outgoing-value.finish']!(value)).toMatchObject({ tag: 'err' });
    expect(binding.map.size).toBe(0);
  });

  it('lists, looks at, and deletes', async () => {
    const { files, binding } = opened({ a: '1', b: '22', c: '333', d: '4', e: '5' });
    expect(await method('object-info', files, 'b')).toEqual(ok({ name: 'b', container: 'FILES', 'created-at': 5n, size: 2n }));
    expect(await method('object-info', files, 'z')).toMatchObject({ tag: 'err' });
    const names = (on['[method]container.list-objects']!(files) as { val: unknown }).val;
    const read = (limit: bigint) => on['[method]stream-object-names.read-stream-object-names']!(names, limit);
    expect(await read(1n)).toEqual(ok([['a'], false]));
    expect(await on['[method]stream-object-names.skip-stream-object-names']!(names, 2n)).toEqual(ok([2n, false]));
    expect(await read(9n)).toEqual(ok([['d'], false]));
    expect(await read(9n)).toEqual(ok([['e'], true]));
    expect(await read(9n)).toEqual(ok([[], true]));
    await method('delete-objects', files, ['a', 'none']);
    expect([await method('has-object', files, 'a'), await method('has-object', files, 'b')]).toEqual([ok(false), ok(true)]);
    expect(await method('clear', files)).toEqual(ok());
    expect(binding.map.size).toBe(0);
  });
});
