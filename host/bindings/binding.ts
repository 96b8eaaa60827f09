import type { QueueBatch, ScheduledEvent, ScheduledOutcome } from '../dispatch/cell.ts';
import type { QueueConsumer } from '../dispatch/consumers.ts';
import type { Invoked } from '../dispatch/event-calls.ts';
import type { LiveSchedule } from '../registry/declared.ts';
import type { Manifest } from '../registry/manifest.ts';
import type { ShadowMark } from '../registry/shadow-record.ts';
import type { Objects } from '../stores/objects.ts';
import type { SendMail } from '../mail/outgoing.ts';
import type { Store } from '../stores/store.ts';
import type { Databases } from './d1/databases.ts';
import type { ChangesState } from './changes.ts';
import type { Leases } from './locks/leases.ts';
import type { Quotas } from './quotas.ts';
import type { Delivered } from './queues/deliver.ts';
import type { QueuesState } from './queues/state.ts';
import type { BucketEventsState } from './r2/events.ts';
import type { RateCounters } from './ratelimit/counters.ts';
import type { Timers } from './timers.ts';

/**
 * A binding of a function's version, as data: what a cell is told of it, and what the host knows it by. A cell names no
 * more than `name`; `kind` and `scope` are the host's to say.
 */
export interface BindingSpec {
  /** Under which the function finds it in `env`. */
  readonly name: string;
  readonly kind: string;
  /** Where its state lies. Bindings of one kind and scope share it, whatever functions they are of. */
  readonly scope: string;
  /** What its client is told beside: plain data of the function's own, which binds nobody else. */
  readonly settings?: unknown;
}

/** A kind of binding on the host's side of the border of cells. Its other side is its client (`clients.ts`). */
export interface BindingKind {
  /**
   * Where its methods run on workerd: in a Durable Object of the scope's own, whose storage is `store`, or else in the host
   * Worker itself, next to the cell, where what they need is elsewhere. On Node there is one place for all.
   */
  readonly place?: 'object' | 'host';
  /** What `sdk/` calls the type of what the function finds. */
  readonly type: string;
  /** What a manifest declares of it. */
  specs(manifest: Manifest): readonly Omit<BindingSpec, 'kind'>[];
  /** What its client can call. */
  open(scope: string, state: BindingState): Methods;
  /**
   * Does what is due, and gives the time of what is next, or null. Called at the time that `BindingState.wake` was asked
   * for, never twice at once for a scope in one host, and again after a while where it rejects. Another host of the same
   * store may call it as well: only the store decides who does what.
   */
  due?(scope: string, state: BindingState): Promise<number | null>;
  /** What the host itself asks of a scope: no cell can call these. */
  manage?(scope: string, state: BindingState): Methods;
}

/** A scope of a kind: one namespace, one queue. */
export type BindingScope = Pick<BindingSpec, 'kind' | 'scope'>;

/** What a host has for all of its bindings. */
export interface BindingsState {
  readonly store: Store;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The platform's own where they are not given. */
  readonly timers?: Timers;
  readonly functions: FunctionCalls;
  /** The locks that functions of this host hold or wait for: one for all cells, in `store`. */
  readonly leases: Leases;
  /** SQL databases of functions. */
  readonly databases: Databases;
  /** Where the objects of buckets lie. Not there on a host that has no place for them, nor in a Durable Object. */
  readonly objects?: Objects;
  /** Who is told of what happens to objects; not there where nobody can be. */
  readonly bucketEvents?: BucketEventsState;
  /** Who is told of changes of keys and rows; not there where nobody can be. */
  readonly changes?: ChangesState;
  /** What its methods may have kept; none where they are not given. */
  readonly quotas?: Quotas;
  /** Sends mail of functions. Not there on a host that has no way to. */
  readonly mail?: SendMail;
  /** Told of a shadow's writes, which went elsewhere, or nowhere. Not there where nobody counts them. */
  readonly shadowWrote?: (mark: ShadowMark, kind: string, count: number) => void;
  /** Counts of rate limits. */
  readonly rates: RateCounters;
  /** Messages, and who delivers them. Not there on a host that has no place for them, nor in a Durable Object that is no queue's. */
  readonly queues?: QueuesState;
  /** Whether the host has ended what ran, to stop: what has failed since is to be done by another, or later. */
  readonly cutOff?: () => boolean;
  /** As `BindingState.wake`. */
  wake(binding: BindingScope, time: number): Promise<void>;
  /** As `BindingState.soon`. */
  soon(binding: BindingScope): void;
  /** Work that goes on when what began it has ended: the host does not close its state before. */
  keep(work: Promise<unknown>): void;
}

