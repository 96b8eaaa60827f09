import { readinessResponse } from '../gateway/readiness.ts';
import type { Engine } from '../dispatch/cell.ts';
import type { Condition } from '../platform.ts';
import type { Store } from '../stores/store.ts';
import { ADMIN_PATH } from './path.ts';

/** A store that gives no answer for this long, in ms, is out of reach: probes have little patience themselves. */
const STORE_WITHIN = 800;
/** Anyone may ask, and asks the store at most so often, in ms. */
const KNOWN_FOR = 500;
/** A key that nobody writes: to read nothing is enough. */
const KEY = 'health';

export interface ProbesOptions {
  readonly engine: Pick<Engine, 'name'>;
  /** Asked whether it can be reached. */
  readonly store: Pick<Store, 'get'>;
  /** How the host is. */
  readonly condition: () => Condition;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Whether the host answers, and whether it should be sent requests. */
export interface Probes {
  health(): Response;
  live(): Response;
  ready(): Promise<Response>;
}

/** They need no token, and tell nothing of what is published. */
export function createProbes({ engine, store, condition, now }: ProbesOptions): Probes {
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

  return {
    health: () => Response.json({ status: 'ok', engine: engine.name }),
    live: () => Response.json({ status: 'live' }, { headers: { 'cache-control': 'no-store' } }),
    async ready() {
      const { draining, overloaded, cutOff } = condition();
      return readinessResponse({ starting: false, draining, overloaded, storeReachable: !cutOff && (await storeReachable()) });
    },
  };
}

/** The answer to who asks one of them; undefined where the admin API is asked for something else. */
export function probed({ method, url }: Pick<Request, 'method' | 'url'>, probes: Probes): Response | Promise<Response> | undefined {
  if (method !== 'GET') return undefined;
  const path = url.slice(url.indexOf('/', url.indexOf('://') + 3));
  switch (path) {
    case `${ADMIN_PATH}/health`:
      return probes.health();
    case `${ADMIN_PATH}/health/live`:
      return probes.live();
    case `${ADMIN_PATH}/health/ready`:
      return probes.ready();
    default:
      return undefined;
  }
}
