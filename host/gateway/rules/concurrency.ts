import { BrinkError } from '../../errors.ts';
import { countedAs } from '../limits/counted.ts';
import type { RuleKind } from '../rules.ts';

/** Bounds how many requests of one client are under way at once, until the head of each response. */
export const concurrency: RuleKind<'concurrency'> = {
  name: 'concurrency',
  filter({ limit, by }) {
    const running = new Map<string, number>();
    return (call) => {
      const key = countedAs(call, by);
      const now = running.get(key) ?? 0;
      if (now >= limit)
        throw new BrinkError('rate-limited', `This client has ${limit} requests under way. Wait for one of them.`, {
          details: { limit, retryAfter: 1 },
        });
      running.set(key, now + 1);
      return (response) => {
        const left = running.get(key)! - 1;
        if (left === 0) running.delete(key);
        else running.set(key, left);
        return response;
      };
    };
  },
};
