import { equal, loose, noise, rejects, sameBytes, textAt, unknownLength, type Cases } from './check.ts';

const MIB = 1024 * 1024;

/** What Brink has beside the API of Workers, and where it says more. */
export const ADDITIONS: Cases = {
  async 'a stream of unknown length is taken'(bucket) {
    for (const size of [0, 1, 70_000, 8 * MIB, 8 * MIB + 1, 17 * MIB]) {
      const bytes = noise(size);
      const object = await bucket.put('unknown', unknownLength(bytes, 300_000), {
        customMetadata: { size: String(size) },
        httpMetadata: { contentType: 'a/b' },
      });
      equal([object.size, object.customMetadata], [size, { size: String(size) }]);
      const got = (await bucket.get('unknown'))!;
      equal([got.etag, got.httpMetadata, sameBytes(await got.bytes(), bytes)], [object.etag, { contentType: 'a/b' }, true]);
    }
  },

  async 'and its checksum looked at'(bucket) {
    const [bytes, large] = [noise(100), noise(9 * MIB)];
    for (const value of [bytes, large]) {
      const sha256 = await crypto.subtle.digest('SHA-256', value);
      equal((await bucket.put('summed', unknownLength(value, 100_000), { sha256 })).size, value.byteLength);
      const wrong = new Uint8Array(sha256);
      wrong[0]! ^= 1;
      await rejects(() => bucket.put('summed', unknownLength(value, 100_000), { sha256: wrong }), 'did not match what we received');
      equal((await bucket.head('summed'))!.size, value.byteLength);
    }
  },

  async 'a stream that breaks off rejects with what it broke with'(bucket) {
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new RangeError('the function’s own')),
    });
    await rejects(() => bucket.put('broke', stream), { name: 'RangeError', message: 'the function’s own' });
    const text = new ReadableStream({
      pull(controller) {
        controller.enqueue('no bytes');
        controller.close();
      },
    });
    await rejects(() => bucket.put('broke', text), { name: 'TypeError' });
    equal(await bucket.head('broke'), null);
  },

  async 'a write with an older fence is refused, and one with the same or a greater is not'(bucket) {
    const older = { name: 'FencedError', code: 'fenced' };
    await bucket.put('fenced', 'five', { fence: 5, customMetadata: { a: 'b' } });
    await rejects(() => bucket.put('fenced', 'four', { fence: 4 }), older);
    await rejects(() => bucket.put('fenced', unknownLength(noise(1000), 100), { fence: 0 }), older);
    equal(await textAt(bucket, 'fenced'), 'five');
    await bucket.put('fenced', 'five again', { fence: 5 });
    await bucket.put('fenced', 'seven', { fence: 7 });
    await rejects(() => bucket.put('fenced', 'six', { fence: 6 }), older);
    equal(await textAt(bucket, 'fenced'), 'seven');
  },

  async 'no function sees a fence'(bucket) {
    const put = await bucket.put('hidden', 'x', { fence: 5, customMetadata: { a: 'b' } });
    const listed = await bucket.list({ prefix: 'hidden', include: ['customMetadata'] });
    const seen = [put, (await bucket.head('hidden'))!, (await bucket.get('hidden'))!, listed.objects[0]!];
    for (const object of seen) equal([object.customMetadata, JSON.stringify(object).includes('fence')], [{ a: 'b' }, false]);
    await rejects(() => bucket.put('hidden', 'x', { customMetadata: { 'Brink-Fence': '9' } }), { name: 'TypeError' });
  },

  async 'a write without a fence, and a delete, forget it'(bucket) {
    await bucket.put('forget', 'x', { fence: 5 });
    await bucket.put('forget', 'y');
    await bucket.put('forget', 'z', { fence: 1 });
    await rejects(() => bucket.put('forget', 'x', { fence: 0 }), { code: 'fenced' });
    await bucket.delete('forget');
    await bucket.put('forget', 'x', { fence: 0 });
  },

  async 'a fence and a condition both have to hold'(bucket) {
    const { etag } = await bucket.put('both', 'x', { fence: 5 });
    await rejects(() => bucket.put('both', 'y', { fence: 4, onlyIf: { etagMatches: etag } }), { code: 'fenced' });
    equal(await bucket.put('both', 'y', { fence: 6, onlyIf: { etagMatches: 'other' } }), null);
    equal((await bucket.put('both', 'y!', { fence: 6, onlyIf: { etagMatches: etag } }))?.size, 2);
    await rejects(() => bucket.put('both', 'z', { fence: 5 }), { code: 'fenced' });
  },

  async 'a fence is a whole number'(bucket) {
    for (const fence of [-1, 1.5, '5', NaN, {}])
      await rejects(() => loose(bucket)['put']!('whole', 'x', { fence }), { name: 'TypeError', message: 'A fence is a whole number' });
    for (const fence of [null, undefined, 0, Number.MAX_SAFE_INTEGER]) await loose(bucket)['put']!('whole', 'x', { fence });
  },

  async 'of racing writers with fences the greatest is left'(bucket) {
    const fences = [3, 9, 1, 7, 5, 9, 2, 8, 4, 6];
    const results = await Promise.allSettled(fences.map((fence) => bucket.put('race', `by ${fence}`, { fence })));
    equal([results[1]!.status, await textAt(bucket, 'race')], ['fulfilled', 'by 9']);
    for (const result of results) if (result.status === 'rejected') equal((result.reason as { code?: string }).code, 'fenced');
  },

  async 'at most 1,000 objects are deleted at once'(bucket) {
    await rejects(() => bucket.delete(Array.from({ length: 1_001 }, (_, index) => `k${index}`)), 'delete: At most 1000 keys');
  },

  async 'storageClass is Standard by default'(bucket) {
    equal((await bucket.put('class', 'x')).storageClass, 'Standard');
  },

  async 'an encryption key is refused, not passed over'(bucket) {
    await rejects(() => loose(bucket)['put']!('x', 'x', { ssecKey: new Uint8Array(32) }), { name: 'TypeError', message: 'ssecKey' });
  },
};
