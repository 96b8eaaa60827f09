/** What the build tells a runtime of another cloud; each is part of the function's artifact. */
export interface Settings {
  readonly function: string;
  /** `limits.deadline_ms`. */
  readonly deadline: number;
  /** `limits.memory_mb`, or what the runtime is to say where the manifest has none. */
  readonly memory: number;
  /** The binding of each queue that the function sends to, by the queue's name. */
  readonly producers: Readonly<Record<string, string>>;
  readonly lambda: LambdaSettings;
  readonly gcf: GcfSettings;
  readonly azure: AzureSettings;
}

export const HTTP_EVENTS = ['v2', 'v1', 'url', 'alb', 'direct'] as const;
export type HttpEvent = (typeof HTTP_EVENTS)[number];

export const QUEUE_EVENTS = ['sqs', 's3', 'sns', 'eventbridge', 'dynamodb'] as const;
export type QueueEvent = (typeof QUEUE_EVENTS)[number];

export interface LambdaSettings {
  /** What is behind the first dot of AWS's `index.handler`. */
  readonly export: string;
  readonly event: HttpEvent;
  /** By the queue's name; `sqs` for those that are not there. */
  readonly queues: Readonly<Record<string, QueueEvent>>;
  /** `ReportBatchItemFailures` of an event source mapping. */
  readonly partial_batches: boolean;
  /** Of an ALB's target group: header lines and values of the query that come more than once. */
  readonly multi_value_headers: boolean;
}

export const SIGNATURES = ['http', 'cloudevent', 'event'] as const;
export type Signature = (typeof SIGNATURES)[number];

export interface GcfSettings {
  /** `FUNCTION_TARGET`; undefined where the only function is meant. */
  readonly target?: string | undefined;
  /** `FUNCTION_SIGNATURE_TYPE`, of a function that is exported and not registered. */
  readonly signature: Signature;
}

export interface AzureSettings {
  /** `extensions.http.routePrefix` of host.json. */
  readonly route_prefix: string;
}

/** A handler of a main module, as the engines call it. */
export interface Call {
  readonly waitUntil: (promise: Promise<unknown>) => void;
  readonly brink: {
    readonly requestId: string;
    readonly traceparent: string;
    readonly url: string;
    readonly clientAddress: string | null;
    readonly deadline?: number | null;
    readonly function: string;
    readonly version: number;
    readonly alias: string | null;
  };
}
