import { BrinkError } from '../errors.ts';

/** Where a pattern's requests come from. */
export interface RouteParts {
  /** `example.com`, `*.example.com` (one or more labels in front, not `example.com` itself) or `*` (any host). Lower case, no port. */
  readonly host: string;
  /** Begins with `/`. With `wildcard` it is a prefix: `/api/` of `/api/*`. */
  readonly path: string;
  readonly wildcard: boolean;
}

const MAX_LENGTH = 512;
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * Reads a route as Workers writes it: `example.com/api/*` or `*.example.com/*`. A star may stand alone as the host
 * (any host), in place of a host's first labels, and at the end of the path; a pattern without a path means `/` alone.
 * A scheme in front is taken and has no meaning. Paths are compared as they stand in the URL, percent-encoded.
 *
 * @throws {BrinkError} `route-invalid`
 */
export function parseRoute(pattern: string): RouteParts {
  if (pattern.length > MAX_LENGTH) throw invalid(pattern, `it has ${pattern.length} characters; at most ${MAX_LENGTH} are taken`);
  const bare = pattern.replace(/^https?:\/\//i, '');
  const slash = bare.indexOf('/');
  const host = canonicalHost(pattern, slash === -1 ? bare : bare.slice(0, slash));
  const rest = slash === -1 ? '/' : bare.slice(slash);
  const wildcard = rest.endsWith('*');
  const path = wildcard ? rest.slice(0, -1) : rest;
  if (path.includes('*')) throw invalid(pattern, 'in a path, "*" may stand at the end only');
  if (/[?#]/.test(path)) throw invalid(pattern, 'a route matches host and path; "?" and "#" have no place in it');
  if (!/^[\x21-\x7e]+$/.test(path))
    throw invalid(pattern, 'characters outside ASCII, spaces and control characters must be percent-encoded');
  return { host, path, wildcard };
}

/** The one spelling of a pattern: equal routes have equal text. */
export function formatRoute({ host, path, wildcard }: RouteParts): string {
  return `${host}${path}${wildcard ? '*' : ''}`;
}

function canonicalHost(pattern: string, host: string): string {
  if (host === '') throw invalid(pattern, 'it has no host; write "*/path" for every host');
  if (host === '*') return host;
  if (host.includes(':')) throw invalid(pattern, 'routes match host names without a port');
  const wild = host.startsWith('*.');
  const name = toAscii(wild ? host.slice(2) : host).toLowerCase();
  if (name.includes('*')) throw invalid(pattern, 'in a host, "*" may stand alone or in front of a dot, as in "*.example.com"');
  if (name.length > 253 || !name.split('.').every((label) => LABEL.test(label))) throw invalid(pattern, `"${host}" is not a host name`);
  return wild ? `*.${name}` : name;
}

/** An internationalized name in its ASCII form (UTS 46), which is how it arrives in the Host header. */
function toAscii(name: string): string {
  // oxlint-disable-next-line no-control-regex -- all of ASCII is what it looks for
  if (/^[\x00-\x7f]*$/.test(name) || /[@%\\[\]]/.test(name)) return name;
  try {
    return new URL(`http://${name}/`).hostname;
  } catch {
    return name;
  }
}

function invalid(pattern: string, why: string): BrinkError {
  const shown = pattern.length > 100 ? `${pattern.slice(0, 100)}…` : pattern;
  return new BrinkError('route-invalid', `The route ${JSON.stringify(shown)} cannot be used: ${why}. Write "example.com/api/*".`, {
    details: { pattern: shown },
  });
}
