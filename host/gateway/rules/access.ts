import { BrinkError } from '../../errors.ts';
import { addressTest } from '../address.ts';
import type { GatewayCall } from '../call.ts';
import type { RuleKind } from '../rules.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Takes requests from where they may come. What cannot be told, as an address that nobody knows, is not among what is allowed. */
export const access: RuleKind<'access'> = {
  name: 'access',
  filter({ allow, deny = [], countries, origins }) {
    const allowed = allow && addressTest(allow);
    const denied = addressTest(deny);
    const sites = origins && new Set(origins);
    return (call) => {
      if (denied(call.address) || (allowed && !allowed(call.address))) throw refused('from this address');
      if (countries) {
        const country = call.header(countries.header)?.trim().toUpperCase() ?? '';
        if (countries.deny?.includes(country) || (countries.allow && !countries.allow.includes(country)))
          throw refused('from this country');
      }
      if (sites && !SAFE.has(call.method) && !isOwnSite(call, sites)) throw refused('from pages of this site');
      return undefined;
    };
  },
};

/** Browsers say it of all that changes something; others, which say nothing, are not what it guards against. */
function isOwnSite(call: GatewayCall, sites: ReadonlySet<string>): boolean {
  const origin = call.header('origin');
  return origin === null || sites.has(origin.toLowerCase()) || origin === new URL(call.arrival.request.url).origin;
}

function refused(whence: string): BrinkError {
  return new BrinkError('access-denied', `This function takes no such request ${whence}.`);
}
