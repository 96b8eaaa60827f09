/** What happens in a host, as data. Logs are made of these; so will be metrics and traces. */
export type HostEvent =
  | InvocationEvent
  | ConsoleEvent
  | ExceptionEvent
  | CellEvent
  | QueueEvent
  | SheddingEvent
  | ReleaseEvent
  | PolicyEvent
  | CircuitEvent
  | NoticeEvent;

/** One per invocation, when its handler has settled. */
export interface InvocationEvent {
  readonly type: 'invocation';
  /** When it began, milliseconds since the epoch. */
  readonly time: number;
  readonly function: string;
  readonly version: number;
  readonly alias: string | null;
  readonly trigger: InvocationTrigger;
  /** With the trigger `rpc`, the name of the method that was called. */
  readonly method: string | null;
  /** What the function saw, without the query; of a batch, its queue. */
  readonly path: string | null;
  /** HTTP status; null for triggers that have none. */
  readonly status: number | null;
  /** `ok`, or the code of the error. */
  readonly outcome: string;
  /** Until the handler settled: the response head, not its body's end. */
  readonly durationMs: number;
  /** Whether it waited for its cell to start. */
  readonly cold: boolean;
  readonly requestId: string;
  readonly traceId: string;
  /** `scheme:id` of who has sent the request; not there where nobody knows. */
  readonly principal?: string;
}

/** `gateway`: no handler was called, as one of the function's rules has answered. `service` and `rpc`: by another function, over a service binding. `health`: by the host, before an alias moves. */
export type InvocationTrigger = 'http' | 'scheduled' | 'queue' | 'email' | 'service' | 'rpc' | 'health' | 'openapi' | 'gateway';

/** A call of `console.*` in a function. */
export interface ConsoleEvent {
  readonly type: 'console';
  readonly time: number;
  readonly function: string;
  readonly version: number;
  readonly level: ConsoleLevel;
  readonly message: string;
  /** null outside of any invocation (top-level code). */
  readonly requestId: string | null;
}

export type ConsoleLevel = 'debug' | 'log' | 'info' | 'warn' | 'error';

/** What a function threw, or a promise it left rejected. */
export interface ExceptionEvent {
  readonly type: 'exception';
  readonly time: number;
  readonly function: string;
  readonly version: number;
  readonly message: string;
  /** With the author's files and lines, where the artifact has a source map. */
  readonly stack: string;
  readonly requestId: string | null;
}

export interface CellEvent {
  readonly type: 'cell';
  readonly time: number;
  readonly function: string;
  readonly version: number;
  /**
   * `evicted`: it goes for want of room, and `stopped` follows when it has. `held-back`: cells of the version end soon after
   * their start, so the next one waits; `recovered`: one of them did not.
   */
  readonly change: 'started' | 'crashed' | 'stopped' | 'evicted' | 'held-back' | 'recovered';
  readonly reason: string | null;
}

/** Calls of a version are refused with `overloaded`, and are so no more. */
export interface SheddingEvent {
  readonly type: 'shedding';
  readonly time: number;
  readonly function: string;
  readonly version: number;
  readonly change: 'began' | 'ended';
  /** How many were refused so far. */
  readonly calls: number;
  /** What the first of them was told; null at the end. */
  readonly reason: string | null;
}

/** What a policy of a function has said of a request. */
export interface PolicyEvent {
  readonly type: 'policy';
  readonly time: number;
  readonly function: string;
  /** That would be published, or would get most of an alias; 0 where there is none. */
  readonly version: number;
  /** Its file. */
  readonly policy: string;
  readonly entrypoint: string;
  /** `failed`: it said nothing that is a decision. */
  readonly decision: 'allowed' | 'denied' | 'failed';
  /** Whether the request went on, whatever it said. */
  readonly dryRun: boolean;
  /** Its own, or why it failed; null where it gives none. */
  readonly reason: string | null;
  /** That of the request's invocation. */
  readonly requestId: string;
  readonly traceId: string;
  /** `scheme:id` of who has sent the request; not there where nobody knows. */
  readonly principal?: string;
  /** What the host's own policy was asked about; not there where it was a request. */
  readonly action?: 'publish' | 'alias';
}

/** A version fails so often that it is called no more for a while (`open`), is tried again, or is called as ever. */
export interface CircuitEvent {
  readonly type: 'circuit';
  readonly time: number;
  readonly function: string;
  readonly version: number;
  readonly state: 'closed' | 'open' | 'half-open';
  readonly reason: string;
}

/** A message that was retried as often as its consumer wants: it has left its queue, or is kept there, as that for dead letters is full. */
export interface QueueEvent {
  readonly type: 'queue';
  readonly time: number;
  /** Its consumer. */
  readonly function: string;
  readonly version: number;
  readonly queue: string;
  /** Its id. */
  readonly message: string;
  readonly change: 'dead-lettered' | 'dropped' | 'kept';
  readonly attempts: number;
  /** Where it lies now, or is to; null where it was dropped. */
  readonly deadLetterQueue: string | null;
}

/** A release has gone a step further, waits, or has ended. */
export interface ReleaseEvent {
  readonly type: 'release';
  readonly time: number;
  readonly function: string;
  /** The new one. */
  readonly version: number;
  readonly alias: string;
  readonly release: number;
  readonly change: 'asked' | 'moved' | 'held' | 'paused' | 'resumed' | 'done' | 'rolled-back' | 'aborted';
  /** Percent that the new version gets now. */
  readonly weight: number;
  /** Of a verdict with its figures. */
  readonly reason: string;
  readonly by: string;
}

/** What the host has to say of itself: of no function, which `*` and 0 stand for. */
export interface NoticeEvent {
  readonly type: 'host';
  readonly time: number;
  readonly function: '*';
  readonly version: 0;
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
}

/** Takes events; never throws, never waits. */
export type EventSink = (event: HostEvent) => void;
