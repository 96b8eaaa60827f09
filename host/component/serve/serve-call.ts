import type { ComponentInvocation } from '../host.ts';
import type { Caller, Exported, HostSite } from '../runtime/call.ts';
import { failureOf, logLate } from './guest-trap.ts';
import { Loan, type Borrower } from './loan.ts';
import type { InstancePool } from './pool.ts';

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

class OwnServing implements Caller, Borrower {
  readonly invocation: ComponentInvocation;
  readonly #exported: Exported;
  readonly #loan: Loan;
  readonly #settled: Settled;
  #calling = true;
  #result: { readonly value: unknown } | null = null;
  #sent = false;
  #ended = false;
  #stop: (() => void) | null = null;

  constructor(pool: InstancePool, { exported, invocation, concurrent }: OwnCallOptions, settled: Settled) {
    this.invocation = invocation;
    this.#exported = exported;
    this.#loan = new Loan(pool, concurrent);
    this.#settled = settled;
  }

  begin(args: readonly unknown[]): void {
    const site = this.#loan.instance.call(this.#exported, args, this);
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
    this.#loan.failed();
    const failure = failureOf(this.#loan.instance, error, this.#exported);
    if (this.#sent) logLate(failure, this.invocation);
    else this.#settled.reject(failure);
  }

  // --- what its loan asks

  get hasEnded(): boolean {
    return this.#ended;
  }

  get hasAnswered(): boolean {
    return this.#result !== null;
  }

  givenUp(): void {
    this.ended();
    this.#settled.reject(new DOMException('The client has gone.', 'AbortError'));
  }

  #send(): void {
    if (this.#sent || this.#loan.instance.dead !== null) return;
    this.#sent = true;
    this.#settled.resolve(this.#result!.value);
    this.#loan.over();
  }

  /** It may go on after its result: the platform is to let it, until the client leaves. */
  #watch(site: HostSite): void {
    const { signal } = this.invocation;
    const leave = () => this.#loan.leave(site, this);
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
}
