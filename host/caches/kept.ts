import CachePolicy from 'http-cache-semantics';

/** What a cache keeps of a response besides its body. Times are milliseconds since the epoch. */
export interface Kept {
  readonly status: number;
  /** As they go out again, but for `age` and `cf-cache-status`. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly times: KeptTimes;
}

export interface KeptTimes {
  /** When it was put, and how many seconds old it was then. */
  readonly at: number;
  readonly age: number;
  readonly until: number;
  /** What `Vary` names, as the request had it; null where it had not. */
  readonly vary: Readonly<Record<string, string | null>>;
}

export interface Head {
  readonly status: number;
  readonly headers: Headers;
}

const PRIVATE_COOKIE = /(?:private|no-cache)="?set-cookie"?/i;

/** When the policy that is being asked was made. Its own clock would have gone on between two questions. */
let moment = 0;
class PolicyOfMoment extends CachePolicy {
  now(): number {
    return moment;
  }
}

/**
 * What is to be kept of a response to a GET with these headers, by RFC 9111, section 3, for a shared cache; null where
 * nothing is. As Workers has it, the request's own Cache-Control counts for nothing, and a response with Set-Cookie is not
 * kept, unless its Cache-Control says `private=set-cookie`, which leaves the cookie out.
 */
export function keptOf(request: Headers, { status, headers }: Head, now: number): Kept | null {
  const asked = Object.fromEntries(request);
  delete asked['cache-control'];
  delete asked['pragma'];
  const given = Object.fromEntries(headers);
  const control = given['cache-control'] ?? '';
  if (PRIVATE_COOKIE.test(control)) {
    given['cache-control'] = listOf(control.replace(PRIVATE_COOKIE, '')).join(', ');
    delete given['set-cookie'];
  }
  if (headers.has('set-cookie') && 'set-cookie' in given) return null;
  moment = now;
  const policy = new PolicyOfMoment({ method: 'GET', headers: asked }, { status, headers: given }, { shared: true });
  const age = policy.age();
  const lasts = policy.storable() ? policy.maxAge() - age : 0;
  if (!(lasts > 0)) return null;
  const { age: _, ...out } = policy.responseHeaders();
  const vary = listOf(given['vary'] ?? '').map((name) => [name.toLowerCase(), request.get(name)] as const);
  return {
    status,
    headers: Object.entries(out).map(([name, value]) => [name, String(value)] as const),
    times: { at: now, age, until: now + lasts * 1000, vary: Object.fromEntries(vary) },
  };
}

export function listOf(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}
