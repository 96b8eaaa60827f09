import type { ErrorCode } from './error-code.ts';
import { isToken } from './field-syntax.ts';

/** `method` of wasi:http. */
export interface Method {
  readonly tag: string;
  readonly val?: string;
}

/** `scheme` of wasi:http. */
export interface Scheme {
  readonly tag: 'HTTP' | 'HTTPS' | 'other';
  readonly val?: string;
}

/** Fetch, section 2.2.1: methods that the web's requests refuse. For a tunnel it is the protocol that is not there. */
export const REFUSED_METHODS: ReadonlyMap<string, ErrorCode> = new Map([
  ['CONNECT', { tag: 'HTTP-protocol-error' }],
  ['TRACE', { tag: 'HTTP-request-method-invalid' }],
  ['TRACK', { tag: 'HTTP-request-method-invalid' }],
]);

export const GET: Method = { tag: 'get' };

const METHODS: ReadonlyMap<string, Method> = new Map([
  ['GET', GET],
  ...['head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch'].map((tag) => [tag.toUpperCase(), { tag }] as const),
]);
const HTTP: Scheme = { tag: 'HTTP' };
const HTTPS: Scheme = { tag: 'HTTPS' };

/** RFC 3986, section 3.1. */
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;
/** RFC 3986, section 3.2: user information, and an address or a name, and a port that is not left empty. */
const AUTHORITY =
  /^(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+)(?::(\d{1,5}))?$/;
/** RFC 3986, section 3.3, and what clients send beyond it; a fragment is no part of it. */
const PATH_WITH_QUERY = /^[^\0-\x20<>`#?\x7f]*(?:\?[^\0-\x20<>#\x7f]*)?$/;

export function methodOf(text: string): Method {
  return METHODS.get(text) ?? { tag: 'other', val: text };
}

export function methodText({ tag, val }: Method): string {
  return tag === 'other' ? (val ?? '') : tag.toUpperCase();
}

export function isMethod(method: Method): boolean {
  return method.tag !== 'other' || isToken(method.val ?? '');
}

export function isScheme(scheme: Scheme): boolean {
  return scheme.tag !== 'other' || SCHEME.test(scheme.val ?? '');
}

/** `other("https")` is HTTPS as well. */
export function canonicalScheme(scheme: Scheme): Scheme {
  if (scheme.tag !== 'other') return scheme;
  const text = scheme.val?.toLowerCase();
  if (text === 'https') return HTTPS;
  return text === 'http' ? HTTP : scheme;
}

export function isAuthority(text: string): boolean {
  const parts = AUTHORITY.exec(text);
  return parts !== null && Number(parts[1] ?? 0) < 65_536;
}

export function isPathWithQuery(text: string): boolean {
  return PATH_WITH_QUERY.test(text);
}

export interface Target {
  readonly scheme: Scheme;
  readonly authority: string;
  readonly pathWithQuery: string;
}

/** The parts of a request's URL, as they stand in it. */
export function targetOf(url: string): Target {
  const start = url.indexOf('//') + 2;
  let end = start;
  while (end < url.length && !'/?#'.includes(url[end]!)) end += 1;
  const hash = url.indexOf('#', end);
  const path = hash < 0 ? url.slice(end) : url.slice(end, hash);
  return {
    scheme: url.startsWith('https:') ? HTTPS : HTTP,
    authority: url.slice(start, end),
    pathWithQuery: path === '' || path.startsWith('?') ? `/${path}` : path,
  };
}

/** The URL of a request that goes out, HTTPS where nothing else is said; null where the parts make none. */
export function urlOf(scheme: Scheme | undefined, authority: string | undefined, pathWithQuery: string | undefined): string | null {
  if (authority === undefined || authority === '') return null;
  if (scheme !== undefined && scheme.tag === 'other') return null;
  const path = pathWithQuery ?? '';
  return `${scheme?.tag === 'HTTP' ? 'http' : 'https'}://${authority}${path.startsWith('/') ? path : `/${path}`}`;
}
