import { lookup as lookUp } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { Egress, EgressDenied } from '../../cell/egress.ts';

/** What names lead to, in place of what a resolver says: each time the next of these, and then the last. */
export type Names = Readonly<Record<string, readonly (readonly string[])[]>>;

/** A look-up that gives the addresses alone that the rules allow. */
export function checkedLookup(egress: Egress, lookup: LookupFunction): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return done(error, '', 0);
      const addresses = Array.isArray(found) ? found : [{ address: found, family: isIP(found) }];
      const [allowed, denied] = allowedOf(egress, hostname, addresses);
      if (allowed.length === 0) return done(denied ?? notFound(hostname), '', 0);
      return options.all ? done(null, allowed) : done(null, allowed[0]!.address, allowed[0]!.family);
    });
  };
}

type Found = { readonly address: string; readonly family: number };

function allowedOf(egress: Egress, hostname: string, addresses: readonly Found[]): [Found[], EgressDenied | null] {
  let denied: EgressDenied | null = null;
  const allowed = addresses.filter(({ address }) => {
    try {
      egress.checkAddress(hostname, address);
      return true;
    } catch (error) {
      denied = error as EgressDenied;
      return false;
    }
  });
  return [allowed, denied];
}

export function resolverOf(names: Names): LookupFunction {
  const asked = new Map<string, number>();
  return (hostname, options, done) => {
    const answers = Object.hasOwn(names, hostname) ? names[hostname]! : null;
    if (answers === null) return lookUp(hostname, options, done);
    const at = asked.get(hostname) ?? 0;
    asked.set(hostname, at + 1);
    const found = answers[Math.min(at, answers.length - 1)] ?? [];
    return done(
      null,
      found.map((address) => ({ address, family: isIP(address) })),
    );
  };
}

function notFound(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' });
}
