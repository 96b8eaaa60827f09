/** A rule whose cost is measured: a block of `[[gateway]]` that has it, for a function that says hello. */
export interface MeasuredRule {
  readonly rule: Readonly<Record<string, unknown>>;
  /** Whether it is one of those that a function has beside others: they make the full stack. */
  readonly stack: boolean;
}

/** A new rule is a line here. The names are those in the figures: `cost_us_NAME`. */
export const MEASURED_RULES: Readonly<Record<string, MeasuredRule>> = {
  response_headers: { rule: { response_headers: { set: { 'x-frame-options': 'DENY' } } }, stack: true },
  cors: { rule: { cors: { origins: ['https://app.example.com'] } }, stack: true },
  methods: { rule: { methods: ['GET', 'POST'] }, stack: true },
  rewrite: { rule: { rewrite: '/v2/*', match: { path: '/*' } }, stack: true },
  request_headers: { rule: { request_headers: { set: { 'x-by': 'gateway' } } }, stack: true },
  access: { rule: { access: { deny: ['203.0.113.0/24', '2001:db8::/32'] } }, stack: true },
  rate_limit: { rule: { rate_limit: { limit: 1_000_000_000, period: '1m' } }, stack: true },
  limits: { rule: { limits: { body: '1MB', headers: '16KB', deadline: '10s' } }, stack: true },
  concurrency: { rule: { concurrency: { limit: 1_000 } }, stack: true },
  auth_keys: { rule: { auth: { keys: {}, optional: true } }, stack: true },
  compress: { rule: { compress: true }, stack: true },
  // To the load, which is no browser, none is sent: what is left is to look for them and to keep them.
  early_hints: { rule: { early_hints: true }, stack: false },
  etag: { rule: { etag: true }, stack: false },
  cache_miss: { rule: { cache: true }, stack: false },
};

/** All that are in the stack, in blocks of their own. */
export function fullStack(): Readonly<Record<string, unknown>>[] {
  return Object.values(MEASURED_RULES).flatMap(({ rule, stack }) => (stack ? [rule] : []));
}
