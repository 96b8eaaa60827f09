import { describe, expect, it } from 'vitest';
import type { Codec } from '../../../host/component/abi/codec.ts';
import { GuestMemory } from '../../../host/component/abi/memory.ts';
import type { Chunk } from '../../../host/component/host.ts';
import { CopyEnd, GuestBuffer } from '../../../host/component/runtime/copy.ts';
import { Stream } from '../../../host/component/runtime/stream.ts';

const MIB = 1024 * 1024;
const PAGE = 65_536;
const EVENT = 3;

/** A guest that offers so many bytes, all at once. */
function writer(stream: Stream, length: number): CopyEnd {
  const memory = new GuestMemory(new WebAssembly.Memory({ initial: Math.ceil(length / PAGE) }));
  memory.u8.fill(7, 0, length);
  const end = new CopyEnd(stream, EVENT, true, 0);
  end.buffer = new GuestBuffer({ size: 1, align: 1 } as Codec, memory, 0, length);
  return end;
}

/** How many bytes went, as `take` gives it beside the result. */
const gone = (end: CopyEnd) => end.take() >>> 4;

describe('Stream', () => {
  it.each(['the guest offers first', 'the host asks first'])('the host takes a large write in parts, where %s', (order) => {
    const stream = new Stream(0, 'bytes', null);
    const end = writer(stream, 3 * MIB);
    let chunk: Chunk | null = null;
    const read = () => stream.read((each) => (chunk = each));
    const steps = [() => stream.write(end), read];
    for (const step of order.startsWith('the guest') ? steps : steps.toReversed()) step();
    expect(chunk).toEqual(new Uint8Array(MIB).fill(7));
    expect(gone(end)).toBe(MIB);
  });

  it('the host takes a small write whole', () => {
    const stream = new Stream(0, 'bytes', null);
    const end = writer(stream, 5);
    let chunk: Chunk | null = null;
    stream.write(end);
    stream.read((each) => (chunk = each));
    expect([chunk, gone(end)]).toEqual([new Uint8Array(5).fill(7), 5]);
  });
});
