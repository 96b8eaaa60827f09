import type { Call } from './call.ts';

type Metered = Pick<Call, 'began' | 'invocation'>;

/**
 * CPU time of invocations that is counted for bills. From one look to the next, a thread's CPU time is split evenly over
 * those that were under way in between, as `CpuShares` does; here those that have ended meanwhile are told of theirs too.
 */
export class CpuMeters {
  /** Under way at the last look, or begun since. */
  #some = new Set<Metered>();

  begin(call: Metered): void {
    if (call.invocation.cpu !== undefined) this.#some.add(call);
  }

  /** @param used CPU time of the thread since the last look, in ms; @param ran how many were under way, metered or not */
  look(calls: readonly Metered[], { used, ran, now }: { readonly used: number; readonly ran: number; readonly now: number }): void {
    if (this.#some.size === 0) return;
    // What the thread did before one began, as its own start, is none of that one's.
    for (const { invocation, began } of this.#some) invocation.cpu?.(Math.max(0, Math.min(used / Math.max(1, ran), now - began)));
    this.#some = new Set(calls.filter((call) => this.#some.has(call)));
  }
}
