import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../host/stores/memory.ts';
import type { Store } from '../../host/stores/store.ts';
import { adminOnMemory, ORIGIN, TOKEN, type AdminSetup } from './admin.ts';

const READY = `${ORIGIN}/_brink/health/ready`;
const WELL = { starting: false, draining: false, overloaded: false, storeReachable: true };

async function ask(setup: AdminSetup) {
  const response = await adminOnMemory({ address: '192.0.2.1', ...setup }).app.request(READY);
  return { status: response.status, body: await response.json() };
}

describe('readiness', () => {
  it('is there without a token, and not to be kept by caches', async () => {
    const { app } = adminOnMemory({ address: '192.0.2.1' });
    const response = await app.request(READY);
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(await response.json()).toEqual({ status: 'ready', checks: WELL });
  });

  it.each(['draining', 'overloaded'] as const)('is a 503 while the host is %s', async (what) => {
    expect(await ask({ condition: { [what]: true } })).toEqual({
      status: 503,
      body: { status: 'not-ready', checks: { ...WELL, [what]: true } },
    });
  });

  it('is a 503 at once where the store is known to be cut off', async () => {
    let reads = 0;
    const store = storeThat(() => Promise.reject(new Error(`read ${reads++}`)));
    expect(await ask({ store, condition: { cutOff: true } })).toMatchObject({ status: 503, body: { checks: { storeReachable: false } } });
    expect(reads).toBe(0);
  });

  it.each<[string, () => Promise<null>]>([
    ['fails, and does not say why', () => Promise.reject(new Error(`nats://ada:${TOKEN}@127.0.0.1 refuses`))],
    ['gives no answer', () => new Promise(() => {})],
  ])('is a 503 where the store %s', async (_what, get) => {
    const { status, body } = await ask({ store: storeThat(get) });
    expect([status, body]).toEqual([503, { status: 'not-ready', checks: { ...WELL, storeReachable: false } }]);
  });

  it('asks the store once for all who ask in the same moment', async () => {
    let reads = 0;
    const get = () => {
      reads++;
      return Promise.resolve(null);
    };
    const { app } = adminOnMemory({ store: storeThat(get) });
    for (let times = 0; times < 20; times++) await app.request(READY);
    expect(reads).toBe(1);
  });
});

it('liveness is there without a token, whatever the host has to do', async () => {
  const { app } = adminOnMemory({ address: '192.0.2.1', condition: { draining: true, overloaded: true, cutOff: true } });
  const response = await app.request(`${ORIGIN}/_brink/health/live`);
  expect([response.status, await response.json()]).toEqual([200, { status: 'live' }]);
});

function storeThat(get: () => Promise<null>): Store {
  return { ...createMemoryStore(() => 0), get };
}
