import type { Manifest } from '../../host/registry/manifest.ts';

/** A manifest with every key set. */
export const FULL: Manifest = {
  name: 'shop',
  compatibility_date: '2026-02-28',
  compatibility_flags: ['nodejs_compat'],
  vars: { A: 'text', N: 1.5, J: { list: [1, null, true, { deep: 'ü' }] } },
  d1_databases: [{ binding: 'DB', database_id: 'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx' }, { binding: 'OWN_DB' }],
  ratelimits: [{ name: 'LIMITER', namespace_id: '1001', simple: { limit: 100, period: 60 } }],
  kv_namespaces: [{ binding: 'SHARED', id: '0f2ac74b498b48028cb68387c421e279' }, { binding: 'OWN' }],
  r2_buckets: [{ binding: 'FILES', bucket_name: 'shop-files' }, { binding: 'OWN_FILES' }],
  triggers: { crons: ['*/5 * * * *', '0 0 L * MON-FRI'] },
  routes: [
    { pattern: 'example.com/api/*', strip: true, alias: 'live' },
    { pattern: '*.example.com/*', strip: false, alias: 'staging' },
  ],
  limits: { deadline_ms: 1_000 },
  scaling: { concurrency: 10, min_cells: 1, max_cells: 4, policy: 'latency', queue: 0, queue_ms: 500, idle_ms: 90_000, class: 'batch' },
  health: { path: '/healthz?deep=1', timeout_ms: 800 },
  async: { enabled: true, max_attempts: 2, retry_delay: 5, result_ttl: 60, max_pending: 10, on_success: 'good', on_failure: 'bad' },
  idempotency: { enabled: true, required: true, methods: ['PUT'], ttl: 60 },
  capabilities: { outbound: ['api.example.com', '*.example.org', '[::1]'] },
};

export const MINIMAL = { name: 'shop' };
