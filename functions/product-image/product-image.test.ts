import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import jpegEncoder from '@jsquash/jpeg/codec/enc/mozjpeg_enc.js';
import { defaultOptions } from '@jsquash/jpeg/meta.js';
import webpDecoder from '@jsquash/webp/codec/dec/webp_dec.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../test/conformance/harness.ts';
import { ENGINES, openExample, type OpenedExample } from '../../test/functions/open.ts';
import { inspect } from './src/inspect.ts';

interface Pixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

interface State {
  readonly status: 'waiting' | 'published' | 'refused';
  readonly error?: string;
  readonly variants: readonly { url: string; width: number; height: number; bytes: number }[];
}

/** The left half is red, and the right one blue. */
function twoHalves(width: number, height: number): Pixels {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let pixel = 0; pixel < width * height; pixel++)
    data.set(pixel % width < width / 2 ? [220, 20, 20, 255] : [20, 20, 220, 255], pixel * 4);
  return { data, width, height };
}

async function codec<Codec>(factory: unknown, wasm: string): Promise<Codec> {
  const module = new WebAssembly.Module(await readFile(createRequire(import.meta.url).resolve(wasm)));
  const instantiateWasm = (imports: WebAssembly.Imports, started: (instance: WebAssembly.Instance) => void) => {
    const instance = new WebAssembly.Instance(module, imports);
    started(instance);
    return instance.exports;
  };
  return (factory as (options: object) => Promise<Codec>)({ noInitialRun: true, instantiateWasm });
}

interface Encoder {
  encode(data: Uint8ClampedArray, width: number, height: number, options: object): Uint8Array;
}

async function jpegOf({ data, width, height }: Pixels, options: object = {}): Promise<Uint8Array<ArrayBuffer>> {
  const encoder = await codec<Encoder>(jpegEncoder, '@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm');
  return new Uint8Array(encoder.encode(data, width, height, { ...defaultOptions, ...options }));
}

async function pixelsOf(webp: Uint8Array): Promise<Pixels> {
  const decoder = await codec<{ decode(bytes: Uint8Array): Pixels }>(webpDecoder, '@jsquash/webp/codec/dec/webp_dec.wasm');
  return decoder.decode(webp);
}

/** With other bytes at a place. */
function changed(bytes: Uint8Array, at: number, ...others: number[]): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  copy.set(others, at);
  return copy;
}

/** Where the marker of the frame is, before the size. */
function frameOf(jpeg: Uint8Array): number {
  for (let at = 0; at < jpeg.length; at++) if (jpeg[at] === 0xff && (jpeg[at + 1] === 0xc0 || jpeg[at + 1] === 0xc2)) return at;
  throw new Error('There is none.');
}

const photo = await jpegOf(twoHalves(1000, 500));
const frame = frameOf(photo);
// As many pixels as are taken, and as many as the scaler gets at most. The file is small all the same, and what it does not
// say is grey; but it is progressive, which takes the most memory.
const larges: [string, Uint8Array<ArrayBuffer>][] = [
  ['4096x3072', changed(photo, frame + 5, 0x0c, 0x00, 0x10, 0x00)],
  ['2399x2399', changed(photo, frame + 5, 0x09, 0x5f, 0x09, 0x5f)],
];

