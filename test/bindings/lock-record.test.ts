import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  bytesOf,
  changed,
  fenced,
  FREE,
  grants,
  isFree,
  recordOf,
  type Change,
  type LockRecord,
} from '../../host/bindings/locks/record.ts';

const id = fc.integer({ min: 0, max: 9 }).map((number) => `id-${number}`);
const step = fc.record({
  ms: fc.nat(400),
  dead: fc.option(id, { freq: 8 }),
  change: fc.oneof(
    fc.record({
      do: fc.constant('ask' as const),
      mode: fc.constantFrom('exclusive' as const, 'shared' as const),
      ttl: fc.integer({ min: 300, max: 1_000 }),
      ifAvailable: fc.boolean(),
      steal: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
    }),
    fc.record({ do: fc.constant('leave' as const), id }),
    fc.record({ do: fc.constant('renew' as const), ids: fc.uniqueArray(id).map((ids) => new Set(ids)) }),
    fc.record({ do: fc.constant('look' as const) }),
  ),
});

it('whatever happens to a lock: one exclusive holder or sharers, waiters in their order, one grant at a time, and none that is over', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let [record, now, revision, next]: [LockRecord, number, number, number] = [FREE, 1_000_000, 0, 0];
      for (const { ms, dead, change: drawn } of steps) {
        now += ms;
        const change: Change =
          drawn.do === 'ask'
            ? {
                do: 'ask',
                claim: { id: `id-${next++ % 10}/${next}`, mode: drawn.mode, client: 'c', ttl: drawn.ttl, expires: now + drawn.ttl },
                ifAvailable: drawn.ifAvailable && !drawn.steal,
                steal: drawn.steal && drawn.mode === 'exclusive',
              }
            : drawn;
        const after = changed(record, change, { now, lives: (claim) => claim.id !== dead });
        check(record, after, now);
        // As another host reads it.
        record = recordOf(bytesOf(after), ++revision);
        expect(record).toEqual(fenced(after, revision));
        expect(grants(record)).toBe(false);
      }
      expect(isFree(changed(record, { do: 'look' }, { now: now + 2_000, lives: () => true }))).toBe(true);
    }),
    { numRuns: 200 },
  );
});

function check(before: LockRecord, after: LockRecord, now: number): void {
  const { held, waiting } = after;
  expect(held.length <= 1 || held.every(({ mode }) => mode === 'shared')).toBe(true);
  expect([...held, ...waiting].every(({ expires }) => expires > now)).toBe(true);
  expect(held.filter(({ fence }) => fence === null).length).toBeLessThanOrEqual(1);
  const order = (claims: LockRecord['waiting']) => claims.map((claim) => claim.id);
  const stayed = order(after.waiting).filter((each) => order(before.waiting).includes(each));
  expect(stayed).toEqual(order(before.waiting).filter((each) => stayed.includes(each)));
  // Nobody waits for a lock that could be had.
  const first = waiting[0];
  const free = held.length === 0 || (first?.mode === 'shared' && held.every(({ mode }) => mode === 'shared'));
  expect(first !== undefined && free && !grants(after)).toBe(false);
}
