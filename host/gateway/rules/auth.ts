import { BrinkError } from '../../errors.ts';
import type { LoadedVersion } from '../../dispatch/cell.ts';
import type { AuthRule } from '../../registry/gateway/auth.ts';
import { basicScheme } from '../auth/basic.ts';
import { certificateScheme } from '../auth/certificate.ts';
import { forwardScheme } from '../auth/forward.ts';
import { jwtScheme } from '../auth/jwt.ts';
import { createKeySets, type KeySets } from '../auth/key-sets.ts';
import { keysScheme } from '../auth/keys.ts';
import type { Scheme } from '../auth/scheme.ts';
import { signatureScheme } from '../auth/signature.ts';
import type { GatewayCall, Step } from '../call.ts';
import { withHeaders } from '../response.ts';
import type { GatewayTools, RuleKind } from '../rules.ts';

/** Lets in whom one of the schemes knows, and says who that is. RFC 9110, section 11. */
export function authRule(tools: GatewayTools): RuleKind<'auth'> {
  const keySets = createKeySets(tools);
  return { name: 'auth', step: (rule, version) => stepOf(rule, schemesOf(rule, version, { ...tools, keySets })) };
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

function stepOf({ scopes, optional }: AuthRule, schemes: readonly Scheme[]): Step {
  const challenges = schemes.flatMap(({ challenge }) => challenge ?? []);

  const refused = (call: GatewayCall, error: unknown) => {
    if (!(error instanceof BrinkError) || error.status !== 401) throw error;
    return withHeaders(call.refuse(error), (headers) => {
      headers.delete('www-authenticate');
      for (const challenge of challenges) headers.append('www-authenticate', challenge);
    });
  };

  return async (call, next) => {
    try {
      for (const scheme of schemes) {
        const found = await scheme.check(call);
        if (found instanceof Response) return found;
        if (found === null) continue;
        call.principal = found;
        const missing = scopes.find((scope) => !found.scopes.includes(scope));
        if (missing !== undefined) throw scopeMissing(missing);
        return next(call);
      }
      if (!optional) throw nobody(schemes.length);
    } catch (error) {
      return refused(call, error);
    }
    return next(call);
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
