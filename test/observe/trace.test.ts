import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { depthOf, nextTraceparent, requestIdOf, traceIdOf } from '../../host/observe/trace.ts';

const VALID = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[0-3]$/;
const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...Array.from({ length: 16 }, (_, digit) => digit.toString(16))), { minLength: length, maxLength: length })
    .map((digits) => digits.join(''));
const random = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));
const from = (stream: Stream<number>) => () => stream.next().value;
type Stream<Value> = { next(): { value: Value } };

describe('the trace context of an invocation', () => {
  it('is one, keeps its caller’s trace, and counts the invocations that it lies inside of', () => {
    fc.assert(
      fc.property(random, fc.integer({ min: 0, max: 300 }), (stream, depth) => {
        let trace = nextTraceparent(null, from(stream as unknown as Stream<number>));
        const id = traceIdOf(trace);
        for (let at = 0; at <= depth; at++) {
          expect(trace).toMatch(VALID);
          expect([traceIdOf(trace), depthOf(trace)]).toEqual([id, Math.min(at, 255)]);
          expect(trace).toContain(requestIdOf(trace));
          trace = nextTraceparent(trace, from(stream as unknown as Stream<number>));
        }
      }),
    );
  });

  it('counts from nothing where a tracer of somebody else’s comes in between', () => {
    fc.assert(
      fc.property(hex(32), hex(16), random, (trace, parent, stream) => {
        fc.pre(!/^0+$/.test(trace) && !/^0+$/.test(parent));
        const next = nextTraceparent(`00-${trace}-${parent}-01`, from(stream as unknown as Stream<number>));
        expect([traceIdOf(next), depthOf(next), next.slice(-2)]).toEqual([trace, 0, '01']);
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes no two invocations for one', () => {
    const ids = new Set(Array.from({ length: 50_000 }, () => requestIdOf(nextTraceparent(null, Math.random))));
    expect(ids.size).toBe(50_000);
  });
});
