import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readModule } from '../../../host/component/core/module.ts';
import { functionNameAt } from '../../../host/component/core/names.ts';
import { limitMemory, reset, snapshotOf } from '../../../host/component/core/reset.ts';
import { rewriteModule } from '../../../host/component/core/rewrite.ts';
import { TYPE, encodeModule, exported, i32, imported, nameMap, variable } from './encode.ts';
import { GUEST, GUEST_BYTES, LAST_PAGES, guestOf, instantiate } from './guest.ts';
import { programs, run } from './program.ts';

describe('a rewritten module', () => {
  it('behaves as the module does', () => {
    const { bytes } = rewriteModule(GUEST_BYTES);
    fc.assert(
      fc.property(programs, (program) => {
        const counted = guestOf(bytes);
        snapshotOf([counted as never]);
        const expected = run(guestOf(GUEST_BYTES), program);
        expect(run(guestOf(bytes), program)).toEqual(expected);
        expect(run(counted, program)).toEqual(expected);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('is the same for the same bytes', () => {
    expect(rewriteModule(GUEST_BYTES).bytes).toEqual(rewriteModule(GUEST_BYTES).bytes);
  });

  it('says what is put back', () => {
    expect(rewriteModule(GUEST_BYTES)).toMatchObject({
      reset: {
        globals: ['\0g0', '\0g1'],
        memories: [{ memory: '\0m0:memory', pages: '\0m0:pages', limit: '\0m0:limit', marks: '\0m0:marks' }],
      },
      shares: [],
      counted: true,
    });
  });

  it('exports no global that nobody writes', () => {
    const bytes = encodeModule({ globals: [variable(1), variable(2)], exports: [exported('g', 'global', 1)] });
    expect(rewriteModule(bytes).reset).toEqual({ globals: ['\0g1'], memories: [] });
  });

  it('keeps custom sections where they stand, and drops those that refer to offsets in code', () => {
    const customs = [
      ['name', nameMap(1, [[1, 'size']])],
      ['metadata.code.branch_hint', [0]],
      ['mine', [1, 2, 3]],
    ] as const;
    const { bytes } = rewriteModule(encodeModule({ ...GUEST, customs }));
    expect(readModule(bytes).customs.map(({ name }) => name)).toEqual(['name', 'mine']);
    expect(functionNameAt(bytes, 1)).toBe('size');
  });

  it('refuses a module that has names of the host', () => {
    for (const source of [
      { memories: [[0, 1]], exports: [exported('\0m0:limit', 'memory', 0)] },
      { types: [TYPE.nothing], imports: [imported('a', '\0grow:m', 'function', [0])] },
    ])
      expect(() => rewriteModule(encodeModule(source))).toThrow(expect.objectContaining({ code: 'component-unsupported' }));
  });

  it('works on each of several memories', () => {
    const bytes = encodeModule({
      types: [TYPE.map, TYPE.get],
      functions: [0, 1],
      memories: [
        [0, 1],
        [0, 3],
      ],
      exports: [exported('grow', 'function', 0), exported('size', 'function', 1), exported('b', 'memory', 1)],
      code: [
        [0, 0x20, 0, 0x40, 1],
        [0, 0x3f, 1, ...i32(5), ...i32(9), 0x36, 0x42, 1, 0, 0x3f, 0, 0x6c],
      ],
    });
    const instance = instantiate(rewriteModule(bytes).bytes) as Record<'grow' | 'size', (pages?: number) => number> & {
      b: WebAssembly.Memory;
    };
    const snapshot = snapshotOf([instance as never]);
    expect([instance.grow(2), instance.size(), new Uint8Array(instance.b.buffer)[5]]).toEqual([3, 5, 9]);
    expect(reset(snapshot)).toBe('done');
    expect([new Uint8Array(instance.b.buffer)[5], instance.size()]).toEqual([0, 3]);
  });
});

describe('the limit', () => {
  const untilFull = (guest: ReturnType<typeof guestOf>) => {
    let grown = 0;
    while (grown < 1_000 && guest.grow(1) !== -1) grown++;
    return [grown, guest.size(), guest.grow(0)];
  };

  it('stops a guest that grows in a loop, before and after a reset', () => {
    const guest = guestOf(rewriteModule(GUEST_BYTES).bytes);
    limitMemory([guest as never], 5);
    const snapshot = snapshotOf([guest as never]);
    expect(untilFull(guest)).toEqual([3, 5, 5]);
    reset(snapshot);
    expect(guest.size()).toBe(2);
    expect(untilFull(guest)).toEqual([3, 5, 5]);
  });

  it('holds from the start, as it was built', () => {
    expect(untilFull(guestOf(rewriteModule(GUEST_BYTES, { limit: 3 }).bytes))).toEqual([1, 3, 3]);
  });

  it("never gives more than the memory's own", () => {
    expect(untilFull(guestOf(rewriteModule(GUEST_BYTES).bytes))).toEqual([6, LAST_PAGES, LAST_PAGES]);
  });

  it('that is below what a memory has takes nothing away', () => {
    const guest = guestOf(rewriteModule(GUEST_BYTES).bytes);
    limitMemory([guest as never], 1);
    expect(untilFull(guest)).toEqual([0, 2, 2]);
  });

  it('is not passed by a number that wraps', () => {
    const guest = guestOf(rewriteModule(GUEST_BYTES).bytes);
    expect([guest.grow(-1), guest.grow(-2), guest.grow(0x7fff_ffff), guest.size()]).toEqual([-1, -1, -1, 2]);
  });
});

describe('a module that imports its memory', () => {
  /** Calls before and after the place where functions are added, in all the ways there are. */
  const adapter = encodeModule({
    types: [TYPE.map, TYPE.get, TYPE.nothing],
    imports: [imported('host', 'note', 'function', [2]), imported('env', 'mem', 'memory', [0, 1]), imported('host', 'id', 'function', [0])],
    functions: [0, 1, 2, 1],
    tables: [[0x70, 0, 2]],
    globals: [[0x70, 1, 0xd2, 3, 0x0b], variable(0)],
    exports: [
      exported('grow', 'function', 2),
      exported('size', 'function', 3),
      exported('again', 'memory', 0),
      exported('both', 'function', 5),
    ],
    start: 4,
    elements: [[0, ...i32(0), 0x0b, 2, 1, 2]],
    code: [
      [0, 0x20, 0, 0x10, 1, 0x40, 0],
      [0, 0x3f, 0],
      [0, 0x10, 0, ...i32(1), 0x10, 2, 0x24, 1, 0xd2, 3, 0x24, 0],
      [0, ...i32(1), ...i32(1), 0x11, 0, 0, 0x10, 3, 0x6a],
    ],
    customs: [
      [
        'name',
        nameMap(1, [
          [0, 'note'],
          [1, 'id'],
          [2, 'grow'],
          [5, 'both'],
        ]).concat([2, 7, 1, 2, 1, 0, 2, 0x61, 0x62]),
      ],
    ],
  });

  it('shares the page counter of the one that defines it', () => {
    const definer = rewriteModule(GUEST_BYTES);
    const importer = rewriteModule(adapter);
    expect(importer).toMatchObject({ shares: [{ module: 'env', name: 'mem' }], counted: true });
    let notes = 0;
    const guest = guestOf(definer.bytes);
    limitMemory([guest as never], 6);
    const own = guest as unknown as WebAssembly.Exports;
    const other = instantiate(importer.bytes, {
      host: { note: () => void notes++, id: (value: number) => value },
      env: Object.fromEntries(['', '\0size:', '\0grow:', '\0marks:'].map((what) => [`${what}mem`, own[`${what}memory`]!])),
    }) as unknown as { grow(pages: number): number; size(): number; both(): number };
    expect([notes, other.size(), guest.size()]).toEqual([1, 3, 3]);

    const snapshot = snapshotOf([own, other as never]);
    for (let round = 0; round < 3; round++) {
      expect([other.grow(1), guest.grow(1), other.size(), other.both(), guest.grow(1)]).toEqual([3, 4, 5, 5 + 6, -1]);
      expect(reset(snapshot)).toBe('done');
      expect([other.size(), guest.size()]).toEqual([3, 3]);
    }
  });

  it('hands the counter on to those that it exports the memory to', () => {
    const { exports } = readModule(rewriteModule(adapter).bytes);
    expect(exports.filter(({ name }) => name.includes('again')).map(({ name, index }) => [name, index])).toEqual([
      ['again', 0],
      ['\0size:again', 2],
      ['\0grow:again', 3],
      ['\0marks:again', 1],
    ]);
  });

  it('keeps the names of its functions', () => {
    const { bytes } = rewriteModule(adapter);
    expect([0, 1, 2, 3, 4, 7].map((index) => functionNameAt(bytes, index))).toEqual(['note', 'id', null, null, 'grow', 'both']);
  });

  it('is as it was where it does not ask for the size', () => {
    const bytes = encodeModule({ imports: [imported('env', 'mem', 'memory', [0, 1])] });
    expect(rewriteModule(bytes)).toMatchObject({ bytes, shares: [], counted: true, reset: { globals: [], memories: [] } });
  });
});
