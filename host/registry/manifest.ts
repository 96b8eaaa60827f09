import type { BucketEventType } from './bucket-rules.ts';
import type { KeyEventType, RowEventType } from './change-rules.ts';
import type { GatewayBlock } from './gateway/schema.ts';
import type { ManifestAsync, ManifestIdempotency } from './manifest-async.ts';
import type { ManifestEmail, ManifestSendEmail } from './manifest-email.ts';
import type { MessageFilter } from './manifest-filter.ts';
import type { JsonValue } from './manifest-json.ts';
import type { ManifestOpenApi } from './manifest-openapi.ts';
import type { ManifestSchedule, ManifestScheduler } from './manifest-schedules.ts';
import type { ManifestWebhook } from './manifest-webhooks.ts';

export { namesInEnv } from './manifest-bindings.ts';
export type { ManifestAsync, ManifestCallback, ManifestIdempotency } from './manifest-async.ts';
export type { JsonValue } from './manifest-json.ts';
export type { ManifestOpenApi } from './manifest-openapi.ts';
export type { ManifestSchedule, ManifestScheduler } from './manifest-schedules.ts';
export type { ManifestWebhook, WebhookScheme } from './manifest-webhooks.ts';

/** What a function asks of its host, published with its code. */
export interface Manifest {
  /** A DNS label without "--". */
  readonly name: string;
  /** YYYY-MM-DD: the behaviour of the Workers runtime that the function was written for; `DEFAULT_COMPATIBILITY_DATE` by default. */
  readonly compatibility_date: string;
  readonly compatibility_flags: readonly string[];
  /** Plain values that the function finds in its `env`. */
  readonly vars: Readonly<Record<string, JsonValue>>;
  /** Not there where it requires none. */
  readonly secrets?: {
    /** Names of secrets without which no alias may name the version, each once. One that is a var's is there already. */
    readonly required: readonly string[];
  };
  /** Not there where there is none; each binding once. */
  readonly kv_namespaces?: readonly ManifestKvNamespace[];
  /** Not there where there is none; each binding once. */
  readonly locks?: readonly ManifestLocks[];
  /** Not there where there is none; each binding once. */
  readonly services?: readonly ManifestService[];
  /** Not there where there is none; each binding once. */
  readonly r2_buckets?: readonly ManifestR2Bucket[];
  /** Not there where there is none; each binding once. */
  readonly d1_databases?: readonly ManifestD1Database[];
  /** Not there where there is none; each name once. */
  readonly ratelimits?: readonly ManifestRateLimit[];
  /** Not there where there is none; each name once. */
  readonly send_email?: readonly ManifestSendEmail[];
  /** Whose mail it takes; not there where it takes none. */
  readonly email?: ManifestEmail;
  /** Not there where there is none. */
  readonly queues?: ManifestQueues;
  /** Not there where there is none; each path once. */
  readonly webhooks?: readonly ManifestWebhook[];
  /** Not there where there is none: bindings for schedules made at run time, and those that are declared, each name once. */
  readonly schedules?: readonly (ManifestScheduler | ManifestSchedule)[];
  readonly triggers: {
    /** Cron expressions of five fields, each once. */
    readonly crons: readonly string[];
  };
  /** Each pattern once, in its one spelling (`formatRoute`). */
  readonly routes: readonly ManifestRoute[];
  readonly limits: {
    /** Milliseconds from the request until the head of the response: 1 to 600,000, and 30,000 by default. */
    readonly deadline_ms: number;
    /** Of each of the function's bindings; the host's quota counts where it is less. */
    readonly operations_per_second?: number | undefined;
    /** The rest as `Limits` (host/cell/limits.ts) says; not there where it is as usual. */
    readonly cpu_ms?: number | undefined;
    readonly memory_mb?: number | undefined;
    readonly subrequests?: number | undefined;
    readonly connections?: number | undefined;
    readonly request_body_mb?: number | undefined;
    readonly response_body_mb?: number | undefined;
    readonly log_lines?: number | undefined;
    readonly log_lines_per_second?: number | undefined;
  };
  readonly capabilities: {
    /** Hosts that `fetch` may reach: `api.example.com`, or `*.example.com` for every name below it. null, the default: any. */
    readonly outbound: readonly string[] | null;
  };
  /** How the instances of a WebAssembly component are used; not there for a function of JavaScript. */
  readonly component?: ManifestComponent;
  /** Not there where it says nothing of it. */
  readonly scaling?: ManifestScaling;
  /** What a version has to answer before an alias leads to it; not there where its start is enough. */
  readonly health?: ManifestHealth;
  /** Where its OpenAPI document comes from; not there where it has none, or one that its build has made. */
  readonly openapi?: ManifestOpenApi;
  /** Requests that are answered before they are handled; not there where it takes none. */
  readonly async?: ManifestAsync;
  /** What `Idempotency-Key` means; not there where it means nothing. */
  readonly idempotency?: ManifestIdempotency;
  /** Rules for requests, which the gateway follows; not there where there is none. */
  readonly gateway?: readonly GatewayBlock[];
}

/** What is not there, the host says (`host/dispatch/pool/settings.ts`). */
export interface ManifestScaling {
  /** Calls that one cell has under way at once: 1 to 100,000. */
  readonly concurrency?: number;
  /** Cells that a version has that an alias names, though nothing calls it: 0 to 1,000. */
  readonly min_cells?: number;
  /** The most cells that a version has on one host: 1 to 1,000. */
  readonly max_cells?: number;
  /** Which cell gets the next call. */
  readonly policy?: 'round-robin' | 'least-in-flight' | 'two-choices' | 'latency';
  /** Calls that wait when all cells are full, on one host: 0 to 1,000,000. */
  readonly queue?: number;
  /** Milliseconds that one of them waits: 1 to 600,000. */
  readonly queue_ms?: number;
  /** Milliseconds without calls after which cells are stopped: 1,000 to a day. */
  readonly idle_ms?: number;
  /** Whose memory and CPU time its cells take. */
  readonly class?: string;
}

