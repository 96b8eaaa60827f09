import { withHeaders } from '../response.ts';
import type { RuleKind } from '../rules.ts';

/** Changes the headers of every response, those of other rules among them. */
export const responseHeaders: RuleKind<'response_headers'> = {
  name: 'response_headers',
  step({ remove = [], set = {}, append = {} }) {
    const [sets, appends] = [Object.entries(set), Object.entries(append)];
    return async (call, next) =>
      withHeaders(await next(call), (headers) => {
        for (const name of remove) headers.delete(name);
        for (const [name, value] of sets) headers.set(name, value);
        for (const [name, value] of appends) headers.append(name, value);
      });
  },
};
