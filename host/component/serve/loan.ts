import type { HostSite } from '../runtime/call.ts';
import type { Instance } from '../runtime/instance.ts';
import type { InstancePool } from './pool.ts';

/** How long the guest may go on when its client has gone: before it has answered, and after, as `waitUntil` of Workers may. */
const GRACE_MS = 1_000;
const AFTER_MS = 30_000;

/** What a loan asks of its call when the client leaves. */
export interface Borrower {
  readonly hasEnded: boolean;
  readonly hasAnswered: boolean;
  /** It is waited for no more. */
  givenUp(): void;
}

/** An instance in the hands of one call. */
export class Loan {
  readonly instance: Instance;
  readonly #pool: InstancePool;
  readonly #shared: boolean;

  constructor(pool: InstancePool, concurrent: number) {
    this.#pool = pool;
    this.instance = pool.take(concurrent);
    this.#shared = concurrent > 1;
  }

  /** The call has answered: with isolation by request its instance is free when its code has come to its end. */
  over(): void {
    if (this.#shared) this.#pool.give(this.instance);
    else this.instance.whenIdle(() => this.#pool.give(this.instance));
  }

  /** The call has failed. One that took its cancellation is as good as one that answered. */
  failed(): void {
    if (this.instance.dead === null) this.over();
    else this.#pool.drop(this.instance);
  }

  /** The client has left. */
  leave(site: HostSite, borrower: Borrower): void {
    this.instance.cancel(site);
    if (borrower.hasEnded) return;
    // What goes on in it may hold up others, or never end: nobody else gets it.
    this.#pool.drop(this.instance);
    setTimeout(
      () => {
        this.instance.giveUp(site);
        borrower.givenUp();
      },
      borrower.hasAnswered ? AFTER_MS : GRACE_MS,
    );
  }
}
