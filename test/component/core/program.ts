import fc from 'fast-check';
import type { Guest } from './guest.ts';

/** What a test has a guest do: an action, and two numbers that it makes its arguments of. */
export type Program = readonly (readonly [action: (typeof ACTIONS)[number], a: number, b: number])[];

const ACTIONS = ['size', 'grow', 'load', 'store', 'fill', 'count', 'setWide', 'wide', 'init', 'beyond'] as const;

export const programs: fc.Arbitrary<Program> = fc.array(fc.tuple(fc.constantFrom(...ACTIONS), fc.nat(), fc.nat()), { maxLength: 40 });

const PAGE = 65_536;

/** @returns all that the guest answered; what traps is said by its message */
export function run(guest: Guest, program: Program): unknown[] {
  return program.map(([action, a, b]) => {
    try {
      const end = guest.size() * PAGE;
      switch (action) {
        case 'size':
        case 'count':
        case 'wide':
          return guest[action]();
        case 'grow':
          return guest.grow(a % 4);
        case 'load':
          return guest.load(a % end);
        case 'store':
          return guest.store(a % end, b);
        case 'fill':
          return guest.fill(a % end, b, Math.min(b % 5_000, end - (a % end)));
        case 'setWide':
          return guest.setWide(BigInt(a) << 20n);
        case 'init':
          return guest.init(a % (end - 8), b % 6);
        case 'beyond':
          return guest.load(8 * PAGE + (a % PAGE));
      }
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      return error.message;
    }
  });
}

/** The whole state of a guest that a program can see. */
export function stateOf(guest: Guest): unknown[] {
  return [guest.size(), guest.wide(), Array.from(new Uint8Array(guest.memory.buffer, 0, guest.size() * PAGE)).join('')];
}