export interface ManifestHealth {
  /** Answers a GET with a status below 500. */
  readonly path: string;
  /** Milliseconds that it may take: 1 to 60,000. */
  readonly timeout_ms?: number;
}

export interface ManifestComponent {
  /** `request`, the default: nothing of one request is left for the next. `instance`: instances are used again as they are. */
  readonly isolation: 'request' | 'instance';
  /** MiB that each memory of an instance may grow to: 1 to 4096, and 128 by default. */
  readonly memory_mb: number;
  /** With `isolation = "instance"`: requests after which an instance is thrown away; 100,000 by default. */
  readonly max_requests: number;
  /** With `isolation = "instance"`: requests that one instance serves at the same time, of WASI 0.3; 64 by default. */
  readonly max_concurrent: number;
  /** With `isolation = "instance"`: handles that an instance may have beyond those after its first request; 10,000 by default. */
  readonly max_handles: number;
}

export interface ManifestKvNamespace {
  /** The name in `env`. */
  readonly binding: string;
  /** Functions that name the same one share it; without, the namespace is the function's own. */
  readonly id?: string;
  /** Who is told of changes of its keys, whoever makes them. */
  readonly notifications?: readonly ManifestKeyNotification[];
}

export interface ManifestKeyNotification {
  readonly queue: string;
  readonly event_type: readonly KeyEventType[];
  /** How keys begin that it is about. */
  readonly prefix: string;
  /** Whether messages have the value in them. */
  readonly values: boolean;
}

export interface ManifestLocks {
  /** The name in `env`. */
  readonly binding: string;
  /** Functions that name the same one have the same locks; without, they are the function's own. */
  readonly id?: string;
}

export interface ManifestD1Database {
  /** The name in `env`. */
  readonly binding: string;
  /** Functions that name the same one share it; without, the database is the function's own. */
  readonly database_id?: string;
  /** Who is told of changes of its rows, whoever makes them. */
  readonly notifications?: readonly ManifestRowNotification[];
}

export interface ManifestRowNotification {
  readonly queue: string;
  readonly event_type: readonly RowEventType[];
  readonly tables: readonly string[];
  /** Whether messages have the rows in them. */
  readonly rows: boolean;
}

export interface ManifestRateLimit {
  /** The name in `env`. */
  readonly name: string;
  /** Functions that name the same one count together. */
  readonly namespace_id: string;
  readonly simple: {
    /** Calls with one key that are let through in one period. */
    readonly limit: number;
    /** Seconds. */
    readonly period: 10 | 60;
  };
}

export interface ManifestR2Bucket {
  /** The name in `env`. */
  readonly binding: string;
  /** Functions that name the same one share it; without, the bucket is the function's own. */
  readonly bucket_name?: string;
  /** Who is told of what happens to its objects, whoever does it. */
  readonly notifications?: readonly ManifestNotification[];
}

export interface ManifestNotification {
  readonly queue: string;
  readonly event_type: readonly BucketEventType[];
  /** How keys begin and end that it is about. */
  readonly prefix: string;
  readonly suffix: string;
}

export interface ManifestQueues {
  /** Each binding once. */
  readonly producers: readonly ManifestProducer[];
  /** Each queue once. */
  readonly consumers: readonly ManifestConsumer[];
}

export interface ManifestProducer {
  /** The name in `env`. */
  readonly binding: string;
  /** Known by it in the whole host. */
  readonly queue: string;
  /** Seconds until messages are delivered that say nothing themselves; 0 by default. */
  readonly delivery_delay: number;
}

export interface ManifestConsumer {
  readonly queue: string;
  /** Messages of one batch: 1 to 100, and 10 by default. */
  readonly max_batch_size: number;
  /** Seconds that a message waits for others to fill its batch: 0 to 60, and 5 by default. */
  readonly max_batch_timeout: number;
  /** How often a message is delivered again: 0 to 100, and 3 by default. */
  readonly max_retries: number;
  /** Where messages go then; without it they are dropped. */
  readonly dead_letter_queue?: string;
  /** Batches that are handled at once: 1 to 250; null, the default: as many as there is work for, up to 10. */
  readonly max_concurrency: number | null;
  /** Seconds until a message is delivered again whose handler gives none; 0 by default. */
  readonly retry_delay: number;
  /** Which messages it wants; without it, all. Others are acked for it. */
  readonly filter?: MessageFilter;
}

export interface ManifestService {
  /** The name in `env`. */
  readonly binding: string;
  /** The function that is called; the function's own name calls itself. */
  readonly service: string;
  /** The alias that chooses its version, call by call; `live` by default. */
  readonly alias: string;
  /** The name of an export of its main module; not there for the default one. */
  readonly entrypoint?: string;
  /** What it finds as `ctx.props`. */
  readonly props?: Readonly<Record<string, JsonValue>>;
  /** Whether requests go by the callee's rules for failures. */
  readonly resilience?: boolean;
}

export interface ManifestRoute {
  readonly pattern: string;
  /** Whether the part of the path before the pattern's `*` is taken away before the function sees it; false by default. */
  readonly strip: boolean;
  /** The alias that the route leads to; `live` by default. */
  readonly alias: string;
}
