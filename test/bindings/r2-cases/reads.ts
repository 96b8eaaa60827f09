import type { R2Conditional, R2Range } from '../../../sdk/r2.ts';
import { equal, loose, noise, rejects, sameBytes, textAt, type Cases } from './check.ts';

const PAST = new Date(Date.UTC(2000, 0));
const FUTURE = new Date(Date.UTC(2100, 0));

export const RANGES: Cases = {
  async 'a range is a part of the object'(bucket) {
    await bucket.put('range', '0123456789');
    const cases: readonly (readonly [R2Range, string, number])[] = [
      [{ offset: 3 }, '3456789', 3],
      [{ length: 3 }, '012', 0],
      [{ offset: 2, length: 3 }, '234', 2],
      [{ offset: 8, length: 100 }, '89', 8],
      [{ suffix: 3 }, '789', 7],
      [{ suffix: 100 }, '0123456789', 0],
      [{ offset: 0 }, '0123456789', 0],
      [{ offset: 9 }, '9', 9],
    ];
    for (const [range, text, offset] of cases) {
      const object = (await bucket.get('range', { range }))!;
      equal([await object.text(), object.range, object.size], [text, { offset, length: text.length }, 10]);
    }
  },

  async 'a Range header is followed, where it can be'(bucket) {
    await bucket.put('range', '0123456789');
    const cases: readonly (readonly [string, string])[] = [
      ['bytes=2-4', '234'],
      ['bytes=7-', '789'],
      ['bytes=-2', '89'],
      ['bytes=0-0', '0'],
      ['bytes=5-100', '56789'],
      ['bytes = 1-2', '12'],
      ['bytes=-100', '0123456789'],
      ['bytes=-0', '0123456789'],
      ['bytes=5-2', '0123456789'],
      ['bytes=10-', '0123456789'],
      ['bytes=0-1,3-4', '0123456789'],
      ['bytes=a-b', '0123456789'],
      ['lines=1-2', '0123456789'],
      ['bytes=-', '0123456789'],
    ];
    for (const [range, text] of cases)
      equal([range, await (await bucket.get('range', { range: new Headers({ range }) }))!.text()], [range, text]);
    equal(await (await bucket.get('range', { range: new Headers({ 'x-other': '1' }) }))!.text(), '0123456789');
  },

  async 'a range without a byte is refused'(bucket) {
    await bucket.put('range', '0123456789');
    for (const range of [{ offset: 11 }, { offset: 10 }, { length: 0 }, { offset: 1, length: 0 }, { suffix: 0 }]) {
      await rejects(() => bucket.get('range', { range }), {
        name: 'Error',
        message: 'get: The requested range is not satisfiable (10039)',
      });
    }
  },

  async 'a range that is none is refused'(bucket) {
    await bucket.put('range', '0123456789');
    const get = (range: unknown) => loose(bucket)['get']!('range', { range });
    await rejects(() => get({ offset: -1 }), {
      name: 'RangeError',
      message: 'Invalid range. Starting offset (-1) must be greater than or equal to 0.',
    });
    await rejects(() => get({ offset: 1.5 }), {
      name: 'RangeError',
      message: 'Invalid range. Starting offset (1.5) must be an integer, not floating point.',
    });
    await rejects(() => get({ length: -1 }), {
      name: 'RangeError',
      message: 'Invalid range. Length (-1) must be greater than or equal to 0.',
    });
    await rejects(() => get({ suffix: -1 }), {
      name: 'RangeError',
      message: 'Invalid suffix. Suffix (-1) must be greater than or equal to 0.',
    });
    await rejects(() => get({ offset: 'x' }), { name: 'RangeError', message: 'Invalid range. Starting offset (nan)' });
    await rejects(() => get({ suffix: 1, offset: 1 }), { name: 'TypeError', message: 'Suffix is incompatible with offset.' });
    await rejects(() => get({ suffix: 1, length: 1 }), { name: 'TypeError', message: 'Suffix is incompatible with length.' });
    await rejects(() => get('bytes=0-1'), { name: 'TypeError', message: "Incorrect type for the 'range' field on 'GetOptions'" });
  },

  async 'parts of a large object are those'(bucket) {
    const bytes = noise(1_000_000);
    await bucket.put('parts', bytes);
    for (const [offset, length] of [
      [0, 1],
      [65_535, 2],
      [262_143, 2],
      [1, 999_998],
      [999_999, 1],
      [123_456, 654_321],
    ] as const) {
      const part = await (await bucket.get('parts', { range: { offset, length } }))!.bytes();
      equal(sameBytes(part, bytes.subarray(offset, offset + length)), true);
    }
  },
};

