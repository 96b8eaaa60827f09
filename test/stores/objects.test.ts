import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openObjects, type OpenedObjects } from '../bindings/r2-directory.ts';
import { manualClock } from './clock.ts';
import { objectQuotaSuite } from './object-quota.ts';
import { removeFolder } from '../remove-folder.ts';

const DAY = 24 * 60 * 60 * 1000;
const NO_FACTS = { httpMetadata: {}, customMetadata: {} };

const clock = manualClock();
let directory: string;
let opened: OpenedObjects;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'brink-objects-'));
  opened = openObjects(directory, clock.now);
});
afterEach(() => {
  opened.close();
  removeFolder(directory);
});

objectQuotaSuite(() => opened.objects, { runs: 5 });

it('who reads an object that is overwritten, or deleted, gets the rest of it, and then its file is gone', async () => {
  const { objects, files } = opened;
  for (const end of [() => objects.put('a', Uint8Array.of(1)), () => objects.delete(['a'])]) {
    await objects.put('a', new Uint8Array(2_000_000).fill(7));
    const reader = ((await objects.get('a'))!.body as ReadableStream<Uint8Array>).getReader();
    const first = await reader.read();
    await end();
    const sizes = [first.value!.byteLength];
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      expect(piece.value.every((byte) => byte === 7)).toBe(true);
      sizes.push(piece.value.byteLength);
    }
    expect(sizes.reduce((sum, size) => sum + size)).toBe(2_000_000);
    await expect.poll(() => files().there).toEqual(files().known);
    await objects.delete(['a']);
  }
});

it('a read that is given up lets the file go', async () => {
  const { objects, files } = opened;
  await objects.put('a', new Uint8Array(2_000_000));
  const body = (await objects.get('a'))!.body as ReadableStream<Uint8Array>;
  await objects.delete(['a']);
  expect(files().there.length).toBe(1);
  await body.cancel();
  await expect.poll(() => files().there).toEqual([]);
});

it('a write that breaks off, is refused, or is too large leaves no file, and what was there', async () => {
  const { objects, files } = opened;
  await objects.put('a', Uint8Array.of(1));
  const broken = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(new Uint8Array(300_000));
      controller.error(new Error('no more'));
    },
  });
  await expect(objects.put('a', broken)).rejects.toThrow('no more');
  await expect(objects.put('a', Uint8Array.of(2), { digest: { algorithm: 'sha1', hex: '00'.repeat(20) } })).rejects.toMatchObject({
    code: 10037,
  });
  expect(await objects.put('a', Uint8Array.of(2), { check: () => false })).toBeNull();
  const throwing = () => {
    throw new RangeError('the check’s own');
  };
  await expect(objects.put('a', Uint8Array.of(2), { check: throwing })).rejects.toThrow('the check’s own');
  expect((await objects.get('a'))!.body).toEqual(Uint8Array.of(1));
  expect(files().there).toEqual(files().known);
});

it('a check sees what is there when the write takes effect', async () => {
  const { objects } = opened;
  const stream = new TransformStream<Uint8Array, Uint8Array>();
  const seen: (string | undefined)[] = [];
  const slow = objects.put('a', stream.readable, { check: (current) => seen.push(current?.etag) < 0 });
  const quick = await objects.put('a', Uint8Array.of(1));
  await stream.writable.getWriter().close();
  expect(await slow).toBeNull();
  expect(seen).toEqual([quick!.etag]);
});

it('an upload is forgotten after 7 days, and its parts with it', async () => {
  const { objects, files } = opened;
  const old = { key: 'a', id: await objects.createUpload('a', NO_FACTS) };
  await objects.putPart(old, { partNumber: 1, body: Uint8Array.of(1) });
  clock.advance(6 * DAY);
  const young = { key: 'a', id: await objects.createUpload('a', NO_FACTS) };
  await objects.putPart(young, { partNumber: 1, body: Uint8Array.of(2) });
  clock.advance(2 * DAY);
  await objects.sweep();
  expect(files().there.length).toBe(1);
  await expect(objects.putPart(old, { partNumber: 2, body: Uint8Array.of(1) })).rejects.toMatchObject({ code: 10024 });
  await objects.putPart(young, { partNumber: 2, body: Uint8Array.of(1) });
});

it('objects are there for the next who opens the directory, and files that nothing names are not', async () => {
  await opened.objects.put('a', new Uint8Array(100_000).fill(3), { ...NO_FACTS, fence: 4 });
  opened.close();
  opened = openObjects(directory, clock.now);
  const { objects, files } = opened;
  expect(await objects.head('a')).toMatchObject({ size: 100_000, fence: 4 });
  await objects.sweep();
  expect(files().there).toEqual(files().known);
  expect((await new Response((await objects.get('a'))!.body as ReadableStream).bytes()).every((byte) => byte === 3)).toBe(true);
});
