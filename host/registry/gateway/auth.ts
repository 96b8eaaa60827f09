import { z } from 'zod';
import { flag, list, must, text, whole } from '../manifest-fields.ts';
import { rangeOf } from '../../address.ts';
import { isSecretName } from '../secret-change.ts';
import { headerName } from './match.ts';

/** Who may call: whoever one of these schemes knows. Those that are there are tried in this order, the first whose credentials came decides. */
export interface AuthRule {
  readonly keys?: KeysScheme;
  readonly jwt?: JwtScheme;
  readonly basic?: BasicScheme;
  readonly signature?: SignatureScheme;
  readonly certificate?: CertificateScheme;
  readonly forward?: ForwardScheme;
  /** All of these, of whoever calls. */
  readonly scopes: readonly string[];
  /** Whether those may call too who show nothing. */
  readonly optional: boolean;
}

/** Keys that `brink key` makes. */
export interface KeysScheme {
  /** Where they come; `authorization` takes them as `Bearer`. */
  readonly header: string;
}

/** RFC 7519, as RFC 8725 has it checked. */
export interface JwtScheme {
  /** `iss` has to be this. */
  readonly issuer: string;
  /** `aud` has to name one of these. */
  readonly audience: readonly string[];
  /** The URL of the issuer's keys (RFC 7517, section 5). */
  readonly jwks?: string;
  /** The function's secret that tokens are signed with, where the issuer and the function share one. */
  readonly secret?: string;
  /** `alg` has to be one of these. */
  readonly algorithms: readonly string[];
  /** Where the token comes: `authorization`, as `Bearer`, or another header. */
  readonly header: string;
  /** A cookie that has it, where the header is not there. */
  readonly cookie?: string;
  /** The claim that has the scopes, as text with blanks between or as a list. */
  readonly scope_claim: string;
  /** Seconds that clocks may differ by. */
  readonly leeway: number;
}

/** RFC 7617. */
export interface BasicScheme {
  /** The function's secret with a line `user:password` for each. */
  readonly users: string;
  readonly realm: string;
}

/** HTTP message signatures (RFC 9421) by HMAC. */
export interface SignatureScheme {
  /** The function's secret with a line `keyid:key` for each, or `keyid:base64:…` where it is no text; a key that is being replaced has two. */
  readonly keys: string;
  /** What has to be signed, besides a `content-digest` (RFC 9530) of a body that is there. */
  readonly components: readonly string[];
  /** Seconds that a signature holds after it was made. */
  readonly window: number;
  /** Whether each has a nonce, which counts once. */
  readonly nonce: boolean;
}

/** What a proxy says of the certificate of its client, or what the host has seen itself. */
export interface CertificateScheme {
  /** `x-forwarded-client-cert` as Envoy writes it, `client-cert` of RFC 9440, or another one that has the name alone. */
  readonly header: string;
  /** The proxies that are believed: addresses and ranges; not there: none, and the certificate is that of the connection. From others the header is taken away. */
  readonly proxies?: readonly string[] | undefined;
  /** Names that may call: each whole, or its beginning with `*`; not there: all that the proxy lets through. */
  readonly allow?: readonly string[];
}

/** A function that is asked. */
export interface ForwardScheme {
  readonly function: string;
  readonly alias: string;
  /** Headers of the request that it is shown. */
  readonly headers: readonly string[];
  /** Headers of its answer that the request gets. */
  readonly copy: readonly string[];
  /** The header of its answer that says who it is. */
  readonly subject: string;
}

const secretName = text.refine(isSecretName, 'cannot be the name of a secret; write one such as "JWT_SECRET"');

const SHARED = ['HS256', 'HS384', 'HS512'] as const;
const PUBLIC = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const;