describe.each(ENGINES)('on %s', (_engine, on) => {
  let images: OpenedExample;
  beforeAll(async () => {
    images = await openExample('product-image', { on });
  });
  afterAll(() => images.stop());

  const put = async (name: string, body: Uint8Array<ArrayBuffer> | string) => {
    const response = await fetch(images.at + name, { method: 'PUT', body });
    return { status: response.status, location: response.headers.get('location'), ...((await response.json()) as { error?: string }) };
  };
  const settled = (name: string) =>
    eventually(async () => {
      const state = (await (await fetch(images.at + name)).json()) as State;
      return state.status === 'waiting' ? undefined : state;
    }, 20_000);
  const get = async (url: string, headers: HeadersInit = {}) => {
    const response = await fetch(url, { headers });
    return { status: response.status, headers: response.headers, bytes: await response.bytes() };
  };

  it('publishes an upload in the widths that it has pixels for, under URLs that stay', async () => {
    expect(await put('tea', photo)).toMatchObject({
      status: 202,
      type: 'image/jpeg',
      width: 1000,
      height: 500,
      location: `${images.at}tea`,
    });
    const { status, variants } = await settled('tea');
    expect(status).toBe('published');
    expect(variants.map(({ width, height }) => [width, height])).toEqual([
      [160, 80],
      [480, 240],
      [1000, 500],
    ]);
    for (const { url, width, height, bytes } of variants) {
      const got = await get(url);
      expect(got).toMatchObject({ status: 200, bytes: expect.objectContaining({ length: bytes }) as Uint8Array });
      expect(got.headers.get('content-type')).toBe('image/webp');
      expect(got.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      const pixels = await pixelsOf(got.bytes);
      expect([pixels.width, pixels.height]).toEqual([width, height]);
      const at = (x: number) => [...pixels.data.subarray((Math.floor(height / 2) * width + x) * 4).subarray(0, 3)];
      const [left, right] = [at(Math.floor(width / 4)), at(Math.floor((width * 3) / 4))] as [number[], number[]];
      expect(left[0]! - left[2]!).toBeGreaterThan(150);
      expect(right[2]! - right[0]!).toBeGreaterThan(150);
      expect(await get(url, { 'if-none-match': got.headers.get('etag')! })).toMatchObject({ status: 304 });
    }
  });

  it('takes a WebP, which it has made itself, and enlarges none', async () => {
    const { variants } = await settled('tea');
    const small = await get(variants[0]!.url);
    expect(await put('small', small.bytes)).toMatchObject({ status: 202, type: 'image/webp' });
    expect(await settled('small')).toMatchObject({ status: 'published', variants: [{ width: 160, height: 80 }] });
    const tiny = await jpegOf(twoHalves(3, 400));
    await put('narrow', tiny);
    expect(await settled('narrow')).toMatchObject({
      status: 'published',
      variants: [
        { width: 1, height: 160 },
        { width: 3, height: 400 },
      ],
    });
  });

  it.each(larges)('takes %s pixels within its memory', async (name, content) => {
    expect(await put(name, content)).toMatchObject({ status: 202 });
    expect(await settled(name)).toMatchObject({ status: 'published', variants: [{ width: 160 }, { width: 480 }, { width: 1200 }] });
  });

  it('turns an image as its Exif says, and leaves the Exif out', async () => {
    // One entry, the orientation, which is 6: its top is on the right.
    const exif = [
      0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0,
    ];
    const turned = new Uint8Array([0xff, 0xd8, 0xff, 0xe1, 0, exif.length + 2, ...exif, ...photo.subarray(2)]);
    await put('turned', turned);
    const { variants } = await settled('turned');
    expect(variants.at(-1)).toMatchObject({ width: 500, height: 1000 });
    expect(Buffer.from((await get(variants[0]!.url)).bytes).includes('Exif')).toBe(false);
  });

  it.each([
    ['a page', '<html>', 415, 'Send a JPEG or a WebP: this is HTML or SVG.'],
    ['nothing', '', 415, 'Send a JPEG or a WebP: this is neither.'],
    ['a PNG', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), 415, 'this is a PNG.'],
    [
      'a JPEG of a billion pixels',
      changed(photo, frame + 5, 0x7f, 0xff, 0x7f, 0xff),
      422,
      'It is 32767 x 32767, and 12582912 pixels are the most',
    ],
    ['a JPEG without a pixel', changed(photo, frame + 5, 0, 0), 422, 'It has no pixels.'],
    ['a JPEG for print', changed(photo, frame + 9, 4), 422, 'It has 4 colours, as for print.'],
    ['a JPEG that is cut off', photo.slice(0, photo.length - 2), 422, 'It is cut off: its end is not there.'],
    ['a JPEG that is cut off in its head', photo.slice(0, frame + 3), 422, 'It is cut off: its head is not all there.'],
    ['a JPEG with other bytes in its head', changed(photo, 2, 0xff, 0xe0, 0, 2, 1), 422, 'It is damaged'],
  ])('refuses %s before it is decoded', async (_what, content, status, said) => {
    expect(await put('refused', content)).toMatchObject({ status, error: expect.stringContaining(said) as string });
    expect((await fetch(`${images.at}refused`)).status).toBe(404);
  });

  it('refuses more than 10 MB before it comes', async () => {
    const headers = { 'content-length': 10 * 1024 * 1024 + 1, expect: '100-continue' };
    const asked = request(`${images.at}huge`, { method: 'PUT', headers, agent: false });
    asked.flushHeaders();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(413);
    asked.on('error', () => {}).destroy();
  });

  it('tells why an image cannot be decoded, goes on with others, and keeps what was there', async () => {
    const { variants } = await settled('tea');
    // The tables of the scan are gone, which only the decoder sees.
    const damaged = new Uint8Array(photo);
    for (let at = 2; at < frame; at++) if (damaged[at] === 0xff && damaged[at + 1] === 0xdb) damaged[at + 1] = 0xee;
    expect(await put('tea', damaged)).toMatchObject({ status: 202 });
    const state = await settled('tea');
    expect(state).toMatchObject({
      status: 'refused',
      error: expect.stringMatching(/^It cannot be decoded: .*quantization table/i) as string,
      variants,
    });
    await put('coffee', photo);
    expect(await settled('coffee')).toMatchObject({ status: 'published' });
  });

  it('publishes the last of several uploads, and comes to the same where a message comes again', async () => {
    const others = await Promise.all([300, 320, 340].map((width) => jpegOf(twoHalves(width, 10))));
    for (const other of others) await put('busy', other);
    const state = await settled('busy');
    expect(state.variants.at(-1)).toMatchObject({ width: 340 });
    const hash = /images\/([0-9a-f]+)-/.exec(state.variants[0]!.url)![1]!;
    const message = { body: { product: 'busy', hash } };
    const invoked = await images.admin.invokeQueue('product-image', { messages: [message, { ...message, attempts: 2 }] });
    expect(invoked.messages.map(({ result }) => result)).toEqual(['ack', 'ack']);
    expect(await settled('busy')).toEqual(state);
  });

  it('gives an image up whose message comes for the fourth time, as that of one which ends its cell does', async () => {
    await images.admin.pauseQueue('product-images');
    await put('poison', photo);
    const hash = createHash('sha256').update(photo).digest('hex').slice(0, 16);
    const messages = [{ body: { product: 'poison', hash }, attempts: 4 }];
    expect(await images.admin.invokeQueue('product-image', { messages })).toMatchObject({ messages: [{ result: 'ack' }] });
    expect(await settled('poison')).toMatchObject({ status: 'refused', error: 'It takes more memory or time than there is.' });
    await images.admin.purgeQueue('product-images');
    await images.admin.resumeQueue('product-images');
  });

  it('has no other pages', async () => {
    expect((await fetch(`${images.at}images/0123456789abcdef-160.webp`)).status).toBe(404);
    expect((await fetch(`${images.at}originals/0123456789abcdef`)).status).toBe(404);
    expect((await fetch(images.at)).status).toBe(404);
    expect((await fetch(`${images.at}tea`, { method: 'DELETE' })).status).toBe(405);
  });
});

