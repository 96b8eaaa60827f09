import { describe, expect, it } from 'vitest';
import { compileFilter, KeptFilter } from '../../host/bindings/queues/filter.ts';
import { parseManifest } from '../../host/registry/parse-manifest.ts';
import type { MessageFilter } from '../../host/registry/manifest-filter.ts';
import type { ContentType } from '../../host/stores/queue.ts';
import cases from './queue-filter-cases.json' with { type: 'json' };

const message = (text: string, type: ContentType = 'json') => ({ type, body: new TextEncoder().encode(text) });
const manifestWith = (filter: unknown) =>
  parseManifest({ name: 'f', compatibility_date: '2026-01-01', queues: { consumers: [{ queue: 'q', filter }] } });
const many = (count: number) => Array.from({ length: count }, (_, index) => index);
/** As it is in force: out of a manifest that was parsed twice, as publishing does. */
const inForce = (filter: unknown): MessageFilter => {
  const once = manifestWith(filter).queues!.consumers[0]!.filter;
  expect(once).toEqual(filter);
  return manifestWith(once).queues!.consumers[0]!.filter!;
};

describe('filters of messages', () => {
  it.each(cases.matches)('$filter', ({ filter, yes, no }) => {
    const matches = compileFilter(inForce(filter));
    expect(yes.filter((text) => !matches(message(text)))).toEqual([]);
    expect(no.filter((text) => matches(message(text)))).toEqual([]);
  });

  it.each(cases.refused)('refused: $filter', ({ filter, says }) => {
    expect(() => manifestWith(filter)).toThrow(says);
    expect(() => manifestWith(filter)).toThrow(/queues\.consumers\[0\]\.filter/);
  });

  it('a filter has at most 100 conditions, 16 choices and 1,024 characters of text', () => {
    expect(() => manifestWith({ a: many(50), b: many(50) })).not.toThrow();
    expect(() => manifestWith({ a: many(50), b: many(51) })).toThrow('100 conditions');
    expect(() => manifestWith({ a: many(50), $or: [{ b: many(50) }, { c: [1] }] })).toThrow('100 conditions');
    expect(() => manifestWith({ $or: many(17).map((n) => ({ n: [n] })) })).toThrow('1 to 16 filters');
    expect(() => manifestWith({ a: ['x'.repeat(1_025)] })).toThrow('1024 characters');
    expect(() => manifestWith({ a: [{ prefix: 'x'.repeat(1_025) }] })).toThrow('1024 characters');
  });

  it('what a body is of decides whether it is JSON: bytes that are no UTF-8, and values of v8, match nothing', () => {
    const matches = compileFilter({ a: [{ exists: false }] });
    expect(matches(message('{}', 'text'))).toBe(true);
    expect(matches(message('{}', 'bytes'))).toBe(true);
    expect(matches(message('{}', 'v8'))).toBe(false);
    expect(matches({ type: 'json', body: Uint8Array.of(0x22, 0xff, 0x22) })).toBe(false);
  });

  it('dead letters are told by where they came from', () => {
    const matches = compileFilter({ '$message.origin': ['mails'] });
    expect(matches({ ...message('{}'), origin: 'mails' })).toBe(true);
    expect(matches({ ...message('{}'), origin: 'other' })).toBe(false);
    expect(matches(message('{}'))).toBe(false);
  });

  it('a long list is looked at up to its 1,000th item, and a deep one costs nothing', () => {
    const matches = compileFilter({ a: ['x'] });
    const list = (at: number) => JSON.stringify({ a: many(20_000).map((index) => (index === at ? 'x' : 'y')) });
    expect(matches(message(list(999)))).toBe(true);
    expect(matches(message(list(1_000)))).toBe(false);
    expect(matches(message(`{"a":${'['.repeat(60_000)}"x"${']'.repeat(60_000)}}`))).toBe(false);
    expect(matches(message(`${'{"a":'.repeat(20_000)}"x"${'}'.repeat(20_000)}`))).toBe(false);
  });

  it('is compiled once for equal filters, and anew for another', () => {
    const kept = new KeptFilter();
    const first = kept.of({ a: [1] });
    expect(kept.of({ a: [1] })).toBe(first);
    expect(kept.of({ a: [2] })).not.toBe(first);
    expect(kept.of(undefined)(message('no JSON'))).toBe(true);
  });
});
