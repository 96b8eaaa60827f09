import { describe, expect, it } from 'vitest';
import { Trap } from '../../../host/component/trap.ts';
import type { ByteReader, Bytes } from '../../../host/component/wasi/io/byte-reader.ts';
import { error, type IoError } from '../../../host/component/wasi/io/error.ts';
import { InputStream } from '../../../host/component/wasi/io/input-stream.ts';
import { OutputStream, type ByteSink, type SinkEnd } from '../../../host/component/wasi/io/output-stream.ts';
import { poll, Pollable } from '../../../host/component/wasi/io/poll.ts';
import { Arrival, Waiters } from '../../../host/component/wasi/io/readiness.ts';
import { streams } from '../../../host/component/wasi/io/streams.ts';
import type { Result } from '../../../host/component/wasi/values/result.ts';
import { functionsOf } from '../wasi/fake-world.ts';

const io = functionsOf(streams);
const polling = functionsOf(poll);

const CLOSED = { tag: 'err', val: { tag: 'closed' } };
const text = (string: string) => new TextEncoder().encode(string);
const okText = (string: string) => ({ tag: 'ok', val: text(string) });

/** A reader whose bytes are there. */
function readerOf(bytes: Bytes): ByteReader {
  const chunks = [bytes];
  return { read: () => chunks.pop() ?? null, cancel: () => undefined };
}

/** A reader whose chunks are given one at a time. */
function slowReader(): ByteReader & { give(chunk: Bytes | null): void; fail(error: Error): void; cancelled: boolean; reads: number } {
  let waiting = Promise.withResolvers<Bytes | null>();
  return {
    cancelled: false,
    reads: 0,
    read() {
      this.reads += 1;
      waiting = Promise.withResolvers<Bytes | null>();
      return waiting.promise;
    },
    cancel() {
      this.cancelled = true;
    },
    give: (chunk) => waiting.resolve(chunk),
    fail: (reason) => waiting.reject(reason),
  };
}

class FakeSink implements ByteSink {
  room = 10;
  ended: SinkEnd | null = null;
  written = '';
  released = false;
  readonly waiters = new Waiters();

  get ready(): boolean {
    return this.ended !== null || this.room > 0;
  }

  wait(wake: () => void): () => void {
    return this.waiters.add(wake);
  }

  write(bytes: Bytes): SinkEnd | null {
    this.written += new TextDecoder().decode(bytes);
    this.room = Math.max(0, this.room - bytes.length);
    return this.ended;
  }

  release(): void {
    this.released = true;
  }

  change(room: number, ended: SinkEnd | null = null): void {
    this.room = room;
    this.ended = ended;
    this.waiters.wake();
  }
}

function output(): { sink: FakeSink; stream: OutputStream } {
  const sink = new FakeSink();
  return { sink, stream: new OutputStream(sink) };
}

describe('poll', () => {
  it('traps for an empty list', () => {
    expect(() => polling.poll!([])).toThrow(Trap);
  });

  it('gives the indices of all that are ready, at once', () => {
    const ready = new Arrival();
    ready.arrive();
    const list = [ready, new Arrival(), ready].map((each) => new Pollable(each));
    expect(polling.poll!(list)).toEqual([0, 2]);
  });

  it('waits until one is ready, and leaves nobody waiting for the others', async () => {
    const first = new Arrival();
    const waiters = new Waiters();
    let waiting = 0;
    const second = {
      ready: false,
      wait(wake: () => void) {
        waiting += 1;
        const stop = waiters.add(wake);
        return () => {
          waiting -= 1;
          stop();
        };
      },
    };
    const polled = polling.poll!([new Pollable(second), new Pollable(first)]);
    waiters.wake();
    first.arrive();
    expect(await polled).toEqual([1]);
    expect(waiting).toBe(0);
  });

  it('block() returns at once where it is ready, and waits where not', async () => {
    const arrival = new Arrival();
    const pollable = new Pollable(arrival);
    expect(polling['[method]pollable.ready']!(pollable)).toBe(false);
    const blocked = polling['[method]pollable.block']!(pollable);
    expect(blocked).toBeInstanceOf(Promise);
    arrival.arrive();
    await blocked;
    expect(polling['[method]pollable.block']!(pollable)).toBeUndefined();
  });
});

