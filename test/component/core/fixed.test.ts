import { describe, expect, it } from 'vitest';
import { rewriteModule } from '../../../host/component/core/rewrite.ts';
import { TYPE, encodeModule, exported, i32, imported, passive, variable, type Bytes, type Source } from './encode.ts';

const AROUND: Source = {
  types: [TYPE.nothing, [0x5f, 1, 0x7f, 1], [0x5e, 0x78, 1]],
  functions: [0],
  tables: [[0x70, 0, 1]],
  memories: [[0, 1]],
  elements: [[1, 0, 0]],
  dataCount: 2,
  data: [passive([1]), passive([2])],
};

/** Instructions between two `unreachable`. */
const reasonOf = (code: Bytes, source: Source = {}) => {
  const bytes = encodeModule({ ...AROUND, code: [[0, 0x00, ...code, 0x00]], ...source });
  const { reset, bytes: rewritten } = rewriteModule(bytes);
  const reason = 'impossible' in reset ? reset.impossible : null;
  if (reason?.includes('opcode') !== true) expect(() => new WebAssembly.Module(rewritten)).not.toThrow();
  return reason;
};

describe('an instance cannot be reset', () => {
  it.each<[what: string, reason: RegExp, code: Bytes]>([
    ['table.set', /writes a table, at offset \d+/, [0x26, 0]],
    ['table.init', /writes a table/, [0xfc, 12, 0, 0]],
    ['table.copy', /writes a table/, [0xfc, 14, 0, 0]],
    ['table.grow', /writes a table/, [0xfc, 15, 0]],
    ['table.fill', /writes a table/, [0xfc, 17, 0]],
    ['struct.set', /writes objects/, [0xfb, 5, 1, 0]],
    ['array.set', /writes objects/, [0xfb, 14, 2]],
    ['array.init_data', /writes objects/, [0xfb, 0x12, 2, 0]],
    ['memory.init and data.drop of one segment', /drops data segment 0/, [0xfc, 8, 0, 0, 0xfc, 9, 0]],
    ['array.new_data and data.drop of one segment', /drops data segment 1/, [0xfb, 9, 2, 1, 0xfc, 9, 1]],
    ['an instruction that is not known', /cannot be rewritten: opcode 0x27 at offset \d+/, [0x27]],
  ])('after %s', (_, reason, code) => {
    expect(reasonOf(code)).toMatch(reason);
  });

  it.each<[what: string, reason: RegExp, source: Source]>([
    ['a shared memory', /shared between threads/, { memories: [[3, 1, 1]] }],
    ['a memory of 64 bits', /64 bits/, { memories: [[4, 1]] }],
    ['a global with a vector', /global 0 holds a v128/, { globals: [[0x7b, 1, 0xfd, 12, ...Array.from({ length: 16 }, () => 0), 0x0b]] }],
  ])('with %s', (_, reason, source) => {
    expect(reasonOf([], source)).toMatch(reason);
  });

  it('where it grows a memory whose pages nobody counts', () => {
    const bytes = encodeModule({
      types: [TYPE.nothing],
      imports: [imported('a', 'm', 'memory', [0, 1])],
      functions: [0],
      code: [[0, ...i32(1), 0x40, 0, 0x1a]],
    });
    expect(rewriteModule(bytes, { sharable: () => false })).toMatchObject({
      reset: {
        impossible: expect.stringMatching(
          /asks for the pages of a memory of another module, which does not count them, at offset \d+/,
        ) as string,
      },
      shares: [],
      counted: false,
    });
  });
});

describe('an instance can be reset', () => {
  it.each<[what: string, code: Bytes]>([
    ['table.get, table.size and call_indirect', [0x25, 0, 0xfc, 16, 0, 0x11, 0, 0]],
    ['memory.init of one segment and data.drop of another', [0xfc, 8, 0, 0, 0xfc, 9, 1]],
    ['elem.drop', [0xfc, 13, 0]],
    ['struct.new and struct.get', [0xfb, 0, 1, 0xfb, 2, 1, 0]],
  ])('after %s', (_, code) => {
    expect(reasonOf(code)).toBeNull();
  });

  it('with an exported table, and globals that hold references', () => {
    expect(
      reasonOf([], {
        globals: [[0x70, 1, 0xd0, 0x70, 0x0b], [0x6f, 1, 0xd0, 0x6f, 0x0b], variable(0)],
        exports: [exported('t', 'table', 0)],
      }),
    ).toBeNull();
  });
});
