/**
 * Counts calls by key, and says whether one more is within the limit; bound by `ratelimits` of the manifest and found as
 * `env.NAME`. The API is that of Workers, https://developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit/.
 *
 * ```toml
 * [[ratelimits]]
 * name = "LIMITER"
 * namespace_id = "1001"
 * simple = { limit = 100, period = 60 }
 * ```
 *
 * **How it counts.** Time is cut into windows of 10 or 60 seconds, which begin at whole multiples of that, for all keys at
 * the same moment. A key is let through `limit` times in each; so twice as many calls can pass around the seam of two
 * windows. Calls that were refused do not count.
 *
 * **Exactness.** Functions that name the same `namespace_id` count together, whatever cells they run in. On Node the counts
 * are in the memory of the host: exact within it, and gone when it ends. On workerd they are in the memory of one Durable
 * Object for each namespace: exact for all hosts, and gone when the object is put to sleep or moved. Nothing is written to
 * disk. Of more than 100,000 keys in one window, those that came first are forgotten. (Cloudflare's own limiter counts in
 * each of its locations, and lets more pass than it should when many come at once.)
 *
 * @example
 * ```ts
 * const { success } = await env.LIMITER.limit({ key: request.headers.get('authorization') ?? 'anonymous' });
 * if (!success) return new Response('Too many requests', { status: 429 });
 * ```
 */
export interface RateLimit {
  /**
   * @throws {Error} where the options are not what they have to be, or the counts cannot be reached; the function decides
   *   whether to go on then
   */
  limit(options: RateLimitOptions): Promise<RateLimitOutcome>;
}

export interface RateLimitOptions {
  /** What is counted, such as a user or a path: at most 4,096 characters. */
  readonly key: string;
}

export interface RateLimitOutcome {
  /** Whether it was within the limit. */
  readonly success: boolean;
}
