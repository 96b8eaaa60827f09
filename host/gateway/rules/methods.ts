import { noMethod } from '../methods.ts';
import type { RuleKind } from '../rules.ts';

/** Refuses what a function has no method for. RFC 9110, section 15.5.6. */
export const methods: RuleKind<'methods'> = {
  name: 'methods',
  filter(allowed) {
    // Who may GET may ask for the head of it: section 9.3.2.
    const known = new Set(allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed);
    return (call) => {
      if (known.has(call.method)) return undefined;
      throw noMethod(`This path takes ${[...known].join(', ')}, and no ${call.method}.`, [...known]);
    };
  },
};
