import { BindingError } from '../binding-error.ts';
import type { BindingKind } from '../binding.ts';
import type { RateSettings } from './client.ts';

const MAX_KEY = 4_096;

/** `ratelimits`: counted by their `namespace_id`, which functions may share. One method, `limit`, with `{ key, limit, period }`. */
export const ratelimit: BindingKind = {
  type: 'RateLimit',
  specs: ({ ratelimits = [] }) =>
    ratelimits.map(({ name, namespace_id: id, simple }) => ({ name, scope: `id/${id}`, settings: simple satisfies RateSettings })),
  open: (scope, { rates }) => ({
    async limit([how]) {
      const { key, limit, period } = Object(how) as { key?: unknown; limit?: unknown; period?: unknown };
      if (typeof key !== 'string') throw new BindingError('A key is a string.');
      if (key.length > MAX_KEY) throw new BindingError(`The key has more than ${MAX_KEY} characters. Use a hash of it.`);
      if (typeof limit !== 'number' || (period !== 10 && period !== 60)) throw new BindingError('That is no limit.');
      return { value: { success: rates.take({ scope, key, limit, period }) } };
    },
  }),
};
