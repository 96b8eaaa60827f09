/** Whom the rule `auth` of these tests lets in. */
export const AUTHORIZATION = `Basic ${btoa('ann:correct-horse')}`;
/** From where pages may call. */
export const ORIGIN = 'https://app.example.com';

/** A block with all rules that a request of a long life goes by. */
export const ALL_RULES = {
  access: { allow: ['127.0.0.0/8', '::1'] },
  cors: { origins: [ORIGIN], headers: ['*'], expose: ['x-own'], credentials: true },
  auth: { basic: { users: 'USERS' } },
  rate_limit: { limit: 1_000, period: '10m', by: 'function' },
  request_headers: { set: { 'x-rule': 'set' } },
  response_headers: { set: { 'x-from-rules': '1' } },
  fallback: { body: 'fallback' },
  cache: { ttl: 60 },
  compress: { min_size: 1 },
  etag: true,
  circuit_breaker: { minimum: 2 },
  retry: { attempts: 3 },
  hedge: { after_ms: 5_000 },
};
