import { expect, it } from 'vitest';
import { createClients } from '../../host/bindings/clients.ts';
import { answer, openBinding } from '../../host/bindings/kinds.ts';
import { RateCounters } from '../../host/bindings/ratelimit/counters.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
import type { RateLimit } from '../../sdk/rate-limit.ts';
import { manualClock } from '../stores/clock.ts';
import { ask } from './ratelimit-function.ts';
import { LIMITERS, rateLimitSuite } from './ratelimit-suite.ts';
import { bindingState } from './state.ts';

rateLimitSuite('memory', async () => {
  const limiters = limitersOn(Date.now);
  return { ask: (name, calls) => ask(limiters[name]!, calls), close() {} };
});

it('a new window begins at each whole multiple of the period', async () => {
  const clock = manualClock();
  clock.advance(60_000 - (clock.now() % 60_000));
  const { SHORT, THREE } = limitersOn(clock.now);
  const taken = async (limiter: RateLimit | undefined) => (await limiter!.limit({ key: 'a' })).success;
  expect([await taken(SHORT), await taken(SHORT), await taken(SHORT)]).toEqual([true, true, false]);
  clock.advance(9_999);
  expect(await taken(SHORT)).toBe(false);
  clock.advance(1);
  expect([await taken(SHORT), await taken(SHORT), await taken(SHORT)]).toEqual([true, true, false]);
  expect([await taken(THREE), await taken(THREE), await taken(THREE), await taken(THREE)]).toEqual([true, true, true, false]);
  clock.advance(49_999);
  expect(await taken(THREE)).toBe(false);
  clock.advance(1);
  expect(await taken(THREE)).toBe(true);
});

it('of too many keys the first are forgotten, so that memory stays bounded', () => {
  const counters = new RateCounters(() => 0);
  const take = (key: string) => counters.take({ scope: 's', key, limit: 1, period: 10 });
  for (let n = 0; n < 100_000; n++) expect(take(`key-${n}`)).toBe(true);
  expect(take('key-0')).toBe(false);
  expect(take('one more')).toBe(true);
  expect(take('key-0')).toBe(true);
  expect(take('key-99999')).toBe(false);
});

it('whatever a cell sends, it counts nothing beyond its namespace', async () => {
  const state = bindingState(createMemoryStore(Date.now), () => 0);
  const methods = openBinding({ kind: 'ratelimit', scope: 'id/1' }, state);
  for (const how of [
    null,
    1,
    {},
    { key: 1, limit: 1, period: 10 },
    { key: 'a', limit: '1', period: 10 },
    { key: 'a', limit: 1, period: 11 },
    { key: 'x'.repeat(4_097), limit: 1, period: 10 },
  ]) {
    const { text } = await answer(methods, { method: 'limit', args: JSON.stringify([how]), body: null });
    expect(JSON.parse(text)).toHaveProperty('error');
  }
});

function limitersOn(now: () => number): Record<string, RateLimit> {
  const state = bindingState(createMemoryStore(now), now);
  const specs = LIMITERS.map(({ name, namespace_id: id, simple }) => ({ name, kind: 'ratelimit', scope: `id/${id}`, settings: simple }));
  const methods = Object.fromEntries(specs.map((spec) => [spec.name, openBinding(spec, state)]));
  return createClients(specs, { transportOf: (name) => (call) => answer(methods[name]!, call) }) as Record<string, RateLimit>;
}
