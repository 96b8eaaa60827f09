import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PLAIN, PREFIXED, type Immediates, type Row } from '../../../host/component/core/opcodes.ts';
import { BEYOND, PIECE_BITS } from '../../../host/component/core/reserved.ts';
import { reset, snapshotOf } from '../../../host/component/core/reset.ts';
import { rewriteModule } from '../../../host/component/core/rewrite.ts';
import { encodeModule, exported, i32, imported, leb, passive, type Bytes } from './encode.ts';
import { instantiate } from './guest.ts';

const ROWS: readonly (readonly [prefix: number | null, row: Row])[] = [
  ...PLAIN.map((row) => [null, row] as const),
  ...Object.entries(PREFIXED).flatMap(([prefix, rows]) => rows.map((row) => [Number(prefix), row] as const)),
];

/** Each instruction of these kinds, as its opcode. */
function opcodesOf(wanted: (kind: Immediates) => boolean): Bytes[] {
  return ROWS.flatMap(([prefix, [from, to, kind]]) =>
    wanted(kind)
      ? Array.from({ length: to - from + 1 }, (_, place) => (prefix === null ? [from + place] : [prefix, ...leb(from + place)]))
      : [],
  );
}

const TYPES: Readonly<Record<string, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };
const ALIGNMENTS = [0, 1, 2, 3, 4];
const SIZE = 3 * 65_536;

interface Store {
  readonly opcode: Bytes;
  readonly kind: string;
  readonly lane: boolean;
}

const STORES: readonly Store[] = ROWS.flatMap(([prefix, [from, to, kind]]) =>
  kind.includes('stored')
    ? Array.from({ length: to - from + 1 }, (_, place) => ({
        opcode: prefix === null ? [from + place] : [prefix, ...leb(from + place)],
        kind,
        lane: kind.endsWith('lane'),
      }))
    : [],
);

/** A function (at: i32) for each store, and for each offset: what it writes is all ones, as far as its type has them. */
function storesModule(offsets: readonly number[]): Uint8Array<ArrayBuffer> {
  const code: Bytes[] = [];
  for (const { opcode, kind, lane } of STORES)
    for (const offset of offsets) {
      const type = kind.replace('two ', '').split(' ')[0]!;
      const value = VALUES[type]!;
      // A comparison that holds, so that the exchange is made.
      const values = kind.startsWith('two') ? [...ZEROS[type]!, ...value] : value;
      const result = opcode[0] === 0xfe && !isAtomicStore(opcode) ? [0x1a] : [];
      code.push([0, 0x20, 0, ...values, ...opcode, alignmentOf(opcode), ...leb(offset), ...(lane ? [0] : []), ...result]);
    }
  return encodeModule({
    types: [
      [0x60, 1, 0x7f, 0],
      [0x60, 3, 0x7f, 0x7f, 0x7f, 0],
    ],
    functions: [...code.map(() => 0), 1, 1, 1],
    memories: [[0, 3]],
    exports: [
      exported('memory', 'memory', 0),
      ...code.map((_, index) => exported(`s${index}`, 'function', index)),
      ...['fill', 'copy', 'init'].map((name, place) => exported(name, 'function', code.length + place)),
    ],
    dataCount: 1,
    code: [
      ...code,
      [0, 0x20, 0, 0x20, 1, 0x20, 2, 0xfc, 11, 0],
      [0, 0x20, 0, 0x20, 1, 0x20, 2, 0xfc, 10, 0, 0],
      [0, 0x20, 0, 0x20, 1, 0x20, 2, 0xfc, 8, 0, 0],
    ],
    data: [passive(Array.from({ length: 100 }, (_, at) => at + 1))],
  });
}

