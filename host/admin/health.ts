import { createRoute } from '@hono/zod-openapi';
import { readinessOf, statusOf } from '../gateway/readiness.ts';
import type { AdminDeps } from './deps.ts';
import { json, problems, type AdminApp } from './route.ts';
import { HealthView, LiveView, ReadyView } from './schemas.ts';

/** A store that gives no answer for this long, in ms, is out of reach: probes have little patience themselves. */
const STORE_WITHIN = 800;
/** Anyone may ask, and asks the store at most so often, in ms. */
const KNOWN_FOR = 500;
/** A key that nobody writes: to read nothing is enough. */
const KEY = 'health';

/** Whether the host answers, and whether it should be sent requests. Needs no token, and tells nothing of what is published. */
export function addHealth(app: AdminApp, { engine, store, condition, now }: AdminDeps): void {
  let known: { readonly reachable: boolean; readonly time: number } | undefined;

  async function storeReachable(): Promise<boolean> {
    if (known !== undefined && now() - known.time < KNOWN_FOR) return known.reachable;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), STORE_WITHIN)));
    const read = store.get(KEY).then(
      () => true,
      () => false,
    );
    const reachable = await Promise.race([read, late]);
    clearTimeout(timer);
    known = { reachable, time: now() };
    return reachable;
  }

  app.openapi(health, (c) => c.json({ status: 'ok' as const, engine: engine.name }, 200));
  app.openapi(live, (c) => c.json({ status: 'live' as const }, 200, NO_STORE));
  app.openapi(ready, async (c) => {
    const { draining, overloaded, cutOff } = condition();
    const readiness = readinessOf({ starting: false, draining, overloaded, storeReachable: !cutOff && (await storeReachable()) });
    return c.json(readiness, statusOf(readiness), NO_STORE);
  });
}

const NO_STORE = { 'cache-control': 'no-store' };

const health = createRoute({
  method: 'get',
  path: '/health',
  summary: 'Whether the host answers; needs no token',
  security: [],
  responses: { 200: json(HealthView, 'It does'), ...problems },
});

const live = createRoute({
  method: 'get',
  path: '/health/live',
  summary: 'Whether the process lives: where this has no answer, start it anew. Needs no token',
  security: [],
  responses: { 200: json(LiveView, 'It does'), ...problems },
});

const ready = createRoute({
  method: 'get',
  path: '/health/ready',
  summary: 'Whether the host should be sent requests; needs no token',
  security: [],
  responses: { 200: json(ReadyView, 'It should'), 503: json(ReadyView, 'Not now'), ...problems },
});
