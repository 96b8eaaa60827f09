import type { ScheduledEvent, ScheduledOutcome } from '../dispatch/cell.ts';
import type { Invoked } from '../dispatch/dispatcher.ts';
import type { LiveSchedule } from '../registry/declared.ts';
import type { Manifest } from '../registry/manifest.ts';
import type { Store } from '../stores/store.ts';

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
}

/** A kind of binding on the host's side of the border of cells. Its other side is its client (`clients.ts`). */
export interface BindingKind {
  /** What a manifest declares of it. */
  specs(manifest: Manifest): readonly { readonly name: string; readonly scope: string }[];
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
  readonly functions: FunctionCalls;
  /** As `BindingState.wake`. */
  wake(binding: BindingScope, time: number): Promise<void>;
  /** Work that goes on when what began it has ended: the host does not close its state before. */
  keep(work: Promise<unknown>): void;
}

/** The part of it that is of one scope. */
export interface BindingState extends Omit<BindingsState, 'wake'> {
  /**
   * Asks for the kind's `due` at this time, or at once where it is past; the earliest counts. Once it has resolved, a host
   * that has crashed calls `due` when it starts again.
   */
  wake(time: number): Promise<void>;
}

/** Calls handlers of functions as a request would: through an alias, its versions, cells, limits and logs. */
export interface FunctionCalls {
  /** Runs the `scheduled` handler. `reference` as in a URL: an alias or a version, null for `live`. @throws {BrinkError} */
  scheduled(name: string, reference: string | null, event: ScheduledEvent): Promise<ScheduledOutcome & Invoked>;
  /** What the versions declare that `live` names; null where there is no such function. */
  schedules(name: string): Promise<readonly LiveSchedule[] | null>;
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

/** Characters that the arguments of one call may have. */
export const MAX_ARGS = 1024 * 1024;
/** Bytes of a body that crosses as a whole. */
export const MAX_WHOLE = 32 * 1024 * 1024;
