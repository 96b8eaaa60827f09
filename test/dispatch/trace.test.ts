import { describe, expect, it } from 'vitest';
import { nextTraceparent, requestIdOf, traceIdOf } from '../../host/observe/trace.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const half = () => 0.5;

describe('nextTraceparent()', () => {
  it('begins a trace where there is none, which nobody has asked to record', () => {
    expect(nextTraceparent(null, half)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  });

  it("goes on with the caller's trace, as a span of its own", () => {
    const next = nextTraceparent(`00-${TRACE}-${PARENT}-01`, half);
    expect(next).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    expect(requestIdOf(next)).not.toBe(PARENT);
    expect(nextTraceparent(`00-${TRACE}-${PARENT}-00`, half)).toMatch(/-00$/);
  });

  it('reads the known part of a newer version (W3C Trace Context, section 4.3)', () => {
    expect(traceIdOf(nextTraceparent(`cc-${TRACE}-${PARENT}-01`, half))).toBe(TRACE);
    expect(traceIdOf(nextTraceparent(`cc-${TRACE}-${PARENT}-01-what-comes-then`, half))).toBe(TRACE);
    expect(nextTraceparent(`cc-${TRACE}-${PARENT}-01-x`, half)).toMatch(/^00-/);
  });

  it('sends no flags that version 00 does not know (section 3.2.2.5)', () => {
    expect(nextTraceparent(`cc-${TRACE}-${PARENT}-ff`, half)).toMatch(/-0[0-3]$/);
    expect(nextTraceparent(`00-${TRACE}-${PARENT}-09`, half)).toMatch(/-01$/);
  });

  it.each([
    '',
    'nonsense',
    `00-${TRACE}-${PARENT}`,
    `00-${TRACE}-${PARENT}-1`,
    `00-${TRACE}-${PARENT}-01.`,
    `00-${TRACE}-${PARENT}-01-more`,
    `00-${TRACE}-${PARENT}-0x`,
    `ff-${TRACE}-${PARENT}-01`,
    `0-${TRACE}-${PARENT}-01`,
    `00-${TRACE.toUpperCase()}-${PARENT}-01`,
    `00-${TRACE.slice(1)}-${PARENT}-01`,
    `00-${'0'.repeat(32)}-${PARENT}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `cc-${TRACE}-${PARENT}-01x`,
    ` 00-${TRACE}-${PARENT}-01`,
    `00-${TRACE}-${PARENT}-01, 00-${TRACE}-${PARENT}-01`,
  ])('begins a new trace for what is none: %j', (incoming) => {
    const next = nextTraceparent(incoming, half);
    expect(next).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(traceIdOf(next)).not.toBe(TRACE);
  });

  it.each([0, 0.5, 1 - Number.EPSILON / 2])('makes ids of full length that are never all zero, where random() is %d', (value) => {
    const next = nextTraceparent(null, () => value);
    expect(traceIdOf(next)).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
    expect(requestIdOf(next)).toMatch(/^(?!0{16})[0-9a-f]{16}$/);
    expect(next).toHaveLength(55);
  });
});
