import type { R2Bucket, R2ListOptions } from '../../../sdk/r2.ts';
import { equal, loose, put, rejects, type Cases } from './check.ts';

const ORDER = ['a', 'a!', 'a/', 'a/b', 'aa', 'b', 'ü', '\uff21', '\u{1F600}'];

export const LISTS: Cases = {
  async 'lists keys in the order of their UTF-8 bytes'(bucket) {
    const keys = ORDER.map((key) => `order/${key}`);
    await put(bucket, keys.toReversed());
    const { objects, truncated, delimitedPrefixes } = await bucket.list({ prefix: 'order/' });
    equal([objects.map(({ key }) => key), truncated, delimitedPrefixes], [keys, false, []]);
    const [first] = objects;
    equal([first!.size, first!.range, 'body' in first!, first!.uploaded instanceof Date], [7, undefined, false, true]);
    equal(first!.checksums.toJSON().md5, first!.etag);
  },

  async 'a prefix is taken by the letter'(bucket) {
    await put(bucket, ['pre/%', 'pre/_', 'pre/a', 'pre_a', 'preA', 'PRE/a']);
    const keys = async (prefix: string) => (await bucket.list({ prefix })).objects.map(({ key }) => key);
    equal(
      [await keys('pre/'), await keys('pre/%'), await keys('pre_'), await keys('pre/none')],
      [['pre/%', 'pre/_', 'pre/a'], ['pre/%'], ['pre_a'], []],
    );
  },

  async 'goes on from a cursor, page by page'(bucket) {
    const keys = Array.from({ length: 7 }, (_, index) => `page/${index}`);
    await put(bucket, keys);
    for (const limit of [1, 2, 3, 6, 7, 8])
      equal(await pages(bucket, { prefix: 'page/', limit }), { pages: Math.ceil(7 / limit), keys, prefixes: [] });
  },

  async 'startAfter leaves out what comes before, and itself'(bucket) {
    await put(bucket, ['after/1', 'after/2', 'after/3']);
    const keys = async (options: R2ListOptions) => (await bucket.list({ prefix: 'after/', ...options })).objects.map(({ key }) => key);
    equal(await keys({ startAfter: 'after/1' }), ['after/2', 'after/3']);
    equal(await keys({ startAfter: 'after/10' }), ['after/2', 'after/3']);
    equal(await keys({ startAfter: 'after/3' }), []);
    equal(await keys({ startAfter: 'a' }), ['after/1', 'after/2', 'after/3']);
    const first = await bucket.list({ prefix: 'after/', limit: 1 });
    equal(await keys({ startAfter: 'after/2', cursor: (first as { cursor: string }).cursor }), ['after/3']);
  },

  async 'a delimiter puts keys together'(bucket) {
    await put(bucket, ['dir/a', 'dir/b/1', 'dir/b/2', 'dir/c', 'dir/d/1/x', 'dir/d/2/y', 'dir/e/']);
    const list = async (options: R2ListOptions) => {
      const { objects, delimitedPrefixes } = await bucket.list(options);
      return [objects.map(({ key }) => key), delimitedPrefixes];
    };
    equal(await list({ prefix: 'dir/', delimiter: '/' }), [
      ['dir/a', 'dir/c'],
      ['dir/b/', 'dir/d/', 'dir/e/'],
    ]);
    equal(await list({ prefix: 'dir', delimiter: '/' }), [[], ['dir/']]);
    equal(await list({ prefix: 'dir/d/', delimiter: '/' }), [[], ['dir/d/1/', 'dir/d/2/']]);
    equal(await list({ prefix: 'dir/b/', delimiter: '/' }), [['dir/b/1', 'dir/b/2'], []]);
    equal(await list({ prefix: 'dir/', delimiter: '/1' }), [
      ['dir/a', 'dir/b/2', 'dir/c', 'dir/d/2/y', 'dir/e/'],
      ['dir/b/1', 'dir/d/1'],
    ]);
    equal((await bucket.list({ prefix: 'dir/', delimiter: '' })).objects.length, 7);
    equal(await list({ prefix: 'dir/', delimiter: '/', startAfter: 'dir/b/1' }), [['dir/c'], ['dir/b/', 'dir/d/', 'dir/e/']]);
    for (const limit of [1, 2, 3, 5, 6]) {
      equal(await pages(bucket, { prefix: 'dir/', delimiter: '/', limit }), {
        pages: Math.ceil(5 / limit),
        keys: ['dir/a', 'dir/c'],
        prefixes: ['dir/b/', 'dir/d/', 'dir/e/'],
      });
    }
  },

  async 'metadata comes where it is asked for'(bucket) {
    const [httpMetadata, customMetadata] = [{ contentType: 'a/b', cacheExpiry: new Date(1_000) }, { a: 'b' }];
    await put(bucket, ['meta/1'], { httpMetadata, customMetadata });
    const list = async (include: ('httpMetadata' | 'customMetadata')[]) => (await bucket.list({ prefix: 'meta/', include })).objects[0]!;
    equal((await list(['httpMetadata'])).httpMetadata, httpMetadata);
    equal((await list(['customMetadata'])).customMetadata, customMetadata);
    const both = await list(['httpMetadata', 'customMetadata']);
    equal([both.httpMetadata, both.customMetadata], [httpMetadata, customMetadata]);
    const neither = await list([]);
    equal([neither.httpMetadata?.contentType, neither.customMetadata?.['a']], [undefined, undefined]);
    await rejects(() => loose(bucket)['list']!({ include: ['x'] }), { name: 'RangeError', message: 'Unsupported include value x' });
  },

  async 'limits that are none are refused'(bucket) {
    for (const limit of [0, 1001, -2])
      await rejects(() => bucket.list({ limit }), {
        name: 'Error',
        message: 'list: MaxKeys params must be positive integer <= 1000. (10022)',
      });
    for (const limit of [1000, -1, undefined, 1.9, '7']) await loose(bucket)['list']!({ prefix: 'none', limit });
    for (const name of ['prefix', 'cursor', 'delimiter', 'startAfter']) {
      await rejects(() => loose(bucket)['list']!({ [name]: 5 }), { name: 'TypeError', message: `'${name}' field on 'ListOptions'` });
    }
  },

  async 'a page has 1,000 objects, and with metadata 100'(bucket) {
    const keys = Array.from({ length: 1_005 }, (_, index) => `many/${String(index).padStart(4, '0')}`);
    for (let at = 0; at < keys.length; at += 100) await put(bucket, keys.slice(at, at + 100));
    equal((await bucket.list({ prefix: 'many/' })).objects.length, 1000);
    equal((await bucket.list({ prefix: 'many/', include: ['customMetadata'] })).objects.length, 100);
    equal(await pages(bucket, { prefix: 'many/' }), { pages: 2, keys, prefixes: [] });
    await bucket.delete(keys.slice(0, 1000));
    equal(
      (await bucket.list({ prefix: 'many/' })).objects.map(({ key }) => key),
      keys.slice(1000),
    );
  },
};

async function pages(bucket: R2Bucket, options: R2ListOptions): Promise<{ pages: number; keys: string[]; prefixes: string[] }> {
  const all = { pages: 0, keys: [] as string[], prefixes: [] as string[] };
  let cursor: string | undefined;
  do {
    const page = await bucket.list({ ...options, ...(cursor !== undefined && { cursor }) });
    all.pages++;
    all.keys.push(...page.objects.map(({ key }) => key));
    all.prefixes.push(...page.delimitedPrefixes);
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  return all;
}
