import type { Guard } from '../../openapi/security.ts';
import type { AuthRule } from '../../registry/gateway/auth.ts';
import type { Manifest } from '../../registry/manifest.ts';
import { matcherOf, type Matched, type Matcher } from '../match.ts';

/** Where clients come from, as far as rules go by it. */
export interface Came {
  /** In lower case, without a port. */
  readonly host: string;
  /** The pattern of the route; null where they come by none. */
  readonly route: string | null;
}

/**
 * Who may call a function, by its rules: for a request that has no headers and no query which they could go by. What another function
 * is asked (`forward`) is for the author to describe.
 */
export function guardOf({ gateway = [] }: Pick<Manifest, 'gateway'>, came: Came): (method: string, path: string) => Guard | null {
  const blocks = gateway.flatMap(({ match, auth }): [Matcher | null, Guard | null][] =>
    auth === undefined ? [] : [[match === undefined ? null : matcherOf(match), auth === false ? null : guardBy(auth)]],
  );
  return (method, path) => {
    const asked: Matched = { ...came, method, path, header: () => null, parameter: () => null };
    return blocks.findLast(([matcher]) => matcher === null || matcher(asked) !== null)?.[1] ?? null;
  };
}

/** What each scheme is in OpenAPI, in the order in which the gateway tries them. */
function guardBy({ keys, jwt, basic, signature, certificate, scopes, optional }: AuthRule): Guard {
  const schemes: Guard['schemes'][number][] = [];
  const add = (name: string, scheme: Guard['schemes'][number]['scheme']) => schemes.push({ name, scheme });
  if (keys?.header === 'authorization') add('key', { type: 'http', scheme: 'bearer', description: 'A key that the operator hands out.' });
  else if (keys) add('key', { type: 'apiKey', in: 'header', name: keys.header, description: 'A key that the operator hands out.' });
  if (jwt !== undefined) {
    const description = `A token of ${jwt.issuer} for ${jwt.audience.join(', ')}.`;
    if (jwt.header === 'authorization') add('jwt', { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description });
    else add('jwt', { type: 'apiKey', in: 'header', name: jwt.header, description });
    if (jwt.cookie !== undefined) add('jwtCookie', { type: 'apiKey', in: 'cookie', name: jwt.cookie, description });
  }
  if (basic !== undefined) add('basic', { type: 'http', scheme: 'basic' });
  if (signature !== undefined) {
    const signed = [...signature.components, 'content-digest where there is a body'].join(', ');
    add('signature', {
      type: 'apiKey',
      in: 'header',
      name: 'signature',
      description: `An HTTP message signature (RFC 9421) by HMAC, with signature-input, of ${signed}.`,
    });
  }
  if (certificate !== undefined) add('certificate', { type: 'mutualTLS' });
  return { schemes, scopes, optional };
}
