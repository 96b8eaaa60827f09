import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reset, snapshotOf } from '../../../host/component/core/reset.ts';
import { rewriteModule } from '../../../host/component/core/rewrite.ts';
import { TYPE, encodeModule, exported, i32, imported, leb } from './encode.ts';
import { GUEST_BYTES, guestOf, instantiate, type Guest } from './guest.ts';
import { programs, run } from './program.ts';

const { bytes: REWRITTEN } = rewriteModule(GUEST_BYTES);

const exportsOf = (guest: Guest) => guest as unknown as WebAssembly.Exports;

/** What the guest may see of its memory. */
const visible = (guest: Guest) => new Uint8Array(guest.memory.buffer).slice(0, guest.size() * 65_536);

describe('reset()', () => {
  it('makes an instance as good as a fresh one, whatever it did', () => {
    const guest = guestOf(REWRITTEN);
    const snapshot = snapshotOf([exportsOf(guest)]);
    fc.assert(
      fc.property(programs, (program) => {
        const fresh = guestOf(GUEST_BYTES);
        expect(run(guest, program)).toEqual(run(fresh, program));
        expect(Buffer.compare(visible(guest), visible(fresh))).toBe(0);
        expect(reset(snapshot)).toBe('done');
        expect(guest.size()).toBe(2);
        expect(Buffer.compare(visible(guest), visible(guestOf(GUEST_BYTES)))).toBe(0);
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  it('clears what was written beyond the pages that the guest had been given', () => {
    const guest = guestOf(REWRITTEN);
    const snapshot = snapshotOf([exportsOf(guest)]);
    guest.grow(3);
    reset(snapshot);
    guest.store(4 * 65_536, 9);
    reset(snapshot);
    guest.grow(3);
    expect(guest.load(4 * 65_536)).toBe(0);
  });

  it('drops an instance that has grown by more than there is to spare', () => {
    const guest = guestOf(REWRITTEN);
    const snapshot = snapshotOf([exportsOf(guest)]);
    guest.count();
    guest.grow(2);
    expect(reset(snapshot, { spare: 65_536 })).toBe('too-large');
    expect(reset(snapshot, { spare: 2 * 65_536 })).toBe('done');
    expect(guest.count()).toBe(12);
  });

  it('puts references back', () => {
    const bytes = encodeModule({
      types: [
        [0x60, 1, 0x6f, 0],
        [0x60, 0, 1, 0x6f],
      ],
      functions: [0, 1],
      globals: [[0x6f, 1, 0xd0, 0x6f, 0x0b]],
      exports: [exported('set', 'function', 0), exported('get', 'function', 1)],
      code: [
        [0, 0x20, 0, 0x24, 0],
        [0, 0x23, 0],
      ],
    });
    const instance = instantiate(rewriteModule(bytes).bytes) as { set(value: unknown): void; get(): unknown };
    const value = { of: 'the host' };
    instance.set(value);
    const snapshot = snapshotOf([instance as never]);
    instance.set(null);
    reset(snapshot);
    expect(instance.get()).toBe(value);
  });
});

describe('snapshotOf()', () => {
  it('keeps what equal instances hold once', () => {
    const first = snapshotOf([exportsOf(guestOf(REWRITTEN))]);
    const second = snapshotOf([exportsOf(guestOf(REWRITTEN))], first);
    expect(second.memories[0]!.image).toBe(first.memories[0]!.image);
    expect(first.memories[0]!.image).toMatchObject({ size: 2 * 65_536, bytes: { length: 70_004 } });
  });

  it('keeps its own where an instance began with something else', () => {
    const random = encodeModule({
      types: [TYPE.get, TYPE.nothing, TYPE.map],
      imports: [imported('host', 'random', 'function', leb(0))],
      functions: [1, 2],
      memories: [[0, 1]],
      exports: [exported('load', 'function', 2)],
      start: 1,
      code: [
        [0, ...i32(1_000), 0x10, 0, 0x36, 2, 0],
        [0, 0x20, 0, 0x28, 2, 0],
      ],
    });
    const { bytes } = rewriteModule(random);
    const of = (value: number) =>
      instantiate(bytes, { host: { random: () => value } }) as WebAssembly.Exports & { load(at: number): number };
    const [one, two] = [of(1), of(2)];
    const first = snapshotOf([one]);
    const second = snapshotOf([two], first);
    reset(first);
    reset(second);
    expect([one.load(1_000), two.load(1_000)]).toEqual([1, 2]);
  });
});
