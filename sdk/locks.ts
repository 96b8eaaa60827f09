/**
 * Locks by name, between all invocations of the functions that have them: bound by `[[locks]]` of the manifest and found as
 * `env.NAME`. The API is that of Web Locks, https://w3c.github.io/web-locks/, with what a lock between machines needs
 * beside it: a lease, and a fence.
 *
 * **Order.** Who asks first is served first. An exclusive lock has one holder; shared ones of a name are held together, but
 * those that ask after an exclusive one wait behind it.
 *
 * **Lease.** The host renews it for as long as the invocation of the holder runs (its handler, its response's body and
 * `ctx.waitUntil()`), and ends it with that: at once on Node, some 50 ms later on workerd; the same where it throws or runs
 * into its deadline, or its cell dies. Where the host itself dies, the next one on its state knows that the holders are
 * dead; other hosts on the same store wait for `ttl`. A holder that was stopped for longer than that may have lost the
 * lock without knowing, and `signal` tells it when it runs again.
 *
 * **Fence.** So a lock alone protects nothing for certain. Its `fence`, a number that is greater with each grant of the
 * name, over restarts too, does: hand it on with each write, to something that refuses a smaller one than it has seen.
 * `put()` and `delete()` of a KV namespace do, with `{ fence: lock.fence }`.
 *
 * **Limits.** A name has at most 512 bytes of UTF-8, and does not begin with "-"; 1,000 may hold a lock or wait for it. All
 * times are in milliseconds.
 *
 * **Errors.** Each method returns a promise, and rejects it: a `TypeError` or a `NotSupportedError` where an argument is not
 * what it has to be, `code: 'quota'` where too many wait, `code: 'unavailable'` where the state of the host cannot be
 * reached. As with KV, they are there within handlers, until the invocation has ended.
 *
 * @example
 * ```ts
 * await env.LOCKS.request('invoice/7', async (lock) => {
 *   const invoice = await env.INVOICES.get('7', 'json');
 *   await env.INVOICES.put('7', JSON.stringify(paid(invoice)), { fence: lock.fence });
 * });
 * ```
 */
export interface LockManager {
  /**
   * Waits for the lock, calls `callback` with it, and gives it back when what that returned has settled, to which the
   * promise resolves. With `ifAvailable` the callback gets null where the lock is not to be had at once.
   *
   * @throws what `callback` throws; the reason of `signal`; a `TimeoutError` after `wait`; an `AbortError` as soon as the
   *   lock is lost, though `callback` may still run: it sees that by `lock.signal`
   */
  request<Result>(name: string, callback: (lock: Lock) => Result): Promise<Awaited<Result>>;
  request<Result>(
    name: string,
    options: LockOptions & { readonly ifAvailable: true },
    callback: (lock: Lock | null) => Result,
  ): Promise<Awaited<Result>>;
  request<Result>(name: string, options: LockOptions, callback: (lock: Lock) => Result): Promise<Awaited<Result>>;

  /**
   * Beyond Web Locks: waits for the lock, and resolves to it; it is held until `release()`, or the end of an
   * `await using lock = …`, or that of the invocation. Null with `ifAvailable`, where it is not to be had at once.
   *
   * @throws as `request`
   */
  acquire(name: string, options: LockOptions & { readonly ifAvailable: true }): Promise<Lock | null>;
  acquire(name: string, options?: LockOptions): Promise<Lock>;

  /** Who holds locks and who waits for them, in their order, of up to 1,000 names, as it was at some moment of the call. */
  query(): Promise<LockManagerSnapshot>;
}

/** A lock that is held, or was. */
export interface Lock extends AsyncDisposable {
  readonly name: string;
  readonly mode: LockMode;
  /** Greater than that of each grant of this name before; a safe integer. */
  readonly fence: number;
  /** Aborts, with an `AbortError`, when the lock is lost: stolen, or not renewed in time. Not when it is released. */
  readonly signal: AbortSignal;
  /**
   * Gives it back, and resolves when others can have it; once more, or after it was lost, without effect.
   *
   * @throws {Error} where the host's state cannot be reached; the lock is free later then, when its lease has ended
   */
  release(): Promise<void>;
}

export type LockMode = 'exclusive' | 'shared';

export interface LockOptions {
  /** `exclusive` by default. */
  readonly mode?: LockMode;
  /** Does not wait. */
  readonly ifAvailable?: boolean;
  /**
   * Takes an exclusive lock from whoever holds it, ahead of all who wait. Their `signal` aborts; what they do until they see
   * that, only the fence holds off.
   */
  readonly steal?: boolean;
  /** Ends the wait; without effect on a lock that is held. */
  readonly signal?: AbortSignal;
  /** How long the lock stays taken when nobody renews it, since the host has died or stands still: 1,000 to 600,000, and 30,000 by default. */
  readonly ttl?: number;
  /** How long to wait at most; by default as long as the invocation may run. */
  readonly wait?: number;
}

export interface LockManagerSnapshot {
  readonly held: readonly (LockInfo & { readonly fence: number })[];
  /** In the order in which they are served. */
  readonly pending: readonly LockInfo[];
}

export interface LockInfo {
  readonly name: string;
  readonly mode: LockMode;
  /** One for each binding of a cell, which several invocations may share. */
  readonly clientId: string;
}
