import { equal, fixed, loose, noise, rejects, sameBytes, textAt, unknownLength, type Cases } from './check.ts';

const MIB = 1024 * 1024;
const PART = 5 * MIB;

export const UPLOADS: Cases = {
  async 'an object comes in parts, in whichever order'(bucket) {
    const bytes = noise(2 * PART + 1_000);
    const upload = await bucket.createMultipartUpload('in-parts', { httpMetadata: { contentType: 'a/b' }, customMetadata: { a: 'b' } });
    equal([upload.key, typeof upload.uploadId, upload.uploadId.length > 16], ['in-parts', 'string', true]);
    const resumed = bucket.resumeMultipartUpload('in-parts', upload.uploadId);
    const last = await resumed.uploadPart(7, bytes.subarray(2 * PART));
    const second = await upload.uploadPart(2, fixed(unknownLength(bytes.slice(PART, 2 * PART), 100_000), PART));
    const first = await resumed.uploadPart(1, new Blob([bytes.subarray(0, PART)]));
    equal([first.partNumber, second.partNumber, last.partNumber, typeof first.etag], [1, 2, 7, 'string']);
    equal(await bucket.head('in-parts'), null);
    const object = await upload.complete([second, first, last]);
    equal(
      [object.key, object.size, /^[0-9a-f]{32}-3$/.test(object.etag), object.checksums.toJSON()],
      ['in-parts', bytes.byteLength, true, {}],
    );
    const got = (await bucket.get('in-parts'))!;
    equal([got.etag, got.version, got.httpMetadata, got.customMetadata], [object.etag, object.version, { contentType: 'a/b' }, { a: 'b' }]);
    equal(sameBytes(await got.bytes(), bytes), true);
    for (const [offset, length] of [
      [PART - 1, 2],
      [0, 10],
      [PART, PART],
      [2 * PART - 5, 100],
      [PART - 7, PART + 20],
    ] as const) {
      const part = await (await bucket.get('in-parts', { range: { offset, length } }))!.bytes();
      equal(sameBytes(part, bytes.subarray(offset, offset + length)), true);
    }
    await bucket.put('in-parts', 'over');
    equal(await textAt(bucket, 'in-parts'), 'over');
  },

  async 'the etag is of the parts’ MD5s'(bucket) {
    const upload = await bucket.createMultipartUpload('etag');
    const object = await upload.complete([await upload.uploadPart(1, 'hello')]);
    equal(
      [object.etag, object.httpMetadata, object.range, await textAt(bucket, 'etag')],
      ['62109206880d38a4010a98e11243924a-1', {}, undefined, 'hello'],
    );
    const none = await (await bucket.createMultipartUpload('etag')).complete([]);
    equal([none.etag, none.size, await textAt(bucket, 'etag')], ['d41d8cd98f00b204e9800998ecf8427e-0', 0, '']);
  },

  async 'a part that comes again takes the place of the first'(bucket) {
    const upload = await bucket.createMultipartUpload('again');
    const first = await upload.uploadPart(1, 'first');
    const second = await upload.uploadPart(1, 'second');
    await rejects(
      () => upload.complete([first]),
      'completeMultipartUpload: One or more of the specified parts could not be found. (10025)',
    );
    await upload.complete([second]);
    equal(await textAt(bucket, 'again'), 'second');
  },

  async 'parts have to be of one size, and large'(bucket) {
    const small = await bucket.createMultipartUpload('sizes');
    const parts = [await small.uploadPart(1, 'hello'), await small.uploadPart(2, 'hello')];
    await rejects(() => small.complete(parts), {
      name: 'Error',
      message: 'completeMultipartUpload: Your proposed upload is smaller than the minimum allowed object size. (10011)',
    });
    const upload = await bucket.createMultipartUpload('sizes');
    const [one, larger] = [await upload.uploadPart(1, new Uint8Array(PART)), await upload.uploadPart(2, new Uint8Array(PART + 1))];
    await rejects(() => upload.complete([one, larger]), 'completeMultipartUpload: There was a problem with the multipart upload. (10048)');
    const third = await upload.uploadPart(3, 'x');
    await rejects(
      () => upload.complete([one, larger, third]),
      'completeMultipartUpload: There was a problem with the multipart upload. (10048)',
    );
    equal((await upload.complete([one, third])).size, PART + 1);
  },

  async 'parts that are none are refused'(bucket) {
    const upload = await bucket.createMultipartUpload('bad');
    for (const number of [0, 10_001, -1, 'x']) {
      await rejects(() => loose(upload)['uploadPart']!(number, 'x'), {
        name: 'TypeError',
        message: 'Part number must be between 1 and 10000 (inclusive).',
      });
    }
    await rejects(() => loose(upload)['uploadPart']!(1, null), {
      name: 'TypeError',
      message: "Failed to execute 'uploadPart' on 'R2MultipartUpload'",
    });
    await rejects(() => loose(upload)['complete']!({}), {
      name: 'TypeError',
      message: "Failed to execute 'complete' on 'R2MultipartUpload'",
    });
    await rejects(
      () => upload.complete([{ partNumber: 1, etag: 'x' }]),
      'completeMultipartUpload: One or more of the specified parts could not be found. (10025)',
    );
    const part = await upload.uploadPart(1, 'x');
    await rejects(
      () => upload.complete([part, part]),
      'completeMultipartUpload: We encountered an internal error. Please try again. (10001)',
    );
    await rejects(() => upload.complete([{ ...part, partNumber: 2 }]), 'could not be found. (10025)');
    equal((await upload.complete([part])).size, 1);
  },

  async 'an upload that has ended takes no more'(bucket) {
    const aborted = await bucket.createMultipartUpload('ended');
    const part = await aborted.uploadPart(1, 'x');
    equal(await aborted.abort(), undefined);
    equal(await aborted.abort(), undefined);
    const completed = await bucket.createMultipartUpload('ended');
    await completed.complete([await completed.uploadPart(1, 'y')]);
    equal(await completed.abort(), undefined);
    for (const upload of [aborted, completed]) {
      await rejects(() => upload.uploadPart(1, 'x'), 'uploadPart: The specified multipart upload does not exist. (10024)');
      await rejects(() => upload.complete([part]), 'completeMultipartUpload: The specified multipart upload does not exist. (10024)');
    }
    equal(await textAt(bucket, 'ended'), 'y');
  },

  async 'an upload is that of its key alone'(bucket) {
    const upload = await bucket.createMultipartUpload('own');
    const part = await upload.uploadPart(1, 'x');
    for (const other of [bucket.resumeMultipartUpload('other', upload.uploadId), bucket.resumeMultipartUpload('own', 'unknown')]) {
      await rejects(() => other.uploadPart(1, 'x'), 'uploadPart: The specified multipart upload does not exist. (10024)');
      await rejects(() => other.complete([part]), 'completeMultipartUpload: We encountered an internal error. Please try again. (10001)');
      await rejects(() => other.abort(), 'abortMultipartUpload: We encountered an internal error. Please try again. (10001)');
    }
    await upload.abort();
  },
};
