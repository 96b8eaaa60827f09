import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { casesOn } from '../bindings/r2.ts';
import { r2Suite } from '../bindings/r2-suite.ts';
import { manualClock } from '../stores/clock.ts';
import { objectListsSuite } from '../stores/object-lists.ts';
import { objectQuotaSuite } from '../stores/object-quota.ts';
import { GRACE, WRITING } from '../../host/stores/nats/objects/marks.ts';
import type { Objects } from '../../host/stores/objects.ts';
import { onNats } from './on-nats.ts';
import { startNatsServer, type NatsServer } from './server.ts';
import { openOn, type OpenedState } from './state.ts';

const DAY = 24 * 60 * 60 * 1000;
const NO_FACTS = { httpMetadata: {}, customMetadata: {} };
const MB = 1_000_000;

onNats('Objects on NATS', () => {
  let server: NatsServer;
  beforeAll(async () => (server = await startNatsServer()));
  afterAll(() => server.stop());

  r2Suite('nats', {
    async open() {
      const { objects, close } = await openOn(server.url);
      return { run: casesOn(objects), close };
    },
  });

  describe('objects', () => {
    const clock = manualClock();
    let state: OpenedState;
    let other: OpenedState;
    let objects: Objects;
    beforeEach(async () => {
      state = await openOn(server.url, { now: clock.now });
      other = await openOn(server.url, { now: clock.now, prefix: state.prefix });
      ({ objects } = state);
    });
    afterEach(() => Promise.all([state.close(), other.close()]));

    objectListsSuite(() => objects, { runs: 25 });
    objectQuotaSuite(() => objects, { shared: true, runs: 10 });

    const messagesIn = async (bucket: 'state' | 'objects') => {
      const manager = await jetstreamManager(state.connection.connection);
      return (await manager.streams.info(`KV_${state.prefix}_${bucket}`)).state.messages;
    };
    const later = async (ms: number) => {
      clock.advance(ms);
      await state.sweeper.sweep();
    };

    it('of one host are those of the other, whole, and a write of either is seen by the conditions of the other', async () => {
      const written = new Uint8Array(3 * MB).map((_, index) => index + (index >> 8));
      const first = await objects.put('a', new Blob([written]).stream(), { customMetadata: { is: 'ü' } });
      const found = (await other.objects.get('a'))!;
      expect(found.object).toEqual(first);
      expect(Buffer.from(await bytesOf(found.body!)).equals(written)).toBe(true);
      const part = (await other.objects.get('a', { range: { offset: 1_000_000, length: 900_000 } }))!;
      expect(Buffer.from(await bytesOf(part.body!)).equals(written.subarray(1_000_000, 1_900_000))).toBe(true);
      const ifFirst = { check: (current: { etag: string } | null) => current?.etag === first!.etag };
      const both = await Promise.all([
        objects.put('a', new Uint8Array(100_000), ifFirst),
        other.objects.put('a', new Uint8Array(200_000), ifFirst),
      ]);
      expect(both.filter((object) => object !== null)).toHaveLength(1);
      expect((await objects.head('a'))!.size).toBe(both.find((object) => object !== null)!.size);
    });

    it('keep metadata that a list has no room for, and keys of 1,024 bytes', async () => {
      const customMetadata = { large: 'ü'.repeat(3_000) };
      const key = 'ü/'.repeat(341);
      await objects.put(key, new Uint8Array(3), { ...NO_FACTS, customMetadata });
      expect((await other.objects.head(key))!.customMetadata).toEqual(customMetadata);
      const list = { prefix: 'ü/', limit: 5 };
      expect((await other.objects.list({ ...list, include: ['customMetadata'] })).objects).toMatchObject([{ key, customMetadata }]);
      expect((await other.objects.list({ ...list, include: [] })).objects).toMatchObject([{ key, customMetadata: {} }]);
    });

    it('who reads one that another host overwrites, or deletes, gets the rest of it; a minute later its bytes are gone', async () => {
      for (const end of [() => other.objects.put('a', Uint8Array.of(1)), () => other.objects.delete(['a'])]) {
        await objects.put('a', new Uint8Array(20 * MB).fill(7));
        const reader = ((await objects.get('a'))!.body as ReadableStream<Uint8Array>).getReader();
        await reader.read();
        await end();
        clock.advance(GRACE - 1);
        await other.sweeper.sweep();
        let size = 0;
        for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
          expect(piece.value.every((byte) => byte === 7)).toBe(true);
          size += piece.value.byteLength;
        }
        expect(size).toBeGreaterThan(19 * MB);
        expect(await messagesIn('objects')).toBeGreaterThan(0);
        clock.advance(1);
        await other.sweeper.sweep();
        expect(await messagesIn('objects')).toBe(0);
        await objects.delete(['a']);
      }
    });

    it('one that is read for long is not taken away meanwhile', async () => {
      await objects.put('a', new Uint8Array(MB));
      vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
      onTestFinished(() => void vi.useRealTimers());
      const body = (await objects.get('a'))!.body as ReadableStream;
      await other.objects.delete(['a']);
      clock.advance(GRACE - 1);
      const before = await messagesIn('state');
      vi.advanceTimersByTime(15_000);
      await expect.poll(() => messagesIn('state')).toBe(before + 1);
      clock.advance(1);
      await other.sweeper.sweep();
      expect(await messagesIn('objects')).toBeGreaterThan(0);
      await body.cancel();
      clock.advance(GRACE);
      await other.sweeper.sweep();
      expect(await messagesIn('objects')).toBe(0);
    });

    it('a write that breaks off, or is refused, leaves what was there, and nothing else', async () => {
      await objects.put('a', new Uint8Array(MB).fill(1));
      const before = await messagesIn('objects');
      let left = 10;
      const broken = new ReadableStream<Uint8Array>({
        pull: (controller) => (left-- > 0 ? controller.enqueue(new Uint8Array(300_000)) : controller.error(new Error('no more'))),
      });
      await expect(objects.put('a', broken)).rejects.toThrow('no more');
      const digest = { algorithm: 'sha1', hex: '00'.repeat(20) } as const;
      await expect(objects.put('a', new Uint8Array(MB), { digest })).rejects.toMatchObject({ code: 10037 });
      expect(await objects.put('a', new Uint8Array(MB), { check: () => false })).toBeNull();
      const throwing = () => {
        throw new RangeError('the check’s own');
      };
      await expect(objects.put('a', new Uint8Array(MB), { check: throwing })).rejects.toThrow('the check’s own');
      expect(new Set(await bytesOf((await objects.get('a'))!.body!))).toEqual(new Set([1]));
      expect(await messagesIn('objects')).toBeGreaterThan(before);
      await later(GRACE);
      expect(await messagesIn('objects')).toBe(before);
    });

    it('a check sees what is there when the write takes effect', async () => {
      const stream = new TransformStream<Uint8Array, Uint8Array>();
      const seen: (string | undefined)[] = [];
      const slow = objects.put('a', stream.readable, { check: (current) => seen.push(current?.etag) < 0 });
      const quick = await other.objects.put('a', Uint8Array.of(1));
      await stream.writable.getWriter().close();
      expect(await slow).toBeNull();
      expect(seen).toEqual([quick!.etag]);
    });

    it('an upload goes on and ends on any host, once, and gives what no object has got back', async () => {
      const upload = { key: 'a', id: await objects.createUpload('a', NO_FACTS) };
      const PART = 5 * 1024 * 1024;
      const part = async (host: OpenedState, partNumber: number, size: number) => ({
        partNumber,
        etag: await host.objects.putPart(upload, { partNumber, body: new Uint8Array(size).fill(partNumber) }),
      });
      await part(state, 1, 100);
      const parts = await Promise.all([part(other, 1, PART), part(state, 2, 100)]);
      await part(state, 3, 100);
      await other.objects.endUpload(upload, parts);
      await expect(objects.endUpload(upload, parts)).rejects.toMatchObject({ code: 10024 });
      await expect(objects.putPart(upload, { partNumber: 4, body: new Uint8Array(1) })).rejects.toMatchObject({ code: 10024 });
      for (const ms of [GRACE, WRITING, DAY]) {
        await later(ms);
        await other.sweeper.sweep();
        const bytes = await bytesOf((await objects.get('a'))!.body!);
        expect([bytes.byteLength, bytes[PART - 1], bytes[PART]]).toEqual([PART + 100, 1, 2]);
      }
      await objects.delete(['a']);
      await later(GRACE);
      expect(await messagesIn('objects')).toBe(0);
    });

    it('an upload is forgotten after 7 days, and its parts with it, also where the host that took them is gone', async () => {
      const old = { key: 'a', id: await other.objects.createUpload('a', NO_FACTS) };
      await other.objects.putPart(old, { partNumber: 1, body: Uint8Array.of(1) });
      for (let day = 0; day < 6; day++) {
        clock.advance(DAY);
        await state.sweeper.sweepWhole();
      }
      const young = { key: 'a', id: await objects.createUpload('a', NO_FACTS) };
      await objects.putPart(young, { partNumber: 1, body: Uint8Array.of(2) });
      for (let day = 0; day < 2; day++) {
        clock.advance(DAY);
        await state.sweeper.sweepWhole();
      }
      expect(await messagesIn('objects')).toBe(1);
      await expect(objects.putPart(old, { partNumber: 2, body: Uint8Array.of(1) })).rejects.toMatchObject({ code: 10024 });
      await objects.putPart(young, { partNumber: 2, body: Uint8Array.of(1) });
    });
  });
});

function bytesOf(body: Uint8Array | ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Response(body as Uint8Array<ArrayBuffer>).bytes();
}
