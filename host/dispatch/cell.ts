import type { BrinkError } from '../errors.ts';
import type { Principal } from '../../sdk/context.ts';
import type { Artifact } from '../registry/artifact.ts';
import type { JsonValue, Manifest } from '../registry/manifest.ts';
import type { HeldTo } from '../gateway/held-body.ts';
import type { ShadowMark } from '../registry/shadow-record.ts';
import type { Services } from './services.ts';
import type { EventSink, InvocationTrigger } from '../observe/events.ts';
import type { Backlog, ContentType } from '../stores/queue.ts';

/**
 * One warm execution container of one version: a worker thread on Node, an isolate on workerd.
 * Both engines pass the suite in `test/conformance/`.
 */
export interface Cell {
  readonly state: CellState;

  /** Calls under way, `waitUntil` work among them where the platform tells of it. It has grown when a method that begins one returns. */
  readonly inFlight: number;

  /** Connections that are open besides, as WebSockets are: nothing is under way, and a cell that has some is not idle. */
  readonly open: number;

  /** What it holds, in bytes, as it was measured last; null where it was not. */
  readonly memory: number | null;

  /** Has this called, once each time, when a call has ended and when `state` has changed: one listener for its whole life. */
  watch(changed: () => void): void;

  /** Resolves when it takes calls at once. @throws {BrinkError} `cell-start-failed` */
  start(): Promise<void>;

  /**
   * Runs the `fetch` handler with the request at `invocation.target`. `request.signal` aborts the invocation.
   *
   * @throws {BrinkError} `handler-threw`, `handler-missing`, `response-invalid`, `deadline-exceeded`,
   *   `cell-crashed`, `cell-unresponsive`, `cell-start-failed`
   */
  fetch(request: Request, invocation: Invocation): Promise<Response>;

  /** Runs the `scheduled` handler and waits for its `waitUntil` work. @throws as `fetch` */
  scheduled(event: ScheduledEvent, invocation: Invocation): Promise<ScheduledOutcome>;

  /**
   * Calls a method of one of the main module's entrypoints. What it is given and what it gives is the platform's own, as
   * is what its stubs and streams go on with afterwards.
   */
  rpc(call: RpcCall, invocation: Invocation): RpcRun;

  /**
   * Runs the `queue` handler and waits for its `waitUntil` work, for as long as the deadline lets it. Never rejects: what a
   * handler said of its messages before it failed holds.
   */
  queue(batch: QueueBatch, invocation: Invocation): Promise<QueueOutcome>;

  /** Runs the `email` handler and waits for its `waitUntil` work, for as long as the deadline lets it. @throws as `fetch` */
  email(event: EmailEvent, invocation: Invocation): Promise<EmailOutcome>;

  /** Takes no more, finishes what runs (`waitUntil` work too), then stops. `reason` is for the log. */
  drain(reason?: string): Promise<void>;

  /** Stops at once; what runs fails with `cell-crashed`. */
  stop(): Promise<void>;
}

export type CellState = 'starting' | 'ready' | 'draining' | 'stopped';

/** Turns versions into cells. */
export interface Engine {
  readonly name: 'node' | 'workerd';

  /** Whether a version may have several cells. Where the runtime places calls itself, there is one, which takes any number. */
  readonly scales: boolean;

  /**
   * A cell for a version, started in the background; calls wait until it is ready. `cpu` is told of CPU time that it has used
   * since it was told last, in ms, on an engine that `scales`.
   */
  cell(version: LoadedVersion, cpu?: (ms: number) => void): Cell;

  /**
   * Loads an artifact once, for its check before it becomes a version, and names its handlers.
   *
   * @throws {BrinkError} `startup-failed` (a top-level throw, a missing module), `startup-timeout`
   */
  probe(artifact: Artifact, secrets?: Readonly<Record<string, string>>): Promise<readonly HandlerName[]>;

  /** Tells what its cells' service bindings call: once, before there is a cell. */
  serve(services: Services): void;

  /** Stops every cell. */
  stop(): Promise<void>;
}

/** `rpc`: methods that other functions call over a service binding. */
export type HandlerName = 'fetch' | 'scheduled' | 'queue' | 'email' | 'rpc';

/** What an engine needs to know to start a cell. `load` is called at most once per cell. */
export interface LoadedVersion {
  /** The artifact's key in the registry: another publish, even of the same bytes, has another. */
  readonly artifact: string;
  /** Where it is no version but a part of one, as its policies are: the key of that one's artifact. */
  readonly partOf?: string;
  /** Its cells keep their writes off. Not there where it is what answers. */
  readonly shadow?: ShadowMark;
  readonly function: string;
  readonly number: number;
  readonly digest: string;
  readonly manifest: Manifest;
  load(): Promise<Artifact>;
  /** Grows with each change of the function's secrets: a cell that began with older ones is replaced. */
  readonly secretsRevision: number;
  /** The secrets of that revision, which `env` has beside the vars; a var of the same name hides one. @throws {BrinkError} `secret-unreadable` */
  secrets(): Promise<Readonly<Record<string, string>>>;
}

