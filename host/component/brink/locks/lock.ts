import type { ComponentInvocation } from '../../host.ts';

export type Mode = 'exclusive' | 'shared';

/** A lock as a binding grants it: Web Locks' `Lock`, with a fence and a lease. */
export interface GrantedLock {
  readonly name: string;
  readonly mode: Mode;
  readonly fence: bigint | number;
  /** Aborts when the lease is lost. */
  readonly signal: AbortSignal;
  release(): Promise<void>;
}

/** Those that an instance's guest holds. They end with its invocations at the latest. */
export type HeldLocks = Set<HeldLock>;

/** `lock` of brink:locks. */
export class HeldLock {
  readonly granted: GrantedLock;
  readonly #invocation: ComponentInvocation;
  readonly #all: HeldLocks;
  #released: Promise<void> | null = null;

  constructor(granted: GrantedLock, invocation: ComponentInvocation, all: HeldLocks) {
    this.granted = granted;
    this.#invocation = invocation;
    this.#all = all;
    all.add(this);
  }

  release(): Promise<void> {
    this.#all.delete(this);
    return (this.#released ??= this.granted.release());
  }

  /** Dropped: it is released without the guest. Where that fails, the lease ends by itself. */
  [Symbol.dispose](): void {
    if (this.#released !== null) return;
    this.#invocation.waitUntil(this.release().catch(() => undefined));
  }
}
