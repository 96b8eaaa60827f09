import { filler } from '../../registry/gateway/path-pattern.ts';
import type { RuleKind } from '../rules.ts';

/** Has the function see another path. */
export const rewrite: RuleKind<'rewrite'> = {
  name: 'rewrite',
  filter(template) {
    const fill = filler(template);
    return (call) => {
      const { target } = call;
      const start = target.indexOf('/', target.indexOf('://') + 3);
      const query = target.indexOf('?');
      const origin = start === -1 ? target : target.slice(0, start);
      call.target = origin + fill(call.parameters('rewrite')) + (query === -1 ? '' : target.slice(query));
      return undefined;
    };
  },
};
