import type { MiddlewareHandler } from 'hono';
import { BrinkError } from '../errors.ts';
import { same } from '../gateway/auth/same.ts';
import type { Connection } from '../platform.ts';
import type { AdminDeps } from './deps.ts';
import type { AdminPolicy } from './policy.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
/**
 * What a proxy in front adds: then the connection's address is the proxy's, and says nothing about the client.
 * And what the host adds to calls that a function makes: a function is on this machine, but no one's CLI.
 */
const FROM_OTHERS = ['forwarded', 'via', 'x-real-ip', 'traceparent', 'cf-worker'];

/** Lets in who has the token, and, where the policy says so, who is on this machine. */
export function requireAccess({ policy, connection }: Pick<AdminDeps, 'policy' | 'connection'>): MiddlewareHandler {
  return async (c, next) => {
    const request = c.req.raw;
    refuseForeignPages(request);
    if (!(await mayEnter(request, policy, connection(c.env, request)))) throw unauthorized(request);
    await next();
  };
}

async function mayEnter(request: Request, policy: AdminPolicy, connection: Connection): Promise<boolean> {
  const authorization = request.headers.get('authorization');
  // Who shows a token is judged by it, also on this machine.
  if (authorization === null) return policy.loopback && isLocal(request, connection);
  // RFC 9110, section 11.1: the scheme's name is case-insensitive.
  const token = /^bearer +([^ ]+)$/i.exec(authorization.trim())?.[1];
  return token !== undefined && policy.token !== null && (await same(token, policy.token));
}

/** Fetch Metadata: a page of another site may neither post a form here nor use this machine's free entry. */
function refuseForeignPages(request: Request): void {
  if (SAFE.has(request.method) || !fromOtherSite(request)) return;
  throw new BrinkError('forbidden', 'The admin API takes no changes from pages of other sites. Use the CLI, or a page of this host.');
}

function fromOtherSite(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site');
  return site === 'cross-site' || site === 'same-site';
}

/** A page of a hosted function has this host's own origin: its scripts need a token like everyone's. What a user types is `none`. */
function fromPage(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site');
  return site !== null && site !== 'none';
}

/**
 * Whether the client is on this machine: by its connection, and by what a page elsewhere could not make a browser
 * say. The Host header guards against DNS rebinding, Origin against pages, the rest against proxies on this machine.
 */
function isLocal(request: Request, { address }: Connection): boolean {
  const { headers } = request;
  const origin = headers.get('origin');
  const host = headers.get('host');
  return (
    address !== null &&
    isLoopbackAddress(address) &&
    isLocalUrl(request.url) &&
    (host === null || isLocalUrl(`http://${host}`)) &&
    (origin === null || isLocalUrl(origin)) &&
    !fromPage(request) &&
    FROM_OTHERS.every((name) => !headers.has(name)) &&
    [...headers.keys()].every((name) => !name.startsWith('x-forwarded-'))
  );
}

export function isLoopbackAddress(address: string): boolean {
  return /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/i.test(address) || address === '::1';
}

function isLocalUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]' || hostname.endsWith('.localhost');
}

function unauthorized(request: Request): BrinkError {
  const why = request.headers.has('authorization') ? 'does not know this token' : 'needs a token from here';
  return new BrinkError(
    'unauthorized',
    `The admin API ${why}. Send \`Authorization: Bearer …\`; for the CLI set BRINK_TOKEN, or name the host's state with --state.`,
  );
}