describe('input-stream', () => {
  it('read() gives at most so many bytes, and keeps the rest of a chunk', () => {
    const stream = new InputStream(readerOf(text('abcdef')));
    expect(io['[method]input-stream.read']!(stream, 4n)).toEqual(okText('abcd'));
    expect(io['[method]input-stream.read']!(stream, 2n ** 64n - 1n)).toEqual(okText('ef'));
    expect(io['[method]input-stream.read']!(stream, 1n)).toEqual(CLOSED);
    expect(io['[method]input-stream.read']!(stream, 0n)).toEqual(CLOSED);
  });

  it('read() gives a whole chunk as it came, without a copy', () => {
    const bytes = text('abc');
    const read = new InputStream(readerOf(bytes)).read(3n) as { val: Bytes };
    expect(read.val).toBe(bytes);
  });

  it('read() gives nothing where nothing is there yet', async () => {
    const reader = slowReader();
    const stream = new InputStream(reader);
    expect(stream.read(5n)).toEqual(okText(''));
    const pollable = io['[method]input-stream.subscribe']!(stream) as Pollable;
    expect(pollable.ready).toBe(false);
    const blocked = polling['[method]pollable.block']!(pollable);
    reader.give(text('abc'));
    await blocked;
    expect(stream.read(5n)).toEqual(okText('abc'));
    expect(reader.reads).toBe(1);
  });

  it('blocking-read() waits for a byte, and gives it at once where it is there', async () => {
    const reader = slowReader();
    const stream = new InputStream(reader);
    const read = io['[method]input-stream.blocking-read']!(stream, 2n);
    reader.give(text('abc'));
    expect(await read).toEqual(okText('ab'));
    expect(io['[method]input-stream.blocking-read']!(stream, 2n)).toEqual(okText('c'));
  });

  it('skip() and blocking-skip() count what they pass', async () => {
    const stream = new InputStream(readerOf(text('abcdef')));
    expect(io['[method]input-stream.skip']!(stream, 4n)).toEqual({ tag: 'ok', val: 4n });
    expect(await io['[method]input-stream.blocking-skip']!(stream, 4n)).toEqual({ tag: 'ok', val: 2n });
    expect(await io['[method]input-stream.blocking-skip']!(stream, 4n)).toEqual(CLOSED);
  });

  it('tells once what has failed, and then is closed', async () => {
    const reader = slowReader();
    const stream = new InputStream(reader);
    const read = stream.blockingRead(1n);
    reader.fail(new Error('The disk is gone.'));
    const result = (await read) as { tag: string; val: { tag: string; val: IoError } };
    expect(result).toMatchObject({ tag: 'err', val: { tag: 'last-operation-failed' } });
    expect(functionsOf(error)['[method]error.to-debug-string']!(result.val.val)).toBe('The disk is gone.');
    expect(stream.read(1n)).toEqual(CLOSED);
  });

  it('dropping it cancels its reader', () => {
    const reader = slowReader();
    new InputStream(reader)[Symbol.dispose]();
    expect(reader.cancelled).toBe(true);
  });
});

