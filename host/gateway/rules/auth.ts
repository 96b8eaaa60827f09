import { BrinkError } from '../../errors.ts';
import type { LoadedVersion } from '../../dispatch/cell.ts';
import type { Principal } from '../../../sdk/context.ts';
import type { AuthRule } from '../../registry/gateway/auth.ts';
import { basicScheme } from '../auth/basic.ts';
import { certificateScheme } from '../auth/certificate.ts';
import { forwardScheme } from '../auth/forward.ts';
import { jwtScheme } from '../auth/jwt.ts';
import { createKeySets, type KeySets } from '../auth/key-sets.ts';
import { keysScheme } from '../auth/keys.ts';
import type { Scheme } from '../auth/scheme.ts';
import { signatureScheme } from '../auth/signature.ts';
import type { GatewayCall } from '../call.ts';
import type { Filter, Filtered } from '../step.ts';
import { withHeaders } from '../response.ts';
import type { GatewayTools, RuleKind } from '../rules.ts';

/** Lets in whom one of the schemes knows, and says who that is. RFC 9110, section 11. */
export function authRule(tools: GatewayTools): RuleKind<'auth'> {
  const keySets = createKeySets(tools);
  return { name: 'auth', filter: (rule, version) => filterOf(rule, schemesOf(rule, version, { ...tools, keySets })) };
}

function schemesOf(rule: AuthRule, version: LoadedVersion, tools: GatewayTools & { readonly keySets: KeySets }): Scheme[] {
  const { keys, jwt, basic, signature, certificate, forward } = rule;
  return [
    ...(keys ? [keysScheme(keys, version, tools)] : []),
    ...(jwt ? [jwtScheme(jwt, version, tools)] : []),
    ...(basic ? [basicScheme(basic, version)] : []),
    ...(signature ? [signatureScheme(signature, version, tools)] : []),
    ...(certificate ? [certificateScheme(certificate)] : []),
    ...(forward ? [forwardScheme(forward, version, tools)] : []),
  ];
}

function filterOf({ scopes, optional }: AuthRule, schemes: readonly Scheme[]): Filter {
  const challenges = schemes.flatMap(({ challenge }) => challenge ?? []);

  const refused = (call: GatewayCall, error: unknown) => {
    if (!(error instanceof BrinkError) || error.status !== 401) throw error;
    return withHeaders(call.refuse(error), (headers) => {
      headers.delete('www-authenticate');
      for (const challenge of challenges) headers.append('www-authenticate', challenge);
    });
  };

  /** What the scheme has found; null where the next one is to look. */
  const judged = (call: GatewayCall, found: Principal | Response | null): Response | 'known' | null => {
    if (found === null || found instanceof Response) return found;
    call.principal = found;
    const missing = scopes.find((scope) => !found.scopes.includes(scope));
    if (missing !== undefined) throw scopeMissing(missing);
    return 'known';
  };

  const from = (call: GatewayCall, at: number): Filtered | Promise<Filtered> => {
    const scheme = schemes[at];
    if (scheme === undefined) {
      if (!optional) throw nobody(schemes.length);
      return undefined;
    }
    const went = (found: Principal | Response | null) => {
      const verdict = judged(call, found);
      if (verdict === null) return from(call, at + 1);
      return verdict === 'known' ? undefined : verdict;
    };
    const found = scheme.check(call);
    return found instanceof Promise ? found.then(went) : went(found);
  };

  return (call) => {
    try {
      const passed = from(call, 0);
      return passed instanceof Promise ? passed.catch((error: unknown) => refused(call, error)) : passed;
    } catch (error) {
      return refused(call, error);
    }
  };
}

function scopeMissing(scope: string): BrinkError {
  return new BrinkError('scope-missing', `Whoever is calling is known, and lacks the scope ${JSON.stringify(scope)}.`, {
    details: { scope },
  });
}

function nobody(schemes: number): BrinkError {
  const way = schemes === 1 ? 'in the way that its auth rule names' : 'in one of the ways that its auth rule names';
  return new BrinkError('credentials-missing', `This function wants to know who is calling: show it ${way}.`);
}
