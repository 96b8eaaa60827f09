import { describe, expect, it } from 'vitest';
import { readLineTable } from '../../../host/component/debug/line-table.ts';
import { op, unit } from './encode-lines.ts';

function read(
  line: readonly number[],
  { lineStrings = [], strings = [], budget = 1_000 }: { lineStrings?: number[]; strings?: number[]; budget?: number } = {},
) {
  const rows = readLineTable({
    line: new Uint8Array(line),
    lineStrings: new Uint8Array(lineStrings),
    strings: new Uint8Array(strings),
    budget,
  });
  return rows.map(({ address, source, line: number, column }) => `${address} ${source === null ? 'end' : `${source}:${number}:${column}`}`);
}

const SIMPLE = [op.address(16), op.column(3), op.copy, op.line(9), op.special(2, 1), op.advance(4), op.copy, op.end];

describe('readLineTable()', () => {
  it.each([2, 3, 4])('reads version %i', (version) => {
    expect(
      read(
        unit(
          version,
          ['/home/me/app/src'],
          [
            ['a.c', 0],
            ['b.c', 1],
          ],
          SIMPLE,
        ),
      ),
    ).toEqual(['16 a.c:1:3', '18 a.c:11:3', '22 a.c:11:3', '22 end']);
  });

  it('reads version 5, with files below the folder of the compilation', () => {
    const program = [
      op.file(0),
      op.address(16),
      op.copy,
      op.file(1),
      op.special(1, 1),
      op.file(2),
      op.special(1, 1),
      op.advance(1),
      op.end,
    ];
    expect(
      read(
        unit(
          5,
          ['/home/me/app', '/home/me/app/src', '/usr/include'],
          [
            ['a.c', 0],
            ['b.c', 1],
            ['c.h', 2],
          ],
          program,
        ),
      ),
    ).toEqual(['16 a.c:1:0', '17 src/b.c:2:0', '18 include/c.h:3:0', '19 end']);
  });

  it('knows every operation, and passes over those of later versions', () => {
    const program = [
      op.address(100),
      op.constAddPc,
      op.copy,
      op.fixedAdvance(300),
      [6],
      [7],
      [10],
      [11],
      [12, 5],
      op.copy,
      [0, 3, 99, 1, 2],
      op.line(-1),
      op.line(1),
      op.special(0, 0),
      op.end,
    ];
    expect(read(unit(4, [], [['a.c', 0]], program))).toEqual(['117 a.c:1:0', '417 a.c:1:0', '417 a.c:1:0', '417 end']);
  });

  it('leaves out functions that the linker removed, and code of the compiler', () => {
    const removed = [op.address(0), op.copy, op.advance(4), op.end, op.address(0xffffffff), op.copy, op.end];
    const own = [op.address(8), op.copy, op.line(-1), op.special(1, 0), op.line(3), op.special(1, 0), op.end];
    expect(read(unit(4, [], [['a.c', 0]], [...removed, ...own]))).toEqual(['8 a.c:1:0', '10 a.c:3:0', '10 end']);
  });

  it.each([
    ['/root/.cargo/registry/src/index.example-1949cf8c/serde-1.0.0/src/lib.rs', 'serde-1.0.0/src/lib.rs'],
    ['/rustc/59807616e/library/core/src/panicking.rs', 'library/core/src/panicking.rs'],
    ['C:\\Users\\me\\app\\src\\a.rs', 'src/a.rs'],
    ['./src/./a.c', 'src/a.c'],
    ['a\nb\u001b[31m.c', 'a?b?[31m.c'],
  ])('tells %j as %j', (path, told) => {
    expect(read(unit(4, [], [[path, 0]], SIMPLE))[0]).toBe(`16 ${told}:1:3`);
  });

  it('goes on with the next unit where one cannot be read', () => {
    const good = unit(4, [], [['a.c', 0]], SIMPLE);
    const bad = unit(4, [], [['b.c', 0]], [[2, 0xff]]);
    const foreign = [...good];
    foreign[4] = 9;
    expect(read([...bad, ...foreign, ...good, 1, 2, 3])).toEqual(read(good));
  });

  it('takes no more names than its budget has', () => {
    const files = Array.from({ length: 50 }, (_, index): [string, number] => [`${index}.c`, 0]);
    expect(read(unit(4, [], files, SIMPLE), { budget: 50 })).not.toEqual([]);
    expect(read(unit(4, [], files, SIMPLE), { budget: 49 })).toEqual([]);
    const promised = unit(5, ['/'], [['a.c', 0]], SIMPLE);
    expect(read(promised.map((byte, at) => (at === 33 ? 0xff : byte)))).toEqual([]);
  });
});