describe('output-stream', () => {
  it('write() takes what check-write has permitted, and traps for more', () => {
    const { sink, stream } = output();
    expect(() => stream.write(text('a'))).toThrow(Trap);
    expect(io['[method]output-stream.check-write']!(stream)).toEqual({ tag: 'ok', val: 10n });
    expect(io['[method]output-stream.write']!(stream, text('abcdef'))).toEqual({ tag: 'ok', val: undefined });
    expect(() => io['[method]output-stream.write']!(stream, text('ghijk'))).toThrow(Trap);
    expect(sink.written).toBe('abcdef');
  });

  it('write-zeroes() is under the same permit', () => {
    const { sink, stream } = output();
    stream.checkWrite();
    io['[method]output-stream.write-zeroes']!(stream, 3n);
    expect(sink.written).toBe('\0\0\0');
    expect(() => io['[method]output-stream.write-zeroes']!(stream, 2n ** 63n)).toThrow(Trap);
  });

  it('check-write gives 0 while there is no room, and subscribe gets ready with it', async () => {
    const { sink, stream } = output();
    sink.room = 0;
    expect(stream.checkWrite()).toEqual({ tag: 'ok', val: 0n });
    const blocked = polling['[method]pollable.block']!(io['[method]output-stream.subscribe']!(stream));
    sink.change(5);
    await blocked;
    expect(stream.checkWrite()).toEqual({ tag: 'ok', val: 5n });
  });

  it('blocking-write-and-flush() waits for room, and takes 4096 bytes at most', async () => {
    const { sink, stream } = output();
    expect(() => io['[method]output-stream.blocking-write-and-flush']!(stream, new Uint8Array(4097))).toThrow(Trap);
    expect(() => io['[method]output-stream.blocking-write-zeroes-and-flush']!(stream, 4097n)).toThrow(Trap);
    expect(io['[method]output-stream.blocking-write-and-flush']!(stream, text('now'))).toEqual({ tag: 'ok', val: undefined });
    sink.room = 0;
    const written = io['[method]output-stream.blocking-write-and-flush']!(stream, text(' later'));
    expect(sink.written).toBe('now');
    sink.change(10);
    expect(await written).toEqual({ tag: 'ok', val: undefined });
    expect(sink.written).toBe('now later');
  });

  it('who waits for room is told that it has closed', async () => {
    const { sink, stream } = output();
    sink.room = 0;
    const written = stream.blockingWriteAndFlush(text('a'));
    sink.change(0, 'closed');
    expect(await written).toEqual(CLOSED);
    expect(stream.checkWrite()).toEqual(CLOSED);
    expect(stream.flush()).toEqual(CLOSED);
    expect(await stream.blockingFlush()).toEqual(CLOSED);
  });

  it('write() after a permit writes nothing once it has closed', () => {
    const { sink, stream } = output();
    stream.checkWrite();
    sink.change(0, 'closed');
    expect(stream.write(text('abc'))).toEqual(CLOSED);
    expect(sink.written).toBe('');
  });

  it('tells once what has failed, and then is closed', () => {
    const { sink, stream } = output();
    const cause = new Error('full');
    sink.change(0, { cause });
    const checked = stream.checkWrite() as { val: { tag: string; val: IoError } };
    expect(checked.val.tag).toBe('last-operation-failed');
    expect(checked.val.val.cause).toBe(cause);
    expect(stream.checkWrite()).toEqual(CLOSED);
  });

  it('splice() moves as much as both sides have', () => {
    const { sink, stream } = output();
    const source = new InputStream(readerOf(text('abcdefghijklmno')));
    expect(io['[method]output-stream.splice']!(stream, source, 4n)).toEqual({ tag: 'ok', val: 4n });
    expect(io['[method]output-stream.splice']!(stream, source, 100n)).toEqual({ tag: 'ok', val: 6n });
    expect(io['[method]output-stream.splice']!(stream, source, 100n)).toEqual({ tag: 'ok', val: 0n });
    expect(sink.written).toBe('abcdefghij');
    sink.change(100);
    expect(stream.splice(source, 100n)).toEqual({ tag: 'ok', val: 5n });
    expect(stream.splice(source, 100n)).toEqual(CLOSED);
  });

  it('splice() gives the sink bytes of its own: what follows them is not in the same buffer', () => {
    const { sink, stream } = output();
    let given: Bytes | null = null;
    sink.write = (bytes) => {
      given = bytes;
      return null;
    };
    stream.splice(new InputStream(readerOf(text('abcdef'))), 3n);
    expect(given!.buffer.byteLength).toBe(3);
  });

  it('blocking-splice() waits for room and for bytes', async () => {
    const { sink, stream } = output();
    const reader = slowReader();
    const source = new InputStream(reader);
    sink.room = 0;
    const moved = io['[method]output-stream.blocking-splice']!(stream, source, 100n) as Promise<Result<bigint, unknown>>;
    sink.change(2);
    await Promise.resolve();
    await Promise.resolve();
    reader.give(text('abc'));
    expect(await moved).toEqual({ tag: 'ok', val: 2n });
    expect(sink.written).toBe('ab');
  });

  it('dropping it releases its sink', () => {
    const { sink, stream } = output();
    stream[Symbol.dispose]();
    expect(sink.released).toBe(true);
  });
});

it('only what can wait is marked as blocking', () => {
  const marked = Object.entries({ ...streams(), ...poll() })
    .filter(([, fn]) => fn.blocking === true)
    .map(([name]) => name);
  expect(marked.filter((name) => !/blocking-|\.block$|^poll$/.test(name))).toEqual([]);
  expect(marked).toHaveLength(8);
});
