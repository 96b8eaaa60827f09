import { cookieOf } from '../header-lines.ts';
import { createLocalJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions } from 'jose';
import type { LoadedVersion } from '../../dispatch/cell.ts';
import type { JwtScheme } from '../../registry/gateway/auth.ts';
import type { GatewayCall } from '../call.ts';
import type { GatewayTools } from '../rules.ts';
import type { KeySets } from './key-sets.ts';
import { bearerOf, invalid, unavailable, type Scheme } from './scheme.ts';
import { secretOf } from './secret-lines.ts';

/** What a token may have, in characters: a larger one is no token that an issuer makes. */
const MAX_TOKEN = 8_192;
/** RFC 7518, section 3.2: as long as the hash. */
const SECRET_BYTES: Readonly<Record<string, number>> = { HS256: 32, HS384: 48, HS512: 64 };
/** Keys that are tried for a token that names none. */
const MAX_TRIED = 8;

const utf8 = new TextEncoder();

/** RFC 7519 by jose, which checks what RFC 8725 asks for; that `exp` is there, too. */
export function jwtScheme(
  rule: JwtScheme,
  version: LoadedVersion,
  { now, keySets }: Pick<GatewayTools, 'now'> & { readonly keySets: KeySets },
): Scheme {
  const { issuer, audience, algorithms, leeway, jwks } = rule;
  const secret = rule.secret === undefined ? null : secretOf(version, rule.secret);
  const options = (): JWTVerifyOptions => ({
    issuer,
    audience: [...audience],
    algorithms: [...algorithms],
    clockTolerance: leeway,
    currentDate: new Date(now()),
    requiredClaims: ['exp'],
  });

  const verify = async (token: string): Promise<JWTPayload> => {
    if (secret !== null) return (await jwtVerify(token, longEnough(await secret(), algorithms), options())).payload;
    const set = await keySets.of(version, jwks!);
    try {
      return await verifyBy(createLocalJWKSet({ keys: set.keys }), token, options());
    } catch (error) {
      // A key that is not known may be new.
      const renewed = error instanceof errors.JWKSNoMatchingKey ? await keySets.again(version, jwks!) : null;
      if (renewed === null) throw error;
      return verifyBy(createLocalJWKSet({ keys: renewed.keys }), token, options());
    }
  };

  return {
    challenge: 'Bearer realm="brink"',
    async check(call) {
      const token = tokenOf(call, rule);
      if (token === null) return null;
      if (token.length > MAX_TOKEN) throw invalid(`a token has at most ${MAX_TOKEN} characters`);
      const claims = await verify(token).catch((error: unknown) => {
        throw error instanceof errors.JOSEError ? invalid(whyNot(error)) : error;
      });
      return { scheme: 'jwt', id: claims.sub ?? '', scopes: scopesOf(claims[rule.scope_claim]), claims };
    },
  };
}

/** A token that names no key is tried with each that may be meant. */
async function verifyBy(keys: JWTVerifyGetKey, token: string, options: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keys, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    let tried = 0;
    for await (const key of error) {
      if (++tried > MAX_TRIED) break;
      try {
        return (await jwtVerify(token, key, options)).payload;
      } catch (each) {
        if (!(each instanceof errors.JWSSignatureVerificationFailed)) throw each;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

/** null: there is none. What stands in `Authorization` for another scheme is no token. */
function tokenOf(call: GatewayCall, { header, cookie }: JwtScheme): string | null {
  const value = call.header(header);
  if (value !== null) {
    const token = header === 'authorization' ? bearerOf(value) : value.trim();
    if (token !== null) return token;
  }
  return cookie === undefined ? null : cookieOf(call.header('cookie'), cookie);
}

function longEnough(secret: string, algorithms: readonly string[]): Uint8Array {
  const bytes = utf8.encode(secret);
  const least = Math.max(...algorithms.map((algorithm) => SECRET_BYTES[algorithm] ?? 0));
  if (bytes.byteLength < least) throw unavailable(`the secret that tokens are signed with has fewer than ${least} bytes`);
  return bytes;
}

function scopesOf(claim: unknown): string[] {
  if (typeof claim === 'string') return claim.split(' ').filter((scope) => scope !== '');
  return Array.isArray(claim) ? claim.filter((scope) => typeof scope === 'string') : [];
}

/** In words of our own: jose's may show what the token says. */
function whyNot(error: InstanceType<typeof errors.JOSEError>): string {
  switch (error.code) {
    case 'ERR_JWT_EXPIRED':
      return 'the token has expired';
    case 'ERR_JWT_CLAIM_VALIDATION_FAILED':
      return `the token's ${(error as InstanceType<typeof errors.JWTClaimValidationFailed>).claim} is not what is wanted`;
    case 'ERR_JOSE_ALG_NOT_ALLOWED':
      return 'the token has an algorithm that is not taken';
    case 'ERR_JWKS_NO_MATCHING_KEY':
      return 'the token names a key that its issuer does not have';
    case 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED':
      return "the token's signature is not its issuer's";
    default:
      return 'the token is no JSON Web Token that can be read';
  }
}
