import type { JsonValue } from '../../registry/manifest-json.ts';
import type { GatewayCall } from '../call.ts';
import { Subject } from '../match.ts';

/** What a policy is asked about, as it finds it in `input`. */
export function policyInput(call: GatewayCall, settings: { readonly [name: string]: JsonValue } = {}): object {
  const { arrival, principal, address } = call;
  const { version, alias } = arrival.chosen;
  const subject = new Subject(arrival);
  const path = subject.path.slice(1);
  return {
    request: {
      method: call.method,
      // In the spelling that blocks are matched by, so that there is one of each.
      path: path === '' ? [] : path.split('/'),
      query: queryOf(arrival.destination.target),
      headers: Object.fromEntries(call.received),
      host: subject.host,
      address,
    },
    principal,
    function: version.function,
    version: version.number,
    alias,
    time: arrival.time,
    settings,
  };
}

/** Each with all its values. */
function queryOf(url: string): Record<string, string[]> {
  const { searchParams } = new URL(url);
  return Object.fromEntries([...new Set(searchParams.keys())].map((name) => [name, searchParams.getAll(name)]));
}