const jwt = z
  .strictObject(
    {
      issuer: text.min(1, 'is empty'),
      audience: z.preprocess((value) => (typeof value === 'string' ? [value] : value), list(text).min(1, 'names no audience')),
      jwks: text
        .regex(/^https?:\/\/[^/?#]+\/[\x21-\x7e]*$/, 'is not a URL; write "https://issuer.example/.well-known/jwks.json"')
        .optional(),
      secret: secretName.optional(),
      algorithms: list(z.enum([...SHARED, ...PUBLIC], { error: `must be one of ${[...PUBLIC, ...SHARED].join(', ')}` })).optional(),
      header: headerName.default('authorization'),
      cookie: text.regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/, 'is not the name of a cookie').optional(),
      scope_claim: text.default('scope'),
      leeway: whole(0, 600, 30),
    },
    { error: must('be a table with issuer, audience and one of jwks and secret') },
  )
  .superRefine(({ jwks, secret, algorithms = [] }, context) => {
    const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if ((jwks === undefined) === (secret === undefined)) fault('jwks', 'or secret has to be there, and not both');
    // Who takes both would take a public key for a shared secret. RFC 8725, section 2.1.
    const other = algorithms.find((each) => (SHARED as readonly string[]).includes(each) === (secret === undefined));
    if (other !== undefined) fault('algorithms', `has ${other}, which goes with ${secret === undefined ? 'a secret' : 'jwks'}`);
  })
  .transform(({ algorithms, ...rest }) => ({
    ...rest,
    algorithms: algorithms ?? (rest.secret === undefined ? ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'] : ['HS256']),
  }));

const component = text.regex(
  /^(@(method|target-uri|authority|scheme|request-target|path|query)|[!#$%&'*+\-.^_`|~0-9a-z]+)$/,
  'is nothing that is signed; write "@method", "@path", "@query", or a header in lower case',
);

const SCHEMES = {
  keys: z.strictObject({ header: headerName.default('x-api-key') }, { error: must('be a table') }),
  jwt,
  basic: z.strictObject(
    { users: secretName, realm: text.regex(/^[\x20-\x7e]{1,128}$/, 'has characters that no realm may have').default('brink') },
    { error: must('be a table') },
  ),
  signature: z.strictObject(
    {
      keys: secretName,
      components: list(component).default(['@method', '@authority', '@path', '@query']),
      window: whole(1, 3_600, 300),
      nonce: flag.default(false),
    },
    { error: must('be a table') },
  ),
  certificate: z.strictObject(
    {
      header: headerName.default('x-forwarded-client-cert'),
      proxies: list(text.refine((range) => rangeOf(range) !== null, 'is no address and no range, such as 10.0.0.0/8'))
        .min(1, 'names no proxy, so nobody is believed')
        .optional(),
      allow: list(text).optional(),
    },
    { error: must('be a table') },
  ),
  forward: z.strictObject(
    {
      function: text,
      alias: text.default('live'),
      headers: list(headerName).default(['authorization', 'cookie']),
      copy: list(headerName).default([]),
      subject: headerName.default('x-auth-subject'),
    },
    { error: must('be a table') },
  ),
};

export const auth = z
  .strictObject(
    {
      keys: SCHEMES.keys.optional(),
      jwt: SCHEMES.jwt.optional(),
      basic: SCHEMES.basic.optional(),
      signature: SCHEMES.signature.optional(),
      certificate: SCHEMES.certificate.optional(),
      forward: SCHEMES.forward.optional(),
      scopes: list(text.regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/, 'is not a scope')).default([]),
      optional: flag.default(false),
    },
    { error: must('be a table') },
  )
  .refine((rule) => Object.keys(SCHEMES).some((scheme) => rule[scheme as keyof typeof SCHEMES] !== undefined), {
    message: `names no scheme; write one of ${Object.keys(SCHEMES).join(', ')}`,
  });

/** The keys of a scheme, or of the rule. */
export function keysOfAuth(scheme: PropertyKey | undefined): string[] {
  switch (scheme) {
    case 'jwt':
      return ['issuer', 'audience', 'jwks', 'secret', 'algorithms', 'header', 'cookie', 'scope_claim', 'leeway'];
    case 'keys':
    case 'basic':
    case 'signature':
    case 'certificate':
    case 'forward':
      return Object.keys(SCHEMES[scheme].shape);
    default:
      return [...Object.keys(SCHEMES), 'scopes', 'optional'];
  }
}