export const CONDITIONS: Cases = {
  async 'get() gives no body where a condition does not hold'(bucket) {
    const { etag } = await bucket.put('if', 'x');
    const cases: readonly (readonly [R2Conditional, boolean])[] = [
      [{ etagMatches: etag }, true],
      [{ etagMatches: 'other' }, false],
      [{ etagMatches: '*' }, true],
      [{ etagDoesNotMatch: etag }, false],
      [{ etagDoesNotMatch: 'other' }, true],
      [{ etagDoesNotMatch: '*' }, false],
      [{ uploadedAfter: PAST }, true],
      [{ uploadedAfter: FUTURE }, false],
      [{ uploadedBefore: FUTURE }, true],
      [{ uploadedBefore: PAST }, false],
      [{ uploadedAfter: PAST, uploadedBefore: FUTURE }, true],
      [{ etagMatches: etag, etagDoesNotMatch: etag }, false],
      // An etag counts before a time: RFC 9110, section 13.2.2.
      [{ etagMatches: etag, uploadedBefore: PAST }, true],
      [{ etagDoesNotMatch: 'other', uploadedAfter: FUTURE }, true],
      [{ etagMatches: 'other', uploadedBefore: FUTURE }, false],
      [{}, true],
    ];
    for (const [onlyIf, holds] of cases) {
      const object = (await bucket.get('if', { onlyIf }))!;
      equal([onlyIf, 'body' in object, object.etag], [onlyIf, holds, etag]);
      if ('body' in object) equal(await object.text(), 'x');
      else equal(object.range, { offset: 0, length: 1 });
    }
  },

  async 'conditions may be headers'(bucket) {
    const { etag, uploaded } = await bucket.put('if-headers', 'x');
    const second = (after: number) => new Date(uploaded.getTime() + after).toUTCString();
    const cases: readonly (readonly [Record<string, string>, boolean])[] = [
      [{ 'if-match': `"${etag}"` }, true],
      [{ 'if-match': '"other"' }, false],
      [{ 'if-match': `"other", "${etag}"` }, true],
      [{ 'if-match': `"other","${etag}"` }, true],
      [{ 'if-match': '*' }, true],
      // Weak etags match for reading alone: RFC 9110, section 8.8.3.2.
      [{ 'if-match': `W/"${etag}"` }, false],
      [{ 'if-none-match': `W/"${etag}"` }, false],
      [{ 'if-none-match': `"${etag}"` }, false],
      [{ 'if-none-match': '"other", W/"more"' }, true],
      [{ 'if-none-match': '*' }, false],
      [{ 'if-modified-since': second(-5_000) }, true],
      [{ 'if-modified-since': second(0) }, false],
      [{ 'if-unmodified-since': second(5_000) }, true],
      [{ 'if-unmodified-since': second(-5_000) }, false],
      [{ 'x-other': '1' }, true],
    ];
    for (const [headers, holds] of cases) {
      const object = (await bucket.get('if-headers', { onlyIf: new Headers(headers) }))!;
      equal([headers, 'body' in object], [headers, holds]);
      if ('body' in object) await object.text();
    }
  },

  async 'conditions that are none are refused'(bucket) {
    await bucket.put('if-bad', 'x');
    const get = (onlyIf: unknown) => loose(bucket)['get']!('if-bad', { onlyIf });
    await rejects(() => get({ etagMatches: '"quoted"' }), {
      name: 'TypeError',
      message: 'Conditional ETag should not be wrapped in quotes ("quoted").',
    });
    await rejects(() => get({ etagMatches: 5 }), { name: 'TypeError', message: "'etagMatches' field on 'Conditional'" });
    await rejects(() => get({ uploadedAfter: '2020' }), { name: 'TypeError', message: "'uploadedAfter' field on 'Conditional'" });
    await rejects(() => get({ uploadedBefore: new Date(NaN) }), { name: 'TypeError', message: 'not a valid Date' });
    await rejects(() => get('x'), { name: 'TypeError', message: "'onlyIf' field on 'GetOptions'" });
    const header = (value: string) => get(new Headers({ 'if-match': value }));
    await rejects(() => header('abc'), { name: 'Error', message: 'Invalid ETag in if-match header' });
    await rejects(() => header('"abc'), { name: 'Error', message: 'Unclosed double quote for Etag' });
    await rejects(() => header('"abc" "d"'), {
      name: 'Error',
      message: "Comma was expected to separate etags. Encountered a double quote character '\"' instead.",
    });
    await rejects(() => header('W"abc"'), { name: 'Error', message: 'Weak etags must start with W/ and their value must be quoted' });
  },

  async 'put() writes only where its condition holds'(bucket) {
    equal(await bucket.put('if-put', 'x', { onlyIf: { etagMatches: 'x' } }), null);
    equal(await bucket.put('if-put', 'x', { onlyIf: { uploadedAfter: PAST } }), null);
    equal(await bucket.head('if-put'), null);
    const first = await bucket.put('if-put', 'first', { onlyIf: { etagDoesNotMatch: '*' } });
    equal(first?.size, 5);
    equal(await bucket.put('if-put', 'second', { onlyIf: { etagDoesNotMatch: '*' } }), null);
    equal(await bucket.put('if-put', 'second', { onlyIf: new Headers({ 'if-none-match': '*' }) }), null);
    equal(await textAt(bucket, 'if-put'), 'first');
    const second = await bucket.put('if-put', 'second', { onlyIf: { etagMatches: first!.etag } });
    equal(second?.size, 6);
    equal(await bucket.put('if-put', 'third', { onlyIf: { etagMatches: first!.etag } }), null);
    equal((await bucket.put('if-put', 'third', { onlyIf: { uploadedBefore: FUTURE } }))?.size, 5);
    equal(await bucket.put('if-put', 'fourth', { onlyIf: { uploadedAfter: FUTURE } }), null);
    equal(await textAt(bucket, 'if-put'), 'third');
  },

  async 'of many who write only where nothing is, one does'(bucket) {
    const puts = Array.from({ length: 20 }, (_, index) => bucket.put('race', `writer ${index}`, { onlyIf: { etagDoesNotMatch: '*' } }));
    const written = (await Promise.all(puts)).flatMap((object) => (object === null ? [] : [object.etag]));
    equal([written.length, (await bucket.head('race'))!.etag], [1, written[0]]);
  },
};
