import { filler } from '../../registry/gateway/path-pattern.ts';
import type { RuleKind } from '../rules.ts';

/** Sends a client elsewhere. RFC 9110, section 15.4. */
export const redirect: RuleKind<'redirect'> = {
  name: 'redirect',
  filter({ to, status }) {
    const fill = filler(to);
    const fixed = !/[*:]/.test(to.replace(/^https?:/, ''));
    return (call) => {
      const place = fixed ? to : sameHost(fill(call.parameters('redirect')));
      return new Response(null, { status, headers: { location: withQuery(place, call.target) } });
    };
  },
};

/** What stood in a path may begin with a slash; two at the beginning would lead to another host. RFC 3986, section 4.2. */
function sameHost(place: string): string {
  return place.startsWith('/') ? place.replace(/^[/\\]+/, '/') : place;
}

function withQuery(place: string, target: string): string {
  const query = target.indexOf('?');
  return query === -1 || place.includes('?') ? place : place + target.slice(query);
}
