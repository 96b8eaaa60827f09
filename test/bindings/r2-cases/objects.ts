import { bytesOf, equal, fixed, hex, hexDigest, loose, put, rejects, streamOf, textAt, unknownLength, type Cases } from './check.ts';

const MD5_OF_HELLO = '5d41402abc4b2a76b9719d911017c592';

export const OBJECTS: Cases = {
  async 'a key that was never written has nothing'(bucket) {
    equal(await bucket.head('nothing'), null);
    equal(await bucket.get('nothing'), null);
    equal(await bucket.get('nothing', { onlyIf: { etagMatches: 'x' }, range: { offset: 1 } }), null);
  },

  async 'put() tells of what it has written'(bucket) {
    const before = Date.now();
    const object = await bucket.put('told', 'hello', { customMetadata: { a: 'b' } });
    equal([object.key, object.size, object.etag, object.httpEtag], ['told', 5, MD5_OF_HELLO, `"${MD5_OF_HELLO}"`]);
    equal([object.httpMetadata, object.customMetadata, object.range, 'body' in object], [{}, { a: 'b' }, undefined, false]);
    equal([object.checksums.toJSON(), hex(object.checksums.md5!)], [{ md5: MD5_OF_HELLO }, MD5_OF_HELLO]);
    equal(object.uploaded instanceof Date && Math.abs(object.uploaded.getTime() - before) < 60_000, true);
    const again = await bucket.put('told', 'hello');
    equal([again.etag === object.etag, again.version === object.version], [true, false]);
  },

  async 'head() and get() tell the same, and the range'(bucket) {
    await bucket.put('seen', 'hello', { customMetadata: { a: 'ü' }, httpMetadata: { contentType: 'text/x' } });
    const [head, got] = [(await bucket.head('seen'))!, (await bucket.get('seen'))!];
    for (const object of [head, got]) {
      equal([object.key, object.size, object.etag], ['seen', 5, MD5_OF_HELLO]);
      equal([object.customMetadata, object.httpMetadata, object.range], [{ a: 'ü' }, { contentType: 'text/x' }, { offset: 0, length: 5 }]);
    }
    equal(head.version, got.version);
    equal(JSON.parse(JSON.stringify(head)).checksums, { md5: MD5_OF_HELLO });
    await got.text();
  },

  async 'takes strings, buffers, views, blobs, streams and nothing'(bucket) {
    const bytes = bytesOf('<bytes ü>');
    const values = [
      'bytes ü',
      bytesOf('bytes ü').buffer,
      bytes.subarray(1, -1),
      new DataView(bytes.buffer, 1, bytes.byteLength - 2),
      new Blob(['bytes', ' ü']),
      streamOf('bytes ü'),
    ];
    for (const [index, value] of values.entries()) {
      await bucket.put(`in-${index}`, value);
      equal(await textAt(bucket, `in-${index}`), 'bytes ü');
    }
    for (const value of [null, '', new Uint8Array(), new Blob([]), streamOf('')]) {
      await bucket.put('in', value);
      equal([await textAt(bucket, 'in'), (await bucket.head('in'))!.size], ['', 0]);
    }
    await loose(bucket)['put']!('in', undefined);
    equal(await textAt(bucket, 'in'), '');
  },

  async 'takes no other value'(bucket) {
    for (const value of [{}, 5, true, ['x'], Symbol.iterator]) {
      await rejects(() => loose(bucket)['put']!('x', value), {
        name: 'TypeError',
        message: "Failed to execute 'put' on 'R2Bucket': parameter 2 is not of type",
      });
    }
    await rejects(() => loose(bucket)['put']!('x'), { name: 'TypeError' });
    await rejects(() => loose(bucket)['put']!(), { name: 'TypeError' });
  },

  async 'a body comes as text, JSON, buffer, bytes, blob and stream'(bucket) {
    await bucket.put('typed', '{"a":"ü"}', { httpMetadata: { contentType: 'application/json' } });
    const get = async () => (await bucket.get('typed'))!;
    equal(await (await get()).text(), '{"a":"ü"}');
    equal(await (await get()).json(), { a: 'ü' });
    equal(await (await get()).arrayBuffer(), bytesOf('{"a":"ü"}'));
    const bytes = await (await get()).bytes();
    equal([bytes instanceof Uint8Array, bytes], [true, bytesOf('{"a":"ü"}')]);
    const blob = await (await get()).blob();
    equal([blob.type, blob.size, await blob.text()], ['application/json', 10, '{"a":"ü"}']);
    equal(await new Response((await get()).body).text(), '{"a":"ü"}');
  },

  async 'a body can be used once'(bucket) {
    await bucket.put('once', 'x');
    const object = (await bucket.get('once'))!;
    equal([object.bodyUsed, object.body === object.body], [false, true]);
    await object.text();
    equal(object.bodyUsed, true);
    await rejects(() => object.text(), { name: 'TypeError' });
    const read = (await bucket.get('once'))!;
    await read.body.getReader().read();
    equal(read.bodyUsed, true);
    await rejects(() => read.arrayBuffer(), { name: 'TypeError' });
  },

  async 'a body that is no JSON rejects with a SyntaxError'(bucket) {
    await bucket.put('no-json', '{');
    await rejects(async () => (await bucket.get('no-json'))!.json(), { name: 'SyntaxError' });
  },

  async 'a later object takes the place of an earlier one'(bucket) {
    await bucket.put('twice', 'a long first value', { customMetadata: { first: '1' } });
    await bucket.put('twice', 'second');
    equal([await textAt(bucket, 'twice'), (await bucket.head('twice'))!.customMetadata], ['second', {}]);
  },

  async 'keys may be any text'(bucket) {
    const keys = ['', '.', '..', 'a/../b', '/', '//x', '%2F', 'ü', '\u{1F600}', ' ', '?x=1#y', 'k'.repeat(900), 'CON', 'a\nb', '__proto__'];
    await put(bucket, keys);
    for (const key of keys) equal([(await bucket.head(key))?.key, await textAt(bucket, key)], [key, key]);
    for (const value of [null, undefined, 5]) await loose(bucket)['put']!(value, 'x');
    equal(
      [(await bucket.head('null'))?.key, (await bucket.head('undefined'))?.key, (await bucket.head('5'))?.key],
      ['null', 'undefined', '5'],
    );
  },

  async 'a key of more than 1,024 bytes is none'(bucket) {
    for (const key of ['k'.repeat(1025), 'ü'.repeat(513)]) {
      await rejects(() => bucket.put(key, 'x'), { name: 'Error', message: 'put: The specified object name is not valid. (10020)' });
      await rejects(() => bucket.get(key), 'get: The specified object name is not valid. (10020)');
      await rejects(() => bucket.head(key), 'head: The specified object name is not valid. (10020)');
      await rejects(() => bucket.delete(key), 'delete: The specified object name is not valid. (10020)');
      await rejects(() => bucket.createMultipartUpload(key), 'createMultipartUpload: The specified object name is not valid. (10020)');
    }
  },

  async 'a key of 1,024 bytes is one'(bucket) {
    await bucket.put('k'.repeat(1024), 'x');
    equal((await bucket.head('k'.repeat(1024)))?.size, 1);
  },

  async 'delete() takes one, several, and what is not there'(bucket) {
    await put(bucket, ['d1', 'd2', 'd3', 'd4']);
    equal(await bucket.delete('d1'), undefined);
    equal(await bucket.delete(['d2', 'd3', 'd2', 'never']), undefined);
    equal(await bucket.delete([]), undefined);
    equal(await bucket.delete('d1'), undefined);
    equal(
      (await bucket.list({ prefix: 'd' })).objects.map(({ key }) => key),
      ['d4'],
    );
  },

  async 'HTTP metadata comes as fields or headers, and goes to headers'(bucket) {
    const fields = {
      contentType: 'text/plain',
      contentLanguage: 'de',
      contentDisposition: 'inline',
      contentEncoding: 'identity',
      cacheControl: 'max-age=5',
      cacheExpiry: new Date(5_000),
    };
    const headers = new Headers({
      'content-type': 'text/plain',
      'content-language': 'de',
      'content-disposition': 'inline',
      'content-encoding': 'identity',
      'cache-control': 'max-age=5',
      expires: 'Thu, 01 Jan 1970 00:00:05 GMT',
    });
    const written: string[][] = [];
    for (const httpMetadata of [fields, headers, new Headers([...headers, ['x-other', '1']])]) {
      equal((await bucket.put('http', 'x', { httpMetadata })).httpMetadata, fields);
      const object = (await bucket.head('http'))!;
      equal([object.httpMetadata, object.httpMetadata!.cacheExpiry instanceof Date], [fields, true]);
      const out = new Headers({ 'content-type': 'over/written', 'x-kept': '1' });
      object.writeHttpMetadata(out);
      written.push([...out].flat());
    }
    equal(written[0], [...new Headers([...headers, ['x-kept', '1']])].flat());
    equal([written[1], written[2]], [written[0], written[0]]);
    await rejects(async () => loose((await bucket.head('http'))!)['writeHttpMetadata']!({}), { name: 'TypeError' });
  },

  async 'custom metadata is text'(bucket) {
    const customMetadata = { '': 'empty', Upper: 'a', 'ü 1': 'ü\u{1F600}', number: 5 as unknown as string };
    const kept = { ...customMetadata, number: '5' };
    equal((await bucket.put('custom', 'x', { customMetadata })).customMetadata, kept);
    equal((await bucket.head('custom'))!.customMetadata, kept);
    await rejects(() => loose(bucket)['put']!('custom', 'x', { customMetadata: 5 }), {
      name: 'TypeError',
      message: "'customMetadata' field on 'PutOptions'",
    });
    const message = 'put: Your metadata headers exceed the maximum allowed metadata size. (10012)';
    await rejects(() => bucket.put('custom', 'x', { customMetadata: { a: 'x'.repeat(8192) } }), message);
    await rejects(() => bucket.put('custom', 'x', { customMetadata: { a: '\u{20ac}'.repeat(4096) } }), message);
    await bucket.put('custom', 'x', { customMetadata: { a: 'x'.repeat(8000) } });
    equal((await bucket.head('custom'))!.customMetadata!['a']!.length, 8000);
  },

  async 'a checksum is looked at, and kept'(bucket) {
    const bytes = bytesOf('hello');
    for (const [name, algorithm] of [
      ['sha1', 'SHA-1'],
      ['sha256', 'SHA-256'],
      ['sha384', 'SHA-384'],
      ['sha512', 'SHA-512'],
    ] as const) {
      const digest = await hexDigest(algorithm, bytes);
      const object = await bucket.put('sum', 'hello', { [name]: await crypto.subtle.digest(algorithm, bytes) });
      equal(object.checksums.toJSON(), { md5: MD5_OF_HELLO, [name]: digest });
      const other = await bucket.put('sum', streamOf('hello'), { [name]: digest.toUpperCase() });
      equal(hex(other.checksums[name]!), digest);
      equal((await bucket.head('sum'))!.checksums.toJSON(), { md5: MD5_OF_HELLO, [name]: digest });
      const wrong = `${digest.slice(1)}${digest[0] === '0' ? '1' : '0'}`;
      await rejects(
        () => bucket.put('sum', 'hello', { [name]: wrong }),
        `put: The ${algorithm} checksum you specified did not match what we received.\nYou provided a ${algorithm} checksum with value: ${wrong}\nActual ${algorithm} was: ${digest} (10037)`,
      );
    }
    await bucket.put('sum', 'hello', { md5: MD5_OF_HELLO });
    await rejects(() => bucket.put('sum', 'other', { md5: MD5_OF_HELLO }), 'put: The MD5 checksum you specified did not match');
    equal(await textAt(bucket, 'sum'), 'hello');
  },

  async 'a checksum that is none is refused'(bucket) {
    await rejects(() => bucket.put('x', 'x', { md5: '0' }), { name: 'TypeError', message: 'MD5 is 32 hex characters, not 1' });
    await rejects(() => bucket.put('x', 'x', { sha256: 'z'.repeat(64) }), {
      name: 'TypeError',
      message: "Provided SHA-256 wasn't a valid hex string",
    });
    await rejects(() => bucket.put('x', 'x', { sha1: new Uint8Array(3) }), { name: 'TypeError', message: 'SHA-1 is 20 bytes, not 3' });
    await rejects(() => loose(bucket)['put']!('x', 'x', { md5: 5 }), { name: 'TypeError', message: "'md5' field on 'PutOptions'" });
    await rejects(() => bucket.put('x', 'x', { md5: '0'.repeat(32), sha1: '0'.repeat(40) }), {
      name: 'TypeError',
      message: 'You cannot specify multiple hashing algorithms.',
    });
  },

  async 'storageClass is taken'(bucket) {
    await bucket.put('class', 'x', { storageClass: 'InfrequentAccess' });
    equal(await textAt(bucket, 'class'), 'x');
  },

  async 'a stream that breaks off writes nothing'(bucket) {
    await bucket.put('broken', 'before');
    let pieces = 0;
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (pieces++ === 0) controller.enqueue(bytesOf('first'));
        else controller.error(new RangeError('no more'));
      },
    });
    await rejects(() => bucket.put('broken', stream), {});
    equal(await textAt(bucket, 'broken'), 'before');
  },

  async 'a stream of known length that breaks off, or is shorter or longer, writes nothing'(bucket) {
    await bucket.put('short', 'before');
    const broken = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('no more')) });
    for (const stream of [
      fixed(broken, 10),
      fixed(unknownLength(bytesOf('short'), 2), 10),
      fixed(unknownLength(bytesOf('too long'), 2), 5),
    ])
      await rejects(() => bucket.put('short', stream), {});
    equal(await textAt(bucket, 'short'), 'before');
  },

  async 'a body of one object is the value of another'(bucket) {
    await bucket.put('from', new Uint8Array(100_000).fill(7));
    await bucket.put('to', (await bucket.get('from'))!.body);
    await bucket.put('part', (await bucket.get('from', { range: { offset: 10, length: 70_000 } }))!.body);
    equal([(await bucket.head('to'))!.etag, (await bucket.head('part'))!.size], [(await bucket.head('from'))!.etag, 70_000]);
  },

  async 'a body that is not read to its end holds nothing up'(bucket) {
    await bucket.put('large', new Uint8Array(3_000_000));
    const object = (await bucket.get('large'))!;
    const reader = object.body.getReader();
    await reader.read();
    await reader.cancel();
    await bucket.get('large');
    await bucket.put('large', 'small');
    equal(await textAt(bucket, 'large'), 'small');
  },
};
