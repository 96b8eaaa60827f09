import { describe, expect, it } from 'vitest';
import { createMemoryLimiter, createStoreLimiter } from '../../host/gateway/limits/limiter.ts';
import { tokenBucket } from '../../host/gateway/limits/meter.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';

const meter = { limit: 100, period: 3_600_000, burst: 100 };

describe('createStoreLimiter()', () => {
  it.each([true, false])('is exact for two hosts with 64 clients each (requests that wait for one another: %s)', async (shares) => {
    const now = () => 1_000;
    const store = createMemoryStore(now);
    // As a store elsewhere is: others come between a look and a write.
    const slow = {
      async get(key: string) {
        await later();
        return store.get(key);
      },
      async put(...args: Parameters<typeof store.put>) {
        await later();
        return store.put(...args);
      },
    };
    const hosts = [0, 1].map(() => createStoreLimiter({ store: slow, now, random: Math.random, shares }));
    const verdicts = await Promise.all(
      Array.from({ length: 128 }, async (_, client) => hosts[client % 2]!.take('key', tokenBucket, meter)),
    );
    expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(100);
  });

  it('knows after a restart what it knew', async () => {
    const now = () => 1_000;
    const store = createMemoryStore(now);
    const create = () => createStoreLimiter({ store, now, random: Math.random, shares: true });
    for (let count = 0; count < 60; count++) await create().take('key', tokenBucket, meter);
    expect(await create().take('key', tokenBucket, meter)).toMatchObject({ allowed: true, remaining: 39 });
  });
});

describe('createMemoryLimiter()', () => {
  it('keeps those apart that have different keys, however many there are', () => {
    let time = 0;
    const limiter = createMemoryLimiter(() => time);
    const short = { limit: 2, period: 1_000, burst: 2 };
    const take = (key: string) => limiter.take(key, tokenBucket, short) as { allowed: boolean };
    expect([take('a'), take('a'), take('a'), take('b')].map(({ allowed }) => allowed)).toEqual([true, true, false, true]);
    for (let index = 0; index < 100_001; index++) take(`flood ${index}`);
    time = 1_000;
    expect(take('a').allowed).toBe(true);
  });
});

function later(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * 2));
}
