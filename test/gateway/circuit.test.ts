import { describe, expect, it } from 'vitest';
import { Circuit, type Permit } from '../../host/gateway/limits/circuit.ts';

const rule = { errors: 0.5, window: 10_000, minimum: 4, open: 30_000, probes: 2 };

function open() {
  const states: string[] = [];
  const circuit = new Circuit({ rule, patience: 5_000, changed: (state) => states.push(state) });
  return {
    circuit,
    states,
    /** One request that is over at once. */
    request(time: number, failure: string | null | undefined): boolean {
      const permit = circuit.admit(time);
      if (typeof permit === 'number') return false;
      circuit.settle(permit, failure, time);
      return true;
    },
  };
}

describe('Circuit', () => {
  it('opens at the share of failures, and not before there were enough requests', () => {
    const { circuit, states, request } = open();
    for (const failure of ['500', '500', null]) request(0, failure);
    expect(states).toEqual([]);
    request(0, null);
    expect(states).toEqual([]);
    request(0, '500');
    expect(states).toEqual(['open']);
    expect(circuit.admit(1_000)).toBe(29_000);
  });

  it('forgets what was longer ago than its window', () => {
    const { states, request } = open();
    for (let each = 0; each < 3; each++) request(0, '500');
    request(10_000, '500');
    expect(states).toEqual([]);
  });

  it('lets probes through when its time is up, closes when all succeed and opens when one fails', () => {
    const { circuit, states, request } = open();
    for (let each = 0; each < 4; each++) request(0, '500');
    const [first, second, third] = [circuit.admit(30_000), circuit.admit(30_000), circuit.admit(30_000)];
    expect(third).toBe(1_000);
    circuit.settle(first as Permit, null, 30_001);
    // One that has succeeded makes no room for more than are wanted.
    expect(circuit.admit(30_001)).toBe(1_000);
    circuit.settle(second as Permit, '502', 30_002);
    expect(states).toEqual(['open', 'half-open', 'open']);
    expect(circuit.admit(60_001)).toBe(1);
    expect([request(60_002, null), request(60_002, null), request(60_002, null)]).toEqual([true, true, true]);
    expect(states).toEqual(['open', 'half-open', 'open', 'half-open', 'closed']);
  });

  it('takes no word of what began before it changed', () => {
    const { circuit, states, request } = open();
    const late = circuit.admit(0) as Permit;
    for (let each = 0; each < 4; each++) request(0, '500');
    const probe = circuit.admit(30_000) as Permit;
    circuit.settle(late, '500', 30_000);
    expect(states).toEqual(['open', 'half-open']);
    circuit.settle(probe, null, 30_000);
    request(30_000, null);
    circuit.settle(late, '500', 30_000);
    expect(states).toEqual(['open', 'half-open', 'closed']);
  });

  it('gives the place of a probe to another one where its client has left, or nothing was heard of it', () => {
    const { circuit, states, request } = open();
    for (let each = 0; each < 4; each++) request(0, '500');
    circuit.admit(30_000);
    circuit.admit(30_000);
    expect(request(34_999, null)).toBe(false);
    expect([request(35_000, undefined), request(35_000, null), request(35_000, null)]).toEqual([true, true, true]);
    expect(states.at(-1)).toBe('closed');
  });
});
