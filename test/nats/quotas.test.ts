import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Quotas, RECOUNT } from '../../host/stores/nats/quotas.ts';
import { QuotaExceeded, type Usage } from '../../host/stores/quota.ts';
import { manualClock } from '../stores/clock.ts';
import { onNats } from './on-nats.ts';
import { startNatsServer, type NatsServer } from './server.ts';
import { openOn } from './state.ts';

const quotaOf = (keys: number) => ({ keys, bytes: 1_000_000 });
const SMALL = new Uint8Array(10);

describe('a quota on NATS', () => {
  const opened = (total: Usage) => {
    const clock = manualClock();
    const looks = { total: 0, entries: 0 };
    const quotas = new Quotas({
      now: clock.now,
      total: async () => (looks.total++, total),
      entries: async () => (looks.entries++, new Map()),
    });
    return { quotas, clock, looks };
  };
  const claim = (quotas: Quotas, key: string, keys: number) => quotas.claim({ group: 'k/a/', key, bytes: 10, quota: quotaOf(keys) });

  it('that is more than there is in all takes no look at entries, and few at the whole', async () => {
    const { quotas, clock, looks } = opened({ keys: 1_000, bytes: 1_000 });
    for (let count = 0; count < 100; count++) (await claim(quotas, `k/a/${count}`, 10_000))();
    expect(looks).toEqual({ total: 1, entries: 0 });
    clock.advance(RECOUNT + 1);
    (await claim(quotas, 'k/a/x', 10_000))();
    expect(looks).toEqual({ total: 2, entries: 0 });
  });

  it('counts what is under way when the entries are first counted', async () => {
    const { quotas, looks } = opened({ keys: 0, bytes: 0 });
    const first = await claim(quotas, 'k/a/1', 1);
    const second = claim(quotas, 'k/a/2', 1);
    quotas.wrote({ group: 'k/a/', key: 'k/a/1' }, { bytes: 10, revision: 1, expires: Infinity });
    first();
    // This one's look finds nothing: the first write had been given up.
    (await second)();
    expect(looks).toEqual({ total: 1, entries: 1 });
    quotas.wrote({ group: 'k/a/', key: 'k/a/2' }, { bytes: 10, revision: 2, expires: Infinity });
    await expect(claim(quotas, 'k/a/3', 1)).rejects.toThrow(QuotaExceeded);
  });
});

onNats('a quota over hosts on one NATS', () => {
  let server: NatsServer;
  beforeAll(async () => (server = await startNatsServer()));
  afterAll(() => server.stop());

  it('counts what another host wrote: before the first write, later within the time of a look, and before a refusal', async () => {
    const clock = manualClock();
    const a = await openOn(server.url, { now: clock.now });
    const b = await openOn(server.url, { now: clock.now, prefix: a.prefix });
    const put = async ({ bindings }: typeof a, key: string, keys = 4) =>
      (await bindings.put(`k/a/${key}`, SMALL, { quota: quotaOf(keys) }))! > 0;
    await b.bindings.put('k/a/1', SMALL);
    await b.bindings.put('k/a/2', SMALL);
    await put(a, '3');
    await put(b, '4');
    // A knows three, and B wrote a fourth since: this one goes beyond the quota.
    await put(a, '5');
    await expect(put(a, '6')).rejects.toThrow(QuotaExceeded);
    expect((await a.bindings.list({ prefix: 'k/a/' })).keys).toHaveLength(5);
    for (const key of ['1', '2']) await b.bindings.delete(`k/a/${key}`);
    clock.advance(1_001);
    expect(await put(a, '6')).toBe(true);
    await b.bindings.put('k/a/7', SMALL);
    clock.advance(RECOUNT + 1);
    // Has A look, which nothing waits for; its list comes after that look.
    await put(a, '3');
    expect((await a.bindings.list({ prefix: 'k/a/' })).keys).toHaveLength(5);
    await expect(put(a, '8', 5)).rejects.toThrow(QuotaExceeded);
    await a.close();
    await b.close();
  });
});
