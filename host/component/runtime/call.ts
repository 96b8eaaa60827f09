import type { ComponentInvocation } from '../host.ts';
import type { OpenCalls } from './open-calls.ts';
import type { CallSite, Task } from './task.ts';

/** A function that a component exports. */
export interface Exported {
  readonly interface: string;
  readonly name: string;
}

/** The host, where it calls an export: what it is told of that. */
export interface Caller {
  readonly invocation: ComponentInvocation;
  /** The result: at once where the guest gives it at once, in the middle of its turn. */
  returned(value: unknown): void;
  /** The trap that ended the instance before the call's code came to its end, or `Cancelled`. */
  failed(error: Error): void;
  /** The call's code has come to its end, which may be long after its result. */
  ended?(): void;
}

/** One call of an export by the host. */
export class HostSite implements CallSite {
  readonly caller = null;
  readonly #args: readonly unknown[];
  readonly #of: Caller;
  readonly #open: OpenCalls;
  /** Where it stands among the open ones; -1: it is none of them. */
  place = -1;
  task: Task | null = null;

  constructor(of: Caller, args: readonly unknown[], open: OpenCalls) {
    this.#of = of;
    this.#args = args;
    this.#open = open;
  }

  get invocation(): ComponentInvocation {
    return this.#of.invocation;
  }

  args(): readonly unknown[] {
    return this.#args;
  }

  resolve(value: unknown): void {
    this.#of.returned(value);
  }

  /** The instance has ended. */
  failed(error: Error): void {
    this.#of.failed(error);
  }

  cancelled(): void {
    this.#open.delete(this);
    this.#of.failed(new Cancelled());
  }

  ended(): void {
    this.#open.delete(this);
    this.#of.ended?.();
  }
}

/** The guest took the cancellation of its task. */
export class Cancelled extends Error {
  constructor() {
    super('The call was cancelled.');
    this.name = 'Cancelled';
  }
}
