import type { RuleKind } from '../rules.ts';

/** Changes the headers that the function sees. */
export const requestHeaders: RuleKind<'request_headers'> = {
  name: 'request_headers',
  filter({ remove = [], set = {}, append = {} }) {
    const [sets, appends] = [Object.entries(set), Object.entries(append)];
    return (call) => {
      for (const name of remove) call.setHeader(name, null);
      for (const [name, value] of sets) call.setHeader(name, value);
      for (const [name, value] of appends) call.appendHeader(name, value);
      return undefined;
    };
  },
};
