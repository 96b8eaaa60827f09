import type { Quota, QueueQuota } from '../stores/quota.ts';

/** How much functions may have their bindings do, and keep. */
export interface Quotas {
  /** Operations in a second, of each binding of each function; a manifest may ask for less. */
  readonly operations: number;
  /** Of each KV namespace. */
  readonly kv: Quota;
  /** Of each queue. */
  readonly queue: QueueQuota;
  /** Of each bucket: `keys` are its objects, and what is kept of uploads. */
  readonly bucket: Quota;
  /** Of each SQL database. */
  readonly database: { readonly bytes: number };
}

/** Where a host says nothing else. */
export const DEFAULT_QUOTAS: Quotas = {
  operations: 250_000,
  kv: { keys: 10_000_000, bytes: 10 * 1024 ** 3 },
  queue: { messages: 10_000_000, bytes: 10 * 1024 ** 3 },
  bucket: { keys: 10_000_000, bytes: 100 * 1024 ** 3 },
  database: { bytes: 10 * 1024 ** 3 },
};

/** Their names among the settings of a host, in its environment. */
export const QUOTA_SETTINGS = [
  'BRINK_MAX_OPERATIONS',
  'BRINK_MAX_KEYS',
  'BRINK_MAX_MESSAGES',
  'BRINK_MAX_BYTES',
  'BRINK_MAX_OBJECTS',
  'BRINK_MAX_BUCKET_BYTES',
  'BRINK_MAX_DATABASE_BYTES',
] as const;

export type QuotaSettings = Readonly<Partial<Record<(typeof QUOTA_SETTINGS)[number], string | undefined>>>;

/** @throws {TypeError} for what is no whole number */
export function quotasOf(settings: QuotaSettings): Quotas {
  const { operations, kv, queue, bucket, database } = DEFAULT_QUOTAS;
  const whole = (name: keyof QuotaSettings, byDefault: number) => wholeOf(name, settings[name], byDefault);
  return {
    operations: whole('BRINK_MAX_OPERATIONS', operations),
    kv: { keys: whole('BRINK_MAX_KEYS', kv.keys), bytes: whole('BRINK_MAX_BYTES', kv.bytes) },
    queue: { messages: whole('BRINK_MAX_MESSAGES', queue.messages), bytes: whole('BRINK_MAX_BYTES', queue.bytes) },
    bucket: { keys: whole('BRINK_MAX_OBJECTS', bucket.keys), bytes: whole('BRINK_MAX_BUCKET_BYTES', bucket.bytes) },
    database: { bytes: whole('BRINK_MAX_DATABASE_BYTES', database.bytes) },
  };
}

function wholeOf(name: string, text: string | undefined, byDefault: number): number {
  if (text === undefined || text.trim() === '') return byDefault;
  if (/^[1-9]\d{0,14}$/.test(text.trim())) return Number(text);
  throw new TypeError(`${name} is a whole number, 1 or more; it is ${JSON.stringify(text)}.`);
}
