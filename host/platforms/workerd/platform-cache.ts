import { answerOf } from '../../caches/answer.ts';
import { keptOf, type KeptTimes } from '../../caches/kept.ts';

/** Where a kept response has what the platform would forget: it knows no `Vary`, and counts no age. */
const TIMES = 'brink-kept';

/**
 * Puts a response into the platform's cache, where our rules would keep it: Cloudflare's, or what stands for it on this
 * machine. What that does not take, it does not keep.
 */
export async function keepIn(cache: Cache, { url, headers }: Request, response: Response): Promise<void> {
  const { status, body } = response;
  const kept = keptOf(headers, response, Date.now());
  if (kept === null) return body?.cancel();
  const out = new Headers(kept.headers as [string, string][]);
  out.set(TIMES, JSON.stringify(kept.times));
  // By its URL alone: whether an answer may be kept has been seen to.
  return cache.put(url, new Response(body, { status, headers: out }));
}

export async function matchIn(cache: Cache, { url, headers: asked }: Request): Promise<Response | null> {
  const found = await cache.match(url);
  const times = found?.headers.get(TIMES) ?? null;
  if (found === undefined || times === null) return null;
  const { status, body } = found;
  const headers = [...found.headers].filter(([name]) => name !== TIMES);
  const answer = answerOf({ status, headers, times: JSON.parse(times) as KeptTimes }, asked, Date.now());
  if (answer !== null && answer.status !== 304 && answer.range === null) return new Response(body, answer);
  await body?.cancel();
  if (answer === null) return null;
  return answer.range === null ? new Response(null, answer) : partOf(cache, { url, range: answer.range, headers: answer.headers });
}

/** The platform knows how long the body is. */
async function partOf(cache: Cache, { url, range, headers }: { url: string; range: string; headers: Headers }): Promise<Response | null> {
  const part = await cache.match(new Request(url, { headers: { range } }));
  if (part === undefined || part.status === 416) return part ?? null;
  for (const name of ['content-range', 'content-length']) {
    const value = part.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return new Response(part.body, { status: part.status, headers });
}
