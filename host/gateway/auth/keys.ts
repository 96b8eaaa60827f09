import type { LoadedVersion } from '../../dispatch/cell.ts';
import type { Principal } from '../../../sdk/context.ts';
import type { KeysScheme } from '../../registry/gateway/auth.ts';
import type { GatewayTools } from '../rules.ts';
import { bearerOf, invalid, type Scheme } from './scheme.ts';

/** Keys that the host has made. */
export function keysScheme({ header }: KeysScheme, { function: name }: LoadedVersion, { apiKeys }: Pick<GatewayTools, 'apiKeys'>): Scheme {
  const bearer = header === 'authorization';
  const principalOf = async (owner: string, token: string): Promise<Principal> => {
    const key = await apiKeys.find(owner, token);
    if (key === null) throw invalid('the key is none of this function, or has expired');
    return { scheme: 'key', id: key.name, scopes: key.scopes, claims: {} };
  };
  return {
    challenge: bearer ? 'Bearer realm="brink"' : null,
    check(call) {
      const value = call.header(header);
      const token = value === null || !bearer ? value : bearerOf(value);
      // A token of another scheme may come in the same header.
      if (token === null || (bearer && !token.startsWith('brk_'))) return null;
      return principalOf(name, token.trim());
    },
  };
}
