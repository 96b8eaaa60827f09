import { describe, expect, it } from 'vitest';
import { readUses } from '../../../host/component/core/code.ts';
import { readModule } from '../../../host/component/core/module.ts';
import { functionNameAt } from '../../../host/component/core/names.ts';
import { rewriteModule } from '../../../host/component/core/rewrite.ts';
import { BrinkError } from '../../../host/errors.ts';
import { HEADER, TYPE, encodeModule, exported, i32, imported, section, variable, type Bytes, type Source } from './encode.ts';
import { GUEST_BYTES } from './guest.ts';

describe('readModule()', () => {
  it('gives what a module imports, defines and exports, imports first', () => {
    const module = readModule(
      encodeModule({
        types: [[0x4e, 2, 0x5f, 1, 0x78, 1, 0x50, 0, 0x60, 1, 0x7f, 1, 0x63, 0], TYPE.nothing],
        imports: [
          imported('a', 'f', 'function', [2]),
          imported('a', 'm', 'memory', [1, 1, 2]),
          imported('b', 'g', 'global', [0x7e, 1]),
          imported('b', 't', 'tag', [0, 2]),
        ],
        functions: [2],
        tables: [
          [0x70, 1, 1, 4],
          [0x40, 0, 0x6f, 0, 0, 0xd0, 0x6f, 0x0b],
        ],
        memories: [[0, 3]],
        globals: [variable(1), [0x70, 1, 0xd2, 1, 0x0b], [0x64, 0x6c, 0, ...i32(1), 0xfb, 0x1c, 0x0b]],
        exports: [exported('f', 'function', 1), exported('é', 'memory', 1), exported('g', 'global', 0)],
        start: 1,
        elements: [
          [0, ...i32(0), 0x0b, 1, 1],
          [1, 0, 2, 0, 1],
          [2, 0, ...i32(0), 0x0b, 0, 1, 1],
          [3, 0, 1, 1],
          [4, ...i32(0), 0x0b, 1, 0xd2, 1, 0x0b],
          [5, 0x70, 1, 0xd0, 0x70, 0x0b],
          [6, 0, ...i32(0), 0x0b, 0x70, 1, 0xd2, 0, 0x0b],
          [7, 0x70, 0],
        ],
        code: [[0]],
        customs: [['name', []]],
      }),
    );
    const { types, imports, functions, tables, memories, globals, tags, imported: counts, exports, start, customs, constants } = module;
    expect(types).toEqual([null, { params: ['i32'], results: ['reference'] }, { params: [], results: [] }]);
    expect(imports.map(({ module: from, name, kind, index }) => `${from} ${name} ${kind} ${index}`)).toEqual([
      'a f function 0',
      'a m memory 0',
      'b g global 0',
      'b t tag 0',
    ]);
    expect(counts).toEqual({ function: 1, table: 0, memory: 1, global: 1, tag: 1 });
    expect([functions, tags, start]).toEqual([[2, 2], [2], 1]);
    expect(memories).toEqual([
      { minimum: 1, maximum: 2, shared: false, wide: false },
      { minimum: 3, maximum: null, shared: false, wide: false },
    ]);
    expect(tables.map(({ element, maximum }) => [element, maximum])).toEqual([
      ['funcref', 4],
      ['externref', null],
    ]);
    expect(globals).toEqual([
      { type: 'i64', mutable: true },
      { type: 'i32', mutable: true },
      { type: 'funcref', mutable: true },
      { type: 'reference', mutable: false },
    ]);
    expect(exports).toEqual([
      { name: 'f', kind: 'function', index: 1 },
      { name: 'é', kind: 'memory', index: 1 },
      { name: 'g', kind: 'global', index: 0 },
    ]);
    expect(customs.map(({ name }) => name)).toEqual(['name']);
    expect(constants.functions.filter((_, at) => at % 3 === 2)).toEqual([1, 1, 1, 1, 0, 1, 1, 1, 1, 0]);
  });

  it.each<[what: string, bytes: Bytes, offset: number]>([
    ['nothing', [], 0],
    ['another magic number', [0x00, 0x61, 0x73, 0x6e, 1, 0, 0, 0], 3],
    ['a component', [0x00, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0], 4],
    ['a section that is longer than the file', [...HEADER, 1, 5, 0], 10],
    ['a length of six bytes', [...HEADER, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0], 13],
    ['a length above 32 bits', [...HEADER, 1, 0x80, 0x80, 0x80, 0x80, 0x10], 13],
    ['a section that is not known', [...HEADER, 14, 0], 8],
    ['a section twice', [...HEADER, 1, 1, 0, 1, 1, 0], 11],
    ['sections out of order', [...HEADER, 3, 1, 0, 1, 1, 0], 11],
    ['a section with bytes too many', [...HEADER, 1, 2, 0, 0], 11],
    ['a name that is not UTF-8', [...HEADER, ...section(7, [1, 2, 0xc0, 0x80, 0, 0])], 12],
    ['the export of a function that is not there', [...HEADER, ...section(7, [1, 1, 0x61, 0, 0])], 14],
    ['a type of an unknown form', [...HEADER, ...section(1, [1, 0x65])], 11],
    ['a value of an unknown type', [...HEADER, ...section(1, [1, 0x60, 1, 0x67, 0])], 13],
    ['limits of an unknown kind', [...HEADER, ...section(5, [1, 8, 1])], 11],
    ['a function without code', [...HEADER, ...section(1, [1, 0x60, 0, 0]), ...section(3, [1, 0])], 18],
    ['an opcode that is not known, in a constant', [...HEADER, ...section(6, [1, 0x7f, 0, 0x27, 0x0b])], 13],
  ])('refuses %s', (_, bytes, offset) => {
    expect(failureOf(() => readModule(new Uint8Array(bytes)))).toMatchObject({ code: 'component-invalid', details: { offset } });
  });
});