const VALUES: Readonly<Record<string, Bytes>> = {
  i32: i32(-1),
  i64: [0x42, 0x7f],
  f32: [0x43, 0xff, 0xff, 0xff, 0xff],
  f64: [0x44, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  v128: [0xfd, 0x0c, ...Array.from({ length: 16 }, () => 0xff)],
};
const ZEROS: Readonly<Record<string, Bytes>> = { i32: i32(0), i64: [0x42, 0] };

function isAtomicStore(opcode: Bytes): boolean {
  return opcode[1]! >= 0x17 && opcode[1]! <= 0x1d;
}

/** Atomic instructions want their own alignment, and all others take none. */
function alignmentOf(opcode: Bytes): number {
  if (opcode[0] !== 0xfe) return 0;
  return ALIGNMENTS.find((log) => WebAssembly.validate(unreachable([...opcode, log, 0])))!;
}

function unreachable(instruction: Bytes, before: Bytes = [0x00], after: Bytes = [0x00]): Uint8Array<ArrayBuffer> {
  return encodeModule({
    types: [[0x60, 0, 0]],
    functions: [0],
    memories: [[0, 1]],
    dataCount: 1,
    code: [[0, ...before, ...instruction, ...after]],
    data: [passive([0])],
  });
}

describe('marks', () => {
  it('are set by all that writes: what counts as a load takes an address, and gives a value', () => {
    for (const opcode of opcodesOf((kind) => kind === 'memory access' || kind === 'memory access, lane')) {
      const waits = opcode[0] === 0xfe && opcode[1]! < 3;
      const lanes = opcode[0] === 0xfd && opcode[1]! >= 0x54 && opcode[1]! < 0x5c;
      const loads = ALIGNMENTS.some((log) =>
        WebAssembly.validate(
          unreachable([...opcode, log, 0, ...(lanes ? [0] : [])], [...i32(0), ...(lanes ? VALUES['v128']! : [])], [0x1a]),
        ),
      );
      expect([opcode, loads]).toEqual([opcode, !waits]);
    }
  });

  it('leave each instruction valid that writes', () => {
    for (const { opcode, lane } of STORES) {
      const log = ALIGNMENTS.find((each) => WebAssembly.validate(unreachable([...opcode, each, 0, ...(lane ? [0] : [])])))!;
      const { bytes, reset: how } = rewriteModule(unreachable([...opcode, log, 0x80, 0x20, ...(lane ? [0] : [])]));
      expect([opcode, WebAssembly.validate(bytes), how]).toEqual([opcode, true, expect.objectContaining({ globals: [] })]);
    }
  });

  it('say of each write where it was, so that a reset undoes it', () => {
    const OFFSETS = [0, 17, 240, 241, 5_000];
    const original = storesModule(OFFSETS);
    const guest = instantiate(rewriteModule(original).bytes) as unknown as Record<string, (...args: number[]) => void> & {
      memory: WebAssembly.Memory;
    };
    const plain = instantiate(original) as typeof guest;
    const snapshot = snapshotOf([guest as never]);
    const bytes = new Uint8Array(guest.memory.buffer);
    const zeros = new Uint8Array(SIZE);
    const all = STORES.length * OFFSETS.length;
    const edge = fc.constantFrom(...[1, 2, 3, 20, 48].map((page) => page * 4_096));
    // Around the edges of pieces, of the memory, and of all that an address can be.
    const address = fc.oneof(
      fc.tuple(edge, fc.integer({ min: -300, max: 20 })).map(([at, by]) => at + by),
      fc.nat({ max: SIZE + 100 }),
      fc.integer({ min: -20, max: -1 }),
    );
    const write = fc.oneof(
      fc.tuple(
        fc.nat({ max: all - 1 }).map((index) => `s${index}`),
        address,
      ),
      fc.tuple(fc.constantFrom('fill', 'copy'), address, fc.nat({ max: 70_000 }), fc.oneof(fc.nat({ max: 9_000 }), fc.integer())),
      fc.tuple(fc.constant('init'), address, fc.nat({ max: 101 }), fc.nat({ max: 101 })),
    );
    let written = 0;
    fc.assert(
      fc.property(fc.array(write, { maxLength: 8 }), (writes) => {
        for (const [name, ...args] of writes) {
          const outcome = [guest, plain].map((each) => messageOf(() => each[name]!(...args)));
          expect(outcome[0]).toBe(outcome[1]);
        }
        expect(Buffer.compare(bytes, new Uint8Array(plain.memory.buffer))).toBe(0);
        if (Buffer.compare(bytes, zeros) !== 0) written += 1;
        expect(reset(snapshot)).toBe('done');
        new Uint8Array(plain.memory.buffer).fill(0);
        expect(Buffer.compare(bytes, zeros)).toBe(0);
      }),
      { numRuns: 1_000, seed: 5 },
    );
    expect(written).toBeGreaterThan(300);
  });

  it('cover what each store writes at the edge of a piece, and no piece that is far from it', () => {
    const offsets = [0, 240, 4_097];
    const guest = instantiate(rewriteModule(storesModule(offsets)).bytes) as unknown as Record<string, (at: number) => void> &
      Record<string, WebAssembly.Memory>;
    const marks = new Uint8Array(guest['\0m0:marks']!.buffer, 0, SIZE >> PIECE_BITS);
    for (let index = 0; index < STORES.length * offsets.length; index += 1) {
      marks.fill(0);
      // A multiple of 8, as the atomic ones want it; those with an odd offset trap then.
      messageOf(() => guest[`s${index}`]!(3 * 4_096 - 8));
      const set = [...marks].flatMap((mark, piece) => (mark === 0 ? [] : [piece]));
      const at = 3 * 4_096 - 8 + offsets[index % offsets.length]!;
      expect(set).toEqual([offsets[index % offsets.length]! + 16 <= BEYOND ? 2 : at >> PIECE_BITS]);
    }
  });

  it('are shared by modules that share a memory, and their bytes are out of a guest’s reach', () => {
    const definer = encodeModule({ memories: [[0, 3]], exports: [exported('m', 'memory', 0)] });
    const writer = encodeModule({
      types: [[0x60, 1, 0x7f, 0]],
      imports: [imported('a', 'm', 'memory', [0, 1])],
      functions: [0],
      exports: [exported('store', 'function', 0)],
      code: [[0, 0x20, 0, ...i32(7), 0x3a, 0, 0]],
    });
    const own = instantiate(rewriteModule(definer).bytes);
    const { bytes, shares } = rewriteModule(writer);
    expect(shares).toEqual([{ module: 'a', name: 'm' }]);
    const env = Object.fromEntries(['', '\0size:', '\0grow:', '\0marks:'].map((what) => [`${what}m`, own[`${what}m`]!]));
    const other = instantiate(bytes, { a: env }) as { store(at: number): void };
    const snapshot = snapshotOf([own, other as never]);
    const memory = new Uint8Array((own['m'] as WebAssembly.Memory).buffer);
    other.store(100_000);
    expect(memory[100_000]).toBe(7);
    reset(snapshot);
    expect(memory[100_000]).toBe(0);
  });

  it('are left out where they are not wanted, and the module says so', () => {
    const { bytes, reset: how } = rewriteModule(storesModule([0]), { marks: false });
    expect(how).toEqual({ impossible: 'what it writes is not marked' });
    expect(WebAssembly.validate(bytes)).toBe(true);
    expect(WebAssembly.Module.exports(new WebAssembly.Module(bytes)).some(({ name }) => name.includes('marks'))).toBe(false);
  });

  it('cannot be had where a function has too many locals, or memories of two modules meet', () => {
    const code = (locals: number): Bytes => [1, ...leb(locals), TYPES['i32']!, ...i32(0), ...i32(0), 0x3a, 0, 0];
    const of = (locals: number) => encodeModule({ types: [[0x60, 0, 0]], functions: [0], memories: [[0, 1]], code: [code(locals)] });
    expect(rewriteModule(of(49_998)).reset).toHaveProperty('globals');
    const { bytes, reset: how } = rewriteModule(of(49_999));
    expect([how, WebAssembly.validate(bytes)]).toEqual([{ impossible: 'a function of it has too many locals' }, true]);
    const two = encodeModule({
      types: [[0x60, 0, 0]],
      imports: [imported('a', 'm', 'memory', [0, 1])],
      functions: [0],
      memories: [[0, 1]],
      code: [[0, ...i32(0), ...i32(0), 0x3a, 0, 0]],
    });
    expect(rewriteModule(two).reset).toEqual({ impossible: 'it has a memory of its own beside that of another module' });
  });
});

function messageOf(act: () => void): string | null {
  try {
    act();
    return null;
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    return error.message;
  }
}
