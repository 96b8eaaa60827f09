import { describe, expect, it } from 'vitest';
import { capMemories } from '../../../host/platforms/node/wasm-memory.ts';

const HEAD = [0, 97, 115, 109, 1, 0, 0, 0];
const PAGE = 65_536;
const module = (...limits: number[]) => Uint8Array.of(...HEAD, 5, limits.length + 1, 1, ...limits);

describe('memories of a module', () => {
  it('get a maximum, or a lower one, and keep one that is low enough', () => {
    expect([...capMemories(module(0, 1), 300 * PAGE)]).toEqual([...HEAD, 5, 5, 1, 1, 1, 0xac, 2]);
    expect([...capMemories(module(1, 1, 0xff, 0xff, 3), 16 * PAGE)]).toEqual([...HEAD, 5, 4, 1, 1, 1, 16]);
    expect([...capMemories(module(1, 1, 8), 16 * PAGE)]).toEqual([...module(1, 1, 8)]);
  });

  it('that begin with more are refused', () => {
    expect(() => capMemories(module(0, 17), 16 * PAGE)).toThrow('begins with 17 pages');
  });

  it('leave what has none as it is, and what is no module', () => {
    for (const bytes of [
      Uint8Array.of(...HEAD),
      Uint8Array.of(...HEAD, 0, 2, 1, 65),
      Uint8Array.of(1, 2, 3),
      Uint8Array.of(...HEAD, 5, 0xff),
    ])
      expect(WebAssembly.validate(capMemories(bytes, PAGE))).toBe(WebAssembly.validate(bytes));
  });
});
