import { describe, expect, it } from 'vitest';
import { slotName, SUPPORT, supportModule, type SupportFunction } from '../../../host/component/core/support.ts';
import type { ValueType } from '../../../host/component/core/types.ts';

/** As the runtime uses them: a `try` that may say that its result is late, and the `wait` that gives it then. */
function gateOf(params: readonly ValueType[], results: readonly ValueType[], answer: { now?: unknown; late?: unknown }) {
  const calls: unknown[][] = [];
  const module = supportModule([{ kind: 'gate', index: 7, type: { params, results } }]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module), {
    [SUPPORT.attempt]: {
      7: (...args: unknown[]) => {
        calls.push(['try', ...args]);
        if ('now' in answer) return answer.now;
        late.value = 1;
        return results[0] === 'i64' ? 0n : 0;
      },
    },
    [SUPPORT.wait]: {
      7: (...args: unknown[]) => {
        calls.push(['wait', ...args]);
        late.value = 0;
        return answer.late;
      },
    },
  });
  const late = exports[SUPPORT.late] as WebAssembly.Global<'i32'>;
  return { gate: exports['7'] as (...args: unknown[]) => unknown, calls };
}

describe('a gate', () => {
  it.each([
    [[], [], [], undefined],
    [['i32', 'i64', 'f32', 'f64'], ['i32'], [1, 2n, 0.5, 0.25], -3],
    [['i64'], ['i64'], [-(2n ** 63n)], 2n ** 63n - 1n],
    [['f64'], ['f64'], [-0], -0],
    [['f32'], ['f32'], [1.5], 2.5],
  ] as const)('of %j to %j gives the result that is there, and waits for one that is not', (params, results, args, result) => {
    const now = gateOf(params, results, { now: result });
    expect(now.gate(...args)).toBe(result);
    expect(now.calls).toEqual([['try', ...args]]);
    const later = gateOf(params, results, { late: result });
    expect(later.gate(...args)).toBe(result);
    expect(later.calls).toEqual([['try', ...args], ['wait']]);
    // The next call is a call of its own.
    expect(later.gate(...args)).toBe(result);
    expect(later.calls).toHaveLength(4);
  });
});

describe('contexts', () => {
  const functions: SupportFunction[] = [0, 1].flatMap((component) =>
    [0, 1].flatMap((slot) => {
      const index = component * 4 + slot * 2;
      const name = slotName(component, slot);
      return [
        { kind: 'get', index, slot: name },
        { kind: 'set', index: index + 1, slot: name },
      ] as const;
    }),
  );

  it('are read, written and swapped, each slot of each component for itself', () => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(supportModule(functions)));
    const call = (name: string | number, ...args: number[]) => (exports[name] as (...values: number[]) => unknown)(...args);
    for (const index of [0, 2, 4, 6]) call(index + 1, index + 100);
    expect([0, 2, 4, 6].map((index) => call(index))).toEqual([100, 102, 104, 106]);
    expect(call(slotName(1, 0), -1)).toBe(104);
    expect([0, 2, 4, 6].map((index) => call(index))).toEqual([100, 102, -1, 106]);
  });
});
