import type { ComponentInvocation } from '../host.ts';
import type { Caller, Exported, HostSite } from '../runtime/call.ts';
import type { Instance } from '../runtime/instance.ts';
import { failureOf, logLate } from './guest-trap.ts';
import type { InstancePool } from './pool.ts';
import { AFTER_MS, GRACE_MS } from './serve-0.3.ts';

export interface OwnCallOptions {
  readonly exported: Exported;
  readonly args: readonly unknown[];
  readonly invocation: ComponentInvocation;
  /** How many calls an instance may serve at the same time. */
  readonly concurrent: number;
}

/** Calls a function that a component exports of its own. The result comes when the guest gives it, also where it goes on after that. */
export function serveCall(pool: InstancePool, call: OwnCallOptions): Promise<unknown> {
  return new Promise((resolve, reject) => new OwnServing(pool, call, { resolve, reject }).begin(call.args));
}

interface Settled {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

class OwnServing implements Caller {
  readonly invocation: ComponentInvocation;
  readonly #exported: Exported;
  readonly #pool: InstancePool;
  readonly #instance: Instance;
  readonly #shared: boolean;
  readonly #settled: Settled;
  #calling = true;
  #result: { readonly value: unknown } | null = null;
  #sent = false;
  #ended = false;
  #stop: (() => void) | null = null;

  constructor(pool: InstancePool, { exported, invocation, concurrent }: OwnCallOptions, settled: Settled) {
    this.invocation = invocation;
    this.#exported = exported;
    this.#pool = pool;
    this.#instance = pool.take(concurrent);
    this.#shared = concurrent > 1;
    this.#settled = settled;
  }

  begin(args: readonly unknown[]): void {
    const site = this.#instance.call(this.#exported, args, this);
    this.#calling = false;
    if (this.#result !== null) this.#send();
    if (!this.#ended) this.#watch(site);
  }

  // --- what the instance tells

  returned(value: unknown): void {
    this.#result = { value };
    // The guest returns in the middle of its turn: until that is over it may still trap.
    if (!this.#calling) this.#send();
  }

  ended(): void {
    this.#ended = true;
    this.#stop?.();
  }

  failed(error: Error): void {
    this.ended();
    if (this.#instance.dead === null) this.#over();
    else this.#pool.drop(this.#instance);
    const failure = failureOf(this.#instance, error, this.#exported);
    if (this.#sent) logLate(failure, this.invocation);
    else this.#settled.reject(failure);
  }

  #send(): void {
    if (this.#sent || this.#instance.dead !== null) return;
    this.#sent = true;
    this.#settled.resolve(this.#result!.value);
    this.#over();
  }

  #over(): void {
    if (this.#shared) this.#pool.give(this.#instance);
    else this.#instance.whenIdle(() => this.#pool.give(this.#instance));
  }

  /** It may go on after its result: the platform is to let it, until the client leaves. */
  #watch(site: HostSite): void {
    const { signal } = this.invocation;
    const leave = () => this.#leave(site);
    signal.addEventListener('abort', leave, { once: true });
    this.invocation.waitUntil(
      new Promise<void>((settled) => {
        this.#stop = () => {
          signal.removeEventListener('abort', leave);
          settled();
        };
      }),
    );
  }

  #leave(site: HostSite): void {
    this.#instance.cancel(site);
    if (this.#ended) return;
    // What goes on in it may hold up others, or never end: nobody else gets it.
    this.#pool.drop(this.#instance);
    setTimeout(
      () => {
        this.#instance.giveUp(site);
        this.ended();
      },
      this.#result === null ? GRACE_MS : AFTER_MS,
    );
  }
}