/** One call of a handler, as the host sees it. The function reads most of it as `ctx.brink`. */
export interface Invocation {
  readonly function: string;
  readonly version: number;
  /** null where the version was named itself. */
  readonly alias: string | null;
  readonly trigger: InvocationTrigger;
  /** `00-{trace-id}-{parent-id}-{flags}` (W3C Trace Context); its parent-id is this invocation's request id. */
  readonly traceparent: string;
  /** The URL as the client sent it. */
  readonly url: string;
  /** What the route makes of it: the `request.url` that the function sees. Empty where there is no request. */
  readonly target: string;
  /** The client's address, where the platform knows it. */
  readonly clientAddress: string | null;
  /** Who has sent the request; null where nobody knows. */
  readonly principal: Principal | null;
  /** Header lines as they came (name, value, name, value…), where the platform has them: saves a copy. */
  readonly rawHeaders: readonly string[] | null;
  /** `Connection.raw` */
  readonly raw: unknown;
  /** What the body of the request is held to besides the version's own limits; not there, or null: nothing. */
  readonly held?: HeldTo | null;
  /** null where no other function calls. */
  readonly service: ServiceInvocation | null;
  /** Ms that it has waited for its cell: they count as its own time. */
  readonly waited: number;
  /** Is told of CPU time that it has used since it was told last, in ms. Not there where that is not counted. */
  readonly cpu?: (ms: number) => void;
  /** Is told of bytes of the request's body as they pass. Not there where that is not counted, or known from its head. */
  readonly received?: (bytes: number) => void;
  /** Takes a copy of the request's body on its way to the cell. Not there where nobody wants one. */
  readonly tap?: BodyTap;
}

/** Is told of a body on its way. What it is handed is not its own: it copies what it keeps, and never waits. */
export interface BodyTap {
  /** False where it wants no more. */
  push(bytes: Uint8Array): boolean;
  /** All of it has come. Not called where it breaks off. */
  end(): void;
}

/** What a call over a service binding has besides. */
export interface ServiceInvocation {
  /** The name of an export; null for the default one. */
  readonly entrypoint: string | null;
  /** `ctx.props` */
  readonly props: Readonly<Record<string, unknown>>;
  /** How many calls over service bindings this one is inside of, itself included. */
  readonly depth: number;
  /** When the caller's own time is up, in milliseconds since the epoch; does not count once it has passed. */
  readonly due: number;
}

/** A call of an RPC method, or a look at a property, as the platform carries it. */
export interface RpcCall {
  readonly method: string;
  readonly kind: 'call' | 'get';
  readonly input: unknown;
}

export interface RpcRun {
  /** There at once; what it is, the platform knows. */
  readonly output: unknown;
  /** When the method has given its result. @throws as `Cell.fetch` */
  readonly settled: Promise<void>;
}

export interface ScheduledEvent {
  /** Empty where no expression came due. */
  readonly cron: string;
  /** Milliseconds since the epoch. */
  readonly scheduledTime: number;
  /** What came due: a schedule's id, or its name where the manifest declares it; not there for a call by hand. */
  readonly schedule?: string;
  /** Whether the manifest declares it: a version that does not is not called, and its payload is that of the version. */
  readonly declared?: boolean;
  /** 1 by default, and one more after each host that went away in the middle of this run. */
  readonly attempt?: number;
  readonly payload?: JsonValue;
}

export interface ScheduledOutcome {
  /** The handler called `controller.noRetry()`. */
  readonly noRetry: boolean;
  /** The version that was chosen does not declare the schedule, so that it was not called. */
  readonly undeclared?: true;
}

/** A message that came in, for one recipient. */
export interface EmailEvent {
  /** The envelope's sender; empty for a notice of a failure. */
  readonly from: string;
  readonly to: string;
  readonly raw: Uint8Array;
}

export interface EmailOutcome {
  /** Why the handler has refused it; null where it has not. */
  readonly rejected: string | null;
}

export interface QueueBatch {
  /** The queue's name. */
  readonly queue: string;
  readonly messages: readonly QueueMessage[];
  /** Of the queue, when the batch was made. */
  readonly backlog: Backlog;
}

export interface QueueMessage {
  readonly id: string;
  /** When it was sent, in milliseconds since the epoch. */
  readonly timestamp: number;
  /** This delivery included: 1 at first. */
  readonly attempts: number;
  readonly type: ContentType;
  readonly body: Uint8Array;
}

export interface QueueOutcome {
  /** What the handler said, message by message: a place in the batch, then a code of `Say` (host/bindings/queues/said.ts). */
  readonly said: readonly number[];
  /** Why it did not end well; null where it did. */
  readonly failure: BrinkError | null;
}

/** What the platform gives an engine when it makes it. */
export interface EngineOptions {
  readonly events: EventSink;
  /** How long evaluation of the main module may take, in ms. */
  readonly startupTimeout: number;
}
