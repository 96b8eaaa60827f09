import type { ExecutionContext } from '../../../sdk/index.ts';
import { cacheKey } from './cache.ts';
import { entryOf, hashedName, isName, liveOf, objectOf, parseHashedName, type Encoding, type Env, type Release } from './entry.ts';
import { encodingFor, isKnown } from './negotiate.ts';

/** A release, and how it was asked for. */
interface Found {
  readonly name: string;
  readonly release: Release;
  /** By its hash, under which there will never be anything else. */
  readonly immutable: boolean;
}

const FOR_EVER = 'public, max-age=31536000, immutable';
const FOR_A_MINUTE = 'public, max-age=60';

/** Answers GET and HEAD of a path with what is published there. */
export async function serve(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
  const path = nameOf(request);
  const found = path === null ? null : await find(env, path);
  if (found === null) return new Response('There is no such page.\n', { status: 404 });
  const encoding = encodingFor(request.headers.get('accept-encoding'), found.release.encodings);
  const response = await represent({ request, env, ctx, found, encoding });
  const headers = new Headers(response.headers);
  headers.set('cache-control', found.immutable ? FOR_EVER : FOR_A_MINUTE);
  headers.set('vary', 'accept-encoding');
  headers.set('x-content-type-options', 'nosniff');
  if (!found.immutable) headers.set('content-location', hashedName(found.name, found.release.hash).split('/').at(-1)!);
  if (encoding !== 'identity') headers.set('content-encoding', encoding);
  const { status } = response;
  const hasBody = request.method !== 'HEAD' && status !== 304;
  if (!hasBody) await response.body?.cancel();
  return new Response(hasBody ? response.body : null, { status, headers, encodeBody: 'manual' });
}

function nameOf(request: Request): string | null {
  try {
    const path = decodeURIComponent(new URL(request.url).pathname.slice(1));
    const name = path === '' || path.endsWith('/') ? `${path}index.html` : path;
    return isName(name) ? name : null;
  } catch {
    return null;
  }
}

async function find(env: Env, path: string): Promise<Found | null> {
  const release = liveOf(await entryOf(env, path));
  if (release !== null) return { name: path, release, immutable: false };
  const parsed = parseHashedName(path);
  if (parsed === null) return null;
  const { releases, live, deleted } = await entryOf(env, parsed.name);
  // Not one that was rolled back, nor of a name that was deleted; older ones are still in pages that clients have.
  const asked = deleted ? undefined : releases.slice(live).find(({ hash }) => hash === parsed.hash);
  return asked ? { name: parsed.name, release: asked, immutable: true } : null;
}

interface Asked {
  readonly request: Request;
  readonly env: Env;
  readonly ctx: ExecutionContext;
  readonly found: Found;
  readonly encoding: Encoding;
}

/** From the cache, which knows of conditions and ranges, or from the bucket and into the cache. */
async function represent({ request, env, ctx, found: { name, release }, encoding }: Asked): Promise<Response> {
  const key = cacheKey(name, release.hash, encoding);
  const kept = await caches.default.match(new Request(key, { headers: conditionsOf(request) }));
  if (kept) return kept;
  const etag = encoding === 'identity' ? `"${release.hash}"` : `"${release.hash}-${encoding}"`;
  const headers = { 'content-type': release.type, 'cache-control': FOR_EVER, etag };
  if (isKnown(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers });
  const object = await env.SITE.get(objectOf(name, release.hash, encoding));
  // Whoever replaces a release for good takes its bytes away, which may be in this very moment.
  if (object === null) return new Response('It has just been replaced. Ask again.\n', { status: 503, headers: { 'retry-after': '1' } });
  const response = new Response(object.body, { headers });
  ctx.waitUntil(caches.default.put(key, response.clone()));
  return response;
}

function conditionsOf({ headers }: Request): Headers {
  const conditions = new Headers();
  for (const name of ['if-none-match', 'range', 'if-range']) {
    const value = headers.get(name);
    if (value !== null) conditions.set(name, value);
  }
  return conditions;
}