/** The part of it that is of one scope. */
export interface BindingState extends Omit<BindingsState, 'wake' | 'soon'> {
  /**
   * Asks for the kind's `due` at this time, or at once where it is past; the earliest counts. Once it has resolved, a host
   * that has crashed calls `due` when it starts again.
   */
  wake(time: number): Promise<void>;
  /** Asks for `due` at once, for as long as this host runs: a crash forgets it. */
  soon(): void;
}

/** Calls handlers of functions as a request would: through an alias, its versions, cells, limits and logs. */
export interface FunctionCalls {
  /** Runs the `scheduled` handler. `reference` as in a URL: an alias or a version, null for `live`. @throws {BrinkError} */
  scheduled(name: string, reference: string | null, event: ScheduledEvent): Promise<ScheduledOutcome & Invoked>;
  /** What the versions declare that `live` names; null where there is no such function. */
  schedules(name: string): Promise<readonly LiveSchedule[] | null>;
  /** Who takes the messages of a queue; null where nobody does, or they are kept back. */
  consumer(queue: string): Promise<QueueConsumer | null>;
  /**
   * Runs the `queue` handler of a function's live version, or of the version that the messages are bound to, where that is
   * there. What fails in it is part of what is delivered. @throws {BrinkError} where no version takes them
   */
  queue(name: string, bound: number | null, batch: QueueBatch): Promise<Delivered>;
  /** Does what is due for a function's releases, and gives the time of what is next, or null. */
  releases(name: string): Promise<number | null>;
}

/** Methods by name. A cell may call them with anything: each looks at what it gets. */
export type Methods = Readonly<Record<string, Method>>;

export type Method = (args: readonly unknown[], body: Body) => Promise<Result>;

/** Bytes that go along with a call or its answer: whole, or as they come. */
export type Body = Uint8Array | ReadableStream<Uint8Array> | null;

/** What a method gives: a value that JSON has, and bytes. */
export interface Result {
  readonly value: unknown;
  readonly body?: Body;
  /**
   * With a stream that may be silent for long. On the host's side: called when the caller has let go of it, or its invocation
   * has ended; on workerd the stream is cancelled only when the next of it comes. On the cell's: to be kept for as long as the
   * stream is wanted, and called then.
   */
  readonly ended?: () => void;
}

/** A call over the border: its arguments are a JSON list. */
export interface WireCall {
  readonly method: string;
  readonly args: string;
  readonly body: Body;
}

/** `text` is the JSON of an `Outcome`. */
export interface WireAnswer {
  readonly text: string;
  readonly body: Body;
  /** As in `Result`. */
  readonly ended?: () => void;
}

export type Outcome = { readonly value: unknown } | { readonly error: BindingFailure };

/** An error, as it crosses the border. */
export interface BindingFailure {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
}

/** Carries one call of a cell to the host. Rejects where there is no invocation that could make it. */
export type Transport = (call: WireCall) => Promise<WireAnswer>;

/** What a client is made of. @throws what the method threw, under its name and with its code */
export type Call = (method: string, args: readonly unknown[], body?: Body) => Promise<Result>;

/** The same bytes, as a stream that carries their number where the platform has such; one that ends early breaks. */
export type OfLength = (stream: ReadableStream<Uint8Array>, size: number) => ReadableStream<Uint8Array>;

/** Characters that the arguments of one call may have. */
export const MAX_ARGS = 1024 * 1024;
/** Bytes of a body that crosses as a whole. */
export const MAX_WHOLE = 32 * 1024 * 1024;
