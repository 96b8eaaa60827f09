import { withHeaders, type HeaderEditor } from '../response.ts';
import type { RuleKind } from '../rules.ts';

/** Changes the headers of every response, those of other rules among them. */
export const responseHeaders: RuleKind<'response_headers'> = {
  name: 'response_headers',
  filter({ remove = [], set = {}, append = {} }) {
    const [sets, appends] = [Object.entries(set), Object.entries(append)];
    const change = (headers: HeaderEditor) => {
      for (const name of remove) headers.delete(name);
      for (const [name, value] of sets) headers.set(name, value);
      for (const [name, value] of appends) headers.append(name, value);
    };
    const back = (response: Response) => withHeaders(response, change);
    return () => back;
  },
};
