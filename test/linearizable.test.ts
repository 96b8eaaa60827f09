import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkHistory, type Model, type Operation } from './linearizable.ts';

type Input = { readonly write: number } | 'read';
type Op = Operation<Input, number | null>;

const register: Model<number, Input, number | null> = {
  initial: 0,
  step: (state, input, output) => (input === 'read' ? (output === undefined || output === state ? state : null) : input.write),
  keyOf: String,
};
const write = (value: number, called: number, returned: number): Op => ({ input: { write: value }, output: null, called, returned });
const read = (output: number, called: number, returned: number): Op => ({ input: 'read', output, called, returned });
const holds = (...history: Op[]) => checkHistory(history, register).linearizable;

describe('a register', () => {
  it('one after the other', () => {
    expect(holds(write(1, 1, 2), read(1, 3, 4))).toBe(true);
    expect(holds(write(1, 1, 2), read(0, 3, 4))).toBe(false);
  });

  it('at once, either may be first', () => {
    expect(holds(write(1, 1, 4), read(0, 2, 3))).toBe(true);
    expect(holds(write(1, 1, 4), read(1, 2, 3))).toBe(true);
    expect(holds(write(1, 1, 4), read(2, 2, 3))).toBe(false);
  });

  it('does not go back', () => {
    expect(holds(write(1, 1, 10), read(1, 2, 3), read(0, 4, 5))).toBe(false);
    expect(holds(write(1, 1, 10), write(2, 1, 10), read(1, 2, 3), read(2, 4, 5))).toBe(true);
    expect(holds(write(1, 1, 10), write(2, 1, 10), read(1, 2, 3), read(2, 4, 5), read(1, 6, 7))).toBe(false);
  });

  it('what never returned may have been done late, or never', () => {
    expect(holds(write(1, 1, Infinity), read(0, 2, 3), read(1, 8, 9))).toBe(true);
    expect(holds(write(1, 1, Infinity), read(0, 2, 3), read(0, 8, 9))).toBe(true);
    expect(holds(write(1, 1, Infinity), read(1, 2, 3), read(0, 8, 9))).toBe(false);
    expect(holds(read(1, 2, 3), write(1, 4, Infinity))).toBe(false);
  });

  it('says how much it could explain', () => {
    expect(checkHistory([write(1, 1, 2), read(1, 3, 4), read(7, 5, 6)], register)).toEqual({ linearizable: false, explained: 2, of: 3 });
  });

  it('finds what trying every order finds', () => {
    const op = fc.record({
      value: fc.integer({ min: -2, max: 2 }),
      called: fc.nat(8),
      takes: fc.integer({ min: 1, max: 8 }),
      lost: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(op, { maxLength: 5 }), (all) => {
        const history = all.map(({ value, called, takes, lost }, index) => {
          const [from, to] = [called + index / 10, lost ? Infinity : called + takes + index / 10];
          return value > 0 ? write(value, from, to) : read(-value, from, to);
        });
        expect(holds(...history)).toBe(byTrying(history, 0));
      }),
      { numRuns: 2_000 },
    );
  });
});

function byTrying(left: readonly Op[], state: number): boolean {
  if (left.every(({ returned }) => returned === Infinity)) return true;
  return left.some((op) => {
    if (left.some((other) => other !== op && other.returned < op.called)) return false;
    const output = op.returned === Infinity ? undefined : op.output;
    const after = register.step(state, op.input, output);
    return (
      after !== null &&
      byTrying(
        left.filter((other) => other !== op),
        after,
      )
    );
  });
}
