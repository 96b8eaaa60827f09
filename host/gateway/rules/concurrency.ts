import { BrinkError } from '../../errors.ts';
import type { ConcurrencyRule } from '../../registry/gateway/concurrency.ts';
import { countedAs } from '../limits/counted.ts';
import type { GatewayTools, RuleKind } from '../rules.ts';

/** By rule: one that stands before several functions or versions counts them together. */
const runningOf = new WeakMap<ConcurrencyRule, Map<string, number>>();

/** Bounds how many requests of one client are under way at once: until the head of each response, and a WebSocket until it is closed. */
export function concurrencyRule({ watchSocket }: Pick<GatewayTools, 'watchSocket'>): RuleKind<'concurrency'> {
  return {
    name: 'concurrency',
    filter(rule, { function: name }) {
      const { limit, by } = rule;
      const running = runningOf.get(rule) ?? new Map<string, number>();
      runningOf.set(rule, running);
      return (call) => {
        const key = by === 'function' ? name : countedAs(call, by);
        const now = running.get(key) ?? 0;
        if (now >= limit)
          throw new BrinkError('rate-limited', `This client has ${limit} requests under way. Wait for one of them.`, {
            details: { limit, retryAfter: 1 },
          });
        running.set(key, now + 1);
        return (response) => {
          if (response.status === 101 && watchSocket !== undefined) return watchSocket(response, { closed: () => release(running, key) });
          release(running, key);
          return response;
        };
      };
    },
  };
}

function release(running: Map<string, number>, key: string): void {
  const left = running.get(key)! - 1;
  if (left === 0) running.delete(key);
  else running.set(key, left);
}