describe('readUses()', () => {
  const uses = (code: Bytes, source: Source = {}) =>
    readUses(
      readModule(
        encodeModule({ types: [TYPE.nothing], functions: [0], memories: [[0, 1]], globals: [variable(0)], ...source, code: [code] }),
      ),
    );

  it('finds the instructions that matter, among immediates that look like them', () => {
    const { pages, globalsWritten } = uses([
      1,
      1,
      0x7f,
      ...i32(0x40),
      0x40,
      0,
      0x1a,
      0x44,
      0x40,
      0,
      0x24,
      0,
      0x40,
      0,
      0x3f,
      0,
      0x1a,
      0x3f,
      0,
      0x24,
      0,
    ]);
    expect(pages.map(({ grows, memory }) => [grows, memory])).toEqual([
      [true, 0],
      [false, 0],
    ]);
    expect(globalsWritten).toEqual(new Set([0]));
  });

  it.each<[what: string, code: Bytes]>([
    ['a global', [0, 0x23, 1, 0x1a]],
    ['a function', [0, 0x10, 1]],
    ['a memory', [0, 0x3f, 1, 0x1a]],
  ])('refuses %s that the module does not have, since a rewritten one would have it', (_, code) => {
    expect(failureOf(() => uses(code))).toMatchObject({ code: 'component-invalid' });
  });

  it('refuses an instruction that runs past its function', () => {
    expect(failureOf(() => uses([0, 0x43]))).toMatchObject({ code: 'component-invalid' });
  });
});

it('10,000 damaged modules are read, or refused with a code', () => {
  let state = 1;
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  let refused = 0;
  for (let round = 0; round < 10_000; round++) {
    let bytes = GUEST_BYTES.slice();
    for (let left = 1 + random(3); left > 0; left--) bytes[8 + random(bytes.length - 8)] = random(256);
    if (random(8) === 0) bytes = bytes.slice(0, random(bytes.length));
    try {
      rewriteModule(bytes);
      functionNameAt(bytes, random(20));
    } catch (error) {
      if (!(error instanceof BrinkError)) throw error;
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(1_000);
  expect(refused).toBeLessThan(9_900);
});

function failureOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    if (error instanceof BrinkError) return error;
    throw error;
  }
  return null;
}
