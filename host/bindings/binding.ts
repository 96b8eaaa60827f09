import type { Manifest } from '../registry/manifest.ts';
import type { Store } from '../stores/store.ts';
import type { Quotas } from './quotas.ts';

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
}

export interface BindingState {
  readonly store: Store;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** What its methods may have kept; none where they are not given. */
  readonly quotas?: Quotas;
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