describe('inspect()', () => {
  const webp = (chunk: string, ...head: number[]) => {
    const bytes = new Uint8Array(64);
    bytes.set([...Buffer.from('RIFF'), 56, 0, 0, 0, ...Buffer.from(`WEBP${chunk}`), 0, 0, 0, 0, ...head]);
    return bytes;
  };

  it.each([
    ['VP8 ', webp('VP8 ', 0, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00), { type: 'image/webp', width: 320, height: 240 }],
    ['VP8L', webp('VP8L', 0x2f, 0x3f, 0xc1, 0x3b, 0x00), { type: 'image/webp', width: 320, height: 240 }],
    ['VP8X', webp('VP8X', 0, 0, 0, 0, 0x3f, 0x01, 0, 0xef, 0, 0), { type: 'image/webp', width: 320, height: 240 }],
    [
      'VP8X that is huge',
      webp('VP8X', 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      { status: 422, error: expect.stringContaining('16777216 x 16777216') as string },
    ],
    ['VP8X that moves', webp('VP8X', 2, 0, 0, 0, 0x3f, 0x01, 0, 0xef, 0, 0), { status: 422, error: 'It moves. Send one picture of it.' }],
    ['a WebP that is cut off', webp('VP8L').slice(0, 40), { status: 422, error: 'It is cut off: its end is not there.' }],
    ['a WebP of another chunk', webp('XXXX'), { status: 422, error: 'It is damaged: it does not say its size.' }],
  ])('%s', (_what, bytes, expected) => {
    expect(inspect(bytes)).toEqual(expected);
  });

  it('says something of whatever bytes there are, and never throws', () => {
    for (let length = 0; length < photo.length; length += 7) expect(inspect(photo.slice(0, length))).toHaveProperty('error');
    for (let at = 2; at < 700; at++) for (const value of [0, 0xff]) expect(inspect(changed(photo, at, value))).toBeTypeOf('object');
  });
});
