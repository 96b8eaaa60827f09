import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BrinkError } from '../../../host/errors.ts';
import { LIMITS, settled, setup, version, type Call } from './fake-cells.ts';

type Step =
  | { readonly do: 'call'; readonly fn: number; readonly depth: number }
  | { readonly do: 'answer' | 'crash' | 'ready'; readonly cell: number }
  | { readonly do: 'uses'; readonly cell: number; readonly ms: number }
  | { readonly do: 'leave'; readonly call: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'secrets'; readonly fn: number };

const FUNCTIONS = 3;

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('call' as const), fn: fc.nat(FUNCTIONS - 1), depth: fc.constantFrom(0, 0, 0, 1, 2) }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('answer' as const), cell: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('ready' as const), cell: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), cell: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('uses' as const), cell: fc.nat(20), ms: fc.constantFrom(1, 50, 700) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), call: fc.nat(50) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 100, 300, 2_000, 70_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('secrets' as const), fn: fc.nat(FUNCTIONS - 1) }) },
);

const settings = fc.record({
  concurrency: fc.integer({ min: 1, max: 3 }),
  max_cells: fc.integer({ min: 1, max: 3 }),
  queue: fc.integer({ min: 0, max: 5 }),
  policy: fc.constantFrom('round-robin', 'least-in-flight', 'two-choices', 'latency'),
  queue_ms: fc.constantFrom(200, 5_000),
  idle_ms: fc.constant(60_000),
});

interface Made extends Call {
  readonly fn: number;
  readonly depth: number;
  readonly aborter: AbortController;
}

describe('Pool, whatever happens', () => {
  it('bounds hold, the order is kept, no call is lost, and everything comes back', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(settings, { minLength: FUNCTIONS, maxLength: FUNCTIONS }),
        fc.record({
          cells: fc.integer({ min: 1, max: 5 }),
          calls: fc.integer({ min: 2, max: 12 }),
          cpu: fc.constantFrom({}, { shared: 0.5 }),
        }),
        fc.array(step, { maxLength: 120 }),
        async (scaling, limits, steps) => {
          const { pool, cells, call, pass } = setup({ ready: false, limits: { ...LIMITS, ...limits } });
          const revisions = scaling.map(() => 0);
          const versionOf = (fn: number) => ({
            ...version(`v${fn}`, { name: `fn${fn}`, scaling: scaling[fn]! }),
            secretsRevision: revisions[fn]!,
          });
          const calls: Made[] = [];
          for (const each of steps) {
            switch (each.do) {
              case 'call': {
                const aborter = new AbortController();
                const { fn, depth } = each;
                calls.push(Object.assign(call(versionOf(fn), { depth, signal: aborter.signal }), { fn, depth, aborter }));
                break;
              }
              case 'answer':
                if ((cells[each.cell]?.inFlight ?? 0) > 0) cells[each.cell]!.answer();
                break;
              case 'ready':
                if (cells[each.cell]?.state === 'starting') cells[each.cell]!.ready();
                break;
              case 'crash':
                if (cells[each.cell] !== undefined && cells[each.cell]!.state !== 'stopped') cells[each.cell]!.crash();
                break;
              case 'uses':
                cells[each.cell]?.uses(each.ms);
                break;
              case 'leave':
                calls[each.call]?.aborter.abort();
                break;
              case 'pass':
                pass(each.ms);
                break;
              case 'secrets':
                revisions[each.fn]!++;
                break;
            }
            await settled();
            for (const cell of cells) {
              const { concurrency } = scaling[Number(cell.version.artifact.slice(1))]!;
              // Those inside of others have places of their own.
              expect(cell.most).toBeLessThanOrEqual(concurrency * 3);
            }
            for (const { version: _version, ...view } of pool.view()) {
              const { queue, max_cells: most } = scaling[Number(view.function.slice(2))]!;
              expect(view.waiting).toBeLessThanOrEqual(queue * 3);
              expect(view.ready + view.starting).toBeLessThanOrEqual(most);
              expect(view.calls).toBeGreaterThanOrEqual(0);
            }
            const outside = calls.filter(({ state, depth }) => state === 'running' && depth === 0).length;
            expect(outside).toBeLessThanOrEqual(limits.calls);
            for (let fn = 0; fn < FUNCTIONS; fn++) {
              const order = calls.filter((each) => each.fn === fn && each.depth === 0 && !each.aborter.signal.aborted);
              const first = order.findIndex(({ state }) => state === 'waiting');
              // Nobody behind the first that waits has begun.
              if (first !== -1) expect(order.slice(first).filter(({ state }) => state === 'running')).toEqual([]);
            }
          }
          // All cells answer what they have: every call ends, and every place comes back.
          for (let round = 0; round < 400 && calls.some(({ state }) => state === 'waiting' || state === 'running'); round++) {
            for (const cell of cells) {
              if (cell.state === 'starting') cell.ready();
              while (cell.inFlight > 0) cell.answer();
            }
            await settled();
            pass(50);
            await settled();
          }
          for (const { state, error } of calls) {
            expect(['done', 'failed']).toContain(state);
            if (state === 'failed') expect(['overloaded', 'cell-crashed', 'cell-start-failed']).toContain((error as BrinkError).code);
          }
          expect(pool.view().every(({ calls: left, waiting }) => left === 0 && waiting === 0)).toBe(true);
          pass(400_000);
          expect(pool.view()).toEqual([]);
          expect(cells.every(({ state }) => state === 'stopped')).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });
});
