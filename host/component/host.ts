/**
 * How the host's side of a component is written. Values come and go as these:
 *
 * | WIT | JavaScript |
 * |---|---|
 * | bool, integers up to 32 bits, floats | boolean, number |
 * | s64, u64 | bigint |
 * | char, string, enum | string |
 * | list<u8> | Uint8Array, the receiver's own |
 * | other lists, tuples, maps | Array (of pairs for a map) |
 * | record, flags | object by WIT names: `{ 'status-code': 200 }`, `{ read: true, write: false }` |
 * | variant | `{ tag, val }` |
 * | option<T> | T or undefined; where T is an option itself, `{ tag: 'none' }` or `{ tag: 'some', val }` |
 * | result | `{ tag: 'ok', val }` or `{ tag: 'err', val }`, also as what a function returns |
 * | own<R>, borrow<R> of the host | the object itself |
 * | own<R>, borrow<R> of a guest | `GuestResource` |
 * | stream<T> | `Source`; to the guest also a ReadableStream of Uint8Array |
 * | future<T> | `Pending`; to the guest also a Promise |
 */

/** What a component may import, by interface without version (`wasi:http/types`), then by the function's WIT name. */
export type Hosts = Readonly<Record<string, HostInterface>>;

export type HostInterface = Readonly<Record<string, HostFunction>>;

/**
 * Called with lifted arguments; what it returns is lowered. What it throws traps the guest. A promise is waited for:
 * by an async import as a subtask, by one marked with `blocking` as a suspended guest.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- each has the parameters that its WIT gives it
export type HostFunction = ((this: HostCall, ...args: any[]) => unknown) & { readonly blocking?: boolean };

export interface HostCall {
  /** Aborts when the guest cancels its call, or its invocation ends. Made when it is first read. */
  readonly signal: AbortSignal;
}

/** Marks a function without `async` in its WIT that may return a promise: it is called through JSPI. */
export function blocking<F extends (...args: never[]) => unknown>(fn: F): F & { readonly blocking: true } {
  return Object.assign(fn, { blocking: true } as const);
}

/** What an instance's hosts know of the invocation that calls them. */
export interface World {
  /** That of the guest's current task. @throws {Trap} while the component is instantiated */
  readonly invocation: ComponentInvocation;
}

export interface ComponentInvocation {
  /** The function's bindings and vars. */
  readonly env: Readonly<Record<string, unknown>>;
  /** Aborts when the client goes, or the deadline passes. */
  readonly signal: AbortSignal;
  /** One line for the function's log. */
  log(level: 'debug' | 'info' | 'warn' | 'error', text: string): void;
  /** The platform's `fetch`, under the function's egress rules. */
  fetch(request: Request): Promise<Response>;
  waitUntil(promise: Promise<unknown>): void;
}

/** The host's side of one instance. */
export interface InstanceHosts {
  readonly hosts: Hosts;
  /** No task is left in the instance. */
  idle(): void;
  /** The instance has been put back to what it was. */
  reset(): void;
}

/** Items on their way: bytes for stream<u8>, an array for others. */
export type Chunk = Uint8Array<ArrayBuffer> | readonly unknown[];

/** The readable end of a stream, wherever it is written. */
export interface Source {
  /** Asks for the next chunk: `done` is called once, at once where one waits; with null at the end. One call at a time. */
  read(done: (chunk: Chunk | null) => void): void;
  /** No more is wanted. */
  cancel(): void;
}

/** A value to come. */
export interface Pending<T = unknown> {
  /** `done` is called once, at once where the value is there; `dropped` where it will never come. */
  read(done: (value: T) => void, dropped?: () => void): void;
  cancel(): void;
}

/** A resource that a guest defines, in the host's hands. */
export interface GuestResource {
  readonly resource: number;
  readonly rep: number;
}
