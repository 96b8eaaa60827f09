import { z } from 'zod';
import { gatewayBlock, keysOfGateway, routeGateway } from './gateway/schema.ts';
import { ASYNC_KEYS, asyncCalls, CALLBACK_KEYS, idempotency, IDEMPOTENCY_KEYS } from './manifest-async.ts';
import { d1Database, keysOfDatabases } from './manifest-d1.ts';
import { email, EMAIL_KEYS, SEND_EMAIL_KEYS, sendEmail } from './manifest-email.ts';
import { flag, list, must, outboundHost, text, whole } from './manifest-fields.ts';
import { keysOfNamespaces, kvNamespace } from './manifest-kv.ts';
import { limits } from './manifest-limits.ts';
import { lockSpace } from './manifest-locks.ts';
import { RATE_LIMIT_KEYS, rateLimit, SIMPLE_KEYS } from './manifest-ratelimit.ts';
import { keysOfBuckets, r2Bucket } from './manifest-r2.ts';
import { service, SERVICE_KEYS } from './manifest-services.ts';
import { keysOfQueues, queues } from './manifest-queues.ts';
import { openapi, OPENAPI_KEYS } from './manifest-openapi.ts';
import { health, HEALTH_KEYS, scaling, SCALING_KEYS } from './manifest-scaling.ts';
import { SCHEDULE_KEYS, schedules } from './manifest-schedules.ts';
import { webhook, WEBHOOK_KEYS } from './manifest-webhooks.ts';
import { isSecretName } from './secret-change.ts';

/** What a function that names no date was written for: the newest behaviour that this release was tested with. */
export const DEFAULT_COMPATIBILITY_DATE = '2026-10-01';

/** That of the workerd which Brink is released with: a later one would be refused there, and so it is everywhere. */
export const LATEST_COMPATIBILITY_DATE = '2026-10-23';

const MAX_VARS = 512;

const pattern = text.min(1, 'is empty; write a pattern such as "example.com/api/*"');

const route = z.preprocess(
  (value) => (typeof value === 'string' ? { pattern: value } : value),
  z.strictObject(
    {
      pattern,
      strip: flag.default(false),
      alias: text.default('live'),
      gateway: routeGateway.optional(),
      // wrangler's: a custom domain takes all of a host; the others say whose account it is, which does not matter here.
      custom_domain: flag.default(false),
      zone_name: text.optional(),
      zone_id: text.optional(),
      enabled: flag.optional(),
      previews_enabled: flag.optional(),
    },
    { error: must('be a pattern or a table with one') },
  ),
);

export type RawRoute = z.output<typeof route>;

const compatibilityFlag = text.regex(/^[A-Za-z0-9_.:-]{1,128}$/, 'is not the name of a compatibility flag');

const triggers = z.strictObject({ crons: list(text).default([]) }, { error: must('be a table') });

const secretName = text.refine(isSecretName, 'cannot be the name of a secret; write one such as "API_KEY"');

const secrets = z.strictObject({ required: list(secretName).default([]) }, { error: must('be a table') });

const capabilities = z.strictObject({ outbound: list(outboundHost).nullable().default(null) }, { error: must('be a table') });

const component = z.strictObject(
  {
    isolation: z.enum(['request', 'instance'], { error: 'must be "request" or "instance"' }).default('request'),
    memory_mb: whole(1, 4096, 128),
    max_requests: whole(1, 1_000_000_000, 100_000),
    max_concurrent: whole(1, 10_000, 64),
    max_handles: whole(1, 100_000_000, 10_000),
  },
  { error: must('be a table') },
);

/** Of a component whose config does not say. */
export const COMPONENT_DEFAULTS = component.parse({});

export const manifestSchema = z.strictObject({
  name: z.string({ error: (issue) => (issue.input === undefined ? 'is missing; write name = "my-function"' : 'must be a string') }),
  compatibility_date: text
    .refine(isCalendarDate, 'is not a date; write YYYY-MM-DD')
    .refine(
      (date) => date <= LATEST_COMPATIBILITY_DATE,
      `is later than ${LATEST_COMPATIBILITY_DATE}, the newest that this Brink's workerd knows`,
    )
    .default(DEFAULT_COMPATIBILITY_DATE),
  compatibility_flags: list(compatibilityFlag).default([]),
  vars: z
    .record(z.string().min(1).max(128), z.unknown(), { error: must('be a table of values') })
    .refine((vars) => Object.keys(vars).length <= MAX_VARS, `has more than ${MAX_VARS} values`)
    .default({}),
  secrets: secrets.optional(),
  kv_namespaces: list(kvNamespace).optional(),
  locks: list(lockSpace).optional(),
  d1_databases: list(d1Database).optional(),
  ratelimits: list(rateLimit).optional(),
  r2_buckets: list(r2Bucket).optional(),
  services: list(service).optional(),
  send_email: list(sendEmail).optional(),
  email: email.optional(),
  queues: queues.optional(),
  webhooks: list(webhook).max(100, 'has more than 100 items').optional(),
  schedules: schedules.optional(),
  triggers: triggers.prefault({}),
  route: route.optional(),
  routes: list(route).optional(),
  limits: limits.prefault({}),
  capabilities: capabilities.prefault({}),
  component: component.optional(),
  scaling: scaling.optional(),
  health: health.optional(),
  openapi: openapi.optional(),
  async: asyncCalls.optional(),
  idempotency: idempotency.optional(),
  gateway: list(gatewayBlock).optional(),
});

/** The keys that may stand at a place of the manifest. */
export function knownKeys(path: readonly PropertyKey[]): string[] {
  switch (path[0]) {
    case undefined:
      return Object.keys(manifestSchema.shape);
    case 'triggers':
      return Object.keys(triggers.shape);
    case 'secrets':
      return Object.keys(secrets.shape);
    case 'limits':
      return Object.keys(limits.shape);
    case 'capabilities':
      return Object.keys(capabilities.shape);
    case 'component':
      return Object.keys(component.shape);
    case 'scaling':
      return SCALING_KEYS;
    case 'health':
      return HEALTH_KEYS;
    case 'openapi':
      return OPENAPI_KEYS;
    case 'async':
      return path[1] === 'callback' ? CALLBACK_KEYS : ASYNC_KEYS;
    case 'idempotency':
      return IDEMPOTENCY_KEYS;
    case 'schedules':
      return SCHEDULE_KEYS;
    case 'kv_namespaces':
      return keysOfNamespaces(path);
    case 'locks':
      return ['binding', 'id'];
    case 'd1_databases':
      return keysOfDatabases(path);
    case 'ratelimits':
      return path.includes('simple') ? SIMPLE_KEYS : RATE_LIMIT_KEYS;
    case 'r2_buckets':
      return keysOfBuckets(path);
    case 'services':
      return [...SERVICE_KEYS];
    case 'send_email':
      return SEND_EMAIL_KEYS;
    case 'email':
      return EMAIL_KEYS;
    case 'queues':
      return keysOfQueues(path[1]);
    case 'webhooks':
      return WEBHOOK_KEYS;
    case 'gateway':
      return keysOfGateway(path.slice(2));
    default: {
      const gateway = path.indexOf('gateway');
      if (gateway !== -1) return keysOfGateway(path.slice(gateway + 1)).filter((key) => key !== 'match');
      return ['pattern', 'strip', 'alias', 'gateway', 'custom_domain', 'zone_name', 'zone_id'];
    }
  }
}

function isCalendarDate(date: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return false;
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}
