import { BrinkError } from '../../errors.ts';
import { countedAs } from '../limits/counted.ts';
import type { GatewayTools, RuleKind } from '../rules.ts';

/** Bounds how many requests of one client are under way at once: until the head of each response, and a WebSocket until it is closed. */
export function concurrencyRule({ watchSocket }: Pick<GatewayTools, 'watchSocket'>): RuleKind<'concurrency'> {
  return {
    name: 'concurrency',
    step({ limit, by }) {
      const running = new Map<string, number>();
      return async (call, next) => {
        const key = countedAs(call, by);
        const now = running.get(key) ?? 0;
        if (now >= limit)
          throw new BrinkError('rate-limited', `This client has ${limit} requests under way. Wait for one of them.`, {
            details: { limit, retryAfter: 1 },
          });
        running.set(key, now + 1);
        let open = false;
        try {
          const response = await next(call);
          if (response.status !== 101 || watchSocket === undefined) return response;
          const watched = watchSocket(response, { closed: () => release(running, key) });
          open = true;
          return watched;
        } finally {
          if (!open) release(running, key);
        }
      };
    },
  };
}

function release(running: Map<string, number>, key: string): void {
  const left = running.get(key)! - 1;
  if (left === 0) running.delete(key);
  else running.set(key, left);
}
